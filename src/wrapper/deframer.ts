/**
 * Cuts wrapper PDUs out of a byte stream; TCP may split them anywhere, the header included. The wrapper has no
 * check sum: after octets that are no header the search goes on at the next `00 01`. The buffer grows only with
 * what has arrived, up to one PDU.
 */
import { HEADER_OCTETS, MAX_APDU, VERSION, type WrapperPdu } from "./pdu.js";

export type WrapperDeframerItem =
  | { readonly type: "pdu"; readonly pdu: WrapperPdu; readonly bytes: Uint8Array }
  | { readonly type: "noise"; readonly bytes: Uint8Array; readonly reason: string };

const MAX_PDU = HEADER_OCTETS + MAX_APDU;
const FIRST_BYTES = 1_024;

export class WrapperDeframer {
  #buffer = new Uint8Array(FIRST_BYTES);
  #start = 0;
  #end = 0;

  /** Octets of an unfinished PDU. */
  get pending(): number {
    return this.#end - this.#start;
  }

  /** What the octets complete, in order. Never throws; keeps at most one unfinished PDU. */
  push(bytes: Uint8Array): WrapperDeframerItem[] {
    const items: WrapperDeframerItem[] = [];
    let offset = 0;
    while (offset < bytes.length) {
      this.#makeRoom(bytes.length - offset);
      const count = Math.min(this.#buffer.length - this.#end, bytes.length - offset);
      this.#buffer.set(bytes.subarray(offset, offset + count), this.#end);
      this.#end += count;
      offset += count;
      this.#scan(items);
    }
    return items;
  }

  #makeRoom(wanted: number): void {
    const pending = this.pending;
    const size = Math.min(Math.max(pending + wanted, FIRST_BYTES), MAX_PDU);
    if (this.#buffer.length < size || (pending === 0 && this.#buffer.length > FIRST_BYTES)) {
      // Doubling keeps octet-by-octet arrival cheap; an empty buffer goes back to what is needed now.
      const doubled = pending === 0 ? size : Math.min(Math.max(size, this.#buffer.length * 2), MAX_PDU);
      const larger = new Uint8Array(doubled);
      larger.set(this.#buffer.subarray(this.#start, this.#end));
      this.#buffer = larger;
    } else this.#buffer.copyWithin(0, this.#start, this.#end);
    this.#start = 0;
    this.#end = pending;
  }

  #scan(items: WrapperDeframerItem[]): void {
    let noiseStart = this.#start;
    const flush = (): void => {
      if (this.#start > noiseStart)
        items.push({
          type: "noise",
          bytes: this.#buffer.slice(noiseStart, this.#start),
          reason: "no wrapper header",
        });
    };
    while (this.#start < this.#end) {
      if (!this.#mayStart()) {
        this.#start += 1;
        continue;
      }
      if (this.pending < HEADER_OCTETS) break;
      const length = this.#u16(6);
      if (this.pending < HEADER_OCTETS + length) break;
      flush();
      const bytes = this.#buffer.slice(this.#start, this.#start + HEADER_OCTETS + length);
      const pdu = { source: this.#u16(2), destination: this.#u16(4), apdu: bytes.subarray(HEADER_OCTETS) };
      items.push({ type: "pdu", pdu, bytes });
      this.#start += bytes.length;
      noiseStart = this.#start;
    }
    flush();
  }

  /** Whether the octets at hand are, or may become, the version field. */
  #mayStart(): boolean {
    if (this.#buffer[this.#start] !== VERSION >> 8) return false;
    return this.pending < 2 || this.#buffer[this.#start + 1] === (VERSION & 0xff);
  }

  #u16(at: number): number {
    return ((this.#buffer[this.#start + at] as number) << 8) | (this.#buffer[this.#start + at + 1] as number);
  }
}
