/** Decimal scaling against BigInt arithmetic; JSON numbers only where no digit is lost. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { float32Decimal, scaleDecimal, toJsonNumber } from "../../src/cosem/decimal.js";

/** Decimal text as integer · 10^-places. */
function exact(text: string): { value: bigint; places: number } {
  const [whole, fraction = ""] = text.split(".");
  return { value: BigInt(`${whole}${fraction}`), places: fraction.length };
}

describe("cosem/decimal", () => {
  for (const [value, scaler, text] of [
    [2304, -1, "230.4"],
    [2300, -1, "230.0"],
    [5, -3, "0.005"],
    [-5, -3, "-0.005"],
    [-12345, -2, "-123.45"],
    [12345, 1, "123450"],
    [0, -2, "0.00"],
    [0, 3, "0"],
    [7, 0, "7"],
    [18446744073709551615n, -3, "18446744073709551.615"],
    [-9223372036854775808n, 0, "-9223372036854775808"],
    [0.1, 0, "0.1"],
    [1.005, -2, "0.01005"],
    [1.5e-7, 0, "0.00000015"],
    [1e21, -1, "100000000000000000000"],
    [-0, 0, "0"],
    [Number.NaN, 1, "NaN"],
    [-Infinity, 1, "-Infinity"],
  ] as const)
    it(`${value} with scaler ${scaler} is ${text}`, () => assert.equal(scaleDecimal(value, scaler), text));

  it("agrees with BigInt arithmetic for every integer and scaler", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }),
        fc.integer({ min: -128, max: 127 }),
        (v, s) => {
          const text = scaleDecimal(v, s);
          assert.match(text, /^-?(0|[1-9]\d*)(\.\d+)?$/);
          const { value, places } = exact(text);
          assert.equal(places, Math.max(0, -s));
          assert.equal(value, s >= 0 ? v * 10n ** BigInt(s) : v);
        },
      ),
    );
  });

  it("refuses a scaler that is no int8", () => {
    for (const scaler of [128, -129, 0.5, Number.NaN])
      assert.throws(() => scaleDecimal(1, scaler), { code: "FIELD_INVALID", field: "scaler" });
  });

  it("makes a number only of at most 15 significant digits", () => {
    assert.equal(toJsonNumber("230.4"), 230.4);
    assert.equal(toJsonNumber("230.0"), 230);
    assert.equal(toJsonNumber("-0.005"), -0.005);
    assert.equal(toJsonNumber("999999999999999"), 999999999999999);
    assert.equal(toJsonNumber("1000000000000000"), "1000000000000000");
    assert.equal(toJsonNumber("99999999999999.95"), "99999999999999.95");
    assert.equal(toJsonNumber("0.000000000000000000001"), 1e-21);
    assert.ok(Object.is(toJsonNumber("-0.00"), 0));
    assert.equal(toJsonNumber("NaN"), "NaN");
    assert.equal(toJsonNumber("1e5"), "1e5");
  });

  it("never loses a digit on the way through JSON", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }),
        fc.integer({ min: -30, max: 30 }),
        (v, s) => {
          const text = scaleDecimal(v, s);
          const json = JSON.parse(JSON.stringify(toJsonNumber(text))) as number | string;
          const back = scaleDecimal(typeof json === "number" ? json : 0, 0);
          if (typeof json === "string") return assert.equal(json, text);
          const a = exact(back);
          const b = exact(text);
          const places = Math.max(a.places, b.places);
          assert.equal(
            a.value * 10n ** BigInt(places - a.places),
            b.value * 10n ** BigInt(places - b.places),
          );
        },
      ),
    );
  });

  it("prints a 32-bit float by its shortest decimal", () => {
    assert.equal(float32Decimal(Math.fround(0.1)), 0.1);
    assert.equal(float32Decimal(Math.fround(230.4)), 230.4);
    assert.ok(Number.isNaN(float32Decimal(Number.NaN)));
    fc.assert(
      fc.property(fc.float({ noNaN: true }), (value) => Math.fround(float32Decimal(value)) === value),
    );
  });
});
