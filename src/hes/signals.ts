/**
 * Typed listeners by name, with as many arguments as the event has. A throwing listener is reported and keeps neither
 * the others from hearing nor the connection from going on.
 */
export class Signals<Events extends { [Name in keyof Events]: unknown[] }> {
  readonly #listeners = new Map<keyof Events, Set<(...args: never) => void>>();
  readonly #onThrow: (name: keyof Events, caught: unknown) => void;

  constructor(onThrow: (name: keyof Events, caught: unknown) => void) {
    this.#onThrow = onThrow;
  }

  on<Name extends keyof Events>(name: Name, listener: (...args: Events[Name]) => void): void {
    const set = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, set.add(listener));
  }

  off<Name extends keyof Events>(name: Name, listener: (...args: Events[Name]) => void): void {
    this.#listeners.get(name)?.delete(listener);
  }

  /** False when a listener threw. */
  emit<Name extends keyof Events>(name: Name, ...args: Events[Name]): boolean {
    let fine = true;
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        (listener as (...args: Events[Name]) => void)(...args);
      } catch (caught) {
        fine = false;
        this.#onThrow(name, caught);
      }
    }
    return fine;
  }
}
