/** Limiter, register monitor, demand registers, captures called by hand. */
import assert from "node:assert/strict";
import { type Data, data, encodeDateTime } from "../../../src/axdr/index.js";
import { parseObis } from "../../../src/cosem/obis.js";
import { Periods } from "../../../src/simulator/behaviours/demand.js";
import { type Asker, dialledIn } from "../asker.js";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const RELAY = "0-0:96.3.10.255";
const LIMITER = "0-0:17.0.0.255";
const SCRIPTS = "0-0:10.0.106.255";

const script = (selector: number): Data =>
  data.structure([data.octetString(parseObis(SCRIPTS)), data.longUnsigned(selector)]);

function texts(asker: Asker, name: string): string[] {
  return asker.meterEvents.flatMap((event) =>
    event.type === "event" && event.name === name ? [event.text] : [],
  );
}

describe("simulated limiter", () => {
  it("disconnects above the threshold for long enough, and runs the other script below", () => {
    const asker = dialledIn();
    asker.write(71, LIMITER, data.structure([script(1), script(2)]), 11);
    asker.write(71, LIMITER, data.doubleLongUnsigned(60), 6);
    asker.write(71, LIMITER, data.doubleLongUnsigned(120), 7);
    assert.equal(asker.write(71, LIMITER, data.doubleLongUnsigned(1), 4), "success");
    assert.deepEqual(asker.value(71, LIMITER, 3), data.doubleLongUnsigned(1));
    asker.advance(58 * SECOND);
    assert.deepEqual(asker.value(70, RELAY, 3), data.enum(1), "not long enough");
    asker.advance(12 * SECOND);
    assert.deepEqual(asker.value(70, RELAY, 3), data.enum(0));
    asker.advance(110 * SECOND);
    assert.deepEqual(asker.value(70, RELAY, 3), data.enum(0));
    asker.advance(30 * SECOND);
    assert.deepEqual(asker.value(70, RELAY, 3), data.enum(1));
    assert.deepEqual(
      texts(asker, "limiter").map((text) => text.split(":")[0]),
      ["limit exceeded", "below the limit again"],
    );
  });

  it("limits by the emergency threshold while a profile of its group is active", () => {
    const asker = dialledIn();
    asker.write(71, LIMITER, data.doubleLongUnsigned(1), 5);
    const profile = (id: number): Data =>
      data.structure([
        data.longUnsigned(id),
        data.octetString(
          encodeDateTime({ year: 2025, month: 6, day: 11, hour: 12, minute: 10, second: 0, hundredths: 0 }),
        ),
        data.doubleLongUnsigned(600),
      ]);
    asker.write(71, LIMITER, profile(9), 8);
    asker.advance(15 * MINUTE);
    assert.deepEqual(asker.value(71, LIMITER, 10), data.boolean(false), "group 9 is not ours");
    assert.equal(asker.write(71, LIMITER, profile(1), 8), "success");
    assert.deepEqual(asker.value(71, LIMITER, 10), data.boolean(true));
    assert.deepEqual(asker.value(71, LIMITER, 3), data.doubleLongUnsigned(1));
    asker.advance(10 * SECOND);
    assert.deepEqual(asker.value(70, RELAY, 3), data.enum(0));
    asker.advance(10 * MINUTE);
    assert.deepEqual(asker.value(71, LIMITER, 10), data.boolean(false));
    assert.deepEqual(asker.value(71, LIMITER, 3), data.doubleLongUnsigned(0));
  });

  it("does nothing without a threshold, and refuses one that is no number", () => {
    const asker = dialledIn();
    asker.advance(HOUR);
    assert.deepEqual(texts(asker, "limiter"), []);
    assert.equal(asker.write(71, LIMITER, data.boolean(true), 4), "type-unmatched");
    assert.equal(asker.write(71, LIMITER, data.doubleLongUnsigned(1), 3), "read-write-denied");
  });
});

describe("simulated register monitor", () => {
  const MONITOR = "0-0:16.1.0.255";

  it("runs a script when a threshold is passed, in either direction", () => {
    const asker = dialledIn();
    // The relay opens while the power is watched: it falls to zero and comes back.
    const power = data.structure([
      data.longUnsigned(3),
      data.octetString(parseObis("1-0:1.7.0.255")),
      data.integer(2),
    ]);
    asker.write(21, MONITOR, power, 3);
    asker.write(21, MONITOR, data.array([data.structure([script(1), script(2)])]), 4);
    assert.equal(asker.write(21, MONITOR, data.array([data.doubleLongUnsigned(1)])), "success");
    asker.advance(6 * SECOND);
    asker.act(70, RELAY, 1, data.integer(0));
    asker.advance(10 * SECOND);
    // Downwards reconnects; upwards disconnects; and so on: one pass each way at least.
    asker.advance(20 * SECOND);
    const passed = texts(asker, "monitor").map((text) => text.split(":")[0]);
    assert.deepEqual(passed.slice(0, 2), ["threshold 1 passed downwards", "threshold 1 passed upwards"]);
    asker.write(21, MONITOR, data.array([]));
    const before = texts(asker, "monitor").length;
    asker.advance(MINUTE);
    assert.equal(texts(asker, "monitor").length, before);
    assert.equal(asker.write(21, MONITOR, data.array([data.boolean(true)])), "type-unmatched");
  });
});

describe("simulated demand register", () => {
  const DEMAND = "1-0:1.4.0.255";

  it("averages over its periods, which begin at quarters", () => {
    const asker = dialledIn();
    const power = asker.number(3, "1-0:1.7.0.255") / 10;
    asker.advance(14 * MINUTE);
    const running = asker.number(5, DEMAND, 2);
    assert.ok(running > power * 0.4 && running < power * 2, `${running} of ${power}`);
    asker.advance(MINUTE + SECOND);
    assert.ok(asker.number(5, DEMAND, 2) < running / 2, "a new period");
    assert.ok(asker.number(5, DEMAND, 3) >= running);
  });

  it("ends a period early and starts anew", () => {
    const asker = dialledIn();
    asker.advance(5 * MINUTE);
    const running = asker.number(5, DEMAND, 2);
    assert.equal(asker.act(5, DEMAND, 2, data.integer(0)), "success");
    assert.equal(asker.number(5, DEMAND, 3), running);
    assert.equal(asker.number(5, DEMAND, 2), 0);
    assert.equal(asker.act(5, DEMAND, 1, data.integer(0)), "success");
    assert.equal(asker.number(5, DEMAND, 3), 0);
    assert.equal(asker.write(5, DEMAND, data.doubleLongUnsigned(60), 8), "success");
    assert.equal(asker.write(5, DEMAND, data.doubleLongUnsigned(0), 8), "other-reason");
    asker.advance(MINUTE + SECOND);
    assert.ok(asker.number(5, DEMAND, 3) > 0);
  });

  it("counts its periods from the anchor", () => {
    const periods = new Periods(0, -1_000);
    assert.deepEqual(periods.at(250, 100), { start: 200, lastFrom: 100, lastTo: 200 });
    periods.next(250, 100);
    assert.deepEqual(periods.at(260, 100), { start: 250, lastFrom: 200, lastTo: 250 });
    assert.deepEqual(periods.at(350, 100), { start: 350, lastFrom: 250, lastTo: 350 });
    periods.reset(400);
    assert.deepEqual(periods.at(420, 100), { start: 400, lastFrom: 400, lastTo: 400 });
    assert.equal(periods.since, 400);
  });
});

describe("simulated maximum demand", () => {
  it("starts anew by its method", () => {
    const asker = dialledIn();
    assert.ok(asker.number(4, "1-0:1.6.0.255") > 0);
    assert.equal(asker.act(4, "1-0:1.6.0.255", 1, data.integer(0)), "success");
    assert.equal(asker.number(4, "1-0:1.6.0.255"), 0);
    asker.advance(2 * HOUR);
    const since = asker.number(4, "1-0:1.6.0.255");
    assert.ok(since > 0);
    assert.equal(asker.act(4, "1-0:1.6.0.255", 1, data.boolean(true)), "type-unmatched");
  });
});

describe("simulated profile captures", () => {
  it("adds a row when capture is called, in its place among the others", () => {
    const asker = dialledIn();
    asker.act(7, "1-0:99.1.0.255", 1, data.integer(0));
    asker.advance(5 * MINUTE);
    assert.equal(asker.act(7, "1-0:99.1.0.255", 2, data.integer(0)), "success");
    asker.advance(11 * MINUTE);
    assert.equal(asker.number(7, "1-0:99.1.0.255", 7), 2);
    const rows = asker.value(7, "1-0:99.1.0.255");
    assert.ok(rows.type === "array");
    const minutes = rows.value.map((row) => {
      const [clock] = row.type === "structure" ? row.value : [];
      assert.ok(clock?.type === "octet-string");
      return clock.value[6];
    });
    assert.deepEqual(minutes, [5, 15]);
    asker.act(7, "1-0:99.1.0.255", 1, data.integer(0));
    assert.equal(asker.number(7, "1-0:99.1.0.255", 7), 0);
  });
});
