/** The conformance block: what both sides can do, as names. Bit 0 is the first transmitted bit. */
import { type Codec, flags, literal, traced } from "../bytes/codec.js";

export const conformanceBits = {
  "reserved-zero": 0,
  "general-protection": 1,
  "general-block-transfer": 2,
  read: 3,
  write: 4,
  "unconfirmed-write": 5,
  "delta-value-encoding": 6,
  "reserved-seven": 7,
  "attribute0-set": 8,
  "priority-mgmt": 9,
  "attribute0-get": 10,
  "block-transfer-get": 11,
  "block-transfer-set": 12,
  "block-transfer-action": 13,
  "multiple-references": 14,
  "information-report": 15,
  "data-notification": 16,
  access: 17,
  "parameterized-access": 18,
  get: 19,
  set: 20,
  "selective-access": 21,
  "event-notification": 22,
  action: 23,
} as const;

export type ConformanceBit = keyof typeof conformanceBits;

export interface ConformanceField {
  readonly conformance: ReadonlySet<ConformanceBit>;
  /** The tag came as `5F` alone, as old meters write it. */
  readonly conformanceTagShort?: true;
}

const bits = flags<ConformanceBit>(3, conformanceBits);
const lengthAndUnusedBits = literal(0x04, 0x00);

/** Conformance ::= [APPLICATION 31] IMPLICIT BIT STRING (SIZE(24)), in BER: 5F 1F 04 00 and three octets */
export const conformanceField: Codec<ConformanceField> = {
  decode: (reader) => {
    const at = reader.offset;
    if (reader.u8() !== 0x5f) reader.fail("5F expected", at);
    const full = reader.peekU8() === 0x1f;
    if (full) reader.advance(1);
    lengthAndUnusedBits.decode(reader);
    const conformance = traced(reader, "conformance", bits, at);
    return full ? { conformance } : { conformance, conformanceTagShort: true };
  },
  encode: (writer, { conformance, conformanceTagShort }) => {
    writer.u8(0x5f);
    if (conformanceTagShort !== true) writer.u8(0x1f);
    lengthAndUnusedBits.encode(writer, undefined);
    bits.encode(writer, conformance);
  },
  shape: { kind: "seq", fields: { conformance: bits } },
};
