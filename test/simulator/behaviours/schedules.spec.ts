/** What happens by the clock: scripts, single actions, schedule, activity calendar, special days, tariffs. */
import assert from "node:assert/strict";
import { type Data, data, encodeDate, encodeDateTime, encodeTime } from "../../../src/axdr/index.js";
import { fromLatin1, toLatin1 } from "../../../src/bytes/hex.js";
import { parseObis } from "../../../src/cosem/obis.js";
import { clockOctets } from "../../../src/simulator/behaviours/clock.js";
import { matchesDate, nextOccurrence, nextTimeOfDay } from "../../../src/simulator/behaviours/occurrence.js";
import { type Asker, dialledIn, NOON } from "../asker.js";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const RELAY = "0-0:96.3.10.255";
const DISCONNECT_SCRIPTS = "0-0:10.0.106.255";
const TARIFF_SCRIPTS = "0-0:10.0.100.255";

const octets = (value: Uint8Array): Data => data.octetString(value);
const time = (hour: number, minute: number): Data =>
  octets(encodeTime({ hour, minute, second: 0, hundredths: 0 }));

function activeMask(asker: Asker): string {
  const value = asker.value(6, "0-0:14.0.0.255", 4);
  assert.ok(value.type === "octet-string");
  return toLatin1(value.value);
}

function scriptsRun(asker: Asker): string[] {
  return asker.meterEvents.flatMap((event) =>
    event.type === "event" && event.name === "script" ? [event.text] : [],
  );
}

describe("simulated script table", () => {
  it("runs the actions of the script that is called", () => {
    const asker = dialledIn();
    assert.equal(asker.act(9, DISCONNECT_SCRIPTS, 1, data.longUnsigned(1)), "success");
    asker.advance(2 * SECOND);
    assert.deepEqual(asker.value(70, RELAY, 3), data.enum(0));
    assert.equal(asker.act(9, DISCONNECT_SCRIPTS, 1, data.longUnsigned(2)), "success");
    asker.advance(2 * SECOND);
    assert.deepEqual(asker.value(70, RELAY, 3), data.enum(1));
    assert.equal(asker.act(9, DISCONNECT_SCRIPTS, 1, data.longUnsigned(3)), "other-reason");
    assert.equal(asker.act(9, DISCONNECT_SCRIPTS, 1, data.integer(0)), "type-unmatched");
  });

  it("runs rewritten scripts, goes on after an action that fails, and never runs in circles", () => {
    const asker = dialledIn();
    const action = (service: number, classId: number, obis: string, index: number, parameter: Data): Data =>
      data.structure([
        data.enum(service),
        data.longUnsigned(classId),
        octets(parseObis(obis)),
        data.integer(index),
        parameter,
      ]);
    const scripts = data.array([
      data.structure([
        data.longUnsigned(7),
        data.array([
          // Read only.
          action(1, 70, RELAY, 4, data.enum(1)),
          action(2, 9, DISCONNECT_SCRIPTS, 1, data.longUnsigned(7)),
          action(1, 1, "0-0:96.80.0.255", 2, data.unsigned(0)),
        ]),
      ]),
    ]);
    assert.equal(asker.write(9, DISCONNECT_SCRIPTS, scripts), "success");
    assert.equal(asker.act(9, DISCONNECT_SCRIPTS, 1, data.longUnsigned(7)), "success");
    assert.deepEqual(asker.value(1, "0-0:96.80.0.255"), data.unsigned(0));
    assert.ok(scriptsRun(asker).length < 20);
    assert.equal(asker.write(9, DISCONNECT_SCRIPTS, data.array([data.null()])), "type-unmatched");
    const again = action(2, 9, DISCONNECT_SCRIPTS, 1, data.longUnsigned(7));
    const many = data.structure([data.longUnsigned(7), data.array(Array.from({ length: 200 }, () => again))]);
    assert.equal(asker.write(9, DISCONNECT_SCRIPTS, data.array([many])), "success");
    asker.act(9, DISCONNECT_SCRIPTS, 1, data.longUnsigned(7));
    assert.ok(scriptsRun(asker).length < 400, "not 200 to the fourth");
  });
});

describe("simulated single action schedule", () => {
  it("runs its script at a fixed time, once", () => {
    const asker = dialledIn();
    const at = data.array([
      data.structure([time(12, 30), octets(encodeDate({ year: 2025, month: 6, day: 11 }))]),
    ]);
    assert.equal(asker.write(22, "0-0:15.0.1.255", at, 4), "success");
    asker.advance(29 * MINUTE);
    assert.deepEqual(asker.value(70, RELAY, 3), data.enum(1));
    asker.advance(2 * MINUTE);
    assert.deepEqual(asker.value(70, RELAY, 3), data.enum(0));
    asker.act(70, RELAY, 2, data.integer(0));
    asker.advance(26 * HOUR);
    assert.deepEqual(asker.value(70, RELAY, 3), data.enum(1));
  });

  it("follows the clock when it is set", () => {
    const asker = dialledIn();
    const daily = data.array([data.structure([time(18, 0), octets(encodeDate({}))])]);
    asker.write(22, "0-0:15.0.1.255", daily, 4);
    asker.write(8, "0-0:1.0.0.255", octets(clockOctets(NOON + 5 * HOUR + 59 * MINUTE, -60)));
    asker.advance(MINUTE + 2 * SECOND);
    assert.deepEqual(asker.value(70, RELAY, 3), data.enum(0));
  });

  it("refuses what is no time", () => {
    const asker = dialledIn();
    assert.equal(asker.write(22, "0-0:15.0.1.255", data.array([data.structure([])]), 4), "type-unmatched");
  });

  it("ends the billing month: the period's registers start again, a row of billing values is there", () => {
    const asker = dialledIn({ epochAtZero: Date.UTC(2025, 5, 30, 22, 30) });
    const rows = asker.number(7, "0-0:98.1.0.255", 7);
    assert.ok(rows >= 12);
    asker.advance(25 * MINUTE);
    assert.ok(asker.number(3, "1-0:1.9.4.255") > 0);
    asker.advance(6 * MINUTE);
    assert.equal(asker.number(7, "0-0:98.1.0.255", 7), rows + 1);
    assert.equal(asker.number(3, "1-0:1.9.4.255"), 0);
    const buffer = asker.value(7, "0-0:98.1.0.255");
    assert.ok(buffer.type === "array");
    const stands = buffer.value.map((row) => {
      assert.ok(row.type === "structure");
      return (row.value[1] as { value: number }).value;
    });
    assert.deepEqual(
      stands,
      [...stands].sort((a, b) => a - b),
    );
    assert.ok((stands[0] as number) < (stands.at(-1) as number));
  });
});

describe("simulated activity calendar", () => {
  it("switches the tariff at its times and the registers with it", () => {
    const asker = dialledIn();
    assert.equal(activeMask(asker), "TARIFF3");
    asker.advance(HOUR);
    const afternoon = asker.number(3, "1-0:1.9.3.255");
    assert.ok(afternoon > 0);
    assert.equal(asker.number(3, "1-0:1.9.4.255"), 0);
    asker.advance(5 * HOUR + SECOND);
    assert.equal(activeMask(asker), "TARIFF4");
    const ended = asker.number(3, "1-0:1.9.3.255");
    asker.advance(HOUR);
    assert.equal(asker.number(3, "1-0:1.9.3.255"), ended);
    assert.ok(asker.number(3, "1-0:1.9.4.255") > 0);
  });

  it("runs what holds after the clock was set", () => {
    const asker = dialledIn();
    asker.write(8, "0-0:1.0.0.255", octets(clockOctets(NOON + 20 * HOUR, -60)));
    asker.advance(SECOND);
    assert.equal(activeMask(asker), "TARIFF2");
  });

  it("takes over a passive calendar by the method and at its time", () => {
    for (const byMethod of [true, false]) {
      const asker = dialledIn();
      writePassive(asker, [
        [0, 0, 1],
        [13, 0, 2],
      ]);
      assert.equal(activeMask(asker), "TARIFF3", "passive yet");
      if (byMethod) assert.equal(asker.act(20, "0-0:13.0.0.255", 1, data.integer(0)), "success");
      else {
        const at = encodeDateTime({ year: 2025, month: 6, day: 11, hour: 12, minute: 10, second: 0 });
        assert.equal(asker.write(20, "0-0:13.0.0.255", octets(at), 10), "success");
        asker.advance(10 * MINUTE + SECOND);
      }
      assert.equal(activeMask(asker), "TARIFF1");
      assert.deepEqual(asker.value(20, "0-0:13.0.0.255"), octets(fromLatin1("NEW")));
      asker.advance(HOUR);
      assert.equal(activeMask(asker), "TARIFF2");
    }
  });

  it("follows another day on special days", () => {
    const asker = dialledIn();
    writePassive(asker, [[0, 0, 1]], [[0, 0, 4]]);
    asker.act(20, "0-0:13.0.0.255", 1, data.integer(0));
    assert.equal(activeMask(asker), "TARIFF1");
    const holiday = data.structure([
      data.longUnsigned(1),
      octets(encodeDate({ month: 6, day: 12 })),
      data.unsigned(2),
    ]);
    assert.equal(asker.act(11, "0-0:11.0.0.255", 1, holiday), "success");
    assert.equal(activeMask(asker), "TARIFF1");
    asker.advance(13 * HOUR);
    assert.equal(activeMask(asker), "TARIFF4");
    asker.advance(24 * HOUR);
    assert.equal(activeMask(asker), "TARIFF1");
    assert.equal(asker.act(11, "0-0:11.0.0.255", 2, data.longUnsigned(1)), "success");
    assert.equal(asker.act(11, "0-0:11.0.0.255", 2, data.longUnsigned(1)), "other-reason", "gone already");
    assert.equal(asker.act(11, "0-0:11.0.0.255", 1, data.unsigned(1)), "type-unmatched");
  });

  it("chooses the week by the season that began last", () => {
    const asker = dialledIn();
    writePassive(asker, [[0, 0, 1]], [[0, 0, 3]]);
    const season = (month: number, week: string): Data =>
      data.structure([
        octets(fromLatin1(week)),
        octets(encodeDateTime({ month, day: 12 })),
        octets(fromLatin1(week)),
      ]);
    asker.write(20, "0-0:13.0.0.255", data.array([season(6, "B"), season(1, "A")]), 7);
    asker.act(20, "0-0:13.0.0.255", 1, data.integer(0));
    assert.equal(activeMask(asker), "TARIFF1");
    asker.advance(12 * HOUR + SECOND);
    assert.equal(activeMask(asker), "TARIFF3");
  });

  /** Days 1 and 2 (hour, minute, tariff script); week A is all day 1, week B all day 2; one season of week A. */
  function writePassive(
    asker: Asker,
    ...days: readonly (readonly (readonly [number, number, number])[])[]
  ): void {
    const name = (text: string): Data => octets(fromLatin1(text));
    const week = (text: string, id: number): Data =>
      data.structure([name(text), ...Array.from({ length: 7 }, () => data.unsigned(id))]);
    const writes: [Data, number][] = [
      [name("NEW"), 6],
      [data.array([data.structure([name("A"), octets(encodeDateTime({ month: 1, day: 1 })), name("A")])]), 7],
      [data.array([week("A", 1), week("B", 2)]), 8],
      [
        data.array(
          days.map((entries, i) =>
            data.structure([
              data.unsigned(i + 1),
              data.array(
                entries.map(([hour, minute, tariff]) =>
                  data.structure([
                    time(hour, minute),
                    octets(parseObis(TARIFF_SCRIPTS)),
                    data.longUnsigned(tariff),
                  ]),
                ),
              ),
            ]),
          ),
        ),
        9,
      ],
    ];
    for (const [value, id] of writes) assert.equal(asker.write(20, "0-0:13.0.0.255", value, id), "success");
    assert.equal(asker.write(20, "0-0:13.0.0.255", name("X")), "read-write-denied", "the active one");
  }
});

describe("simulated schedule", () => {
  const SCHEDULE = "0-0:12.0.0.255";

  function entry(index: number, hour: number, selector: number, weekdays: string, enable = true): Data {
    return data.structure([
      data.longUnsigned(index),
      data.boolean(enable),
      octets(parseObis(DISCONNECT_SCRIPTS)),
      data.longUnsigned(selector),
      time(hour, 0),
      data.longUnsigned(0xffff),
      data.bitString(weekdays),
      data.bitString(""),
      octets(encodeDate({ year: 2025, month: 6, day: 1 })),
      octets(encodeDate({ year: 2025, month: 6, day: 18 })),
    ]);
  }

  it("runs enabled entries on their week days between their dates", () => {
    const asker = dialledIn();
    // Wednesdays off at 13:00 and on at 14:00.
    for (const each of [
      entry(1, 13, 1, "0010000"),
      entry(2, 14, 2, "0010000"),
      entry(3, 15, 1, "1111111", false),
    ])
      assert.equal(asker.act(10, SCHEDULE, 2, each), "success");
    asker.advance(HOUR + 2 * SECOND);
    assert.deepEqual(asker.value(70, RELAY, 3), data.enum(0));
    asker.advance(HOUR);
    assert.deepEqual(asker.value(70, RELAY, 3), data.enum(1));
    asker.advance(3 * HOUR);
    assert.deepEqual(asker.value(70, RELAY, 3), data.enum(1), "entry 3 is disabled");
    asker.advance(24 * HOUR);
    assert.deepEqual(asker.value(70, RELAY, 3), data.enum(1), "not on Thursday");
    assert.equal(scriptsRun(asker).filter((text) => text.includes("106")).length, 2);
  });

  it("enables, disables and deletes by index", () => {
    const asker = dialledIn();
    for (const i of [1, 2, 3]) asker.act(10, SCHEDULE, 2, entry(i, 13, 1, "1111111", false));
    const range = (...indexes: number[]): Data => data.structure(indexes.map((i) => data.longUnsigned(i)));
    assert.equal(asker.act(10, SCHEDULE, 1, range(0, 0, 2, 3)), "success");
    assert.equal(asker.act(10, SCHEDULE, 1, range(3, 3, 0, 0)), "success");
    assert.equal(asker.act(10, SCHEDULE, 3, range(1, 1)), "success");
    const left = asker.value(10, SCHEDULE);
    assert.ok(left.type === "array");
    assert.deepEqual(
      left.value.map((each) => (each.type === "structure" ? each.value.slice(0, 2) : each)),
      [
        [data.longUnsigned(2), data.boolean(true)],
        [data.longUnsigned(3), data.boolean(false)],
      ],
    );
    assert.equal(asker.act(10, SCHEDULE, 1, data.structure([])), "type-unmatched");
    assert.equal(asker.act(10, SCHEDULE, 2, data.integer(0)), "type-unmatched");
  });
});

describe("register activation", () => {
  const ACTIVATION = "0-0:14.0.0.255";
  const mask = (name: string, ...indexes: number[]): Data =>
    data.structure([octets(fromLatin1(name)), data.array(indexes.map((i) => data.unsigned(i)))]);

  it("counts in several registers or in none, as the mask says", () => {
    const asker = dialledIn();
    assert.equal(asker.act(6, ACTIVATION, 2, mask("BOTH", 1, 2)), "success");
    assert.equal(asker.act(6, ACTIVATION, 2, mask("NONE")), "success");
    assert.equal(asker.write(6, ACTIVATION, octets(fromLatin1("BOTH")), 4), "success");
    asker.advance(HOUR);
    const first = asker.number(3, "1-0:1.9.1.255");
    assert.ok(first > 0);
    assert.equal(asker.number(3, "1-0:1.9.2.255"), first);
    assert.equal(asker.write(6, ACTIVATION, octets(fromLatin1("NONE")), 4), "success");
    asker.advance(HOUR);
    assert.equal(asker.number(3, "1-0:1.9.1.255"), first);
    assert.equal(asker.act(3, "1-0:1.9.1.255", 1, data.integer(0)), "success");
    assert.equal(asker.number(3, "1-0:1.9.1.255"), 0);
  });

  it("refuses masks that are not there, are there already, or are active", () => {
    const asker = dialledIn();
    assert.equal(asker.write(6, ACTIVATION, octets(fromLatin1("OTHER")), 4), "other-reason");
    assert.equal(asker.act(6, ACTIVATION, 2, mask("TARIFF1", 1)), "other-reason");
    assert.equal(asker.act(6, ACTIVATION, 3, octets(fromLatin1("TARIFF3"))), "other-reason");
    assert.equal(asker.act(6, ACTIVATION, 3, octets(fromLatin1("TARIFF1"))), "success");
    assert.equal(asker.write(6, ACTIVATION, octets(fromLatin1("TARIFF1")), 4), "other-reason");
    assert.equal(asker.act(6, ACTIVATION, 1, mask("A")), "type-unmatched");
  });
});

describe("dates and times left open", () => {
  const wall = (text: string): number => Date.parse(`${text}Z`);

  it("come next where they should", () => {
    const cases: [Parameters<typeof nextOccurrence>[0], Parameters<typeof nextOccurrence>[1], string][] = [
      [{}, { hour: 12, minute: 0 }, "2025-06-12T12:00:00"],
      [{}, { minute: 30 }, "2025-06-11T12:30:00"],
      [{}, {}, "2025-06-11T12:01:00"],
      [{ day: 1 }, { hour: 0, minute: 0 }, "2025-07-01T00:00:00"],
      [{ day: 254 }, { hour: 1, minute: 0 }, "2025-06-30T01:00:00"],
      [{ day: 253, month: 2 }, { hour: 1, minute: 0 }, "2026-02-27T01:00:00"],
      [{ day: 254, weekday: 7 }, { hour: 1, minute: 0 }, "2025-06-29T01:00:00"],
      [{ weekday: 1 }, { hour: 7, minute: 5 }, "2025-06-16T07:05:00"],
      [{ month: 2, day: 29 }, { hour: 0, minute: 0 }, "2028-02-29T00:00:00"],
      [{ year: 2030, month: 1, day: 1 }, { hour: 0, minute: 0 }, "none"],
      [{ year: 2025, month: 6, day: 10 }, { hour: 0, minute: 0 }, "none"],
    ];
    for (const [date, of, expected] of cases) {
      const next = nextOccurrence(date, of, wall("2025-06-11T12:00:00"));
      const shown = next === undefined ? "none" : new Date(next).toISOString().slice(0, 19);
      assert.equal(shown, expected, JSON.stringify({ date, of }));
    }
  });

  it("never match a month of daylight saving, nor an hour there is none of", () => {
    assert.equal(matchesDate({ month: 254 }, wall("2025-03-30T00:00:00")), false);
    assert.equal(nextTimeOfDay({ hour: 24, minute: 0 }, 0), undefined);
  });
});
