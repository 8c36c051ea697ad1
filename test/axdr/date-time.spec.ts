import assert from "node:assert/strict";
import fc from "fast-check";
import {
  decodeDate,
  decodeDateTime,
  decodeTime,
  encodeDate,
  encodeDateTime,
  encodeTime,
  fromDate,
  toIso,
} from "../../src/axdr/index.js";
import { fromHex, toHex } from "../../src/bytes/hex.js";
import { DecodeError, DlmsError } from "../../src/core/errors.js";

describe("date-time", () => {
  const known: readonly (readonly [string, string | undefined, number | undefined, number | undefined])[] = [
    ["07E50B0202153300 00FFC400", "2021-11-02T21:51:00+01:00", -60, 0],
    ["07E8060F0614172D 00FF8880", "2024-06-15T20:23:45+02:00", -120, 0x80],
    ["07E60C1C03170100 FF800000", "2022-12-28T23:01:00", undefined, 0],
    ["07E80101FF0C0000 19000000", "2024-01-01T12:00:00.25Z", 0, 0],
    ["07E80101FF0C0000 00012CFF", "2024-01-01T12:00:00-05:00", 300, undefined],
    ["07E80101FFFFFFFF FF8000FF", "2024-01-01", undefined, undefined],
    ["FFFFFE01FF020000 008000FF", undefined, undefined, undefined],
    ["07E803FE07020000 008000FF", undefined, undefined, undefined],
  ];
  for (const [hex, iso, deviation, status] of known)
    it(`${hex} is ${iso ?? "no single instant"}`, () => {
      const decoded = decodeDateTime(fromHex(hex));
      assert.equal(toIso(decoded), iso);
      assert.equal(decoded.deviationMinutes, deviation);
      assert.equal(decoded.clockStatus, status);
      assert.equal(toHex(encodeDateTime(decoded)), hex.replace(" ", ""));
    });

  it("gives any 12, 5 and 4 octets back", () => {
    const octets = (length: number): fc.Arbitrary<Uint8Array> =>
      fc.uint8Array({ minLength: length, maxLength: length });
    fc.assert(
      fc.property(octets(12), (bytes) => assert.deepEqual(encodeDateTime(decodeDateTime(bytes)), bytes)),
    );
    fc.assert(fc.property(octets(5), (bytes) => assert.deepEqual(encodeDate(decodeDate(bytes)), bytes)));
    fc.assert(fc.property(octets(4), (bytes) => assert.deepEqual(encodeTime(decodeTime(bytes)), bytes)));
  });

  it("refuses another number of octets", () => {
    assert.throws(() => decodeDateTime(new Uint8Array(11)), DecodeError);
    assert.throws(() => decodeDate(new Uint8Array(0)), DecodeError);
    assert.throws(() => decodeTime(new Uint8Array(12)), DecodeError);
  });

  it("writes an instant as local time", () => {
    const written = fromDate(new Date("2021-11-02T20:51:07.120Z"), -60);
    assert.equal(toIso(written), "2021-11-02T21:51:07.12+01:00");
    assert.equal(toHex(encodeDateTime(written)), "07E50B02021533070CFFC400");
    assert.equal(fromDate(new Date("2021-11-07T00:00:00Z"), 0).weekday, 7);
  });

  it("names the field that does not fit", () => {
    assert.throws(
      () => encodeDateTime({ month: 255 }),
      (caught) => caught instanceof DlmsError && caught.field === "month",
    );
    assert.throws(() => encodeDateTime({ deviationMinutes: 40_000 }), DlmsError);
    assert.throws(() => encodeDate({ year: -1 }), DlmsError);
  });
});
