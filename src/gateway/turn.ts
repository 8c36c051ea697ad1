/** One at a time: tasks of one link run in the order they came. A task that fails fails alone. */
export class Turn {
  #last: Promise<unknown> = Promise.resolve();
  #running = 0;

  get isBusy(): boolean {
    return this.#running > 0;
  }

  run<T>(task: () => Promise<T>): Promise<T> {
    this.#running++;
    const result = this.#last.then(task).finally(() => this.#running--);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
