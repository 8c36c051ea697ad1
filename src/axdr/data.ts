/**
 * Data, the tagged value of every COSEM attribute (IEC 62056-6-2; A-XDR, IEC 61334-6), all types.
 * Odd but legal forms (long lengths, booleans other than 01, padding bits) are kept beside the value, so that
 * re-encoding gives the received octets. Unassigned tags fail. What values mean is told by cosem/.
 */
import { type Codec, choice, constant, fixedBytes, i16, i32, i64, i8, lazy } from "../bytes/codec.js";
import { u16, u32, u64, u8 } from "../bytes/codec.js";
import { nested, valueOf } from "../bytes/fields.js";
import { limits } from "../core/limits.js";
import { float } from "./float.js";
import { bitString, utf8String, visibleString } from "./strings.js";
import { type TypeDescription, compactArrayCodec } from "./compact-array.js";
import { bool, formed, list, octets } from "./fields.js";

/** Types whose value is a JavaScript number. */
export type NumberType =
  | "double-long"
  | "double-long-unsigned"
  | "bcd"
  | "integer"
  | "unsigned"
  | "long"
  | "long-unsigned"
  | "enum"
  | "delta-integer"
  | "delta-long"
  | "delta-double-long"
  | "delta-unsigned"
  | "delta-long-unsigned"
  | "delta-double-long-unsigned";

/** `lengthOctets`, `octet`, `padding`, `octets` are there only when the received form was not the canonical one. */
export type Data =
  | { readonly type: "null-data" }
  | {
      readonly type: "array" | "structure";
      readonly value: readonly Data[];
      readonly lengthOctets?: number;
    }
  | { readonly type: "boolean"; readonly value: boolean; readonly octet?: number }
  /** "0" and "1", first transmitted bit first. */
  | {
      readonly type: "bit-string";
      readonly value: string;
      readonly padding?: number;
      readonly lengthOctets?: number;
    }
  | { readonly type: "octet-string"; readonly value: Uint8Array; readonly lengthOctets?: number }
  /** `octets` when the text alone would not give them back. */
  | {
      readonly type: "visible-string" | "utf8-string";
      readonly value: string;
      readonly octets?: Uint8Array;
      readonly lengthOctets?: number;
    }
  | { readonly type: NumberType; readonly value: number }
  /** `octets` for a NaN, which has many. */
  | { readonly type: "float32" | "float64"; readonly value: number; readonly octets?: Uint8Array }
  | { readonly type: "long64" | "long64-unsigned"; readonly value: bigint }
  /** 12, 5 and 4 octets; see date-time.ts. */
  | { readonly type: "date-time" | "date" | "time"; readonly value: Uint8Array }
  /** `value` holds the rows, each as `description` says. */
  | {
      readonly type: "compact-array";
      readonly description: TypeDescription;
      readonly value: readonly Data[];
      readonly contentsLengthOctets?: number;
    }
  | { readonly type: "dont-care" };

export type DataType = Data["type"];

const simple = {
  "null-data": [0, constant({})],
  boolean: [3, formed("value", "octet", bool)],
  "bit-string": [4, bitString],
  "double-long": [5, valueOf(i32)],
  "double-long-unsigned": [6, valueOf(u32)],
  "octet-string": [9, formed("value", "lengthOctets", octets())],
  "visible-string": [10, visibleString],
  "utf8-string": [12, utf8String],
  bcd: [13, valueOf(u8)],
  integer: [15, valueOf(i8)],
  long: [16, valueOf(i16)],
  unsigned: [17, valueOf(u8)],
  "long-unsigned": [18, valueOf(u16)],
  long64: [20, valueOf(i64)],
  "long64-unsigned": [21, valueOf(u64)],
  enum: [22, valueOf(u8)],
  float32: [23, float(4)],
  float64: [24, float(8)],
  "date-time": [25, valueOf(fixedBytes(12))],
  date: [26, valueOf(fixedBytes(5))],
  time: [27, valueOf(fixedBytes(4))],
  "delta-integer": [28, valueOf(i8)],
  "delta-long": [29, valueOf(i16)],
  "delta-double-long": [30, valueOf(i32)],
  "delta-unsigned": [31, valueOf(u8)],
  "delta-long-unsigned": [32, valueOf(u16)],
  "delta-double-long-unsigned": [33, valueOf(u32)],
  "dont-care": [255, constant({})],
} as const;

const elements = nested(
  limits.dataDepth,
  formed("value", "lengthOctets", list(lazy((): Codec<Data> => dataCodec))),
);

/**
 * Data ::= CHOICE {
 *   null-data [0] NULL, array [1] SEQUENCE OF Data, structure [2] SEQUENCE OF Data, boolean [3] BOOLEAN,
 *   bit-string [4] BIT STRING, double-long [5] Integer32, double-long-unsigned [6] Unsigned32,
 *   octet-string [9] OCTET STRING, visible-string [10] VisibleString, utf8-string [12] UTF8String,
 *   bcd [13] Integer8, integer [15] Integer8, long [16] Integer16, unsigned [17] Unsigned8,
 *   long-unsigned [18] Unsigned16, compact-array [19] SEQUENCE { contents-description TypeDescription,
 *   array-contents OCTET STRING }, long64 [20] Integer64, long64-unsigned [21] Unsigned64, enum [22] ENUMERATED,
 *   float32 [23] OCTET STRING (SIZE(4)), float64 [24] OCTET STRING (SIZE(8)), date-time [25] OCTET STRING (SIZE(12)),
 *   date [26] OCTET STRING (SIZE(5)), time [27] OCTET STRING (SIZE(4)), delta-integer [28] Integer8,
 *   delta-long [29] Integer16, delta-double-long [30] Integer32, delta-unsigned [31] Unsigned8,
 *   delta-long-unsigned [32] Unsigned16, delta-double-long-unsigned [33] Unsigned32, dont-care [255] NULL }
 */
export const dataCodec: Codec<Data> = choice({
  ...simple,
  array: [1, elements],
  structure: [2, elements],
  "compact-array": [19, compactArrayCodec(simple)],
} as const);
