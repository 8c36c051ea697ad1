/**
 * Events that happened before the simulation began: voltage dips, swells, overloads and power cuts of the last two
 * months, by the seed. Whether a log has any is a property of its number (E of 1-0:99.98.e.255). What happens
 * during the simulation is written by the meter itself.
 */
import { between, chance } from "./random.js";

export interface PastEvent {
  readonly from: number;
  readonly to: number;
}

/** Logs that an ordinary meter has entries in, and how long such an event lasts at most (ms). */
const USUAL: ReadonlyMap<number, number> = new Map([
  [4, 45 * 60_000],
  [7, 10 * 60_000],
  [25, 5 * 60_000],
  [34, 6 * 3_600_000],
  [44, 2 * 60_000],
]);
const LOOK_BACK_MS = 60 * 86_400_000;

/** At most six events of log `code` in the sixty days before `startedAt` (epoch ms), oldest first. */
export function pastEvents(seed: number, code: number, startedAt: number): readonly PastEvent[] {
  const longest = USUAL.get(code);
  if (longest === undefined) return [];
  const count = Math.floor(between(0, 7, seed, code));
  const slot = LOOK_BACK_MS / Math.max(1, count);
  return Array.from({ length: count }, (_, i) => {
    const from = Math.floor(
      startedAt - LOOK_BACK_MS + slot * i + chance(seed, code, i, 1) * (slot - longest),
    );
    return { from, to: from + Math.floor(between(0.05, 1, seed, code, i, 2) * longest) };
  });
}
