/** JSON to Data: every type that can be named, what a declaration tells, and what is refused by which field. */
import assert from "node:assert/strict";
import { data, dataCodec } from "../../src/axdr/index.js";
import { encodeAll } from "../../src/bytes/codec.js";
import { toHex } from "../../src/bytes/hex.js";
import { attributeType } from "../../src/cosem/classes/index.js";
import { dataByDeclaration, dataFromJson, writableTypes } from "../../src/cosem/data-from-json.js";

const encoded = (type: string, value: unknown): string =>
  toHex(encodeAll(dataCodec, dataFromJson(type, value, "value")));

describe("JSON to Data by a named type", () => {
  const cases: readonly (readonly [string, unknown, string])[] = [
    ["null-data", null, "00"],
    ["boolean", true, "0301"],
    ["boolean", "false", "0300"],
    ["bit-string", "1010000001", "040AA040"],
    ["double-long", -2, "05FFFFFFFE"],
    ["double-long-unsigned", "4294967295", "06FFFFFFFF"],
    ["octet-string", "0a 0B", "09020A0B"],
    ["octet-string", { text: "AB" }, "09024142"],
    ["octet-string", { obis: "1-0:1.8.0.255" }, "09060100010800FF"],
    ["octet-string", { dateTime: "2026-01-31T12:00:05+01:00" }, "090C07EA011F060C0005FFFFC400"],
    ["visible-string", "AB", "0A024142"],
    ["utf8-string", "é", "0C02C3A9"],
    ["bcd", 12, "0D0C"],
    ["integer", -1, "0FFF"],
    ["long", -256, "10FF00"],
    ["unsigned", 255, "11FF"],
    ["long-unsigned", "65535", "12FFFF"],
    ["long64", "-9223372036854775808", "148000000000000000"],
    ["long64-unsigned", "18446744073709551615", "15FFFFFFFFFFFFFFFF"],
    ["enum", 3, "1603"],
    ["float32", 1.5, "173FC00000"],
    ["float64", "-0.25", "18BFD0000000000000"],
    ["date-time", "2026-01-31T12:00", "1907EA011F060C0000FF8000FF"],
    ["date-time", "07EA011FFF0C0000FF8000FF", "1907EA011FFF0C0000FF8000FF"],
    ["date", "2026-02-01", "1A07EA020107"],
    ["time", "23:59:58.5", "1B173B3A32"],
    [
      "array",
      [
        { type: "unsigned", value: 1 },
        { type: "unsigned", value: 2 },
      ],
      "010211011102",
    ],
    [
      "structure",
      [
        { type: "integer", value: 0 },
        { type: "array", value: [] },
      ],
      "02020F000100",
    ],
  ];
  for (const [type, value, octets] of cases)
    it(`${type} ${JSON.stringify(value)}`, () => assert.equal(encoded(type, value), octets));

  it("knows every type that it names", () => {
    assert.deepEqual([...new Set(cases.map(([type]) => type))].sort(), [...writableTypes].sort());
  });

  const wrong: readonly (readonly [string, unknown, string])[] = [
    ["number", 1, "value.type"],
    ["null-data", 0, "value"],
    ["boolean", 1, "value"],
    ["unsigned", 256, "value"],
    ["unsigned", 1.5, "value"],
    ["double-long-unsigned", -1, "value"],
    ["long64", 2 ** 60, "value"],
    ["octet-string", "0g", "value"],
    ["octet-string", 12, "value"],
    ["bit-string", "012", "value"],
    ["visible-string", 5, "value"],
    ["float32", "many", "value"],
    ["date-time", "2026-02-30T00:00:00Z", "value"],
    ["date-time", "2026-01-31", "value"],
    ["date", "2026-01-31T00:00:00Z", "value"],
    ["time", "24:00:00", "value"],
    ["structure", 5, "value"],
    ["array", [{ type: "unsigned", value: 1 }, 2], "value[1]"],
    ["array", [{ type: "structure", value: [{ type: "x", value: 1 }] }], "value[0][0].type"],
  ];
  for (const [type, value, field] of wrong)
    it(`refuses ${type} ${JSON.stringify(value)}`, () =>
      assert.throws(() => dataFromJson(type, value, "value"), { code: "FIELD_INVALID", field }));

  it("refuses nesting without end", () => {
    let value: unknown = [];
    for (let depth = 0; depth < 100; depth++) value = [{ type: "array", value }];
    assert.throws(() => dataFromJson("array", value, "value"), { code: "FIELD_INVALID" });
  });
});

describe("JSON to Data by the declared type", () => {
  const declared = (classId: number, attributeId: number, value: unknown) => {
    const type = attributeType(classId, attributeId);
    assert.ok(type);
    return dataByDeclaration(type, value, "value");
  };

  it("simple types, moments, names of enumerations, structures by name", () => {
    assert.deepEqual(declared(8, 3, -60), data.long(-60));
    assert.deepEqual(declared(8, 8, true), data.boolean(true));
    const time = declared(8, 2, "2026-01-31T12:00:00Z");
    assert.equal(time && toHex(encodeAll(dataCodec, time)), "090C07EA011F060C0000FF000000");
    assert.deepEqual(declared(8, 9, "gps"), data.enum(4));
    assert.deepEqual(declared(8, 9, 4), data.enum(4));
    const scaler = data.structure([data.integer(-2), data.enum(30)]);
    assert.deepEqual(declared(3, 3, { scaler: -2, unit: 30 }), scaler);
    assert.deepEqual(declared(3, 3, [-2, 30]), scaler);
    const captured = { classId: 3, logicalName: "1-0:1.8.0.255", attributeIndex: 2, dataIndex: 0 };
    const list = declared(7, 3, [captured]);
    assert.equal(list && toHex(encodeAll(dataCodec, list)), "0101020412000309060100010800FF0F02120000");
  });

  it("leaves open what the declaration leaves open, unless the value says its type", () => {
    assert.equal(declared(3, 2, 5), undefined);
    assert.equal(declared(1, 2, "00"), undefined);
    assert.deepEqual(declared(3, 2, { type: "unsigned", value: 5 }), data.unsigned(5));
  });

  it("names the element that is wrong", () => {
    assert.throws(() => declared(3, 3, { scaler: -2 }), { code: "FIELD_INVALID", field: "value.unit" });
    assert.throws(() => declared(3, 3, [1]), { code: "FIELD_INVALID", field: "value" });
    assert.throws(() => declared(8, 2, "noon"), { code: "FIELD_INVALID", field: "value" });
  });
});
