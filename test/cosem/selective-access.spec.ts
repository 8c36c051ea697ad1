/** Selective access: bytes of the standard's examples, templates for meters' tastes, and the way back. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { data, dataCodec } from "../../src/axdr/index.js";
import { decodeAll, encodeAll } from "../../src/bytes/codec.js";
import { fromHex, toHex } from "../../src/bytes/hex.js";
import {
  type SelectiveAccess,
  byEntry,
  byRange,
  clockColumn,
  instantOf,
  parseSelection,
} from "../../src/cosem/selective-access.js";

const hex = (access: SelectiveAccess): string => toHex(encodeAll(dataCodec, access.parameters), " ");
const from = new Date("2021-11-02T20:51:00Z");
const to = new Date("2021-11-03T20:51:00.250Z");

describe("cosem/selective-access", () => {
  it("asks for entries as the standard's example does", () => {
    const access = byEntry({ fromEntry: 1, toEntry: 10 });
    assert.equal(access.selector, 2);
    assert.equal(hex(access), "02 04 06 00 00 00 01 06 00 00 00 0A 12 00 01 12 00 00");
    assert.deepEqual(parseSelection(access), {
      type: "by-entry",
      fromEntry: 1,
      toEntry: 10,
      fromColumn: 1,
      toColumn: 0,
    });
  });

  it("asks for a range of the clock, all columns, local time of the meter", () => {
    const access = byRange({ from, to, template: { deviationMinutes: -60, clockStatus: 0 } });
    assert.equal(access.selector, 1);
    assert.equal(
      hex(access),
      "02 04 02 04 12 00 08 09 06 00 00 01 00 00 FF 0F 02 12 00 00 " +
        "09 0C 07 E5 0B 02 02 15 33 00 00 FF C4 00 09 0C 07 E5 0B 03 03 15 33 00 19 FF C4 00 01 00",
    );
  });

  it("writes the bounds as each meter wants them", () => {
    const first = (template: Parameters<typeof byRange>[0]["template"]): string => {
      const { parameters } = byRange({ from, to, template });
      assert.ok(parameters.type === "structure" && parameters.value[1]);
      return toHex(encodeAll(dataCodec, parameters.value[1]), " ");
    };
    assert.equal(first({}), "09 0C 07 E5 0B 02 02 14 33 00 00 00 00 FF");
    assert.equal(first({ form: "date-time" }), "19 07 E5 0B 02 02 14 33 00 00 00 00 FF");
    assert.equal(first({ form: "unix-time" }), "06 61 81 A4 B4");
    assert.equal(
      first({ withWeekday: false, withHundredths: false, withDeviation: false, deviationMinutes: -60 }),
      "09 0C 07 E5 0B 02 FF 15 33 00 FF 80 00 FF",
    );
  });

  it("gives a range back, columns included", () => {
    const columns = [clockColumn, { classId: 3, obis: "1-0:1.8.0.255", attributeId: 2, dataIndex: 0 }];
    const parsed = parseSelection(byRange({ from, to, columns, template: { deviationMinutes: -60 } }));
    assert.ok(parsed.type === "by-range");
    assert.deepEqual(parsed.restricting, clockColumn);
    assert.deepEqual(parsed.columns, columns);
    assert.equal(instantOf(parsed.from), from.getTime());
    assert.equal(instantOf(parsed.to), to.getTime());
  });

  it("gives every instant back, whatever the form", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 0xffff_ffff }),
        fc.constantFrom("octet-string", "date-time", "unix-time"),
        fc.integer({ min: -720, max: 840 }),
        fc.boolean(),
        (seconds, form, deviationMinutes, withDeviation) => {
          const at = new Date(seconds * 1_000);
          const access = byRange({ from: at, to: at, template: { form, deviationMinutes, withDeviation } });
          const parsed = parseSelection({
            selector: 1,
            parameters: decodeAll(dataCodec, encodeAll(dataCodec, access.parameters)),
          });
          assert.ok(parsed.type === "by-range");
          assert.equal(instantOf(parsed.from, deviationMinutes), at.getTime());
        },
      ),
    );
  });

  it("is not sure of moments that are not sure", () => {
    assert.equal(instantOf(data.octetString(fromHex("FFFF0B020215330000FFC400"))), undefined);
    assert.equal(instantOf(data.octetString(new Uint8Array(0))), undefined);
    assert.equal(instantOf(data.null()), undefined);
  });

  it("names what is wrong", () => {
    const field = (run: () => unknown, name: string): void =>
      assert.throws(run, { code: "FIELD_INVALID", field: name });
    field(() => parseSelection({ selector: 1, parameters: data.null() }), "parameters");
    field(() => parseSelection({ selector: 3, parameters: byEntry({}).parameters }), "selector");
    field(() => parseSelection({ selector: 1, parameters: byEntry({}).parameters }), "restrictingObject");
    field(() => parseSelection({ selector: 2, parameters: byRange({ from, to }).parameters }), "fromEntry");
    field(() => byEntry({ fromEntry: 0 }), "fromEntry");
    field(() => byEntry({ toColumn: 65_536 }), "toColumn");
    field(() => byRange({ from: new Date(Number.NaN), to }), "from");
    field(() => byRange({ from: new Date(-1_000), to, template: { form: "unix-time" } }), "from");
  });
});
