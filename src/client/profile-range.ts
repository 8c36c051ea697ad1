/**
 * Time bounds of a profile read, in the style of the meter's own clock (deviation, weekday, hundredths as it writes
 * them), because meters refuse other styles. The clock is read once.
 */
import { type Data, decodeDateTime } from "../axdr/index.js";
import { asDlmsError, usageError } from "../core/errors.js";
import {
  byRange,
  type CapturedColumn,
  clockColumn,
  instantOf,
  type RangeTemplate,
  type SelectiveAccess,
} from "../cosem/selective-access.js";
import { type Attributes } from "./attributes.js";

export interface ResolvedRange {
  /** Both ends, at the meter, to the second. */
  readonly first: Date;
  readonly last: Date;
  /** Neither end is a guess of ours. */
  readonly isBounded: boolean;
  selection(first: Date, last: Date): SelectiveAccess;
  /** Whether a complete row lies in the range; rows without a certain time do. */
  holds(row: readonly Data[], columns: readonly CapturedColumn[]): boolean;
}

interface Bound {
  readonly instant: Date;
  /** Minutes to add to the meter's local time to get UTC, as the bound itself says. */
  readonly deviationMinutes?: number;
}

const CLOCK = 8;
const TIME = 2;
const EARLIEST = "2000-01-01T00:00:00";
const LATEST = "2099-12-31T23:59:59";
const OFFSET = /(?:Z|([+-])(\d\d):?(\d\d))$/i;
const ISO = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/i;

export function isClock({ classId, attributeId }: CapturedColumn): boolean {
  return classId === CLOCK && attributeId === TIME;
}

export class ProfileRange {
  readonly #attributes: Attributes;
  #template: RangeTemplate | undefined;

  constructor(attributes: Attributes) {
    this.#attributes = attributes;
  }

  /** Undefined when no bound is given. @throws DlmsError FIELD_INVALID, or what keeps the clock from being read. */
  async resolve(
    from: string | Date | undefined,
    to: string | Date | undefined,
    clock: CapturedColumn = clockColumn,
  ): Promise<ResolvedRange | undefined> {
    if (from === undefined && to === undefined) return undefined;
    const template = (this.#template ??= await this.#style(clock));
    const first = atMeter(parseBound(from ?? EARLIEST, "from"), template);
    const last = atMeter(parseBound(to ?? LATEST, "to"), template);
    const { deviationMinutes = 0 } = template;
    return {
      first,
      last,
      isBounded: from !== undefined && to !== undefined,
      selection: (a, b) => byRange({ from: a, to: b, restricting: clock, template }),
      holds: (row, columns) => {
        const time = row[columns.findIndex(isClock)];
        const at = time === undefined ? undefined : instantOf(time, deviationMinutes);
        return at === undefined || (at >= first.getTime() && at <= last.getTime());
      },
    };
  }

  async #style({ classId, obis, attributeId }: CapturedColumn): Promise<RangeTemplate> {
    let time: Data;
    try {
      time = await this.#attributes.get({ classId, obis, attributeId });
    } catch (caught) {
      const error = asDlmsError(caught);
      if (error.family !== "ServiceError") throw error;
      // A clock that may not be read: local time, nothing said that a meter could refuse.
      return { withDeviation: false, withWeekday: false };
    }
    if ((time.type !== "octet-string" && time.type !== "date-time") || time.value.length !== 12)
      return time.type === "double-long-unsigned"
        ? { form: "unix-time" }
        : { withDeviation: false, withWeekday: false };
    const { deviationMinutes, weekday, hundredths, clockStatus } = decodeDateTime(time.value);
    return {
      form: time.type,
      withDeviation: deviationMinutes !== undefined,
      withWeekday: weekday !== undefined,
      withHundredths: hundredths !== undefined,
      ...(deviationMinutes === undefined ? {} : { deviationMinutes }),
      ...(clockStatus === undefined ? {} : { clockStatus: 0 }),
    };
  }
}

/** @throws DlmsError FIELD_INVALID naming `field`. */
function parseBound(bound: string | Date, field: string): Bound {
  if (typeof bound !== "string") {
    if (Number.isNaN(bound.getTime())) throw usageError("FIELD_INVALID", field, `${field} is not a date`);
    return { instant: bound, deviationMinutes: 0 };
  }
  const text = bound.trim();
  const local = text.replace(OFFSET, "").replace(" ", "T");
  const instant = new Date(`${local.length === 10 ? `${local}T00:00:00` : local}Z`);
  if (!ISO.test(text) || Number.isNaN(instant.getTime()))
    throw usageError(
      "FIELD_INVALID",
      field,
      `${field} must be a time in ISO 8601, such as 2026-01-31T00:00:00Z`,
    );
  const offset = text.length > 10 ? OFFSET.exec(text) : null;
  if (offset === null) return { instant };
  const minutes = Number(offset[2] ?? 0) * 60 + Number(offset[3] ?? 0);
  return { instant, deviationMinutes: offset[1] === "-" ? minutes : -minutes };
}

/** The instant, where local times are read by the meter's own deviation. */
function atMeter({ instant, deviationMinutes }: Bound, template: RangeTemplate): Date {
  // Where the meter doesn't say how far it is from UTC, the bound's own local time is taken as the meter's.
  const own = template.deviationMinutes;
  const shift = own === undefined ? 0 : (deviationMinutes ?? own);
  return new Date(instant.getTime() + shift * 60_000);
}
