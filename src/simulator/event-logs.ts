/**
 * The event logs of one meter (the profiles 1-0:99.98.e.255), keyed by e: what happened before the simulation, by
 * the seed, and what happened since. Rows are in the shape of the profile's capture objects. Bounded per log.
 */
import { data } from "../axdr/build.js";
import { type Data } from "../axdr/data.js";
import { packBcd } from "../meter-types/token-digits.js";
import { clockOctets } from "./behaviours/clock.js";
import { pastEvents } from "./behaviours/events.js";

export interface LogRow {
  /** Epoch ms at which it was written. */
  readonly at: number;
  readonly columns: readonly Data[];
}

export const LOG_ENTRIES = 50;

/** E of the logs the meter itself writes to. */
const log = {
  relayOff: 46,
  relayOn: 47,
  creditTokenTime: 70,
  creditToken: 84,
  creditEnergy: 85,
  technologyToken: 86,
  postpaidMode: 87,
  prepaidMode: 88,
} as const;

export class EventLogs {
  readonly #seed: number;
  readonly #startedAt: number;
  readonly #rows = new Map<number, LogRow[]>();

  constructor(seed: number, startedAt: number) {
    this.#seed = seed;
    this.#startedAt = startedAt;
  }

  /**
   * Rows of log `code`, oldest first. `columns` is the number of capture objects: past events fill one or two
   * columns with their times and no others.
   */
  rows(code: number, columns: number, deviationMinutes: number): readonly LogRow[] {
    const own = this.#rows.get(code) ?? [];
    if (columns > 2) return own;
    const past = pastEvents(this.#seed, code, this.#startedAt).map(({ from, to }) => ({
      at: from,
      columns: [from, to].slice(0, columns).map((time) => dateTime(time, deviationMinutes)),
    }));
    return [...past, ...own].slice(-LOG_ENTRIES);
  }

  relayMoved(at: number, clock: number, deviationMinutes: number, supplied: boolean): void {
    this.#write(supplied ? log.relayOn : log.relayOff, at, [dateTime(clock, deviationMinutes)]);
  }

  tokenCredited(at: number, clock: number, deviationMinutes: number, token: string, energyWh: number): void {
    this.#write(log.creditTokenTime, at, [dateTime(clock, deviationMinutes)]);
    this.#write(log.creditToken, at, [data.octetString(packBcd(token))]);
    this.#write(log.creditEnergy, at, [tensOfWh(energyWh)]);
  }

  modeChanged(
    at: number,
    clock: number,
    deviationMinutes: number,
    prepaid: boolean,
    creditWh: number,
    activeWh: number,
  ): void {
    this.#write(prepaid ? log.prepaidMode : log.postpaidMode, at, [
      dateTime(clock, deviationMinutes),
      tensOfWh(Math.max(0, creditWh)),
      tensOfWh(activeWh),
    ]);
  }

  #write(code: number, at: number, columns: readonly Data[]): void {
    const rows = this.#rows.get(code);
    if (rows === undefined) this.#rows.set(code, [{ at, columns }]);
    else {
      rows.push({ at, columns });
      if (rows.length > LOG_ENTRIES) rows.shift();
    }
  }
}

function dateTime(epochMs: number, deviationMinutes: number): Data {
  return data.octetString(clockOctets(epochMs, deviationMinutes));
}

function tensOfWh(wh: number): Data {
  return data.doubleLongUnsigned(Math.floor(wh / 10));
}
