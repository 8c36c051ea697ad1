/**
 * Counter stands and maximum demands as billing registers show them: now, at the ends of the last twelve months,
 * and per tariff. Tariff stands split the total by what each six-hour window takes of this load's typical day, so
 * that the four always sum to the total. Demand is the mean power of a full clock hour.
 */
import { hourStart, monthStart, tariffAt } from "./calendar.js";
import { type EnergyStand, type History } from "./history.js";
import { energyWhBetween, type Load } from "./load.js";

export type EnergyQuantity = "active" | "reactive" | "apparent" | "none";

/** The energy of a stand in Wh, varh or VAh; apparent energy is the vector sum, `none` (export) is always zero. */
export function energyOf(stand: EnergyStand, quantity: EnergyQuantity): number {
  switch (quantity) {
    case "active":
      return stand.activeWh;
    case "reactive":
      return stand.reactiveVarh;
    case "apparent":
      return Math.hypot(stand.activeWh, stand.reactiveVarh);
    case "none":
      return 0;
  }
}

/** Share of each tariff in the load's typical day; sums to one. */
export function tariffShares(load: Load, utcOffsetMinutes: number): readonly number[] {
  const day = 86_400_000;
  const start = -utcOffsetMinutes * 60_000;
  const whole = energyWhBetween(load, start, start + day);
  return [0, 1, 2, 3].map(
    (quarter) =>
      energyWhBetween(load, start + (quarter * day) / 4, start + ((quarter + 1) * day) / 4) / whole,
  );
}

/**
 * `total` as tariff `tariff` shows it, in the register's own integer steps: tariffs 2 to 4 are rounded down, tariff
 * 1 takes what is left, so the sum is exact.
 */
export function tariffPart(total: number, shares: readonly number[], tariff: number): number {
  if (tariff === 0) return total;
  const part = (index: number) => Math.floor(total * (shares[index] as number));
  return tariff === 1 ? total - part(1) - part(2) - part(3) : part(tariff - 1);
}

export interface Demand {
  /** Mean power over the hour: W, var or VA. */
  readonly power: number;
  /** Epoch ms of that hour's end; the month's start while no hour has ended. */
  readonly at: number;
}

const HOUR_MS = 3_600_000;

/**
 * Highest hourly demand in the month `back` months before that of `t`, up to `t`; tariff 0 is all day. Of hours that
 * began before `since` nothing is known.
 */
export function maximumDemand(
  history: History,
  quantity: EnergyQuantity,
  tariff: number,
  t: number,
  back: number,
  utcOffsetMinutes: number,
  since = -Infinity,
): Demand {
  const from = Math.max(since, monthStart(t, back, utcOffsetMinutes));
  const floor = hourStart(from, utcOffsetMinutes);
  const first = floor < from ? floor + HOUR_MS : floor;
  const end = Math.min(t, monthStart(t, back - 1, utcOffsetMinutes));
  let best: Demand = { power: 0, at: from };
  let before = history.standAt(first);
  for (let hour = first + HOUR_MS; hour <= end; hour += HOUR_MS) {
    const after = history.standAt(hour);
    const power = energyOf(difference(before, after), quantity);
    before = after;
    if (power > best.power && (tariff === 0 || tariffAt(hour - 1, utcOffsetMinutes) === tariff))
      best = { power, at: hour };
  }
  return best;
}

function difference(before: EnergyStand, after: EnergyStand): EnergyStand {
  return {
    activeWh: after.activeWh - before.activeWh,
    reactiveVarh: after.reactiveVarh - before.reactiveVarh,
  };
}
