import assert from "node:assert/strict";
import fc from "fast-check";
import { type Codec, type Shape } from "../../src/bytes/codec.js";
import { fromHex, toHex } from "../../src/bytes/hex.js";
import { DecodeError, DlmsError } from "../../src/core/errors.js";
import {
  type Apdu,
  apduCodec,
  clearApduCodec,
  conformanceBits,
  decodeApdu,
  encodeApdu,
} from "../../src/xdlms/index.js";
import { arbitraryOf, checkCodec, checkDamaged } from "../support/check-codec.js";
import { getSetExamples, invoke } from "./examples-get-set.js";
import { otherExamples } from "./examples-other.js";

const examples = [...getSetExamples, ...otherExamples];

describe("xDLMS APDUs", () => {
  for (const [name, hex, value] of examples)
    it(name, () => {
      assert.deepStrictEqual(decodeApdu(fromHex(hex)), value);
      assert.equal(toHex(encodeApdu(value)), hex.replaceAll(" ", ""));
    });

  it("random values, truncations and bit flips", () => checkCodec(apduCodec, { runs: 400 }));

  for (const [name, codec] of variantsOf(apduCodec.shape))
    it(`${name}: random values, truncations and bit flips`, () => checkCodec(codec, { runs: 60 }));

  it("draws every form of every service", () => {
    const seen = new Set<string>();
    for (const value of fc.sample(arbitraryOf(clearApduCodec) as fc.Arbitrary<Apdu>, {
      numRuns: 3000,
      seed: 1,
    })) {
      const inner = "request" in value ? value.request : "response" in value ? value.response : undefined;
      seen.add(inner === undefined ? value.type : `${value.type} ${inner.type}`);
    }
    assert.equal(seen.size, 16 + 3 + 3 + 5 + 5 + 6 + 4);
  });

  it("survives damage to the examples", () => {
    for (const [, hex] of examples) {
      const bytes = fromHex(hex);
      for (let at = 0; at < bytes.length; at++) {
        checkDamaged(apduCodec, bytes.subarray(0, at));
        for (let bit = 0; bit < 8; bit++) {
          const flipped = bytes.slice();
          flipped[at] = (flipped[at] as number) ^ (1 << bit);
          checkDamaged(apduCodec, flipped);
        }
      }
    }
  });

  it("keeps odd forms: presence octets, booleans, long counts, reserved bits", () => {
    for (const hex of [
      "C0 01 C1 00 08 00 00 01 00 00 FF 02 07 02 00",
      "C4 02 C1 FF 00 00 00 03 00 81 02 AA BB",
      "C4 03 F1 82 00 01 00 11 05",
      "C7 01 C1 00 05 00 00",
      "01 01 81 02 AA BB 01 FF 01 80 06 5F 1F 04 00 81 7E 1F 04 B0",
      "0F 3F 00 00 01 81 00 00",
    ])
      assert.equal(toHex(encodeApdu(decodeApdu(fromHex(hex)))), hex.replaceAll(" ", ""));
  });

  it("tells all 24 conformance bits apart, first bit first", () => {
    for (const [name, bit] of Object.entries(conformanceBits)) {
      const block = toHex(Uint8Array.from([16, 8, 0], (shift) => ((0x80_0000 >>> bit) >> shift) & 0xff));
      const decoded = decodeApdu(fromHex(`08 00 06 5F 1F 04 00 ${block} 01 F4 00 07`));
      assert.ok(decoded.type === "initiate-response");
      assert.deepStrictEqual([...decoded.conformance], [name]);
    }
  });

  it("refuses unknown tags and octets left over", () => {
    for (const hex of ["05 01 03 FA 00", "C6 00", "FF", "", "C5 01 C1 00 00", "C0 04 C1"])
      assert.throws(() => decodeApdu(fromHex(hex)), DecodeError, hex);
  });

  it("says where in the APDU it failed", () => {
    assert.throws(
      () => decodeApdu(fromHex("C4 01 C1 00 02 02 11 05 0B")),
      (caught) =>
        caught instanceof DecodeError &&
        caught.offset === 8 &&
        caught.path.endsWith("result.data.data.structure[1]"),
    );
  });

  it("names the field that does not fit when encoding", () => {
    assert.throws(
      () =>
        encodeApdu({
          type: "get-request",
          request: { type: "next", invoke: { ...invoke, invokeId: 16 }, blockNumber: 1 },
        }),
      (caught) => caught instanceof DlmsError && caught.field === "get-request.request.next.invoke.invokeId",
    );
  });
});

/** Every member of the choices in a shape, down to the forms of one service. */
function variantsOf(shape: Shape, path = ""): [string, Codec<unknown>][] {
  if (shape.kind === "oneOf") return shape.options.flatMap((option) => variantsOf(option.shape, path));
  if (shape.kind === "merge") return shape.parts.flatMap((part) => variantsOf(part.shape, path));
  if (shape.kind !== "choice") return [];
  return Object.entries(shape.variants).map(([name, codec]) => [path + name, codec as Codec<unknown>]);
}
