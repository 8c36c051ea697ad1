/** Load, supply, history and billing: what the meter measures hangs together, and depends on seed and time alone. */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  energyOf,
  maximumDemand,
  tariffPart,
  tariffShares,
} from "../../../src/simulator/behaviours/billing.js";
import { monthStart, monthStarts } from "../../../src/simulator/behaviours/calendar.js";
import { captureTimes } from "../../../src/simulator/behaviours/captures.js";
import { History } from "../../../src/simulator/behaviours/history.js";
import {
  energyWhBetween,
  loadOf,
  powerW,
  reactivePowerVar,
  reactiveVarhBetween,
  timeOfEnergy,
} from "../../../src/simulator/behaviours/load.js";
import { frequencyHz, phaseValues, totalValues } from "../../../src/simulator/behaviours/supply.js";

const NOON = Date.UTC(2025, 5, 11, 11);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const times = fc.integer({ min: 0, max: 400 * DAY }).map((offset) => NOON + offset);

describe("simulated energy", () => {
  it("is the integral of power, active and reactive", () => {
    fc.assert(
      fc.property(seeds, times, (seed, from) => {
        const load = loadOf(seed, 1, 60);
        const step = 1000;
        let active = 0;
        let reactive = 0;
        for (let t = from; t < from + HOUR; t += step) {
          active += (powerW(load, t + step / 2) * step) / HOUR;
          reactive += (reactivePowerVar(load, t + step / 2) * step) / HOUR;
        }
        assert.ok(Math.abs(active - energyWhBetween(load, from, from + HOUR)) < 0.01);
        assert.ok(Math.abs(reactive - reactiveVarhBetween(load, from, from + HOUR)) < 0.01);
      }),
      { numRuns: 20 },
    );
  });

  it("never runs backwards, because power is always positive", () => {
    fc.assert(
      fc.property(seeds, times, (seed, t) => {
        assert.ok(powerW(loadOf(seed, 3, 60), t) > 0);
        assert.ok(reactivePowerVar(loadOf(seed, 3, 60), t) > 0);
      }),
    );
  });

  it("is drawn more in the evening than in the night", () => {
    const load = loadOf(11, 1, 60);
    const midnight = NOON - 12 * HOUR;
    const night = energyWhBetween(load, midnight + 1 * HOUR, midnight + 5 * HOUR);
    const evening = energyWhBetween(load, midnight + 18 * HOUR, midnight + 22 * HOUR);
    assert.ok(evening > 1.2 * night, `${evening} ${night}`);
  });

  it("tells when so much will have been drawn", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 200_000 }), (seed, wanted) => {
        const load = loadOf(seed, 1, 60);
        const at = timeOfEnergy(load, NOON, wanted);
        assert.ok(energyWhBetween(load, NOON, at) >= wanted);
        assert.ok(energyWhBetween(load, NOON, at - 1) < wanted);
      }),
      { numRuns: 30 },
    );
  });
});

describe("simulated supply", () => {
  it("keeps voltage, power factor and frequency in what a grid allows", () => {
    fc.assert(
      fc.property(seeds, times, fc.constantFrom<1 | 3>(1, 3), (seed, t, phases) => {
        const load = loadOf(seed, phases, 60);
        const { voltageV, currentA, activeW, apparentVa, powerFactor } = phaseValues(load, 1, t, true);
        assert.ok(voltageV > 207 && voltageV < 253, `${voltageV} V`);
        assert.ok(powerFactor > 0.75 && powerFactor <= 1, `${powerFactor}`);
        assert.ok(Math.abs(voltageV * currentA - apparentVa) < 1e-6);
        assert.ok(activeW <= apparentVa);
        assert.ok(Math.abs(frequencyHz(t) - 50) < 0.1);
        const total = totalValues(load, t, true);
        assert.ok(Math.abs(total.activeW - powerW(load, t)) < 1e-6, "phases sum to the load");
      }),
    );
  });

  it("carries nothing to a customer who is cut off, though voltage stays", () => {
    const values = totalValues(loadOf(3, 1, 60), NOON, false);
    assert.deepEqual([values.currentA, values.activeW, values.reactiveVar], [0, 0, 0]);
    assert.ok(values.voltageV > 207);
  });

  it("depends on seed and time alone", () => {
    const of = (seed: number) => totalValues(loadOf(seed, 1, 60), NOON, true);
    assert.deepEqual(of(5), of(5));
    assert.notDeepEqual(of(5), of(6));
    assert.notDeepEqual(of(5), totalValues(loadOf(5, 1, 60), NOON + HOUR, true));
  });
});

describe("simulated history", () => {
  const load = loadOf(9, 1, 60);

  it("counts nothing while not supplied", () => {
    const history = new History(load, NOON);
    history.change(NOON + HOUR, { supplied: false }, []);
    history.change(NOON + 5 * HOUR, { supplied: true }, []);
    const counted = history.standAt(NOON + 6 * HOUR).activeWh;
    const drawn =
      energyWhBetween(load, NOON, NOON + HOUR) + energyWhBetween(load, NOON + 5 * HOUR, NOON + 6 * HOUR);
    assert.ok(Math.abs(counted - drawn) < 1e-6);
    assert.equal(history.standAt(NOON + 2 * HOUR).activeWh, history.standAt(NOON + 4 * HOUR).activeWh);
  });

  it("keeps month ends however often the relay switched since", () => {
    const installed = NOON - 500 * DAY;
    const history = new History(load, installed);
    const before = monthStarts(NOON, 60).map((at) => history.standAt(at).activeWh);
    for (let i = 0; i < 1000; i++)
      history.change(NOON + i * 60_000, { supplied: i % 2 === 1 }, monthStarts(NOON + i * 60_000, 60));
    assert.ok(history.segments.length <= 256);
    assert.deepEqual(
      monthStarts(NOON, 60).map((at) => history.standAt(at).activeWh),
      before,
    );
  });

  it("takes load profile entries at multiples of the period on its own clock", () => {
    const history = new History(load, NOON);
    history.change(NOON + HOUR, { clockErrorMs: 5 * 60_000 }, []);
    const taken = captureTimes(history.segments, NOON, NOON + 2 * HOUR, 30 * 60_000, 100);
    assert.deepEqual(
      taken.map((t) => (t - NOON) / 60_000),
      [30, 60, 85, 115],
    );
    assert.deepEqual(captureTimes(history.segments, NOON, NOON + 2 * HOUR, 30 * 60_000, 2), taken.slice(-2));
  });
});

describe("simulated billing", () => {
  const load = loadOf(4, 1, 60);
  const history = new History(load, NOON - 500 * DAY);

  it("splits a total over the tariffs without losing a step", () => {
    const shares = tariffShares(load, 60);
    assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-9);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (total) => {
        const parts = [1, 2, 3, 4].map((tariff) => tariffPart(total, shares, tariff));
        assert.equal(
          parts.reduce((sum, part) => sum + part, 0),
          total,
        );
        assert.ok(parts.every((part) => part >= 0));
      }),
    );
  });

  it("finds the hour of the highest demand, all day and by tariff", () => {
    const { power, at } = maximumDemand(history, "active", 0, NOON, 1, 60);
    assert.ok(at > monthStart(NOON, 1, 60) && at <= monthStart(NOON, 0, 60));
    const stand = (t: number) => energyOf(history.standAt(t), "active");
    assert.ok(Math.abs(stand(at) - stand(at - HOUR) - power) < 1e-6);
    for (let t = monthStart(NOON, 1, 60); t < monthStart(NOON, 0, 60); t += HOUR)
      assert.ok(stand(t + HOUR) - stand(t) <= power + 1e-6);
    const byTariff = [1, 2, 3, 4].map(
      (tariff) => maximumDemand(history, "active", tariff, NOON, 1, 60).power,
    );
    assert.equal(Math.max(...byTariff), power);
  });

  it("begins months at local midnight", () => {
    assert.equal(new Date(monthStart(NOON, 0, 60)).toISOString(), "2025-05-31T23:00:00.000Z");
    assert.equal(new Date(monthStart(NOON, 6, -180)).toISOString(), "2024-12-01T03:00:00.000Z");
  });
});
