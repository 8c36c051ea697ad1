/**
 * How backends spell the type of a value: the names of IEC 62056-6-2 in any case and with any separator, and the usual
 * names of integers by their width. Names that could mean several types (`string`, `float`, `int`) are left out.
 */
import { writableTypes } from "../cosem/data-from-json.js";

const widths: Readonly<Record<string, string>> = {
  bool: "boolean",
  int8: "integer",
  uint8: "unsigned",
  int16: "long",
  uint16: "long-unsigned",
  int32: "double-long",
  uint32: "double-long-unsigned",
  int64: "long64",
  uint64: "long64-unsigned",
};

const names: ReadonlyMap<string, string> = new Map([
  ...writableTypes.map((type): [string, string] => [bare(type), type]),
  ...Object.entries(widths),
]);

/** The type's own name; what is none comes back as it is, for the command's check to refuse. */
export function dataTypeName(given: unknown): unknown {
  return typeof given === "string" && given.length <= 64 ? (names.get(bare(given)) ?? given) : given;
}

function bare(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, "");
}
