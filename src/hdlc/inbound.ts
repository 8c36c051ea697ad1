/**
 * The receiving half of numbered traffic: N(R), what is new, repeated or out of order, and the segments that make
 * an APDU. `Reassembly` also serves the segments of UI frames, which have no numbers.
 */
import { Writer } from "../bytes/writer.js";
import { DlmsError } from "../core/errors.js";

export class Reassembly {
  readonly #maxBytes: number;
  #octets = new Writer(0);
  #open = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Segments are waiting for more. */
  get open(): boolean {
    return this.#open;
  }

  /** The whole unit once `more` is false. @throws DlmsError LIMIT_EXCEEDED when it grows beyond the limit. */
  push(information: Uint8Array, more: boolean): Uint8Array | undefined {
    if (this.#octets.length + information.length > this.#maxBytes) {
      this.reset();
      throw new DlmsError("LIMIT_EXCEEDED", `an APDU is longer than ${this.#maxBytes} octets`);
    }
    this.#octets.bytes(information);
    this.#open = more;
    if (more) return undefined;
    const whole = this.#octets.finish();
    this.reset();
    return whole;
  }

  reset(): void {
    this.#octets = new Writer(0);
    this.#open = false;
  }
}

export type Arrival = "new" | "duplicate" | "gap";

export class Inbound {
  #expected = 0;

  /** V(R): the N(S) expected next, and our N(R). */
  get expected(): number {
    return this.#expected;
  }

  reset(): void {
    this.#expected = 0;
  }

  /** Judges an N(S); a new one moves the expectation on. */
  arrive(sequence: number, window: number): Arrival {
    const ahead = (sequence - this.#expected) & 7;
    if (ahead === 0) {
      this.#expected = (this.#expected + 1) & 7;
      return "new";
    }
    // One window back at most can come again; anything else means that frames between were lost.
    return ahead >= 8 - window ? "duplicate" : "gap";
  }
}
