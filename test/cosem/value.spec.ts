/** Data as JSON: every type, dates only where declared, no digit lost, always serialisable. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Data, data, dataCodec, t } from "../../src/axdr/index.js";
import { fromHex } from "../../src/bytes/hex.js";
import { attributeType } from "../../src/cosem/classes/index.js";
import { jsonValue } from "../../src/cosem/value.js";
import { arbitraryOf } from "../support/check-codec.js";

const summer = fromHex("07E8060F061417 2D00FF8880");

describe("cosem/value", () => {
  const shown: readonly (readonly [Data, unknown, string])[] = [
    [data.null(), null, "null-data"],
    [data.dontCare(), null, "dont-care"],
    [data.boolean(true), true, "boolean"],
    [data.bitString("0101"), "0101", "bit-string"],
    [data.octetString(fromHex("04600075503 6")), "046000755036", "octet-string"],
    [data.octetString(new Uint8Array(0)), "", "octet-string"],
    [data.octetString(summer), "07E8060F0614172D00FF8880", "octet-string"],
    [data.visibleString("V1.2"), "V1.2", "visible-string"],
    [data.utf8String("₦"), "₦", "utf8-string"],
    [data.enum(3), 3, "enum"],
    [data.integer(-5), -5, "integer"],
    [data.doubleLongUnsigned(4_294_967_295), 4_294_967_295, "double-long-unsigned"],
    [data.long64(-12n), -12, "long64"],
    [data.long64Unsigned(18_446_744_073_709_551_615n), "18446744073709551615", "long64-unsigned"],
    [data.long64Unsigned(999_999_999_999_999n), 999_999_999_999_999, "long64-unsigned"],
    [data.float32(Math.fround(230.4)), 230.4, "float32"],
    [data.float64(0.1), 0.1, "float64"],
    [data.float64(0.1 + 0.2), "0.30000000000000004", "float64"],
    [data.float64(Number.NaN), "NaN", "float64"],
    [data.bcd(0x42), 42, "bcd"],
    [data.bcd(0x4f), "4F", "bcd"],
    [data.dateTime(summer), "2024-06-15T20:23:45+02:00", "date-time"],
    [data.date(fromHex("07E50B0202")), "2021-11-02", "date"],
    [data.time(fromHex("15330000")), "21:51:00", "time"],
    [
      data.structure([data.unsigned(1), data.array([data.long(-2), data.null()])]),
      [1, [-2, null]],
      "structure",
    ],
  ];
  for (const [value, expected, valueType] of shown)
    it(`shows ${value.type} as ${JSON.stringify(expected)}`, () => {
      const found = jsonValue(value);
      assert.deepEqual(found.value, expected);
      assert.equal(found.valueType, valueType);
    });

  it("shows octets as a date-time only where the attribute is declared as one", () => {
    const clock = jsonValue(data.octetString(summer), { type: attributeType(8, 2) });
    assert.deepEqual(clock, {
      value: "2024-06-15T20:23:45+02:00",
      valueType: "date-time",
      deviationMinutes: -120,
      clockStatus: 0x80,
    });
    assert.equal(jsonValue(data.octetString(summer), { type: attributeType(4, 5) }).valueType, "date-time");
    for (const type of [attributeType(1, 2), attributeType(3, 2), attributeType(115, 2), t.any])
      assert.deepEqual(jsonValue(data.octetString(summer), { type }), {
        value: "07E8060F0614172D00FF8880",
        valueType: "octet-string",
      });
  });

  it("keeps what is no certain moment as octets", () => {
    const type = attributeType(8, 5);
    const repeating = fromHex("FFFF03FE0702000000FF C480");
    assert.deepEqual(jsonValue(data.octetString(repeating), { type }), {
      value: "FFFF03FE0702000000FFC480",
      valueType: "octet-string",
    });
    assert.equal(jsonValue(data.octetString(new Uint8Array(0)), { type }).value, "");
    assert.equal(jsonValue(data.null(), { type }).value, null);
    const local = jsonValue(data.octetString(fromHex("07E60C1C0317010000800000")), { type });
    assert.equal(local.value, "2022-12-28T23:01:00");
    assert.equal("deviationMinutes" in local, false);
    assert.equal(local.clockStatus, 0);
  });

  it("follows declared types into arrays and structures", () => {
    const times = data.array([
      data.structure([data.octetString(fromHex("00000000")), data.octetString(fromHex("07E50B0202"))]),
    ]);
    assert.deepEqual(jsonValue(times, { type: attributeType(22, 4) }).value, [["00:00:00", "2021-11-02"]]);
    assert.deepEqual(jsonValue(times).value, [["00000000", "07E50B0202"]]);
  });

  it("scales numbers in decimal and leaves the rest alone", () => {
    assert.equal(jsonValue(data.longUnsigned(2_304), { scaler: -1 }).value, 230.4);
    assert.equal(jsonValue(data.doubleLongUnsigned(123_456), { scaler: 1 }).value, 1_234_560);
    assert.equal(
      jsonValue(data.long64Unsigned(18_446_744_073_709_551_615n), { scaler: -3 }).value,
      "18446744073709551.615",
    );
    assert.equal(jsonValue(data.float32(Math.fround(0.1)), { scaler: -1 }).value, 0.01);
    assert.equal(jsonValue(data.enum(5), { scaler: -1 }).value, 5);
    assert.equal(jsonValue(data.visibleString("5"), { scaler: -1 }).value, "5");
  });

  it("gives JSON for whatever a meter sends", () => {
    fc.assert(
      fc.property(arbitraryOf(dataCodec, 2), (drawn) => {
        const found = jsonValue(drawn as Data, { type: t.dateTimeOctets });
        assert.ok(isPlainJson(found.value));
      }),
    );
  });
});

/** No BigInt, no undefined, no NaN: nothing JSON would change. */
function isPlainJson(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isPlainJson);
  if (typeof value === "number") return Number.isFinite(value);
  return value === null || typeof value === "string" || typeof value === "boolean";
}
