/**
 * Taking a firmware image (class 18, Blue Book 4.4.6): initiated, filled block by block in any order, verified,
 * activated. The octets are not kept, so that a thousand meters may be upgraded at once: each block leaves its share
 * of a checksum that adds up in any order.
 *
 * A maker's image names itself: its last 40 octets are the identification (32, padded with zeros), the checksum of
 * all before it (4) and "SEAL"; `sealImage` makes one. Such an image fails verification when the identification is
 * not the initiated one or the checksum differs. An image without a seal is taken as it is.
 */
import { concatBytes, equalBytes, fromLatin1 } from "../../bytes/hex.js";

/** Attribute 6 of class 18. */
export const imageStatus = {
  notInitiated: 0,
  initiated: 1,
  verifying: 2,
  verified: 3,
  verificationFailed: 4,
  activating: 5,
  activated: 6,
  activationFailed: 7,
} as const;
export type ImageStatus = (typeof imageStatus)[keyof typeof imageStatus];

export interface ImageInfo {
  readonly identification: Uint8Array;
  readonly size: number;
  /** Checksum and mark of its seal, nothing without one. */
  readonly signature: Uint8Array;
}

/** What a meter takes at most; it answers a larger size with a refusal. */
export const MAX_IMAGE_OCTETS = 8 * 1024 * 1024;
const IDENTIFICATION_OCTETS = 32;
const SUM_OCTETS = 4;
const MARK = fromLatin1("SEAL");
const SIGNATURE_OCTETS = SUM_OCTETS + MARK.length;
const SEAL_OCTETS = IDENTIFICATION_OCTETS + SIGNATURE_OCTETS;

/** `body` with the seal of `identification` behind it. */
export function sealImage(body: Uint8Array, identification: string): Uint8Array {
  const named = new Uint8Array(IDENTIFICATION_OCTETS);
  named.set(fromLatin1(identification).subarray(0, IDENTIFICATION_OCTETS));
  const image = concatBytes(body, named);
  return concatBytes(image, sumOctets(share(image, 0)), MARK);
}

interface Transfer {
  readonly identification: Uint8Array;
  readonly size: number;
  readonly blockOctets: number;
  readonly blocks: number;
  readonly arrived: Uint8Array;
  /** What each block adds to the checksum. */
  readonly shares: Uint32Array;
  /** The last octets of the image, where its seal is. */
  readonly tail: Uint8Array;
  firstMissing: number;
}

export class ImageReceiver {
  #transfer: Transfer | undefined;
  #status: ImageStatus = imageStatus.notInitiated;
  /** While it verifies or activates: when that is over, epoch ms, and how it ends. */
  #working: { readonly until: number; readonly then: ImageStatus } | undefined;
  #active: ImageInfo | undefined;

  /** Attribute 6 at `t`. */
  status(t: number): ImageStatus {
    if (this.#working !== undefined && t >= this.#working.until) {
      this.#status = this.#working.then;
      this.#working = undefined;
      if (this.#status === imageStatus.activated) {
        this.#active = this.info();
        this.#transfer = undefined;
      }
    }
    return this.#status;
  }

  /** When it will have verified or activated. */
  get workingUntil(): number | undefined {
    return this.#working?.until;
  }

  /** The image that runs, once one was activated. */
  get active(): ImageInfo | undefined {
    return this.#active;
  }

  /** Attribute 3: a bit for each block, the first for block 0. */
  get bitmap(): string {
    return this.#transfer === undefined ? "" : this.#transfer.arrived.join("");
  }

  /** Attribute 4; the number of blocks when none is missing. */
  get firstMissing(): number {
    return this.#transfer?.firstMissing ?? 0;
  }

  /** Begins anew, whatever there was. @returns false for a size or an identification that it does not take. */
  initiate(t: number, identification: Uint8Array, size: number, blockOctets: number): boolean {
    if (this.#busy(t) || size < 1 || size > MAX_IMAGE_OCTETS) return false;
    if (identification.length < 1 || identification.length > IDENTIFICATION_OCTETS) return false;
    const blocks = Math.ceil(size / blockOctets);
    this.#transfer = {
      identification: identification.slice(),
      size,
      blockOctets,
      blocks,
      arrived: new Uint8Array(blocks),
      shares: new Uint32Array(blocks),
      tail: new Uint8Array(Math.min(size, SEAL_OCTETS)),
      firstMissing: 0,
    };
    this.#status = imageStatus.initiated;
    return true;
  }

  /**
   * A block, or one again. After a failed verification blocks may be sent anew. @returns false when none is expected,
   * there is no such number, or it is not as long as it has to be.
   */
  block(t: number, number: number, octets: Uint8Array): boolean {
    const transfer = this.#transfer;
    const status = this.status(t);
    if (status !== imageStatus.initiated && status !== imageStatus.verificationFailed) return false;
    if (transfer === undefined || number >= transfer.blocks) return false;
    const start = number * transfer.blockOctets;
    if (octets.length !== Math.min(transfer.blockOctets, transfer.size - start)) return false;
    transfer.shares[number] = share(octets, start);
    keepTail(transfer, start, octets);
    transfer.arrived[number] = 1;
    while (transfer.arrived[transfer.firstMissing] === 1) transfer.firstMissing++;
    this.#status = imageStatus.initiated;
    return true;
  }

  /**
   * Starts to verify, which takes `takesMs`. @returns "busy" while it works, "done" when it has verified already,
   * "refused" when a block is missing or there is nothing to verify.
   */
  verify(t: number, takesMs: number): "started" | "busy" | "done" | "refused" {
    const status = this.status(t);
    if (this.#working !== undefined) return "busy";
    if (status === imageStatus.verified) return "done";
    const transfer = this.#transfer;
    if (status !== imageStatus.initiated || transfer === undefined) return "refused";
    if (transfer.firstMissing < transfer.blocks) return "refused";
    const then = isGenuine(transfer) ? imageStatus.verified : imageStatus.verificationFailed;
    this.#status = imageStatus.verifying;
    this.#working = { until: t + takesMs, then };
    return "started";
  }

  /** Starts to activate a verified image; the answers mean the same as those of `verify`. */
  activate(t: number, takesMs: number): "started" | "busy" | "done" | "refused" {
    const status = this.status(t);
    if (this.#working !== undefined) return "busy";
    if (status === imageStatus.activated) return "done";
    if (status !== imageStatus.verified) return "refused";
    this.#status = imageStatus.activating;
    this.#working = { until: t + takesMs, then: imageStatus.activated };
    return "started";
  }

  /** Attribute 7: what would be activated; undefined before it is all there. */
  info(): ImageInfo | undefined {
    const transfer = this.#transfer;
    if (transfer === undefined || transfer.firstMissing < transfer.blocks) return undefined;
    const { identification, size, tail } = transfer;
    return {
      identification,
      size,
      signature: isSealed(tail) ? tail.slice(-SIGNATURE_OCTETS) : new Uint8Array(0),
    };
  }

  #busy(t: number): boolean {
    this.status(t);
    return this.#working !== undefined;
  }
}

function keepTail({ size, tail }: Transfer, start: number, octets: Uint8Array): void {
  const tailStart = size - tail.length;
  const from = Math.max(0, tailStart - start);
  if (from < octets.length) tail.set(octets.subarray(from), start + from - tailStart);
}

function isSealed(tail: Uint8Array): boolean {
  return tail.length === SEAL_OCTETS && equalBytes(tail.subarray(-MARK.length), MARK);
}

function isGenuine({ identification, size, shares, tail }: Transfer): boolean {
  if (!isSealed(tail)) return true;
  const named = new Uint8Array(IDENTIFICATION_OCTETS);
  named.set(identification);
  const signature = tail.subarray(-SIGNATURE_OCTETS);
  const whole = shares.reduce((sum, each) => (sum + each) % MODULUS, 0);
  const sum = (whole + MODULUS - share(signature, size - SIGNATURE_OCTETS)) % MODULUS;
  return (
    equalBytes(tail.subarray(0, IDENTIFICATION_OCTETS), named) &&
    equalBytes(signature.subarray(0, SUM_OCTETS), sumOctets(sum))
  );
}

/** The largest prime below 2^26: products of two residues are exact. */
const MODULUS = 67_108_859;
const BASE = 257;

/** What octets from position `start` on add to the checksum: each times a power of the base by its position. */
function share(octets: Uint8Array, start: number): number {
  let sum = 0;
  let weight = power(start);
  for (const octet of octets) {
    sum = (sum + (octet + 1) * weight) % MODULUS;
    weight = (weight * BASE) % MODULUS;
  }
  return sum;
}

function power(exponent: number): number {
  let result = 1;
  let square = BASE;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = (result * square) % MODULUS;
    square = (square * square) % MODULUS;
  }
  return result;
}

function sumOctets(sum: number): Uint8Array {
  return Uint8Array.of(sum >>> 24, (sum >>> 16) & 0xff, (sum >>> 8) & 0xff, sum & 0xff);
}
