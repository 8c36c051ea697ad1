import assert from "node:assert/strict";
import fc from "fast-check";
import { type Data, data, dataCodec, t } from "../../src/axdr/index.js";
import { decodeAll, encodeAll } from "../../src/bytes/codec.js";
import { fromHex, toHex } from "../../src/bytes/hex.js";
import { DecodeError, DlmsError } from "../../src/core/errors.js";
import { limits } from "../../src/core/limits.js";
import { arbitraryOf, checkCodec, checkDamaged } from "../support/check-codec.js";

const decode = (hex: string): Data => decodeAll(dataCodec, fromHex(hex));
const encode = (value: Data): string => toHex(encodeAll(dataCodec, value));

describe("Data", () => {
  const types: readonly (readonly [string, Data])[] = [
    ["00", data.null()],
    ["01 02 11 01 11 02", data.array([data.unsigned(1), data.unsigned(2)])],
    ["02 02 0F FE 16 1E", data.structure([data.integer(-2), data.enum(30)])],
    ["03 00", data.boolean(false)],
    ["03 01", data.boolean(true)],
    ["04 0A A5 40", data.bitString("1010010101")],
    ["05 FF FF FF FE", data.doubleLong(-2)],
    ["06 07 5B CD 15", data.doubleLongUnsigned(123456789)],
    ["09 03 01 02 FF", data.octetString(Uint8Array.of(1, 2, 255))],
    ["0A 03 41 42 E9", data.visibleString("ABé")],
    ["0C 03 41 C3 A9", data.utf8String("Aé")],
    ["0D 99", data.bcd(0x99)],
    ["0F 80", data.integer(-128)],
    ["10 FF 38", data.long(-200)],
    ["11 FF", data.unsigned(255)],
    ["12 00 05", data.longUnsigned(5)],
    ["14 80 00 00 00 00 00 00 00", data.long64(-(2n ** 63n))],
    ["15 FF FF FF FF FF FF FF FF", data.long64Unsigned(2n ** 64n - 1n)],
    ["16 1B", data.enum(27)],
    ["17 3F C0 00 00", data.float32(1.5)],
    ["18 C0 04 00 00 00 00 00 00", data.float64(-2.5)],
    ["19 07E50B0202153300 00FFC400", data.dateTime(fromHex("07E50B020215330000FFC400"))],
    ["1A 07 E5 0B 02 02", data.date(fromHex("07E50B0202"))],
    ["1B 15 33 00 00", data.time(fromHex("15330000"))],
    ["1C FF", data.deltaInteger(-1)],
    ["1D FF FE", data.deltaLong(-2)],
    ["1E FF FF FF FD", data.deltaDoubleLong(-3)],
    ["1F 05", data.deltaUnsigned(5)],
    ["20 00 06", data.deltaLongUnsigned(6)],
    ["21 00 00 00 07", data.deltaDoubleLongUnsigned(7)],
    ["FF", data.dontCare()],
  ];
  for (const [hex, value] of types)
    it(`${value.type} is ${hex}`, () => {
      assert.deepStrictEqual(decode(hex), value);
      assert.equal(encode(value), hex.replaceAll(" ", ""));
    });

  it("round-trips random values and survives truncation and bit flips", () =>
    checkCodec(dataCodec, { runs: 300 }));

  it("survives random octets", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => checkDamaged(dataCodec, bytes)),
      {
        numRuns: 2000,
      },
    );
  });

  for (const tag of ["07", "08", "0B", "0E", "22", "FE"])
    it(`fails on the unassigned tag ${tag}`, () => {
      assert.throws(() => decode(`02 02 11 01 ${tag} 00`), DecodeError);
    });

  const odd: readonly (readonly [string, string])[] = [
    ["a length in the long form", "09 81 02 AA BB"],
    ["a length with leading zeros", "09 84 00 00 00 01 AA"],
    ["a count in the long form", "02 82 00 01 00"],
    ["a boolean that is neither 00 nor 01", "03 03"],
    ["unused bits that are not zero", "04 03 BF"],
    ["ill-formed UTF-8", "0C 02 C3 28"],
    ["a byte order mark", "0C 04 EF BB BF 41"],
    ["a signalling NaN", "17 7F 80 00 01"],
    ["a long content length in a compact-array", "13 11 81 01 07"],
  ];
  for (const [what, hex] of odd)
    it(`gives back the octets of ${what}`, () => {
      assert.equal(encode(decode(hex)), hex.replaceAll(" ", ""));
    });

  it("holds a count against the octets left before it allocates", () => {
    assert.throws(() => decode("01 83 FF FF FF 00"), /count 16777215/);
    assert.throws(() => decode("01 82 FF FF 00 00"), /exceeds the 2 octets left/);
    assert.throws(() => decode("04 84 FF FF FF FF"), DecodeError);
  });

  it("bounds the depth both ways", () => {
    const nested = (depth: number): string => "0101".repeat(depth) + "00";
    assert.equal(encode(decode(nested(limits.dataDepth))), nested(limits.dataDepth));
    assert.throws(() => decode(nested(limits.dataDepth + 1)), /nested deeper than 16/);
    let deep: Data = data.null();
    for (let i = 0; i <= limits.dataDepth; i++) deep = data.array([deep]);
    assert.throws(
      () => encode(deep),
      (caught) => caught instanceof DlmsError && caught.code === "FIELD_INVALID",
    );
  });

  it("says where it failed", () => {
    assert.throws(
      () => decode("02 02 11 01 01 01 07"),
      (caught) =>
        caught instanceof DecodeError && caught.offset === 6 && caught.path === "structure[1].array[0]",
    );
  });

  it("names the element that does not fit when encoding", () => {
    assert.throws(
      () => encode(data.structure([data.unsigned(1), data.unsigned(256)])),
      (caught) => caught instanceof DlmsError && caught.field === "structure.value[1].unsigned",
    );
  });
});

describe("compact-array", () => {
  it("repeats rows until the contents end", () => {
    const value = decode("13 02 02 06 12 0C 00 00 00 01 00 02 00 00 00 03 00 04");
    const row = (a: number, b: number): Data =>
      data.structure([data.doubleLongUnsigned(a), data.longUnsigned(b)]);
    assert.ok(value.type === "compact-array");
    assert.deepStrictEqual(value.value, [row(1, 2), row(3, 4)]);
    assert.equal(
      encode(data.compactArray(value.description, value.value)),
      "13020206120C000000010002000000030004",
    );
  });

  it("keeps strings, bits, nulls and nested arrays apart without tags", () => {
    // structure of octet-string, bit-string, null-data and array of 2 unsigned
    const hex = "13 02 04 09 04 00 01 0002 11 0B 02AABB 03A0 0102 00 00 0304";
    const value = decode(hex);
    assert.ok(value.type === "compact-array");
    assert.deepStrictEqual(value.value, [
      data.structure([
        data.octetString(Uint8Array.of(0xaa, 0xbb)),
        data.bitString("101"),
        data.null(),
        data.array([data.unsigned(1), data.unsigned(2)]),
      ]),
      data.structure([
        data.octetString(new Uint8Array(0)),
        data.bitString(""),
        data.null(),
        data.array([data.unsigned(3), data.unsigned(4)]),
      ]),
    ]);
    assert.equal(encode(value), hex.replaceAll(" ", ""));
  });

  it("refuses rows without octets, which would never end", () => {
    assert.throws(() => decode("13 00 01 00"), DecodeError);
    assert.throws(() => decode("13 02 00 01 00"), DecodeError);
    assert.throws(() => decode("13 01 FFFF 00 01 00"), DecodeError);
    assert.throws(() => decode("13 01 0000 11 01 00"), DecodeError);
  });

  it("refuses more elements than the contents can justify", () => {
    assert.throws(() => decode("13 02 02 11 01 FFFF 00 04 01 02 03 04"), /more elements/);
  });

  it("refuses a row that ends in the middle, and nested compact-arrays", () => {
    assert.throws(() => decode("13 02 02 06 12 07 00 00 00 01 00 02 00"), DecodeError);
    assert.throws(() => decode("13 13 01 00"), DecodeError);
  });

  it("refuses to encode rows that are not as described", () => {
    assert.throws(() => encode(data.compactArray({ type: "unsigned" }, [data.long(1)])), DlmsError);
    assert.throws(
      () =>
        encode(
          data.compactArray({ type: "array", count: 2, element: { type: "unsigned" } }, [data.array([])]),
        ),
      DlmsError,
    );
  });
});

describe("type descriptors", () => {
  const scalerUnit = t.structure({ scaler: t.integer, unit: t.enum({ Wh: 30 }) });

  it("say why a value does not fit", () => {
    assert.equal(scalerUnit.check(data.structure([data.integer(0), data.enum(255)])), undefined);
    assert.equal(
      scalerUnit.check(data.structure([data.integer(0), data.unsigned(1)])),
      "unit: enum is expected, not unsigned",
    );
    assert.equal(scalerUnit.check(data.structure([])), "structure of 2 elements is expected, not 0");
    assert.equal(
      t.array(t.long).check(data.array([data.long(1), data.null()])),
      "[1]: long is expected, not null-data",
    );
    assert.equal(
      t.logicalName.check(data.octetString(new Uint8Array(5))),
      "octet-string of 6 octets is expected, not octet-string of 5 octets",
    );
    assert.match(t.number.check(data.visibleString("5")) ?? "", /or float64 is expected, not visible-string/);
    assert.equal(t.any.check(data.dontCare()), undefined);
  });

  for (const type of [
    scalerUnit,
    t.array(scalerUnit),
    t.dateTimeOctets,
    t.number,
    t.bitString,
    t.logicalName,
    t.any,
  ])
    it(`draw values that fit: ${type.name.slice(0, 60)}`, () => {
      fc.assert(
        fc.property(arbitraryOf({ ...dataCodec, shape: type.shape }) as fc.Arbitrary<Data>, (value) => {
          assert.equal(type.check(value), undefined);
          assert.deepStrictEqual(decodeAll(dataCodec, encodeAll(dataCodec, value)), value);
        }),
        { numRuns: 50 },
      );
    });
});
