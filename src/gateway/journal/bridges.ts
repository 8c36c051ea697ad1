/**
 * The bridges of a journal by the names they record under. A bridge that comes back after a restart, or that replaces
 * another for the same backend and listener, has the same name. Of two that have one name at the same time the first
 * works and the second waits; whatever either gets goes by way of the first.
 */

/** What a bridge offers to those that share its name. */
export interface Seat {
  /** A result or reading from the flow. */
  readonly submit: (input: unknown) => void | Promise<void>;
  /** Those that came before are gone. */
  readonly onFirst: () => void;
}

export interface Place {
  readonly isFirst: boolean;
  /** The one that works. */
  readonly first: Seat;
  leave(): void;
}

/** Bridges of this process by name, however many journals and stores there are. */
const present = new Map<string, number>();

/** The same after a restart; another for another listener. */
export function bridgeOrigin(backend: string, owner: string): string {
  return `${backend} ${owner}`;
}

/** Undefined for what is no bridge's name. Neither an address nor an owner holds a space. */
export function partsOf(origin: string): { readonly backend: string; readonly owner: string } | undefined {
  const at = origin.lastIndexOf(" ");
  return at <= 0 ? undefined : { backend: origin.slice(0, at), owner: origin.slice(at + 1) };
}

export function isPresent(origin: string): boolean {
  return present.has(origin);
}

export class Bridges {
  readonly #seats = new Map<string, Seat[]>();
  readonly #onLeft: () => void;
  readonly #watchers = new Set<() => void>();

  /** @param onLeft a bridge has gone: what it leaves has to go somewhere. */
  constructor(onLeft: () => void) {
    this.#onLeft = onLeft;
  }

  take(origin: string, seat: Seat): Place {
    const seats = this.#seats.get(origin) ?? [];
    this.#seats.set(origin, [...seats, seat]);
    present.set(origin, (present.get(origin) ?? 0) + 1);
    const firstOf = (): Seat => this.#seats.get(origin)?.[0] ?? seat;
    return {
      get isFirst() {
        return firstOf() === seat;
      },
      get first() {
        return firstOf();
      },
      leave: () => this.#leave(origin, seat),
    };
  }

  /** @returns ends it. */
  onLeft(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  #leave(origin: string, seat: Seat): void {
    const seats = this.#seats.get(origin) ?? [];
    if (!seats.includes(seat)) return;
    const left = seats.filter((other) => other !== seat);
    if (left.length > 0) this.#seats.set(origin, left);
    else this.#seats.delete(origin);
    const count = (present.get(origin) ?? 1) - 1;
    if (count > 0) present.set(origin, count);
    else present.delete(origin);
    const [next] = left;
    if (next !== undefined && seats[0] === seat) next.onFirst();
    this.#onLeft();
    for (const watcher of [...this.#watchers]) watcher();
  }
}
