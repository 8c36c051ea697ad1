/**
 * The six verbs every protocol machine has, and the timer table they keep.
 * Time is an argument: a machine never looks at a clock, never sleeps, never touches a socket.
 * `transport/driver.ts` is the only loop that turns these verbs.
 */

/** A sans-IO machine: bytes and intents go in, bytes and events come out. Times are milliseconds. */
export interface Machine<Intent, Event> {
  /** Bytes that arrived from the peer, in any chunking. Never throws for what the peer sent. */
  receive(now: number, bytes: Uint8Array): void;
  /** What this side wants. Throws `UsageError` or `LocalProtocolError` for our own misuse. */
  send(now: number, intent: Intent): void;
  /** Next chunk of bytes for the peer, or undefined when there is none for now. */
  pollTransmit(): Uint8Array | undefined;
  /** Next event for the owner, or undefined when there is none for now. */
  pollEvent(): Event | undefined;
  /** The absolute time of the earliest running timer. */
  nextTimeout(): number | undefined;
  /** Lets every timer that is due at `now` fire. */
  handleTimeout(now: number): void;
}

/** What the owner of a running machine holds: the driver's side that rings 0-5 may know. */
export interface Port<Intent, Event> {
  /** Hands an intent to the machine at the port's own current time. */
  send(intent: Intent): void;
  /** Events in order. Returns the function that ends the subscription. */
  subscribe(listener: (event: Event) => void): () => void;
}

/** Named absolute deadlines; `due` takes out and returns those that have passed, earliest first. */
export class TimerTable<Name extends string> {
  readonly #deadlines = new Map<Name, number>();

  set(name: Name, at: number): void {
    this.#deadlines.set(name, at);
  }

  clear(name: Name): void {
    this.#deadlines.delete(name);
  }

  clearAll(): void {
    this.#deadlines.clear();
  }

  has(name: Name): boolean {
    return this.#deadlines.has(name);
  }

  next(): number | undefined {
    let earliest: number | undefined;
    for (const at of this.#deadlines.values()) if (earliest === undefined || at < earliest) earliest = at;
    return earliest;
  }

  due(now: number): Name[] {
    const fired = [...this.#deadlines].filter(([, at]) => at <= now).sort(([, a], [, b]) => a - b);
    for (const [name] of fired) this.#deadlines.delete(name);
    return fired.map(([name]) => name);
  }
}
