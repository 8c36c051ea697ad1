/** Every object of the prepaid family and the common codes of all media are described, inferred and found. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describeObis, inferObject, listedObis, searchObis } from "../../src/cosem/dictionary/index.js";
import { formatObis } from "../../src/cosem/obis.js";
import { units } from "../../src/cosem/units.js";

interface CsvRow {
  name: string;
  classId: string;
  obis: string;
  unit: string;
}

/** The maker's list: quoted fields may hold commas. */
function rows(): CsvRow[] {
  const text = readFileSync(join(__dirname, "data", "hexcell-prepaid-objects.csv"), "utf8");
  return text
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => {
      const fields = [...line.matchAll(/("([^"]*)"|[^,]*)(?:,|$)/g)].map(
        (match) => match[2] ?? match[1] ?? "",
      );
      return {
        name: fields[1] ?? "",
        classId: fields[2] ?? "",
        obis: fields[3] ?? "",
        unit: fields[8] ?? "",
      };
    });
}

interface Profiles {
  profiles: { obis: string; name: string; capture: { name: string; class: number; obis: string }[] }[];
}
const { profiles } = JSON.parse(
  readFileSync(join(__dirname, "data", "hexcell-prepaid-profiles.json"), "utf8"),
) as Profiles;

const clean = (name: string): string => name.replace(/\s+/g, " ").trim();

describe("cosem/dictionary", () => {
  it("describes all 707 objects of the prepaid family, with the maker's name, class and unit", () => {
    const list = rows();
    assert.equal(list.length, 707);
    for (const row of list) {
      const found = describeObis(row.obis);
      assert.ok(found, row.obis);
      assert.ok(found.description.length > 2, row.obis);
      assert.equal(found.makerNames?.hexcell, clean(row.name));
      // The list is silent about the class of 65 registers; a unit says that they are some.
      assert.equal(found.classId, Number(row.classId || "3"), row.obis);
      assert.deepEqual(inferObject(row.obis), { classId: found.classId, attributeId: 2 }, row.obis);
      if (row.unit !== "") assert.equal(found.unit, row.unit, row.obis);
    }
  });

  it("describes its 44 profiles and whatever they capture", () => {
    assert.equal(profiles.length, 44);
    for (const profile of profiles) {
      assert.deepEqual(inferObject(profile.obis), { classId: 7, attributeId: 2 });
      assert.equal(describeObis(profile.obis)?.makerNames?.hexcell, clean(profile.name));
      for (const column of profile.capture)
        assert.equal(inferObject(column.obis)?.classId, column.class, column.obis);
    }
  });

  const inferred: readonly (readonly [string, number, number])[] = [
    ["1-0:1.8.0.255", 3, 2],
    ["1-0:2.8.1", 3, 2],
    ["1-0:32.7.0", 3, 2],
    ["1-0:1.6.0", 4, 2],
    ["1-0:1.4.0", 5, 2],
    ["0-0:1.0.0.255", 8, 2],
    ["0-0:96.1.0.255", 1, 2],
    ["0-0:42.0.0.255", 1, 2],
    ["0-0:41.0.0.255", 17, 2],
    ["0-0:40.0.0.255", 15, 2],
    ["0-0:96.3.10.255", 70, 2],
    ["0-2:24.4.0.255", 70, 2],
    ["0-1:24.1.0.255", 72, 2],
    ["0-1:24.2.1.255", 4, 2],
    ["1-0:99.1.0.255", 7, 2],
    ["1-0:99.2.0.255", 7, 2],
    ["0-0:98.1.0.255", 7, 2],
    ["0-0:99.98.3.255", 7, 2],
    ["0-0:15.0.0.255", 22, 2],
    ["0-0:22.0.0.255", 23, 2],
    ["0-0:25.0.0.255", 41, 2],
    ["0-0:25.1.0.255", 42, 2],
    ["0-0:25.9.0.255", 40, 2],
    ["0-0:43.0.1.255", 64, 2],
    ["0-0:43.1.0.255", 1, 2],
    ["0-0:44.0.0.255", 18, 6],
    ["0-0:17.0.0.255", 71, 2],
    ["0-0:13.0.0.255", 20, 2],
    ["0-0:19.0.0.255", 111, 5],
    ["0-0:19.10.0.255", 112, 2],
    ["0-0:19.20.0.255", 113, 2],
    ["0-0:19.40.0.255", 115, 6],
    ["1-0:129.129.2.255", 1, 2],
    ["1-0:96.66.0.255", 3, 2],
    ["7-0:3.0.0.255", 3, 2],
    ["8-0:1.0.0.255", 3, 2],
    ["6-0:1.0.0.255", 3, 2],
  ];
  for (const [obis, classId, attributeId] of inferred)
    it(`reads ${obis} as class ${classId} attribute ${attributeId}`, () =>
      assert.deepEqual(inferObject(obis), { classId, attributeId }));

  const described: readonly (readonly [string, string, string?])[] = [
    ["1-0:1.8.0", "Active energy import (+A), total", "Wh"],
    ["1-0:2.8.2.3", "Active energy export (−A), tariff 2, billing period 3", "Wh"],
    ["1-2:1.8.0", "Active energy import (+A), total, channel 2", "Wh"],
    ["1-0:45.8.0", "Reactive energy L2 QI, total", "varh"],
    ["1-0:1.7.0", "Active power import (+A), instantaneous", "W"],
    ["1-0:61.6.1", "Active power L3 import (+A), maximum demand, tariff 1", "W"],
    ["1-0:72.7.0", "Voltage L3, instantaneous", "V"],
    ["1-0:32.7.5", "Voltage L1, instantaneous, harmonic 5", "V"],
    ["1-0:32.7.124", "Voltage L1, instantaneous, total harmonic distortion", "V"],
    ["1-0:81.7.15", "Phase angle, instantaneous, I L2 to U L2", "°"],
    ["1-0:32.32.0", "Voltage L1, under-limit occurrences"],
    ["1-0:13.7.0", "Power factor, instantaneous"],
    ["0-0:96.3.10", "Disconnect control (relay)"],
    ["0-3:24.2.1", "M-Bus value 1, channel 3"],
    ["0-1:1.0.0", "Clock, channel 1"],
    ["1-0:99.98.46", "Event log 46 (hexcell: Relay off Logs)"],
    ["1-0:96.66.0", "Remain energy", "Wh"],
    ["9-0:1.0.0", "Hot water volume, total", "m³"],
    ["5-0:8.0.0", "Cooling power", "W"],
    ["7-0:12.1.0", "Gas volume, converter, forward, disturbed, corrected", "m³"],
  ];
  for (const [obis, description, unit] of described)
    it(`describes ${obis} as ${description}`, () => {
      assert.equal(describeObis(obis)?.description, description);
      assert.equal(describeObis(obis)?.unit, unit);
    });

  it("admits what it does not know", () => {
    for (const obis of ["1-0:200.8.0", "0-0:128.1.2", "1-0:1.200.0", "12-0:1.8.0", "1-0:94.91.0"]) {
      assert.equal(describeObis(obis), undefined, obis);
      assert.equal(inferObject(obis), undefined, obis);
    }
    assert.throws(() => describeObis("nonsense"), { code: "OBIS_INVALID" });
  });

  it("answers every code with whole words and a unit the meter could have", () => {
    const symbols = new Set(units.map((unit) => unit.symbol));
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 6, maxLength: 6 }),
        fc.constantFrom(0, 1, 4, 5, 6, 7, 8, 9),
        (o, a) => {
          const found = describeObis(formatObis(Uint8Array.of(a, ...o.subarray(1))));
          if (found === undefined) return;
          assert.doesNotMatch(found.description, /[{}]|undefined|^\s|\s$|, ,/);
          if (found.unit !== undefined) assert.ok(symbols.has(found.unit), found.unit);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  const searched: readonly (readonly [string, string])[] = [
    ["active energy import", "1-0:1.8.0.255"],
    ["voltage l1", "1-0:32.7.0.255"],
    ["Relay", "0-0:96.3.10.255"],
    ["serial", "0-0:96.1.0.255"],
    ["clock", "0-0:1.0.0.255"],
    ["load profile", "1-0:99.1.0.255"],
    ["frequency", "1-0:14.7.0.255"],
    ["remain energy", "1-0:96.66.0.255"],
    ["relay off logs", "1-0:99.98.46.255"],
    ["Last 3 month import active energy [TOU 2]", "1-0:1.8.2.3"],
    ["0100010800FF", "1-0:1.8.0.255"],
    ["1-0:1.8.7*12", "1-0:1.8.7.12"],
  ];
  for (const [text, first] of searched)
    it(`finds ${first} by "${text}"`, () => assert.equal(searchObis(text)[0]?.obisCode, first));

  it("keeps to the limit, repeats nothing and finds nothing for nonsense", () => {
    const hits = searchObis("energy", 7);
    assert.equal(hits.length, 7);
    assert.equal(new Set(hits.map((hit) => hit.obisCode)).size, 7);
    assert.deepEqual(searchObis("zebra"), []);
    assert.deepEqual(searchObis("   "), []);
    assert.deepEqual(searchObis("((((*"), []);
    assert.equal(searchObis("1.8.0", 500).filter((hit) => hit.obisCode === "1-0:1.8.0.255").length, 1);
  });

  it("lists every code once, the wanted ones in front", () => {
    const listed = listedObis();
    const codes = listed.map(({ obisCode }) => obisCode);
    assert.equal(new Set(codes).size, codes.length);
    assert.equal(codes[0], "1-0:1.8.0.255");
    assert.ok(codes.indexOf("1-0:32.7.0.255") < 10 && codes.indexOf("0-0:1.0.0.255") < 40);
    assert.ok(codes.includes("1-0:15.8.4.12"), "a maker's own object");
    for (const found of listed) assert.deepEqual(found, describeObis(found.obisCode));
  });
});
