/**
 * Selective access to a profile's buffer (class 7, attribute 2): selector 1 by range, 2 by entry; built by the client,
 * parsed by a server. Entries and columns count from 1 in the order of the sorted buffer; 0 as an end means the last.
 */
import {
  type CosemDateTime,
  type Data,
  data,
  decodeDateTime,
  encodeDateTime,
  fromDate,
} from "../axdr/index.js";
import { usageError } from "../core/errors.js";
import { formatObis, parseObis } from "./obis.js";

/** What goes into a GET beside the attribute; same shape as the service's. */
export interface SelectiveAccess {
  readonly selector: number;
  readonly parameters: Data;
}

/** A captured attribute, as capture_objects lists it. */
export interface CapturedColumn {
  readonly classId: number;
  readonly obis: string;
  readonly attributeId: number;
  readonly dataIndex: number;
}

/** The clock's time, what profiles are restricted by unless told otherwise. */
export const clockColumn: CapturedColumn = {
  classId: 8,
  obis: "0-0:1.0.0.255",
  attributeId: 2,
  dataIndex: 0,
};

/** How a meter wants the bounds of a range. Meters refuse forms other than their own clock's. */
export interface RangeTemplate {
  /** `octet-string` is the common form; `unix-time` (double-long-unsigned) suits meters whose profile counts seconds. */
  readonly form?: "octet-string" | "date-time" | "unix-time";
  /** The meter's local time: minutes to add to it to get UTC (UTC+1 is −60). Default 0. */
  readonly deviationMinutes?: number;
  /** Whether the deviation is written (8000, not specified, otherwise). Default true. */
  readonly withDeviation?: boolean;
  /** Whether the weekday is written (FF otherwise). Default true. */
  readonly withWeekday?: boolean;
  /** Whether hundredths are written (FF otherwise). Default true. */
  readonly withHundredths?: boolean;
  /** Clock status to write; absent: FF, not specified. */
  readonly clockStatus?: number;
}

export interface RangeOptions {
  readonly from: Date;
  readonly to: Date;
  /** What is compared; default the clock. */
  readonly restricting?: CapturedColumn;
  /** Columns to send; default all. */
  readonly columns?: readonly CapturedColumn[];
  readonly template?: RangeTemplate;
}

/** Selector 1: rows whose clock lies between `from` and `to`, both included. */
export function byRange(options: RangeOptions): SelectiveAccess {
  const { from, to, restricting = clockColumn, columns = [], template = {} } = options;
  return {
    selector: 1,
    parameters: data.structure([
      columnData(restricting),
      bound(from, template, "from"),
      bound(to, template, "to"),
      data.array(columns.map(columnData)),
    ]),
  };
}

export interface EntryOptions {
  /** First entry, from 1. */
  readonly fromEntry?: number;
  /** Last entry; 0, the default, means up to the end. */
  readonly toEntry?: number;
  readonly fromColumn?: number;
  readonly toColumn?: number;
}

/** Selector 2: rows by number. @throws UsageError FIELD_INVALID for numbers the selector cannot carry. */
export function byEntry({
  fromEntry = 1,
  toEntry = 0,
  fromColumn = 1,
  toColumn = 0,
}: EntryOptions): SelectiveAccess {
  return {
    selector: 2,
    parameters: data.structure([
      data.doubleLongUnsigned(whole(fromEntry, 1, 0xffff_ffff, "fromEntry")),
      data.doubleLongUnsigned(whole(toEntry, 0, 0xffff_ffff, "toEntry")),
      data.longUnsigned(whole(fromColumn, 1, 0xffff, "fromColumn")),
      data.longUnsigned(whole(toColumn, 0, 0xffff, "toColumn")),
    ]),
  };
}

export type ParsedSelection =
  | {
      readonly type: "by-range";
      readonly restricting: CapturedColumn;
      /** As sent; `instantOf` gives the instant where they are moments. */
      readonly from: Data;
      readonly to: Data;
      /** Empty: all. */
      readonly columns: readonly CapturedColumn[];
    }
  | ({ readonly type: "by-entry" } & Required<EntryOptions>);

/** @throws UsageError FIELD_INVALID naming what is wrong: another selector, another structure. */
export function parseSelection({ selector, parameters }: SelectiveAccess): ParsedSelection {
  const items = parameters.type === "structure" ? parameters.value : [];
  const [first, second, third, fourth] = items;
  if (
    first === undefined ||
    second === undefined ||
    third === undefined ||
    fourth === undefined ||
    items.length !== 4
  )
    throw usageError("FIELD_INVALID", "parameters", "selective access takes a structure of four elements");
  if (selector === 1)
    return {
      type: "by-range",
      restricting: column(first, "restrictingObject"),
      from: second,
      to: third,
      columns: columnList(fourth),
    };
  if (selector === 2)
    return {
      type: "by-entry",
      fromEntry: count(first, "fromEntry"),
      toEntry: count(second, "toEntry"),
      fromColumn: count(third, "fromColumn"),
      toColumn: count(fourth, "toColumn"),
    };
  throw usageError("FIELD_INVALID", "selector", `selector ${selector} is not known for a profile`);
}

/**
 * The instant a range bound or a captured time stands for, in epoch ms; undefined when it is none or not certain.
 * @param deviationMinutes assumed where the value does not say.
 */
export function instantOf(value: Data, deviationMinutes = 0): number | undefined {
  if (value.type === "double-long-unsigned") return value.value * 1_000;
  if ((value.type !== "octet-string" && value.type !== "date-time") || value.value.length !== 12)
    return undefined;
  const { year, month, day, hour, minute, second, hundredths, ...moment } = decodeDateTime(value.value);
  if (year === undefined || month === undefined || day === undefined || month > 12 || day > 31)
    return undefined;
  const local = Date.UTC(year, month - 1, day, hour ?? 0, minute ?? 0, second ?? 0, (hundredths ?? 0) * 10);
  return local + (moment.deviationMinutes ?? deviationMinutes) * 60_000;
}

/** A captured column as Data: class, logical name, attribute, data index. */
export function columnData({ classId, obis, attributeId, dataIndex }: CapturedColumn): Data {
  return data.structure([
    data.longUnsigned(classId),
    data.octetString(parseObis(obis)),
    data.integer(attributeId),
    data.longUnsigned(dataIndex),
  ]);
}

/** capture_objects, or the selected values of a range. @throws UsageError FIELD_INVALID. */
export function columnList(list: Data, field = "selectedValues"): readonly CapturedColumn[] {
  if (list.type === "null-data") return [];
  if (list.type !== "array") throw usageError("FIELD_INVALID", field, `${field} must be an array`);
  return list.value.map((item, i) => column(item, `${field}[${i}]`));
}

function column(item: Data, field: string): CapturedColumn {
  const [classId, name, attributeId, dataIndex] = item.type === "structure" ? item.value : [];
  if (
    name?.type !== "octet-string" ||
    name.value.length !== 6 ||
    classId === undefined ||
    attributeId === undefined
  )
    throw usageError(
      "FIELD_INVALID",
      field,
      `${field} must be class, logical name, attribute and data index`,
    );
  return {
    classId: count(classId, field),
    obis: formatObis(name.value),
    attributeId: count(attributeId, field),
    dataIndex: dataIndex === undefined ? 0 : count(dataIndex, field),
  };
}

/** Numbers of any width: clients and meters are not strict about it. */
function count(value: Data, field: string): number {
  if ("value" in value && typeof value.value === "number" && Number.isInteger(value.value))
    return value.value;
  throw usageError("FIELD_INVALID", field, `${field} must be an integer, not ${value.type}`);
}

function whole(value: number, low: number, high: number, field: string): number {
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  throw usageError("FIELD_INVALID", field, `${field} must be an integer from ${low} to ${high}`);
}

function bound(instant: Date, template: RangeTemplate, field: string): Data {
  const ms = instant.getTime();
  if (Number.isNaN(ms)) throw usageError("FIELD_INVALID", field, `${field} is not a date`);
  const { form = "octet-string", deviationMinutes = 0, clockStatus } = template;
  if (form === "unix-time")
    return data.doubleLongUnsigned(whole(Math.floor(ms / 1_000), 0, 0xffff_ffff, field));
  const { weekday, hundredths, ...rest } = fromDate(instant, deviationMinutes);
  const moment: CosemDateTime = {
    ...rest,
    ...(template.withWeekday === false ? {} : { weekday }),
    ...(template.withHundredths === false ? {} : { hundredths }),
    deviationMinutes: template.withDeviation === false ? undefined : deviationMinutes,
    clockStatus,
  };
  const octets = encodeDateTime(moment);
  return form === "date-time" ? data.dateTime(octets) : data.octetString(octets);
}
