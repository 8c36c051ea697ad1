/** Between the instants the simulation runs on and the wall time that schedules of a meter are written in. */
import { type MeterState } from "./meter-state.js";

/** What the meter's clock shows at `t`: milliseconds as if it showed UTC. */
export function wallAt(meter: MeterState, t: number): number {
  return meter.clockAt(t) - meter.deviationMinutes * 60_000;
}

/** When its clock will show `wall`, unless it is set before. */
export function instantOfWall(meter: MeterState, t: number, wall: number): number {
  return t + wall - wallAt(meter, t);
}
