/** The image transfer object of a meter (class 18), attribute by attribute and method by method. */
import { data, type Data } from "../axdr/index.js";
import { toHex } from "../bytes/hex.js";
import { DlmsError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import { normaliseObis } from "../cosem/obis.js";
import { type Attributes } from "./attributes.js";
import { type AttributeRef, type MethodRef } from "./object-ref.js";

export const imageStates = [
  "not-initiated",
  "initiated",
  "verification-initiated",
  "verification-successful",
  "verification-failed",
  "activation-initiated",
  "activation-successful",
  "activation-failed",
] as const;
export type ImageState = (typeof imageStates)[number];

/** What the meter says of an image that it would activate. */
export interface ImageActivateInfo {
  readonly size: number;
  /** Hexadecimal. */
  readonly identification: string;
  readonly signature: string;
}

export interface ImageClient extends Attributes {
  action(method: MethodRef, parameters?: Data): Promise<Data | undefined>;
}

const IMAGE_TRANSFER = 18;
const BLOCK_SIZE = 2;
const TRANSFERRED_BLOCKS = 3;
const FIRST_NOT_TRANSFERRED = 4;
const ENABLED = 5;
const STATUS = 6;
const TO_ACTIVATE = 7;

export class ImageObject {
  readonly #client: ImageClient;
  readonly #obis: string;

  constructor(client: ImageClient, obis: string | Uint8Array = "0-0:44.0.0.255") {
    this.#client = client;
    this.#obis = normaliseObis(obis, "obis");
  }

  /** What has to be known before anything is sent. */
  async start(): Promise<{ blockOctets: number; isEnabled: boolean; status: ImageState }> {
    const [size, enabled, status] = await this.#client.getMany(
      [BLOCK_SIZE, ENABLED, STATUS].map((attributeId) => this.#attribute(attributeId)),
    );
    const blockOctets = number(size, "block size");
    if (blockOctets < 1 || blockOctets > limits.apduBytes)
      throw new DlmsError("TYPE_UNMATCHED", `The meter's block size is ${blockOctets} octets.`);
    if (enabled instanceof DlmsError && enabled.family !== "ServiceError") throw enabled;
    const isDisabled = enabled !== undefined && "value" in enabled && enabled.value === false;
    return { blockOctets, isEnabled: !isDisabled, status: state(number(status, "status")) };
  }

  async status(): Promise<ImageState> {
    return state(number(await this.#client.get(this.#attribute(STATUS)), "status"));
  }

  /**
   * The blocks the meter has not, of `total`; by its record of blocks, or where it keeps none from the first that it
   * has not. Undefined when it tells neither, or when its record is one of another image.
   */
  async missing(total: number): Promise<readonly number[] | undefined> {
    const [record, first] = await this.#client.getMany([
      this.#attribute(TRANSFERRED_BLOCKS),
      this.#attribute(FIRST_NOT_TRANSFERRED),
    ]);
    for (const value of [record, first])
      if (value instanceof DlmsError && value.family !== "ServiceError") throw value;
    if (
      record !== undefined &&
      "value" in record &&
      record.type === "bit-string" &&
      record.value.length > 0
    ) {
      // Meters pad the record to whole octets.
      const bits = record.value;
      if (bits.length < total || bits.length - total >= 8 || bits.includes("1", total)) return undefined;
      return numbers(0, total).filter((block) => bits[block] !== "1");
    }
    if (first === undefined || first instanceof DlmsError) return undefined;
    return numbers(Math.min(total, number(first, "first block")), total);
  }

  /** Empty where the meter doesn't tell. */
  async toActivate(): Promise<readonly ImageActivateInfo[]> {
    const [value] = await this.#client.getMany([this.#attribute(TO_ACTIVATE)]);
    if (value instanceof DlmsError && value.family !== "ServiceError") throw value;
    if (value === undefined || value instanceof DlmsError || value.type !== "array") return [];
    return value.value.flatMap((entry) => {
      const [size, identification, signature] = entry.type === "structure" ? entry.value : [];
      if (identification?.type !== "octet-string" || size?.type !== "double-long-unsigned") return [];
      return {
        size: size.value,
        identification: toHex(identification.value),
        signature: signature?.type === "octet-string" ? toHex(signature.value) : "",
      };
    });
  }

  async initiate(identifier: Uint8Array, size: number): Promise<void> {
    await this.#call(1, data.structure([data.octetString(identifier), data.doubleLongUnsigned(size)]));
  }

  async block(number: number, octets: Uint8Array): Promise<void> {
    await this.#call(2, data.structure([data.doubleLongUnsigned(number), data.octetString(octets)]));
  }

  async verify(): Promise<void> {
    await this.#call(3, data.integer(0));
  }

  async activate(): Promise<void> {
    await this.#call(4, data.integer(0));
  }

  async #call(methodId: number, parameters: Data): Promise<void> {
    await this.#client.action({ classId: IMAGE_TRANSFER, obis: this.#obis, methodId }, parameters);
  }

  #attribute(attributeId: number): AttributeRef {
    return { classId: IMAGE_TRANSFER, obis: this.#obis, attributeId };
  }
}

/** Of any width: meters are not strict about it. */
function number(value: Data | DlmsError | undefined, what: string): number {
  if (value instanceof DlmsError) throw value;
  if (value !== undefined && "value" in value && typeof value.value === "number") return value.value;
  throw new DlmsError("TYPE_UNMATCHED", `The ${what} of the image transfer is ${value?.type ?? "missing"}.`);
}

function state(code: number): ImageState {
  const found = imageStates[code];
  if (found === undefined)
    throw new DlmsError(
      "TYPE_UNMATCHED",
      `The status of the image transfer is ${code}, which means nothing.`,
    );
  return found;
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}
