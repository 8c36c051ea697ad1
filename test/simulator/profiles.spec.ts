/** Load profile and logs: filling at the capture period, bounded, read whole, by range, by entry, by column. */
import assert from "node:assert/strict";
import { data, type Data, decodeDateTime, toIso } from "../../src/axdr/index.js";
import { parseObis } from "../../src/cosem/obis.js";
import { clockOctets } from "../../src/simulator/behaviours/clock.js";
import { listedProfiles } from "../../src/simulator/data/hexcell-prepaid.js";
import { LOAD_PROFILE_ENTRIES } from "../../src/simulator/objects/profiles.js";
import { type Asker, dialledIn, NOON } from "./asker.js";

const PROFILE = "1-0:99.1.0.255";
const CLOCK = parseObis("0-0:1.0.0.255");
const ENERGY = parseObis("1-0:1.8.0.255");
const HOUR = 3_600_000;

function rows(value: Data): (readonly Data[])[] {
  assert.ok(value.type === "array");
  return value.value.map((row) => {
    assert.ok(row.type === "structure");
    return row.value;
  });
}

function time(row: readonly Data[]): string {
  const [clock] = row;
  assert.ok(clock?.type === "octet-string");
  return toIso(decodeDateTime(clock.value)) ?? "";
}

function capture(classId: number, logicalName: Uint8Array): Data {
  return data.structure([
    data.longUnsigned(classId),
    data.octetString(logicalName),
    data.integer(2),
    data.longUnsigned(0),
  ]);
}

/** Selector 1; times are offsets from noon. */
function byRange(from: number, to: number, columns: readonly Data[] = []) {
  const at = (offset: number) => data.octetString(clockOctets(NOON + offset, -60));
  return {
    selector: 1,
    parameters: data.structure([capture(8, CLOCK), at(from), at(to), data.array(columns)]),
  };
}

function byEntry(from: number, to: number, firstColumn = 1, lastColumn = 0) {
  return {
    selector: 2,
    parameters: data.structure([
      data.doubleLongUnsigned(from),
      data.doubleLongUnsigned(to),
      data.longUnsigned(firstColumn),
      data.longUnsigned(lastColumn),
    ]),
  };
}

const quarterHours = (profileHistoryMs = 0): Asker => dialledIn({ profileHistoryMs });

describe("simulated profiles", () => {
  it("fill at the capture period", () => {
    const asker = quarterHours();
    assert.equal(asker.number(7, PROFILE, 7), 0);
    assert.deepEqual(asker.value(7, PROFILE), data.array([]));
    asker.advance(HOUR + 1);
    assert.equal(asker.number(7, PROFILE, 7), 4);
    assert.deepEqual(rows(asker.value(7, PROFILE)).map(time), [
      "2025-06-11T12:15:00+01:00",
      "2025-06-11T12:30:00+01:00",
      "2025-06-11T12:45:00+01:00",
      "2025-06-11T13:00:00+01:00",
    ]);
  });

  it("hold what the captured objects showed then", () => {
    const asker = quarterHours();
    asker.advance(HOUR);
    const then = asker.number(3, "1-0:1.8.0.255");
    const voltage = asker.number(3, "1-0:32.7.0.255");
    asker.advance(5 * HOUR);
    const columns = rows(asker.value(7, PROFILE))[3] as readonly Data[];
    const listed = listedProfiles[0]?.capture ?? [];
    assert.equal(columns.length, listed.length);
    const at = (obis: string) =>
      columns[listed.findIndex((column) => column.obis === obis)] as { value: unknown };
    assert.equal(at("1-0:1.8.0.255").value, then);
    assert.equal(at("1-0:32.7.0.255").value, voltage);
    assert.ok(asker.number(3, "1-0:1.8.0.255") > then);
  });

  it("are bounded, losing the oldest", () => {
    const asker = quarterHours(60 * 24 * HOUR);
    assert.equal(asker.number(7, PROFILE, 7), LOAD_PROFILE_ENTRIES);
    assert.equal(asker.number(7, PROFILE, 8), LOAD_PROFILE_ENTRIES);
    const first = () => time(rows(asker.value(7, PROFILE, 2, byEntry(1, 1)))[0] as readonly Data[]);
    assert.equal(first(), "2025-05-12T12:15:00+01:00");
    asker.advance(HOUR);
    assert.equal(asker.number(7, PROFILE, 7), LOAD_PROFILE_ENTRIES);
    assert.equal(first(), "2025-05-12T13:15:00+01:00");
  });

  it("are read by range, ends included, with the columns asked for", () => {
    const asker = quarterHours(24 * HOUR);
    const found = rows(asker.value(7, PROFILE, 2, byRange(-HOUR, -HOUR / 2)));
    assert.deepEqual(found.map(time), [
      "2025-06-11T11:00:00+01:00",
      "2025-06-11T11:15:00+01:00",
      "2025-06-11T11:30:00+01:00",
    ]);
    const narrow = rows(
      asker.value(7, PROFILE, 2, byRange(-HOUR, -HOUR / 2, [capture(3, ENERGY), capture(8, CLOCK)])),
    );
    assert.deepEqual(
      narrow.map((row) => row.map(({ type }) => type)),
      new Array(3).fill(["double-long-unsigned", "octet-string"]),
    );
    assert.deepEqual(asker.value(7, PROFILE, 2, byRange(HOUR, 2 * HOUR)), data.array([]), "not yet");
  });

  it("are read by entry, entry 1 being the oldest and 0 the end", () => {
    const asker = quarterHours(2 * HOUR);
    const all = rows(asker.value(7, PROFILE));
    assert.equal(all.length, 8);
    assert.deepEqual(rows(asker.value(7, PROFILE, 2, byEntry(3, 5))), all.slice(2, 5));
    assert.deepEqual(rows(asker.value(7, PROFILE, 2, byEntry(7, 0))), all.slice(6));
    assert.deepEqual(rows(asker.value(7, PROFILE, 2, byEntry(20, 30))), []);
    assert.deepEqual(
      rows(asker.value(7, PROFILE, 2, byEntry(1, 2, 2, 3))),
      all.slice(0, 2).map((row) => row.slice(1, 3)),
    );
  });

  it("refuse selectors and parameters that make no sense", () => {
    const asker = quarterHours(HOUR);
    const refused = (error: string) => ({ type: "data-access-error", error });
    assert.deepEqual(
      asker.read(7, PROFILE, 2, { selector: 3, parameters: data.null() }),
      refused("scope-of-access-violated"),
    );
    assert.deepEqual(
      asker.read(7, PROFILE, 2, { selector: 1, parameters: data.null() }),
      refused("type-unmatched"),
    );
    assert.deepEqual(asker.read(7, PROFILE, 2, byEntry(0, 3)), refused("type-unmatched"));
    assert.deepEqual(
      asker.read(7, PROFILE, 2, byRange(-HOUR, 0, [capture(3, parseObis("1-0:9.9.9.9"))])),
      refused("type-unmatched"),
    );
  });

  it("begin anew with another capture period, from either object, and by reset", () => {
    const asker = quarterHours(2 * HOUR);
    assert.equal(asker.write(7, PROFILE, data.doubleLongUnsigned(300), 4), "success");
    assert.equal(asker.number(7, PROFILE, 7), 0);
    asker.advance(HOUR);
    assert.equal(asker.number(7, PROFILE, 7), 12);
    assert.equal(asker.write(3, "0-0:95.51.0.255", data.longUnsigned(30)), "success");
    assert.equal(asker.number(7, PROFILE, 4), 1_800);
    asker.advance(HOUR);
    assert.equal(asker.number(7, PROFILE, 7), 2);
    assert.equal(asker.act(7, PROFILE, 1, data.integer(0)), "success");
    assert.equal(asker.number(7, PROFILE, 7), 0);
    assert.equal(asker.write(7, PROFILE, data.doubleLongUnsigned(1), 4), "other-reason");
  });

  it("follow the meter's clock when it is set", () => {
    const asker = quarterHours();
    asker.advance(20 * 60_000);
    assert.equal(
      asker.write(8, "0-0:1.0.0.255", data.octetString(clockOctets(NOON + 40 * 60_000, -60))),
      "success",
    );
    asker.advance(6 * 60_000);
    assert.deepEqual(rows(asker.value(7, PROFILE)).map(time), [
      "2025-06-11T12:15:00+01:00",
      "2025-06-11T12:45:00+01:00",
    ]);
  });

  it("log relay changes, and list all 44 with readable capture objects", () => {
    const asker = dialledIn({ relayDelayMs: 0 });
    asker.act(70, "0-0:96.3.10.255", 1, data.integer(0));
    asker.advance(60_000);
    asker.act(70, "0-0:96.3.10.255", 2, data.integer(0));
    assert.deepEqual(rows(asker.value(7, "1-0:99.98.46.255")).map(time), ["2025-06-11T12:00:00+01:00"]);
    assert.deepEqual(rows(asker.value(7, "1-0:99.98.47.255")).map(time), ["2025-06-11T12:01:00+01:00"]);
    assert.equal(listedProfiles.length, 44);
    for (const { obis, capture: columns } of listedProfiles) {
      const described = asker.value(7, obis, 3);
      assert.ok(described.type === "array" && described.value.length === columns.length, obis);
      for (const row of rows(asker.value(7, obis, 2, byEntry(1, 3))))
        assert.equal(row.length, columns.length);
      for (const { classId, obis: name, attribute } of columns) asker.value(classId, name, attribute);
    }
  });

  it("have event logs filled before the simulation began, by the seed", () => {
    const log = (seed: number) => dialledIn({ seed }).value(7, "1-0:99.98.4.255");
    assert.deepEqual(log(7), log(7));
    const counts = new Set([1, 2, 3, 4, 5, 6].map((seed) => rows(log(seed)).length));
    assert.ok(counts.size > 1, "not every meter has had the same events");
    for (const row of rows(log(7))) assert.ok(time(row) < "2025-06-11T12:00:00+01:00");
  });
});
