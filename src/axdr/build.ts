/** `data.*`: short constructors of Data in their canonical form. */
import { toHex } from "../bytes/hex.js";
import { usageError } from "../core/errors.js";
import { type TypeDescription } from "./compact-array.js";
import { type Data, type NumberType } from "./data.js";

const number =
  (type: NumberType) =>
  (value: number): Data => ({ type, value });

const fixed =
  (type: "date-time" | "date" | "time", length: number) =>
  (value: Uint8Array): Data => {
    if (value.length !== length)
      throw usageError("FIELD_INVALID", type, `${length} octets are expected, not ${toHex(value)}`);
    return { type, value };
  };

/** E.g. `data.structure([data.integer(-2), data.enum(30)])`. Ranges are checked when the value is encoded. */
export const data = {
  null: (): Data => ({ type: "null-data" }),
  array: (value: readonly Data[]): Data => ({ type: "array", value }),
  structure: (value: readonly Data[]): Data => ({ type: "structure", value }),
  boolean: (value: boolean): Data => ({ type: "boolean", value }),
  /** "0101", first transmitted bit first. */
  bitString: (value: string): Data => ({ type: "bit-string", value }),
  doubleLong: number("double-long"),
  doubleLongUnsigned: number("double-long-unsigned"),
  octetString: (value: Uint8Array): Data => ({ type: "octet-string", value }),
  visibleString: (value: string): Data => ({ type: "visible-string", value }),
  utf8String: (value: string): Data => ({ type: "utf8-string", value }),
  bcd: number("bcd"),
  integer: number("integer"),
  long: number("long"),
  unsigned: number("unsigned"),
  longUnsigned: number("long-unsigned"),
  long64: (value: bigint): Data => ({ type: "long64", value }),
  long64Unsigned: (value: bigint): Data => ({ type: "long64-unsigned", value }),
  enum: number("enum"),
  float32: (value: number): Data => ({ type: "float32", value }),
  float64: (value: number): Data => ({ type: "float64", value }),
  dateTime: fixed("date-time", 12),
  date: fixed("date", 5),
  time: fixed("time", 4),
  deltaInteger: number("delta-integer"),
  deltaLong: number("delta-long"),
  deltaDoubleLong: number("delta-double-long"),
  deltaUnsigned: number("delta-unsigned"),
  deltaLongUnsigned: number("delta-long-unsigned"),
  deltaDoubleLongUnsigned: number("delta-double-long-unsigned"),
  compactArray: (description: TypeDescription, value: readonly Data[]): Data => ({
    type: "compact-array",
    description,
    value,
  }),
  dontCare: (): Data => ({ type: "dont-care" }),
} as const;
