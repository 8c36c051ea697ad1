/** Ring 2: association control (ACSE): AARQ, AARE, RLRQ, RLRE. Which association they make is decided above. */
import { type Codec, decodeAll, encodeAll } from "../bytes/codec.js";
import { aare, type Aare } from "./aare.js";
import { aarq, type Aarq } from "./aarq.js";
import { rlre, type Rlre, rlrq, type Rlrq } from "./release.js";

export { type Aare, aare } from "./aare.js";
export { type Aarq, aarq } from "./aarq.js";
export { type AcseForm } from "./apdu.js";
export * from "./names.js";
export { type Rlre, rlre, type Rlrq, rlrq } from "./release.js";

export type Acse = Aarq | Aare | Rlrq | Rlre;

const byTag = new Map<number, Codec<Acse>>([
  [0x60, aarq],
  [0x61, aare],
  [0x62, rlrq],
  [0x63, rlre],
]);

const byType: Readonly<Record<Acse["type"], Codec<Acse>>> = {
  aarq: aarq,
  aare: aare,
  rlrq: rlrq,
  rlre: rlre,
};

/** Whether an APDU with this first octet is one of ACSE's. */
export function isAcseTag(tag: number | undefined): boolean {
  return tag !== undefined && byTag.has(tag);
}

export const acseCodec: Codec<Acse> = {
  decode: (reader) => {
    const tag = reader.peekU8();
    const codec = byTag.get(tag);
    if (codec === undefined) return reader.fail(`unknown tag ${tag.toString(16).toUpperCase()}`);
    return codec.decode(reader);
  },
  encode: (writer, value) => byType[value.type].encode(writer, value),
  shape: { kind: "oneOf", options: [aarq, aare, rlrq, rlre] },
};

/** @throws DecodeError when `bytes` is not exactly one ACSE APDU. */
export function decodeAcse(bytes: Uint8Array): Acse {
  return decodeAll(acseCodec, bytes);
}

/** @throws DlmsError FIELD_INVALID naming the field that does not fit. */
export function encodeAcse(value: Acse): Uint8Array {
  return encodeAll(acseCodec, value);
}
