/**
 * What each declared interface class was checked against besides our own two ends: recordings of independent stacks
 * (test/vectors) and worked examples of the standard. Source of docs/classes.md; a test scans the recordings and
 * decodes the examples, so nothing here can claim more or less than there is.
 */

export interface Members {
  readonly attributes?: readonly number[];
  readonly methods?: readonly number[];
}

/** Read, written or called with success in a recording, with a value of the declared type. */
export const recordedMembers: Readonly<Record<number, Members>> = {
  1: { attributes: [2] },
  3: { attributes: [2, 3] },
  5: { attributes: [2, 3, 4, 5, 6, 7, 8, 9] },
  6: { attributes: [2, 3, 4] },
  7: { attributes: [2, 3, 4, 5, 7, 8], methods: [2] },
  8: { attributes: [2, 3, 4, 5, 6, 7, 8, 9] },
  9: { attributes: [2] },
  15: { attributes: [2, 3, 4, 5, 6, 7, 8, 9, 11], methods: [1] },
  17: { attributes: [2] },
  18: { attributes: [2, 3, 4, 5, 6] },
  19: { attributes: [2, 3, 4, 5, 6, 7, 8, 9] },
  20: { attributes: [2, 3, 4, 5, 6, 7, 8, 9, 10] },
  21: { attributes: [2, 3, 4] },
  22: { attributes: [2, 3] },
  23: { attributes: [2, 3, 4, 5, 6, 7, 8, 9] },
  27: { attributes: [2, 3, 4] },
  28: { attributes: [2, 3, 4, 5, 6] },
  29: { attributes: [2, 3, 4, 5, 6] },
  40: { attributes: [2, 3, 5, 6, 7], methods: [1] },
  41: { attributes: [2, 3, 4, 5, 6] },
  42: { attributes: [2, 3, 4, 6, 7, 8, 9, 10] },
  43: { attributes: [2] },
  44: { attributes: [2] },
  45: { attributes: [2, 3, 4] },
  48: { attributes: [2, 3, 4, 5, 6, 7, 8, 9] },
  64: { attributes: [2, 3, 4, 5] },
  70: { attributes: [2, 3, 4], methods: [1, 2] },
  71: { attributes: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11] },
  111: { attributes: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19] },
  112: { attributes: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11] },
  115: { attributes: [2, 3, 4, 5, 6], methods: [1] },
};

/** Classes without a declaration that recordings read; their values pass as plain Data. */
export const recordedUndeclared: readonly number[] = [76, 77, 90, 91, 92, 100, 123, 151];

/** A worked example: a whole request, or the value of one attribute. */
export type WorkedExample =
  | { readonly what: string; readonly request: string }
  | { readonly what: string; readonly classId: number; readonly attribute: number; readonly value: string };

export const workedExamples: readonly WorkedExample[] = [
  { what: "SET of a value", request: "C1 01 C1 00 01 00 00 60 01 00 FF 02 00 12 00 05" },
  {
    what: "entries 1 to 10 of a profile",
    request:
      "C0 01 C1 00 07 01 00 63 01 00 FF 02 01 02 02 04 06 00 00 00 01 06 00 00 00 0A 12 00 01 12 00 00",
  },
  { what: "GET of the clock", request: "C0 01 C1 00 08 00 00 01 00 00 FF 02 00" },
  {
    what: "time with deviation",
    classId: 8,
    attribute: 2,
    value: "09 0C 07 E5 0B 02 02 15 33 00 00 FF C4 00",
  },
  {
    what: "time under daylight saving",
    classId: 8,
    attribute: 2,
    value: "09 0C 07 E8 06 0F 06 14 17 2D 00 FF 88 80",
  },
  {
    what: "pass 3 of GMAC authentication",
    request:
      "C3 01 C1 00 0F 00 00 28 00 00 FF 01 01 09 11 10 00 00 00 01 1A 52 FE 7D D3 E7 27 48 97 3C 1E 28",
  },
  {
    what: "what a meter in the field pushes",
    classId: 40,
    attribute: 2,
    value:
      "01 0D 02 04 12 00 28 09 06 00 09 19 09 00 FF 0F 02 12 00 00 02 04 12 00 01 09 06 00 00 2A 00 00 FF 0F 02 " +
      "12 00 00 02 04 12 00 01 09 06 00 00 60 01 01 FF 0F 02 12 00 00 02 04 12 00 01 09 06 00 00 60 0E 00 FF 0F " +
      "02 12 00 00 02 04 12 00 03 09 06 01 00 01 08 01 FF 0F 02 12 00 00 02 04 12 00 03 09 06 01 00 01 08 02 FF " +
      "0F 02 12 00 00 02 04 12 00 03 09 06 01 00 02 08 01 FF 0F 02 12 00 00 02 04 12 00 03 09 06 01 00 02 08 02 " +
      "FF 0F 02 12 00 00 02 04 12 00 03 09 06 01 00 01 08 00 FF 0F 02 12 00 00 02 04 12 00 03 09 06 01 00 02 08 " +
      "00 FF 0F 02 12 00 00 02 04 12 00 03 09 06 01 00 03 08 00 FF 0F 02 12 00 00 02 04 12 00 03 09 06 01 00 04 " +
      "08 00 FF 0F 02 12 00 00 02 04 12 00 46 09 06 00 00 60 03 0A FF 0F 03 12 00 00",
  },
  { what: "disconnect", request: "C3 01 C1 00 46 00 00 60 03 0A FF 01 01 0F 00" },
  { what: "reconnect", request: "C3 01 C1 00 46 00 00 60 03 0A FF 02 01 0F 00" },
  {
    what: "a token as ASCII digits",
    request:
      "C3 01 C1 00 73 00 00 13 28 00 FF 01 01 09 14 31 32 33 34 35 36 37 38 39 30 31 32 33 34 35 36 37 38 39 30",
  },
  {
    what: "a token as packed BCD",
    request: "C3 01 C1 00 73 00 00 13 28 00 FF 01 01 09 0A 48 64 32 02 78 13 14 01 06 86",
  },
];

/** What the worked examples exercise. */
export const exampleMembers: Readonly<Record<number, Members>> = {
  1: { attributes: [2] },
  7: { attributes: [2] },
  8: { attributes: [2] },
  15: { methods: [1] },
  40: { attributes: [2] },
  70: { methods: [1, 2] },
  115: { methods: [1] },
};
