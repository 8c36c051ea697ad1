/** Plans of many meters, and what thousands of them cost. */
import assert from "node:assert/strict";
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { patternDialect } from "../../src/meter-types/dialects/index.js";
import { presets } from "../../src/meter-types/presets.js";
import { fleetDialects, fleetPlan } from "../../src/simulator/fleet.js";
import { Ledger } from "../../src/simulator/ledger.js";
import { SimulatedMeter } from "../../src/simulator/simulated-meter.js";
import { NOON } from "./asker.js";

function heapBytes(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return getHeapStatistics().used_heap_size;
}

describe("fleet plan", () => {
  it("deals twenty meters over all dialects, with serials of the right form", () => {
    const plan = fleetPlan({ count: 20, seed: 1 });
    assert.equal(new Set(plan.map(({ serial }) => serial)).size, 20);
    const used = new Set(plan.map(({ dialect, framing }) => `${dialect.name} ${framing ?? ""}`));
    assert.equal(used.size, fleetDialects.length);
    for (const { serial, dialect } of plan) {
      if (dialect.name === "hexcell-login") assert.match(serial, /^[1-9]\d{10,11}$/);
      else if (dialect.name === "hexing-heartbeat") assert.match(serial, /^\d{12}$/);
      else assert.match(serial, /^[\x20-\x7e]{8,13}$/);
    }
    assert.ok(plan.some(({ serial, dialect }) => dialect.name === "hexcell-login" && serial.length === 12));
  });

  it("is the same for the same words, and its meters read alike", () => {
    const value = (seed: number) =>
      fleetPlan({ count: 3, seed, objects: "minimal" })
        .map((options) => new SimulatedMeter({ ...options, epochAtZero: NOON }))
        .map(({ state }) => [state.creditWh(NOON), state.history.standAt(NOON).activeWh]);
    assert.deepEqual(value(5), value(5));
    assert.notDeepEqual(value(5), value(9));
  });

  it("takes own dialects, one meter type, and serials that count up", () => {
    const own = patternDialect({
      name: "own",
      match: { hex: "AA??" },
      id: { offset: 1, length: 1, coding: "bcd" },
    });
    const plan = fleetPlan({ count: 3, seed: 0, dialects: [own, "push"], firstSerial: "ABC0099" });
    assert.deepEqual(
      plan.map(({ serial, dialect }) => [serial, dialect.name]),
      [
        ["ABC0099", "own"],
        ["ABC0100", "push"],
        ["ABC0101", "own"],
      ],
    );
    const [meter] = fleetPlan({ count: 1, seed: 0, meterType: presets.readme, creditWh: 5 });
    assert.equal(meter?.meterType, presets.readme);
    assert.equal(meter?.creditWh, 5);
  });

  it("names what is wrong with it", () => {
    assert.throws(() => fleetPlan({ count: -1, seed: 0 }), { code: "FIELD_INVALID", field: "count" });
    assert.throws(() => fleetPlan({ count: 1, seed: 0.5 }), { code: "FIELD_INVALID", field: "seed" });
    assert.throws(() => fleetPlan({ count: 1, seed: 0, dialects: ["telnet"] }), { field: "dialects" });
  });

  it("two thousand meters fit in one process, connected and ticking", () => {
    const ledger = new Ledger();
    // The shared objects are built by the first meter of each kind, and not counted.
    fleetPlan({ count: 9, seed: 0 }).forEach((options) => new SimulatedMeter(options));
    const before = heapBytes();
    const meters = fleetPlan({ count: 2_000, seed: 1 }).map(
      (options) => new SimulatedMeter({ ...options, epochAtZero: NOON, ledger }),
    );
    const idle = (heapBytes() - before) / meters.length;
    for (const meter of meters) {
      meter.send(0, { type: "open" });
      while (meter.pollTransmit() !== undefined);
      while (meter.pollEvent() !== undefined);
    }
    for (let now = 60_000; now <= 600_000; now += 60_000)
      for (const meter of meters) {
        meter.handleTimeout(now);
        while (meter.pollTransmit() !== undefined);
        while (meter.pollEvent() !== undefined);
      }
    const connected = (heapBytes() - before) / meters.length;
    assert.ok(idle < 16_384, `${Math.round(idle)} octets per idle meter`);
    assert.ok(connected < 32_768, `${Math.round(connected)} octets per connected meter`);
    assert.ok(meters.filter(({ phase }) => phase !== "offline").length > 0);
    if (process.env["SHOW_MEMORY"] !== undefined)
      console.log({ idle: Math.round(idle), connected: Math.round(connected) });
  });
});
