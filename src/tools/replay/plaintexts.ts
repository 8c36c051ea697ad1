/** `plaintextApdus` of a recording, held in order against what our deciphering gives. */
import { toHex } from "../../bytes/hex.js";
import { type Direction, type Vector } from "./vector.js";

export class RecordedPlaintexts {
  #next = 0;
  readonly #recorded: Vector["plaintextApdus"];
  readonly #withoutInitiateRequests: boolean;

  constructor({ plaintextApdus }: Vector) {
    this.#recorded = plaintextApdus;
    // Some files leave out the initiate requests inside AARQ and RLRQ.
    this.#withoutInitiateRequests = !plaintextApdus.some(({ hex }) => isInitiateRequest(hex));
  }

  /** @returns what differs; nothing where the file keeps no plaintexts. */
  judge(dir: Direction, apdu: Uint8Array): string | undefined {
    const ours = toHex(apdu);
    if (this.#recorded.length === 0 || (this.#withoutInitiateRequests && isInitiateRequest(ours)))
      return undefined;
    const index = this.#next++;
    const theirs = this.#recorded[index];
    if (theirs === undefined) return `deciphers to ${ours}, which plaintextApdus does not hold`;
    return theirs.dir === dir && theirs.hex.toUpperCase() === ours
      ? undefined
      : `deciphers to ${dir} ${ours} instead of plaintextApdus[${index}], ${theirs.dir} ${theirs.hex}`;
  }

  /** @returns what belongs to no ciphered APDU. */
  end(): string | undefined {
    return this.#next < this.#recorded.length
      ? `plaintextApdus[${this.#next}] belongs to no ciphered APDU`
      : undefined;
  }
}

function isInitiateRequest(hex: string): boolean {
  return hex.startsWith("01");
}
