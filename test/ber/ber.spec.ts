import assert from "node:assert/strict";
import fc from "fast-check";
import {
  berBits,
  berInteger,
  explicit,
  objectIdentifier,
  readBerElement,
  writeBerElement,
} from "../../src/ber/index.js";
import { type Codec, decodeAll, encodeAll, restBytes } from "../../src/bytes/codec.js";
import { fromHex, toHex } from "../../src/bytes/hex.js";
import { Reader } from "../../src/bytes/reader.js";
import { Writer } from "../../src/bytes/writer.js";
import { DecodeError, DlmsError } from "../../src/core/errors.js";
import { arbitraryOf } from "../support/check-codec.js";

const element = (hex: string): string => {
  const writer = new Writer();
  writeBerElement(writer, readBerElement(new Reader(fromHex(hex))));
  return toHex(writer.finish());
};

describe("BER", () => {
  it("gives the octets of every form of a length back", () => {
    for (const hex of [
      "0400",
      "0402AABB",
      "048102AABB",
      "04820002AABB",
      "0483000001FF",
      `0481C8${"00".repeat(200)}`,
    ])
      assert.equal(element(hex), hex);
  });

  it("refuses what ACSE does not use: high tags, indefinite and huge lengths", () => {
    for (const hex of ["1F8100", "048000", "048400000001AA", "04", "0405AA"])
      assert.throws(() => element(hex), DecodeError);
  });

  const integers: readonly (readonly [number, string])[] = [
    [0, "00"],
    [127, "7F"],
    [128, "0080"],
    [-1, "FF"],
    [-129, "FF7F"],
    [2147483647, "7FFFFFFF"],
    [-2147483648, "80000000"],
  ];
  for (const [value, hex] of integers)
    it(`integer ${value} is ${hex}`, () => {
      assert.equal(toHex(encodeAll(berInteger, value)), hex);
      assert.equal(decodeAll(berInteger, fromHex(hex)), value);
    });

  it("object identifiers", () => {
    assert.equal(decodeAll(objectIdentifier, fromHex("60857405080101")), "2.16.756.5.8.1.1");
    assert.equal(toHex(encodeAll(objectIdentifier, "2.16.756.5.8.2.7")), "60857405080207");
    assert.equal(toHex(encodeAll(objectIdentifier, "1.0.9834")), "28CC6A");
    for (const text of ["", "2", "2.x", "3.1", "1.2.99999999999"])
      assert.throws(() => encodeAll(objectIdentifier, text), DlmsError);
    for (const hex of ["", "80", "6085FFFFFFFFFF7F"])
      assert.throws(() => decodeAll(objectIdentifier, fromHex(hex)), DecodeError);
  });

  it("bit strings", () => {
    assert.equal(decodeAll(berBits, fromHex("0780")), "1");
    assert.equal(decodeAll(berBits, fromHex("0284")), "100001");
    assert.equal(toHex(encodeAll(berBits, "")), "00");
    for (const hex of ["", "0880", "01"]) assert.throws(() => decodeAll(berBits, fromHex(hex)), DecodeError);
  });

  for (const [name, codec] of Object.entries({
    berInteger,
    berBits,
    objectIdentifier,
    explicit: explicit(0x04, restBytes),
  }))
    it(`round-trips random values of ${name}`, () => {
      fc.assert(
        fc.property(arbitraryOf(codec), (value) => {
          const typed = codec as Codec<unknown>;
          assert.deepStrictEqual(decodeAll(typed, encodeAll(typed, value)), value);
        }),
      );
    });
});
