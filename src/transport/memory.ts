/**
 * Two channels joined in memory, for tests and for simulated meters in the same process. Deterministic: bytes are
 * delivered in the order written, before the outermost `write` returns, and never while a listener is running.
 */
import { type ByteChannel } from "./channel.js";

export interface MemoryPairOptions {
  /** How written bytes arrive: as other chunks, altered or not at all. Default: as they were written. */
  readonly chop?: (bytes: Uint8Array) => readonly Uint8Array[];
}

/** @returns the two ends. */
export function memoryPair(options: MemoryPairOptions = {}): [ByteChannel, ByteChannel] {
  const chop = options.chop ?? ((bytes) => [bytes]);
  const queue: (() => void)[] = [];
  let delivering = false;
  const schedule = (delivery: () => void): void => {
    queue.push(delivery);
    if (delivering) return;
    delivering = true;
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) next();
    } finally {
      delivering = false;
    }
  };
  const a = new MemoryChannel(chop, schedule);
  const b = new MemoryChannel(chop, schedule);
  a.join(b);
  b.join(a);
  return [a, b];
}

class MemoryChannel implements ByteChannel {
  readonly remoteAddress = "memory";
  readonly #chop: (bytes: Uint8Array) => readonly Uint8Array[];
  readonly #schedule: (delivery: () => void) => void;
  readonly #closeListeners: ((error?: Error) => void)[] = [];
  #other: MemoryChannel | undefined;
  #listener: ((bytes: Uint8Array) => void) | undefined;
  #held: Uint8Array[] = [];
  #ended = false;
  #bufferedBytes = 0;

  constructor(chop: (bytes: Uint8Array) => readonly Uint8Array[], schedule: (delivery: () => void) => void) {
    this.#chop = chop;
    this.#schedule = schedule;
  }

  join(other: MemoryChannel): void {
    this.#other = other;
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  write(bytes: Uint8Array): void {
    if (this.#ended) return;
    // Copies, as a network would: the writer may use its buffer again.
    for (const chunk of this.#chop(bytes.slice())) {
      this.#bufferedBytes += chunk.length;
      this.#schedule(() => this.#other?.deliver(chunk));
    }
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#listener = listener;
    const held = this.#held;
    this.#held = [];
    for (const chunk of held) this.#schedule(() => this.deliver(chunk));
  }

  onClose(listener: (error?: Error) => void): void {
    if (this.#ended) listener();
    else this.#closeListeners.push(listener);
  }

  close(): void {
    this.#schedule(() => this.#end());
  }

  destroy(): void {
    this.#end();
  }

  deliver(chunk: Uint8Array): void {
    if (this.#ended) return;
    if (this.#listener === undefined) {
      this.#held.push(chunk);
      return;
    }
    this.#other?.delivered(chunk.length);
    this.#listener(chunk);
  }

  delivered(octets: number): void {
    this.#bufferedBytes -= octets;
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const listener of this.#closeListeners.splice(0)) listener();
    const other = this.#other;
    if (other !== undefined) this.#schedule(() => other.#end());
  }
}
