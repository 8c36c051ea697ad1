/**
 * What a household draws: active and reactive power as sums of slow and fast waves around a mean, so that their
 * integral, the energy, has a closed form: any instant can be asked for without having simulated those before it.
 * Evening and morning peaks follow the local time of day. The waves never sum to a negative power.
 */
import { between, chance } from "./random.js";

/** One wave: share of the mean, period, and the time of its crest. Milliseconds. */
interface Wave {
  readonly share: number;
  readonly periodMs: number;
  readonly crestMs: number;
}

export interface Load {
  readonly seed: number;
  readonly phases: 1 | 3;
  readonly meanW: number;
  readonly meanVar: number;
  readonly active: readonly Wave[];
  readonly reactive: readonly Wave[];
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** A meter reports phase shares of a three-phase load; they sum to one. */
const PHASE_SHARES = [0.42, 0.33, 0.25] as const;

/** The load behind a meter. `utcOffsetMinutes` places the daily peaks. */
export function loadOf(seed: number, phases: 1 | 3, utcOffsetMinutes: number): Load {
  const local = -utcOffsetMinutes * MINUTE_MS;
  const meanW = between(180, 900, seed, 1) * phases;
  const evening = local + between(19, 21.5, seed, 2) * HOUR_MS;
  const morning = local + between(6.5, 8.5, seed, 3) * HOUR_MS;
  const fridgeMs = between(38, 55, seed, 4) * MINUTE_MS;
  const kettleMs = between(6, 9, seed, 5) * MINUTE_MS;
  return {
    seed,
    phases,
    meanW,
    meanVar: meanW * between(0.2, 0.35, seed, 6),
    active: [
      { share: 0.4, periodMs: 24 * HOUR_MS, crestMs: evening },
      { share: 0.2, periodMs: 12 * HOUR_MS, crestMs: morning },
      { share: 0.14, periodMs: fridgeMs, crestMs: fridgeMs * chance(seed, 7) },
      { share: 0.1, periodMs: kettleMs, crestMs: kettleMs * chance(seed, 8) },
      { share: 0.08, periodMs: 7 * 24 * HOUR_MS, crestMs: local + 3 * 24 * HOUR_MS },
    ],
    reactive: [
      { share: 0.35, periodMs: 24 * HOUR_MS, crestMs: evening },
      { share: 0.18, periodMs: 12 * HOUR_MS, crestMs: morning },
      { share: 0.3, periodMs: fridgeMs, crestMs: fridgeMs * chance(seed, 7) },
    ],
  };
}

/** Active power in W while supplied, at epoch time `t` (ms). Always positive. */
export function powerW(load: Load, t: number): number {
  return load.meanW * level(load.active, t);
}

/** Reactive power (import) in var while supplied. */
export function reactivePowerVar(load: Load, t: number): number {
  return load.meanVar * level(load.reactive, t);
}

/** Active energy in Wh drawn between two instants by a load that was supplied all the time. */
export function energyWhBetween(load: Load, from: number, to: number): number {
  return (load.meanW * (integral(load.active, to) - integral(load.active, from))) / HOUR_MS;
}

/** Reactive energy in varh between two instants. */
export function reactiveVarhBetween(load: Load, from: number, to: number): number {
  return (load.meanVar * (integral(load.reactive, to) - integral(load.reactive, from))) / HOUR_MS;
}

/** The share of phase 1, 2 or 3 in all that is drawn. */
export function phaseShare(load: Load, phase: 1 | 2 | 3): number {
  if (load.phases === 1) return phase === 1 ? 1 : 0;
  return PHASE_SHARES[phase - 1] as number;
}

/**
 * When `energyWh` more will have been drawn from `from` on, in epoch ms (the first millisecond at which it is so).
 * Bisection: energy only grows.
 */
export function timeOfEnergy(load: Load, from: number, energyWh: number): number {
  if (energyWh <= 0) return from;
  let low = from;
  let high = from + HOUR_MS;
  while (energyWhBetween(load, from, high) < energyWh) {
    low = high;
    high += high - from;
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (energyWhBetween(load, from, middle) >= energyWh) high = middle;
    else low = middle;
  }
  return high;
}

function level(waves: readonly Wave[], t: number): number {
  let sum = 1;
  for (const { share, periodMs, crestMs } of waves)
    sum += share * Math.cos((2 * Math.PI * (t - crestMs)) / periodMs);
  return sum;
}

/** The antiderivative of `level` in ms. */
function integral(waves: readonly Wave[], t: number): number {
  let sum = t;
  for (const { share, periodMs, crestMs } of waves) {
    const angle = (2 * Math.PI) / periodMs;
    sum += (share / angle) * Math.sin(angle * (t - crestMs));
  }
  return sum;
}
