/**
 * One at a time: tasks of one link run in the order they came. A task that fails fails alone; a long one may let others
 * go first.
 */
export class Turn {
  readonly #waiting: (() => void)[] = [];
  #isHeld = false;
  #tasks = 0;
  #isCommand = false;

  get isBusy(): boolean {
    return this.#tasks > 0;
  }

  /** What runs now is a command. */
  get isCommand(): boolean {
    return this.#isCommand;
  }

  async run<T>(task: () => Promise<T>, isCommand = false): Promise<T> {
    this.#tasks++;
    await this.#take();
    this.#isCommand = isCommand;
    try {
      return await task();
    } finally {
      this.#tasks--;
      this.#give();
    }
  }

  /** From within a command: those who wait go first, and whoever comes while `meanwhile` runs. */
  async pause(meanwhile: () => Promise<void>): Promise<void> {
    this.#give();
    try {
      await meanwhile();
    } finally {
      await this.#take();
      this.#isCommand = true;
    }
  }

  async #take(): Promise<void> {
    if (this.#isHeld) await new Promise<void>((enter) => this.#waiting.push(enter));
    this.#isHeld = true;
  }

  /** The turn goes on to the next one without ever being free in between. */
  #give(): void {
    this.#isCommand = false;
    const next = this.#waiting.shift();
    if (next === undefined) this.#isHeld = false;
    else next();
  }
}
