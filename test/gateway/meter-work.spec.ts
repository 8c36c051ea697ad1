/** Writes, methods, profiles and clocks on simulated meters over real sockets, and what is refused before anything leaves. */
import assert from "node:assert/strict";
import { type CommandName, type CommandResult, parseCommand, refuse } from "../../src/gateway/messages.js";
import { dialectByName } from "../../src/meter-types/dialects/index.js";
import { type MeterType } from "../../src/meter-types/meter-type.js";
import { presets } from "../../src/meter-types/presets.js";
import { type SimulatedMeterOptions } from "../../src/simulator/meter-options.js";
import { systemClock } from "../../src/transport/clock.js";
import { Bench, type DialledIn } from "./bench.js";

const serial = "46000755036";
const on = { meterSerialNumber: serial };
const CLOCK = "0-0:1.0.0.255";
const plain = dialectByName("plain-wrapper");
assert.ok(plain);
const standard: MeterType = {
  ...presets.standard,
  association: { ...presets.standard.association, framing: "wrapper", responseTimeoutMs: 1_500 },
};

async function withMeter(
  options: Partial<SimulatedMeterOptions>,
  test: (bench: Bench, meter: DialledIn) => Promise<void>,
  meterType = standard,
): Promise<void> {
  const bench = await new Bench({ defaultMeterType: meterType }).open();
  try {
    const epochAtZero = systemClock.epochMs() - systemClock.now();
    const meter = await bench.dialIn({ serial, meterType, dialect: plain as never, epochAtZero, ...options });
    await bench.event("associated", serial);
    await test(bench, meter);
  } finally {
    await bench.close();
  }
}

/** How many SETs (C1) or ACTIONs (C3) of the class the meter was sent. */
function requests(meter: DialledIn, tag: "C1" | "C3", classId: number): number {
  const wanted = `${tag}01..${classId.toString(16).padStart(4, "0").toUpperCase()}`;
  return meter.received().match(new RegExp(wanted, "g"))?.length ?? 0;
}

async function readBack(bench: Bench, attributeId: number): Promise<unknown> {
  const read = await bench.run("read-meter", { ...on, obisCode: CLOCK, classId: 8, attributeId });
  return read.readings?.[0]?.value;
}

describe("gateway: writes", () => {
  it("sets an attribute by its declared type, a named type, or the type the meter holds", () =>
    withMeter({}, async (bench, meter) => {
      const zone = await bench.run("write-meter", {
        ...on,
        obisCode: CLOCK,
        attributeId: 3,
        value: -120,
        note: 1,
      });
      assert.equal(zone.outcome, "written", JSON.stringify(zone));
      assert.deepEqual([zone.success, zone.note, zone.attempts], [true, 1, 1]);
      assert.deepEqual(zone.written, [{ obisCode: CLOCK, classId: 8, attributeId: 3, outcome: "written" }]);
      assert.equal(await readBack(bench, 3), -120);
      assert.match(meter.received(), /C101..00080000010000FF030010FF88/);
      const named = { ...on, obisCode: CLOCK, attributeId: 7, value: "30", type: "integer" };
      assert.equal((await bench.run("write-meter", named)).outcome, "written");
      assert.equal(await readBack(bench, 7), 30);
    }));

  it("writes a list in order; what the meter refuses spoils no other", () =>
    withMeter({}, async (bench) => {
      const result = await bench.run("write-meter", {
        ...on,
        items: [
          { obisCode: CLOCK, attributeId: 8, value: true },
          { obisCode: CLOCK, attributeId: 9, value: "gps" },
        ],
      });
      assert.equal(result.outcome, "partly-written", JSON.stringify(result));
      assert.equal(result.success, false);
      assert.deepEqual(
        result.written?.map(({ outcome }) => outcome),
        ["written", "refused"],
      );
      assert.equal(result.error?.code, "ACCESS_DENIED");
      const refused = await bench.run("write-meter", { ...on, obisCode: CLOCK, attributeId: 4, value: 1 });
      assert.deepEqual([refused.outcome, refused.success], ["refused", false]);
    }));

  it("sends nothing to a meter that has fallen silent", () =>
    withMeter({}, async (bench, meter) => {
      meter.tell({ type: "faults", faults: { silent: true } });
      const result = await bench.run("write-meter", { ...on, obisCode: CLOCK, attributeId: 3, value: -180 });
      // Nothing was heard, not even the serial number: it never left.
      assert.equal(result.outcome, "not-sent", JSON.stringify(result));
      assert.equal(requests(meter, "C1", 8), 0);
    }));

  it("refuses a value that does not fit, before anything leaves", () =>
    withMeter({}, async (bench, meter) => {
      const tooBig = await bench.run("write-meter", { ...on, obisCode: CLOCK, attributeId: 7, value: 1_000 });
      assert.deepEqual([tooBig.outcome, tooBig.error?.field], ["invalid", "value"]);
      const open = { ...on, obisCode: "1-0:1.2.3.4", classId: 3, value: 5 };
      const typeless = await bench.run("write-meter", open);
      assert.deepEqual([typeless.outcome, typeless.error?.field], ["invalid", "type"]);
      const nobody = await bench.run("write-meter", { ...on, obisCode: "0-0:9.9.9.9", value: 5 });
      assert.deepEqual([nobody.outcome, nobody.error?.code], ["invalid", "CLASS_UNKNOWN"]);
      assert.equal(requests(meter, "C1", 8) + requests(meter, "C1", 3), 0);
    }));
});

describe("gateway: methods", () => {
  it("calls a method once and gives back what it returns; the parameter by declaration, type or custom", () =>
    withMeter({}, async (bench, meter) => {
      const shift = await bench.run("call-method", { ...on, obisCode: CLOCK, methodId: 6, value: 30 });
      assert.deepEqual(
        [shift.outcome, shift.success, shift.attempts],
        ["done", true, 1],
        JSON.stringify(shift),
      );
      assert.match(meter.received(), /C301..00080000010000FF060110001E/);
      assert.equal((await bench.run("call-method", { ...on, obisCode: CLOCK, methodId: 3 })).outcome, "done");
      assert.match(meter.received(), /C301..00080000010000FF03010F00/);
      const wrong = { ...on, obisCode: CLOCK, methodId: 6, value: 30, type: "unsigned" };
      const refused = await bench.run("call-method", wrong);
      assert.deepEqual([refused.outcome, refused.error?.code], ["refused", "TYPE_UNMATCHED"]);
    }));

  it("is unknown after silence, and never called again", () =>
    withMeter({ faults: { hangUp: "after-effect", hangUpOn: "action" } }, async (bench, meter) => {
      const result = await bench.run("call-method", { ...on, obisCode: CLOCK, methodId: 6, value: 30 });
      assert.deepEqual([result.outcome, result.attempts], ["unknown", 1], JSON.stringify(result));
      assert.equal(requests(meter, "C3", 8), 1);
    }));
});

describe("gateway: load profiles", () => {
  it("gives rows as objects, by period or the last ones", () =>
    withMeter({ objects: "hexcell" }, async (bench) => {
      const last = await bench.run("read-profile", { ...on, obisCode: "1-0:99.1.0.255", last: 3 });
      assert.equal(last.outcome, "read", JSON.stringify(last).slice(0, 300));
      assert.equal(last.rows?.length, 3);
      assert.equal(last.obisCode, "1-0:99.1.0.255");
      const [first] = last.rows ?? [];
      assert.ok(first !== undefined && typeof first["timestamp"] === "string");
      assert.ok(last.columns?.some(({ key, unit }) => key === "1-0:1.8.0.255" && unit === "Wh"));
      const from = new Date(Date.now() - 3 * 3_600_000).toISOString();
      const period = await bench.run("read-profile", { ...on, obisCode: "1-0:99.1.0.255", from });
      assert.equal(period.outcome, "read");
      assert.ok((period.rows?.length ?? 0) >= 2);
    }));

  it("asks for no more rows at once than the meter type says", () =>
    withMeter(
      { objects: "hexcell" },
      async (bench, meter) => {
        const result = await bench.run("read-profile", { ...on, obisCode: "1-0:99.1.0.255", last: 5 });
        assert.equal(result.rows?.length, 5, JSON.stringify(result).slice(0, 300));
        assert.equal(meter.received().match(/C001..00070100630100FF020102/g)?.length, 3);
      },
      { ...standard, profileRows: 2 },
    ));

  it("fails with the meter's answer", () =>
    withMeter({}, async (bench) => {
      const result = await bench.run("read-profile", { ...on, obisCode: "1-0:99.77.0.255" });
      assert.deepEqual([result.outcome, result.error?.code], ["failed", "OBJECT_UNDEFINED"]);
    }));
});

describe("gateway: the clock", () => {
  const seconds = ({ clock }: CommandResult): number => clock?.differenceSeconds ?? Number.NaN;

  it("reads, compares and sets it", () =>
    withMeter({}, async (bench, meter) => {
      const read = await bench.run("meter-clock", { ...on, action: "read" });
      assert.deepEqual([read.outcome, read.action], ["read", "read"], JSON.stringify(read));
      assert.match(read.clock?.time ?? "", /^\d{4}-\d\d-\d\dT/);
      const right = await bench.run("meter-clock", { ...on, action: "compare" });
      assert.equal(right.outcome, "in-time", JSON.stringify(right));
      await bench.run("call-method", { ...on, obisCode: CLOCK, methodId: 6, value: 400 });
      const off = await bench.run("meter-clock", { ...on, action: "compare", toleranceSeconds: 60 });
      assert.deepEqual([off.outcome, off.success], ["off", true]);
      assert.ok(Math.abs(seconds(off) - 400) < 10, JSON.stringify(off));
      const set = await bench.run("meter-clock", { ...on, action: "set" });
      assert.deepEqual([set.outcome, set.success], ["set", true], JSON.stringify(set));
      assert.ok(Math.abs(seconds(set)) < 10);
      assert.ok(Math.abs((set.clock?.differenceBeforeSeconds ?? 0) - 400) < 10);
      assert.equal(requests(meter, "C1", 8), 1);
      const lazily = await bench.run("meter-clock", { ...on, action: "set", toleranceSeconds: 60 });
      assert.equal(lazily.outcome, "in-time");
      assert.equal(requests(meter, "C1", 8), 1, "a right clock is left alone");
    }));

  it("shifts it where the meter type says so", () =>
    withMeter(
      {},
      async (bench, meter) => {
        await bench.run("call-method", { ...on, obisCode: CLOCK, methodId: 6, value: -300 });
        const set = await bench.run("meter-clock", { ...on, action: "set" });
        assert.equal(set.outcome, "set", JSON.stringify(set));
        assert.deepEqual([requests(meter, "C1", 8), requests(meter, "C3", 8)], [0, 2]);
      },
      { ...standard, clockRule: { obis: CLOCK, method: "shift" } },
    ));

  it("tells a refusal, and a setting that had no effect", () =>
    withMeter(
      { faults: { answerErrors: [{ obis: CLOCK, member: 6, result: "read-write-denied" }] } },
      async (bench) => {
        const refused = await bench.run("meter-clock", { ...on, action: "set" });
        assert.deepEqual([refused.outcome, refused.error?.code], ["refused", "ACCESS_DENIED"]);
      },
      { ...standard, clockRule: { obis: CLOCK, method: "shift" } },
    ));
});

describe("gateway: bad input of writes, methods, profiles, clocks and firmware", () => {
  const image = new Uint8Array(4);
  const cases: readonly (readonly [CommandName, Record<string, unknown>, string, string])[] = [
    ["write-meter", { value: 1 }, "OBIS_REQUIRED", "obisCode"],
    ["write-meter", { obisCode: "1-0", value: 1 }, "OBIS_INVALID", "obisCode"],
    ["write-meter", { obisCode: CLOCK }, "FIELD_INVALID", "value"],
    ["write-meter", { obisCode: CLOCK, value: 1, type: "number" }, "FIELD_INVALID", "type"],
    ["write-meter", { obisCode: CLOCK, value: 300, type: "unsigned" }, "FIELD_INVALID", "value"],
    ["write-meter", { obisCode: CLOCK, value: "x".repeat(1_000_000) }, "FIELD_INVALID", "value"],
    ["write-meter", { obisCode: CLOCK, value: () => 1 }, "FIELD_INVALID", "value"],
    ["write-meter", { items: [] }, "FIELD_INVALID", "items"],
    ["write-meter", { items: [{ obisCode: CLOCK, value: 1 }, 5] }, "FIELD_INVALID", "items[1]"],
    ["write-meter", { items: [{ obisCode: "x", value: 1 }] }, "OBIS_INVALID", "items[0].obisCode"],
    ["write-meter", { items: Array(1_000).fill({}) }, "LIMIT_EXCEEDED", "items"],
    ["call-method", { obisCode: CLOCK }, "FIELD_INVALID", "methodId"],
    ["call-method", { obisCode: CLOCK, methodId: 500 }, "FIELD_INVALID", "methodId"],
    ["call-method", { methodId: 1 }, "OBIS_REQUIRED", "obisCode"],
    ["call-method", { obisCode: CLOCK, methodId: 6, type: "long", value: "a" }, "FIELD_INVALID", "value"],
    ["read-profile", {}, "OBIS_REQUIRED", "obisCode"],
    ["read-profile", { obisCode: CLOCK, from: "soon" }, "FIELD_INVALID", "from"],
    ["read-profile", { obisCode: CLOCK, last: 0 }, "FIELD_INVALID", "last"],
    ["read-profile", { obisCode: CLOCK, last: 2, to: "2026-01-01T00:00:00Z" }, "FIELD_INVALID", "last"],
    ["read-profile", { obisCode: CLOCK, entries: [1, 2] }, "FIELD_INVALID", "entries"],
    ["read-profile", { obisCode: CLOCK, entries: { from: 5, to: 2 } }, "FIELD_INVALID", "entries.to"],
    ["meter-clock", { action: "wind" }, "ACTION_INVALID", "action"],
    ["meter-clock", { action: "set", toleranceSeconds: -1 }, "FIELD_INVALID", "toleranceSeconds"],
    ["meter-firmware", { action: "burn", image }, "ACTION_INVALID", "action"],
    ["meter-firmware", { identifier: "a" }, "FIELD_INVALID", "image"],
    ["meter-firmware", { image: "00", identifier: "a" }, "FIELD_INVALID", "image"],
    ["meter-firmware", { image }, "FIELD_INVALID", "identifier"],
    ["meter-firmware", { image, identifier: "€" }, "FIELD_INVALID", "identifier"],
  ];
  for (const [name, fields, code, field] of cases)
    it(`${name} ${JSON.stringify(fields).slice(0, 70)}`, () => {
      const payload = { ...on, ...fields };
      let error: unknown;
      assert.throws(
        () => parseCommand(name, payload),
        (thrown) => {
          error = thrown;
          return true;
        },
      );
      const result = refuse(name, payload, error);
      assert.deepEqual([result.outcome, result.error?.code, result.error?.field], ["invalid", code, field]);
      assert.ok((result.error?.message.length ?? 0) < 400);
      assert.ok(JSON.stringify(result).length < 3_000, "nothing huge is echoed");
    });

  it("a node's own fields fill what the message leaves out", () => {
    const own = { fields: { obisCode: CLOCK, attributeId: "3", type: "long", value: "5" } };
    const { items } = parseCommand("write-meter", { ...on, value: -60 }, own);
    assert.deepEqual(items, [{ obisCode: CLOCK, attributeId: 3, type: "long", value: -60 }]);
    const whole = parseCommand("write-meter", { ...on, items: [{ obisCode: CLOCK, value: 1 }] }, own);
    assert.deepEqual(whole.items, [{ obisCode: CLOCK, value: 1 }]);
  });
});
