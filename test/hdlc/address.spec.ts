import assert from "node:assert/strict";
import { decodeAll, encodeAll } from "../../src/bytes/codec.js";
import { fromHex, toHex } from "../../src/bytes/hex.js";
import { DecodeError } from "../../src/core/errors.js";
import { addressCodec, type HdlcAddress, isAllStation, sameStation } from "../../src/hdlc/address.js";
import { checkCodec } from "../support/check-codec.js";

const examples: readonly (readonly [string, HdlcAddress])[] = [
  ["21", { upper: 16, octets: 1 }],
  ["03", { upper: 1, octets: 1 }],
  ["0223", { upper: 1, lower: 17, octets: 2 }],
  ["00028C09", { upper: 1, lower: 8964, octets: 4 }],
  ["0002FEFF", { upper: 1, lower: 0x3fff, octets: 4 }],
  ["CEFF", { upper: 103, lower: 127, octets: 2 }],
];

describe("HDLC address", () => {
  for (const [hex, address] of examples)
    it(`${hex} is upper ${address.upper}, lower ${address.lower ?? "-"}`, () => {
      assert.deepEqual(decodeAll(addressCodec, fromHex(hex)), address);
      assert.equal(toHex(encodeAll(addressCodec, address)), hex);
    });

  it("holds for random values and damaged octets", () => checkCodec(addressCodec));

  it("refuses three octets and endless addresses", () => {
    assert.throws(() => decodeAll(addressCodec, fromHex("020203")), DecodeError);
    assert.throws(() => decodeAll(addressCodec, fromHex("0202020203")), DecodeError);
  });

  it("names the part that does not fit its form", () => {
    const field = (address: HdlcAddress): string => {
      try {
        encodeAll(addressCodec, address);
      } catch (caught) {
        return (caught as { field?: string }).field ?? "";
      }
      return "none";
    };
    assert.equal(field({ upper: 128, octets: 1 }), "upper");
    assert.equal(field({ upper: 1, lower: 1, octets: 1 }), "lower");
    assert.equal(field({ upper: 1, octets: 4 }), "lower");
    assert.equal(field({ upper: 1, lower: 0x4000, octets: 4 }), "lower");
  });

  it("compares values, not octets", () => {
    const two: HdlcAddress = { upper: 1, lower: 17, octets: 2 };
    assert.ok(sameStation(two, { upper: 1, lower: 17, octets: 4 }));
    assert.ok(sameStation(two, { upper: 1, octets: 1 }));
    assert.ok(!sameStation(two, { upper: 1, lower: 18, octets: 4 }));
    assert.ok(!sameStation(two, { upper: 2, lower: 17, octets: 2 }));
  });

  it("knows the all-station address of each form", () => {
    assert.ok(isAllStation({ upper: 0x7f, octets: 1 }));
    assert.ok(isAllStation({ upper: 0x3fff, lower: 1, octets: 4 }));
    assert.ok(!isAllStation({ upper: 0x7f, lower: 1, octets: 4 }));
  });
});
