/** Clock and configuration objects: what can be set, what the methods do, what is refused. */
import assert from "node:assert/strict";
import { data, decodeDateTime, encodeDateTime, toIso } from "../../src/axdr/index.js";
import { parseObis } from "../../src/cosem/obis.js";
import { clockOctets } from "../../src/simulator/behaviours/clock.js";
import { presets } from "../../src/meter-types/presets.js";
import { type Asker, dialect, dialledIn, NOON } from "./asker.js";

const CLOCK = "0-0:1.0.0.255";
const SECOND = 1000;

function shown(asker: Asker): string | undefined {
  const value = asker.value(8, CLOCK);
  assert.ok(value.type === "octet-string");
  return toIso(decodeDateTime(value.value));
}

function setTo(asker: Asker, offset: number): string | number | undefined {
  return asker.write(8, CLOCK, data.octetString(clockOctets(NOON + offset, -60)));
}

describe("simulated clock", () => {
  it("runs with time and is set", () => {
    const asker = dialledIn();
    assert.equal(shown(asker), "2025-06-11T12:00:00+01:00");
    asker.advance(90 * SECOND);
    assert.equal(shown(asker), "2025-06-11T12:01:30+01:00");
    assert.equal(setTo(asker, 3_600 * SECOND), "success");
    asker.advance(SECOND);
    assert.equal(shown(asker), "2025-06-11T13:00:01+01:00");
  });

  it("takes a date-time without deviation as its own local time, and the date-time type", () => {
    const asker = dialledIn();
    const local = encodeDateTime({ year: 2025, month: 6, day: 11, hour: 9, minute: 30, second: 5 });
    assert.equal(asker.write(8, CLOCK, data.octetString(local)), "success");
    assert.equal(shown(asker), "2025-06-11T09:30:05+01:00");
    assert.equal(asker.write(8, CLOCK, data.dateTime(clockOctets(NOON, 0))), "success");
    assert.equal(shown(asker), "2025-06-11T12:00:00+01:00");
  });

  it("refuses dates that are none", () => {
    const asker = dialledIn();
    const february = encodeDateTime({ year: 2025, month: 2, day: 31, hour: 0, minute: 0, second: 0 });
    assert.equal(asker.write(8, CLOCK, data.octetString(february)), "other-reason");
    assert.equal(asker.write(8, CLOCK, data.octetString(new Uint8Array(12).fill(0xff))), "other-reason");
    assert.equal(asker.write(8, CLOCK, data.octetString(new Uint8Array(5))), "type-unmatched");
    assert.equal(asker.write(8, CLOCK, data.doubleLongUnsigned(0)), "type-unmatched");
    assert.equal(shown(asker), "2025-06-11T12:00:00+01:00");
  });

  it("adjusts to quarter, minute and measuring period, to a preset time, and shifts", () => {
    const asker = dialledIn();
    setTo(asker, 8 * 60 * SECOND + 40 * SECOND);
    assert.equal(asker.act(8, CLOCK, 3, data.integer(0)), "success");
    assert.equal(shown(asker), "2025-06-11T12:09:00+01:00");
    asker.act(8, CLOCK, 6, data.long(-30));
    assert.equal(shown(asker), "2025-06-11T12:08:30+01:00");
    asker.act(8, CLOCK, 1, data.integer(0));
    assert.equal(shown(asker), "2025-06-11T12:15:00+01:00");
    assert.equal(asker.act(8, CLOCK, 4, data.integer(0)), "temporary-failure", "nothing preset");
    const preset = [0, -3_600, 3_600].map((s) => data.octetString(clockOctets(NOON + s * SECOND, -60)));
    assert.equal(asker.act(8, CLOCK, 5, data.structure(preset)), "success");
    assert.equal(asker.act(8, CLOCK, 4, data.integer(0)), "success");
    assert.equal(shown(asker), "2025-06-11T12:00:00+01:00");
    assert.equal(asker.act(8, CLOCK, 6, data.long(901)), "other-reason");
    assert.equal(asker.act(8, CLOCK, 6, data.integer(1)), "type-unmatched");
  });

  it("shows another time zone without being another instant", () => {
    const asker = dialledIn();
    assert.equal(asker.write(8, CLOCK, data.long(0), 3), "success");
    assert.equal(shown(asker), "2025-06-11T11:00:00Z");
    assert.equal(asker.write(8, CLOCK, data.boolean(true), 8), "success");
    assert.deepEqual(asker.value(8, CLOCK, 8), data.boolean(true));
    assert.equal(asker.write(8, CLOCK, data.unsigned(1), 8), "type-unmatched");
  });
});

describe("simulated objects", () => {
  it("keep what is written, per meter", () => {
    const asker = dialledIn();
    assert.equal(asker.write(1, "0-0:96.80.0.255", data.unsigned(1)), "success");
    assert.deepEqual(asker.value(1, "0-0:96.80.0.255"), data.unsigned(1));
    assert.deepEqual(dialledIn().value(1, "0-0:96.80.0.255"), data.unsigned(2));
    assert.equal(asker.write(1, "0-0:96.80.0.255", data.longUnsigned(1)), "type-unmatched");
  });

  it("show the association as it was agreed", () => {
    const asker = dialledIn();
    const context = asker.value(15, "0-0:40.0.0.255", 5);
    assert.ok(context.type === "structure");
    const [conformance] = context.value;
    assert.ok(conformance?.type === "bit-string" && conformance.value.length === 24);
    assert.equal(conformance.value[19], "1", "get was agreed");
    assert.deepEqual(asker.read(15, "0-0:40.0.0.255", 7), {
      type: "data-access-error",
      error: "read-write-denied",
    });
    assert.deepEqual(asker.value(15, "0-0:40.0.0.255", 8), data.enum(2));
  });

  it("answer attribute 1 of everything with its name", () => {
    const asker = dialledIn();
    for (const { classId, logicalName } of asker.meter.model.objects)
      assert.deepEqual(
        asker.meter.model.answer(
          asker.meter.state,
          { type: "get", items: [{ attribute: { classId, instanceId: logicalName, attributeId: 1 } }] },
          NOON,
          asker.associate(),
        ),
        { type: "get", results: [{ type: "data", data: data.octetString(logicalName) }] },
      );
  });

  it("minimal meters still have what commands need", () => {
    const asker = dialledIn({
      objects: "minimal",
      meterType: presets.standard,
      dialect: dialect("plain-wrapper"),
    });
    assert.ok(asker.meter.model.objects.length < 40);
    for (const [classId, obis] of [
      [1, "0-0:96.1.0.255"],
      [3, "1-0:1.8.0.255"],
      [70, "0-0:96.3.10.255"],
      [115, "0-0:19.40.0.255"],
      [112, "0-0:19.10.0.255"],
      [7, "1-0:99.98.84.255"],
    ] as const)
      assert.ok(asker.meter.model.find(classId, parseObis(obis)), obis);
    assert.ok(asker.number(3, "1-0:32.7.0.255") > 2_000);
  });
});
