import assert from "node:assert/strict";
import fc from "fast-check";
import { fcs16 } from "../../src/hdlc/fcs.js";

/** The definition, bit by bit. */
function reference(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const octet of bytes)
    for (let bit = 0; bit < 8; bit++) crc = ((octet >> bit) ^ crc) & 1 ? (crc >>> 1) ^ 0x8408 : crc >>> 1;
  return crc ^ 0xffff;
}

describe("fcs16", () => {
  it("gives the published check value", () => {
    assert.equal(fcs16(new TextEncoder().encode("123456789")), 0x906e);
  });

  it("agrees with the bitwise definition, over whole arrays and over slices", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(20), fc.nat(20), (bytes, before, after) => {
        const start = Math.min(before, bytes.length);
        const end = Math.max(start, bytes.length - after);
        assert.equal(fcs16(bytes), reference(bytes));
        assert.equal(fcs16(bytes, start, end), reference(bytes.subarray(start, end)));
      }),
    );
  });

  it("leaves the residue F0B8 over data and check", () => {
    const data = Uint8Array.of(0xa0, 0x07, 0x03, 0x21, 0x93);
    const check = fcs16(data);
    const both = Uint8Array.of(...data, check & 0xff, check >> 8);
    assert.equal(fcs16(both) ^ 0xffff, 0xf0b8);
  });
});
