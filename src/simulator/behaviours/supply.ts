/**
 * What stands at the terminals: voltage, current, powers, power factor and frequency at one instant.
 * Voltage sags with the load; frequency is the grid's and the same for every meter. Without supply to the
 * customer nothing flows, but voltage and frequency stay.
 */
import { type Load, phaseShare, powerW, reactivePowerVar } from "./load.js";
import { chance } from "./random.js";

export interface PhaseValues {
  readonly voltageV: number;
  readonly currentA: number;
  readonly activeW: number;
  readonly reactiveVar: number;
  readonly apparentVa: number;
  /** 1 when nothing flows. */
  readonly powerFactor: number;
}

const DAY_MS = 86_400_000;
const NOISE_MS = 5_000;
const DEAD: PhaseValues = {
  voltageV: 0,
  currentA: 0,
  activeW: 0,
  reactiveVar: 0,
  apparentVa: 0,
  powerFactor: 1,
};

/** One phase at epoch time `t` (ms). A single-phase meter has nothing on phases 2 and 3. */
export function phaseValues(load: Load, phase: 1 | 2 | 3, t: number, supplied: boolean): PhaseValues {
  const share = phaseShare(load, phase);
  if (share === 0) return DEAD;
  const drawnW = supplied ? powerW(load, t) * share : 0;
  const noise = chance(load.seed, phase, Math.floor(t / NOISE_MS)) - 0.5;
  // Low in the evening, when the whole feeder draws.
  const daily = 4 * Math.cos((2 * Math.PI * (t - 4 * 3_600_000)) / DAY_MS);
  const voltageV = 230 + daily - drawnW * 0.0015 + noise * 1.6;
  return withPowers(voltageV, drawnW, supplied ? reactivePowerVar(load, t) * share : 0);
}

/** The sum of the phases: powers add, the power factor is that of the sums. Voltage is phase 1's, current the sum. */
export function totalValues(load: Load, t: number, supplied: boolean): PhaseValues {
  const phases = ([1, 2, 3] as const).map((phase) => phaseValues(load, phase, t, supplied));
  const activeW = phases.reduce((sum, phase) => sum + phase.activeW, 0);
  const reactiveVar = phases.reduce((sum, phase) => sum + phase.reactiveVar, 0);
  const apparentVa = Math.hypot(activeW, reactiveVar);
  return {
    voltageV: (phases[0] as PhaseValues).voltageV,
    currentA: phases.reduce((sum, phase) => sum + phase.currentA, 0),
    activeW,
    reactiveVar,
    apparentVa,
    powerFactor: apparentVa === 0 ? 1 : activeW / apparentVa,
  };
}

/** Grid frequency in Hz: the same for all meters at the same instant. */
export function frequencyHz(t: number): number {
  const drift = 0.04 * Math.sin((2 * Math.PI * t) / (17 * 60_000));
  return 50 + drift + (chance(50, Math.floor(t / NOISE_MS)) - 0.5) * 0.03;
}

function withPowers(voltageV: number, activeW: number, reactiveVar: number): PhaseValues {
  const apparentVa = Math.hypot(activeW, reactiveVar);
  return {
    voltageV,
    currentA: apparentVa / voltageV,
    activeW,
    reactiveVar,
    apparentVa,
    powerFactor: apparentVa === 0 ? 1 : activeW / apparentVa,
  };
}
