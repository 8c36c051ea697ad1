/**
 * The meter's clock (class 8): read, compared, and set in the meter's own style, because meters refuse other styles:
 * what it leaves unspecified (deviation, weekday, hundredths, status) stays unspecified. Time is an argument: this ring
 * has no clock of its own.
 */
import {
  type CosemDateTime,
  data,
  type Data,
  decodeDateTime,
  encodeDateTime,
  fromDate,
  toIso,
} from "../axdr/index.js";
import { DlmsError, usageError } from "../core/errors.js";
import { normaliseObis } from "../cosem/obis.js";
import { instantOf } from "../cosem/selective-access.js";
import { type Attributes } from "./attributes.js";
import { type AttributeRef, type MethodRef } from "./object-ref.js";

export interface ClockOptions {
  /** The true time, epoch milliseconds; asked around each request. */
  readonly now: () => number;
  /** Default 0-0:1.0.0.255. */
  readonly obis?: string | Uint8Array;
  /**
   * For a clock that doesn't say how far it is from UTC: minutes to add to its time to get UTC (UTC+1 is −60). Without
   * it the meter's own time zone and daylight saving (attributes 3, 7 and the status) count.
   */
  readonly deviationMinutes?: number;
}

export interface SetClockOptions extends ClockOptions {
  /** `set`: attribute 2 is written. `shift`: method 6, shift_time, by at most 900 s. Default `set`. */
  readonly method?: ClockMethod;
  /** Awaited before the request that changes the clock leaves; what it throws keeps it back. */
  readonly beforeSending?: (before: ClockReading) => Promise<void>;
}

export type ClockMethod = "set" | "shift";

export interface ClockReading {
  readonly obisCode: string;
  /** ISO 8601 as the meter shows it: without an offset where it says none; null for a clock that was never set. */
  readonly time: string | null;
  readonly deviationMinutes?: number;
  /** Bits 01 invalid, 02 doubtful, 04 other clock base, 08 invalid status, 80 daylight saving. */
  readonly clockStatus?: number;
  /** How far the meter's clock is ahead (behind: negative), milliseconds. Absent where its time or time zone is not known. */
  readonly differenceMs?: number;
}

/** A setting of the clock and the clock before it. */
export interface ClockSetting {
  readonly before: ClockReading;
  readonly after: ClockReading;
}

/** What a clock needs of the client. */
export interface ClockClient extends Attributes {
  set(attribute: AttributeRef, value: Data): Promise<void>;
  action(method: MethodRef, parameters?: Data): Promise<Data | undefined>;
}

interface Sighting {
  readonly reading: ClockReading;
  readonly style: Style;
  /** Minutes to add to the meter's time to get UTC. */
  readonly deviationMinutes: number | undefined;
  /** Half of the way there and back, milliseconds. */
  readonly wayMs: number;
}

/** What the clock's value is made of. */
type Style =
  | { readonly form: "unix-time" }
  | { readonly form: "octet-string" | "date-time"; readonly shown: CosemDateTime };

const CLOCK = 8;
const TIME = 2;
const TIME_ZONE = 3;
const DAYLIGHT_DEVIATION = 7;
const SHIFT_TIME = 6;
const DAYLIGHT_SAVING = 0x80;
/** Blue Book: shift_time takes −900 to 900 s. */
const LONGEST_SHIFT_S = 900;

/** @throws DlmsError the meter's answer; TYPE_UNMATCHED for a clock that is no date and time. */
export async function readClock(client: ClockClient, options: ClockOptions): Promise<ClockReading> {
  return (await look(client, options)).reading;
}

/**
 * Sets the clock to the true time and reads it back. Whether it is right then is the caller's to judge.
 * @throws DlmsError the meter's answer; NOT_CONFIGURED naming `deviationMinutes` where nothing tells the meter's time
 * zone; LIMIT_EXCEEDED for a shift that is too long.
 */
export async function setClock(client: ClockClient, options: SetClockOptions): Promise<ClockSetting> {
  const { now, method = "set" } = options;
  const seen = await look(client, options);
  const { reading, deviationMinutes, wayMs } = seen;
  const { differenceMs, obisCode: obis } = reading;
  if (deviationMinutes === undefined)
    throw usageError(
      "NOT_CONFIGURED",
      "deviationMinutes",
      "The meter's clock does not say how far it is from UTC; the meter type must.",
    );
  const shiftS = method === "shift" ? shiftSeconds(differenceMs) : 0;
  await options.beforeSending?.(reading);
  if (method === "shift")
    await client.action({ classId: CLOCK, obis, methodId: SHIFT_TIME }, data.long(shiftS));
  else await client.set(timeOf(obis), inStyle(new Date(now() + wayMs), deviationMinutes, seen.style));
  return { before: reading, after: await readClock(client, options) };
}

/** @throws DlmsError TYPE_UNMATCHED, LIMIT_EXCEEDED where a shift cannot set the clock right. */
function shiftSeconds(differenceMs: number | undefined): number {
  if (differenceMs === undefined)
    throw new DlmsError(
      "TYPE_UNMATCHED",
      "The meter's clock shows no certain time, so it cannot be shifted.",
    );
  const seconds = -Math.round(differenceMs / 1_000);
  if (Math.abs(seconds) > LONGEST_SHIFT_S)
    throw new DlmsError(
      "LIMIT_EXCEEDED",
      `The clock is ${Math.abs(seconds)} s wrong; a shift moves it by at most ${LONGEST_SHIFT_S} s.`,
    );
  return seconds;
}

async function look(client: ClockClient, options: ClockOptions): Promise<Sighting> {
  const obis = normaliseObis(options.obis ?? "0-0:1.0.0.255", "obis");
  const askedAt = options.now();
  const value = await client.get(timeOf(obis));
  const wayMs = Math.max(0, options.now() - askedAt) / 2;
  const style = styleOf(value);
  const deviationMinutes = style.form === "unix-time" ? 0 : await zone(client, obis, style.shown, options);
  const instant = deviationMinutes === undefined ? undefined : instantOf(value, deviationMinutes);
  const time =
    style.form === "unix-time"
      ? new Date(instant ?? 0).toISOString().replace(".000", "")
      : toIso(style.shown);
  const own = style.form === "unix-time" ? undefined : style.shown;
  const reading: ClockReading = {
    obisCode: obis,
    time: time ?? null,
    ...(own?.deviationMinutes === undefined ? {} : { deviationMinutes: own.deviationMinutes }),
    ...(own?.clockStatus === undefined ? {} : { clockStatus: own.clockStatus }),
    ...(instant === undefined ? {} : { differenceMs: Math.round(instant - (askedAt + wayMs)) }),
  };
  return { reading, style, deviationMinutes, wayMs };
}

function timeOf(obis: string): AttributeRef {
  return { classId: CLOCK, obis, attributeId: TIME };
}

function styleOf(value: Data): Style {
  if (value.type === "double-long-unsigned") return { form: "unix-time" };
  if ((value.type === "octet-string" || value.type === "date-time") && value.value.length === 12)
    return { form: value.type, shown: decodeDateTime(value.value) };
  throw new DlmsError("TYPE_UNMATCHED", `The meter's clock is ${value.type}, not a date and time.`);
}

async function zone(
  client: ClockClient,
  obis: string,
  { deviationMinutes, clockStatus = 0 }: CosemDateTime,
  options: ClockOptions,
): Promise<number | undefined> {
  const known = deviationMinutes ?? options.deviationMinutes;
  if (known !== undefined) return known;
  const [timeZone, daylight] = await client.getMany(
    [TIME_ZONE, DAYLIGHT_DEVIATION].map((attributeId) => ({ classId: CLOCK, obis, attributeId })),
  );
  const standard = minutes(timeZone);
  // Local time is ahead by the daylight saving that the status tells of.
  return standard === undefined || (clockStatus & DAYLIGHT_SAVING) === 0
    ? standard
    : standard - (minutes(daylight) ?? 60);
}

/** @throws DlmsError what kept it from being read, unless the meter said no. */
function minutes(value: Data | DlmsError | undefined): number | undefined {
  if (value instanceof DlmsError && value.family !== "ServiceError") throw value;
  if (value === undefined || value instanceof DlmsError) return undefined;
  const isMinutes = value.type === "long" || value.type === "integer";
  return isMinutes && Math.abs(value.value) <= 840 ? value.value : undefined;
}

/** The instant as this meter writes it. */
function inStyle(instant: Date, deviationMinutes: number, style: Style): Data {
  if (style.form === "unix-time") return data.doubleLongUnsigned(Math.round(instant.getTime() / 1_000));
  const { shown, form } = style;
  // A clock that counts whole seconds gets the nearest one.
  const fine = shown.hundredths !== undefined && shown.hundredths !== 0;
  const target = fine ? instant : new Date(Math.round(instant.getTime() / 1_000) * 1_000);
  const { weekday, hundredths, ...rest } = fromDate(target, deviationMinutes);
  const octets = encodeDateTime({
    ...rest,
    ...(shown.weekday === undefined ? {} : { weekday }),
    ...(shown.hundredths === undefined ? {} : { hundredths }),
    deviationMinutes: shown.deviationMinutes,
    clockStatus: shown.clockStatus === undefined ? undefined : shown.clockStatus & DAYLIGHT_SAVING,
  });
  return form === "date-time" ? data.dateTime(octets) : data.octetString(octets);
}
