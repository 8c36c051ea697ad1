/**
 * The sending half of numbered traffic: APDUs waiting, their segments, N(S), the window, and the frames that the
 * peer has not acknowledged yet and may have to be sent again. Whose turn it is stands in the link.
 */
import { BoundedQueue } from "../core/queue.js";
import { limits } from "../core/limits.js";

export interface OutboundSegment {
  /** N(S). */
  readonly sequence: number;
  readonly information: Uint8Array;
  /** More segments of the same APDU follow. */
  readonly more: boolean;
}

export class Outbound {
  readonly #apdus = new BoundedQueue<Uint8Array>(limits.linkQueueApdus, "APDUs");
  #current: Uint8Array | undefined;
  #offset = 0;
  #unacknowledged: OutboundSegment[] = [];
  /** How many of the unacknowledged have to be sent (again) before anything new; counted from the end. */
  #resend = 0;
  /** Leading unacknowledged frames that the window does not count: what was sent before the roles were swapped. */
  #settled = 0;
  #sequence = 0;

  /** V(S): the number of the next new frame. */
  get sequence(): number {
    return this.#sequence;
  }

  get unacknowledged(): number {
    return this.#unacknowledged.length - this.#settled;
  }

  /** Anything the peer does not have yet. */
  get hasWork(): boolean {
    return this.unacknowledged > 0 || this.hasNew;
  }

  /** Parts of APDUs that have never been sent. */
  get hasNew(): boolean {
    return this.#current !== undefined || this.#apdus.length > 0;
  }

  /** @param bytes APDU with its LLC. @throws DlmsError LIMIT_EXCEEDED */
  enqueue(bytes: Uint8Array): void {
    this.#apdus.push(bytes);
  }

  reset(): void {
    this.#apdus.clear();
    this.#current = undefined;
    this.#unacknowledged = [];
    this.#offset = this.#resend = this.#settled = this.#sequence = 0;
  }

  /** Takes the peer's N(R). Returns how many frames it newly acknowledges, undefined when it is impossible. */
  acknowledge(receiveSequence: number): number | undefined {
    const oldest = (this.#sequence - this.#unacknowledged.length) & 7;
    const count = (receiveSequence - oldest) & 7;
    if (count > this.#unacknowledged.length) return undefined;
    this.#unacknowledged.splice(0, count);
    this.#settled = Math.max(0, this.#settled - count);
    this.#resend = Math.min(this.#resend, this.#unacknowledged.length);
    return count;
  }

  /** Everything the peer has not acknowledged is to be sent again. `all`: even what the role swap had settled. */
  rewind(all: boolean): void {
    if (all) this.#settled = 0;
    this.#resend = this.#unacknowledged.length - this.#settled;
  }

  /** The roles are swapped: what is unacknowledged counts as received until the peer says otherwise. */
  settle(): void {
    this.#settled = this.#unacknowledged.length;
    this.#resend = 0;
  }

  /** The frames for one turn: repeated ones first, then new ones as far as the window and the sizes allow. */
  takeBurst(window: number, maxInfo: number): OutboundSegment[] {
    const burst = this.#resend === 0 ? [] : this.#unacknowledged.slice(-this.#resend);
    this.#resend = 0;
    // Seven is what modulo 8 can tell apart, whatever the role swap left open.
    while (this.unacknowledged < window && this.#unacknowledged.length < 7) {
      const segment = this.#cut(maxInfo);
      if (segment === undefined) break;
      this.#unacknowledged.push(segment);
      burst.push(segment);
    }
    return burst;
  }

  #cut(maxInfo: number): OutboundSegment | undefined {
    if (this.#current === undefined) {
      this.#current = this.#apdus.shift();
      this.#offset = 0;
    }
    const apdu = this.#current;
    if (apdu === undefined) return undefined;
    const information = apdu.subarray(this.#offset, this.#offset + maxInfo);
    this.#offset += information.length;
    const more = this.#offset < apdu.length;
    if (!more) this.#current = undefined;
    const segment = { sequence: this.#sequence, information, more };
    this.#sequence = (this.#sequence + 1) & 7;
    return segment;
  }
}
