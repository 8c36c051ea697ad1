/**
 * When a load profile took its entries: at every instant the meter's own clock showed a multiple of the capture
 * period. Computed from the history rather than stored, bounded by the profile's size.
 */
import { type Segment } from "./history.js";

/**
 * Epoch times of the newest `most` captures after `since` up to and including `until`, oldest first.
 * A segment's clock error decides which instants it captured at.
 */
export function captureTimes(
  segments: readonly Segment[],
  since: number,
  until: number,
  periodMs: number,
  most: number,
): number[] {
  const newestFirst: number[] = [];
  let end = until;
  for (let i = segments.length - 1; i >= 0 && newestFirst.length < most; i--) {
    const { at, clockErrorMs } = segments[i] as Segment;
    const start = Math.max(at, since);
    let t = Math.floor((end + clockErrorMs) / periodMs) * periodMs - clockErrorMs;
    for (; t > start && newestFirst.length < most; t -= periodMs) newestFirst.push(t);
    end = Math.min(end, at);
    if (at <= since) break;
  }
  return newestFirst.reverse();
}
