/**
 * Invocation counters of what we receive: strictly increasing for each key and stream. Answers, pushes and the counter
 * of GMAC are streams of their own, since peers count them apart or use one number for both of the last.
 */
import { toHex } from "../bytes/hex.js";
import { DlmsError } from "../core/errors.js";
import { type KeyName } from "./keys.js";

/** What a counter counts. */
export type CounterStream = "apdu" | "push" | "gmac";

/** One peer uses few keys and streams; more is somebody filling our memory. */
const MAX_STREAMS = 64;

export class ReceivedCounters {
  readonly #last: Map<string, number>;
  readonly #maxStreams: number;
  readonly #raised: ((name: string, counter: number) => void) | undefined;

  /**
   * @param seen what `snapshot` gave: the highest counter of each stream.
   * @param raised hears of every counter that was accepted, so that it can be kept.
   * @param maxStreams more are refused. Default 64: one peer uses few.
   */
  constructor(
    seen: Readonly<Record<string, number>> = {},
    raised?: (name: string, counter: number) => void,
    maxStreams = MAX_STREAMS,
  ) {
    this.#last = new Map(Object.entries(seen));
    this.#raised = raised;
    this.#maxStreams = maxStreams;
  }

  /** The highest counter of a stream of the peer under any of its titles; undefined when nothing came yet. */
  highest(key: KeyName, ...streams: readonly CounterStream[]): number | undefined {
    let highest: number | undefined;
    for (const [name, counter] of this.#last)
      if (streams.some((stream) => name.endsWith(`/${key}/${stream}`)))
        highest = Math.max(highest ?? 0, counter);
    return highest;
  }

  /**
   * Call it once a message is known to be genuine.
   * @throws DlmsError SECURITY_COUNTER when it is not above the last one of its stream.
   */
  accept(originator: Uint8Array, key: KeyName, stream: CounterStream, counter: number): void {
    const name = `${toHex(originator)}/${key}/${stream}`;
    const last = this.#last.get(name);
    if (last !== undefined && counter <= last)
      throw new DlmsError("SECURITY_COUNTER", `The invocation counter ${counter} is not above ${last}.`, {
        detail: { received: counter, last, stream },
      });
    if (last === undefined && this.#last.size >= this.#maxStreams)
      throw new DlmsError("LIMIT_EXCEEDED", `More than ${this.#maxStreams} counters of received messages.`);
    this.#last.set(name, counter);
    this.#raised?.(name, counter);
  }

  /** A key was changed: its counters start anew. */
  forget(originator: Uint8Array, key: KeyName): void {
    const prefix = `${toHex(originator)}/${key}/`;
    for (const name of [...this.#last.keys()]) if (name.startsWith(prefix)) this.#last.delete(name);
  }

  /** The highest counters, to be kept and given to the constructor after a restart. */
  snapshot(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#last);
  }
}
