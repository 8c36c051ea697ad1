/**
 * Months, tariffs and capture boundaries in a meter's local time. Offsets are minutes east of UTC; summer time is
 * left out. Epoch times are milliseconds.
 */
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Epoch time at which the local month `back` months before that of `t` began; 0 is the running month. */
export function monthStart(t: number, back: number, utcOffsetMinutes: number): number {
  const local = new Date(t + utcOffsetMinutes * MINUTE_MS);
  return Date.UTC(local.getUTCFullYear(), local.getUTCMonth() - back, 1) - utcOffsetMinutes * MINUTE_MS;
}

/** Starts of the running and the twelve months before it: what billing registers can ask for. */
export function monthStarts(t: number, utcOffsetMinutes: number): number[] {
  return Array.from({ length: 13 }, (_, back) => monthStart(t, back, utcOffsetMinutes));
}

/** Tariff 1 to 4: night, morning, afternoon, evening; six hours each. */
export function tariffAt(t: number, utcOffsetMinutes: number): 1 | 2 | 3 | 4 {
  const hour = new Date(t + utcOffsetMinutes * MINUTE_MS).getUTCHours();
  return (Math.floor(hour / 6) + 1) as 1 | 2 | 3 | 4;
}

/** Start of the full hour that `t` lies in, for zones that are whole hours off UTC or not. */
export function hourStart(t: number, utcOffsetMinutes: number): number {
  const shift = utcOffsetMinutes * MINUTE_MS;
  return Math.floor((t + shift) / HOUR_MS) * HOUR_MS - shift;
}
