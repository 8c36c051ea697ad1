import assert from "node:assert/strict";
import { concatBytes, equalBytes, fromHex, fromLatin1, toHex, toLatin1 } from "../../src/bytes/hex.js";
import { Reader } from "../../src/bytes/reader.js";
import { Writer } from "../../src/bytes/writer.js";
import { DecodeError, DlmsError } from "../../src/core/errors.js";

describe("hex and text", () => {
  it("reads white space and both cases, refuses the rest naming the field", () => {
    assert.deepEqual(fromHex("0a FF\n7e"), Uint8Array.of(10, 255, 126));
    assert.equal(toHex(Uint8Array.of(10, 255), " "), "0A FF");
    for (const text of ["0", "0g", "0x10"])
      assert.throws(
        () => fromHex(text, "key"),
        (caught) => caught instanceof DlmsError && caught.field === "key",
      );
  });

  it("keeps every octet as one character", () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    assert.deepEqual(fromLatin1(toLatin1(all)), all);
    assert.throws(() => fromLatin1("€"), DlmsError);
  });

  it("joins and compares octets", () => {
    assert.deepEqual(
      concatBytes(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3)),
      Uint8Array.of(1, 2, 3),
    );
    assert.ok(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2)));
    assert.ok(!equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3)));
    assert.ok(!equalBytes(Uint8Array.of(1), Uint8Array.of(1, 2)));
  });
});

describe("Reader", () => {
  it("reads big-endian and counts from the start of the whole", () => {
    const reader = new Reader(
      fromHex("00 80 FFFF 8000 FFFFFFFF 80000000 FFFFFFFFFFFFFFFF 8000000000000000"),
      1,
    );
    assert.deepEqual(
      [reader.i8(), reader.u16(), reader.i16(), reader.u32(), reader.i32()],
      [-128, 65535, -32768, 4294967295, -2147483648],
    );
    assert.deepEqual([reader.u64(), reader.i64()], [2n ** 64n - 1n, -(2n ** 63n)]);
    assert.equal(reader.offset, 30);
    reader.expectEnd();
  });

  it("never reads behind its end, not even in a slice of a larger whole", () => {
    const reader = new Reader(fromHex("01 02 03 04"));
    const part = reader.slice(2);
    assert.equal(part.u8(), 1);
    assert.throws(
      () => part.u16(),
      (caught) => caught instanceof DecodeError && caught.offset === 1,
    );
    assert.equal(reader.u16(), 0x0304);
    assert.throws(() => reader.peekU8(), DecodeError);
    assert.throws(() => reader.advance(-1), DecodeError);
  });

  it("reads the right octets of a view into a larger buffer", () => {
    const view = fromHex("AA 0102 BB").subarray(1, 3);
    assert.equal(new Reader(view).u16(), 0x0102);
  });
});

describe("Writer", () => {
  it("grows, and gives exactly what was written", () => {
    const writer = new Writer(1);
    writer.u8(1);
    writer.bytes(new Uint8Array(300).fill(7));
    writer.u32(0xffff_ffff);
    writer.i64(-1n);
    const bytes = writer.finish();
    assert.equal(bytes.length, 313);
    assert.equal(toHex(bytes.subarray(0, 2)), "0107");
    assert.equal(toHex(bytes.subarray(299)), "0707FFFFFFFFFFFFFFFFFFFFFFFF");
  });

  it("refuses what does not fit", () => {
    const writer = new Writer();
    for (const write of [
      () => writer.u8(256),
      () => writer.u8(1.5),
      () => writer.i8(-129),
      () => writer.u16(-1),
      () => writer.u32(2 ** 32),
      () => writer.i32(Number.NaN),
      () => writer.u64(-1n),
      () => writer.i64(2n ** 63n),
    ])
      assert.throws(write, (caught) => caught instanceof DlmsError && caught.code === "FIELD_INVALID");
    assert.equal(writer.length, 0);
  });
});
