/**
 * Profile generic (class 7): rows by time range, by entry numbers, the last few or all, as objects with scaled values.
 * What the meter leaves out of a row (null-data) is filled from the row before; a clock then is one capture period
 * later. Capture objects, scalers and the clock's own style are read once and kept.
 */
import { type Data } from "../axdr/index.js";
import { DlmsError, usageError } from "../core/errors.js";
import { normaliseObis } from "../cosem/obis.js";
import { type CapturedColumn, columnList } from "../cosem/selective-access.js";
import { type Attributes } from "./attributes.js";
import { canSelect, readBuffer } from "./profile-buffer.js";
import { type ProfileColumn, type ProfileRow, showColumns, showRow } from "./profile-columns.js";
import { isClock, ProfileRange } from "./profile-range.js";
import { profileAttribute } from "./profile-objects.js";
import { completeRows } from "./profile-rows.js";
import { scalerKey, type Scalers } from "./scalers.js";

export interface ProfileRequest {
  readonly obis: string | Uint8Array;
  /** First time wanted: ISO 8601, or an instant. Without an offset it is the meter's local time. */
  readonly from?: string | Date;
  readonly to?: string | Date;
  /** Instead of times: entry numbers from 1 in the buffer's order; `to` 0 or absent means up to the end. */
  readonly entries?: { readonly from: number; readonly to?: number };
  /** Instead of both: the newest rows, this many, in the buffer's order. */
  readonly last?: number;
  /** Most rows asked for at once. Without it all, in parts once the meter shows that this is too much. */
  readonly rowsPerRequest?: number;
}

export interface ProfileRows {
  readonly obisCode: string;
  readonly columns: readonly ProfileColumn[];
  readonly rows: readonly ProfileRow[];
}

interface Captured {
  readonly columns: readonly CapturedColumn[];
  periodSeconds?: number;
}

const CAPTURE_OBJECTS = 3;
const CAPTURE_PERIOD = 4;

export class ProfileReader {
  readonly #attributes: Attributes;
  readonly #scalers: Scalers;
  readonly #captured = new Map<string, Captured>();
  readonly #range: ProfileRange;

  constructor(attributes: Attributes, scalers: Scalers) {
    this.#attributes = attributes;
    this.#scalers = scalers;
    this.#range = new ProfileRange(attributes);
  }

  /** @throws DlmsError the meter's answer, FIELD_INVALID for bounds that are no time, LIMIT_EXCEEDED for too many rows. */
  async read(request: ProfileRequest): Promise<ProfileRows> {
    const { entries, from, last, rowsPerRequest, to } = request;
    const ways = [entries, last, from ?? to].filter((way) => way !== undefined);
    if (ways.length > 1)
      throw usageError(
        "FIELD_INVALID",
        last === undefined ? "entries" : "last",
        "rows are chosen by time, by entry numbers or as the last ones: one of these",
      );
    const obisCode = normaliseObis(request.obis, "obis");
    const captured = await this.#capture(obisCode);
    const { columns } = captured;
    const range = await this.#range.resolve(from, to, columns.find(isClock));
    const raw = await readBuffer(this.#attributes, {
      obisCode,
      columns,
      range,
      ...(entries === undefined ? {} : { entries }),
      ...(last === undefined ? {} : { last }),
      ...(rowsPerRequest === undefined ? {} : { rowsPerRequest }),
      periodSeconds: () => this.#period(obisCode, captured),
    });
    const scalers = await this.#columnScalers(columns);
    const shown = showColumns(columns, scalers);
    const rows = completeRows(raw, columns, await this.#periodFor(obisCode, captured, raw));
    // A meter that was not asked for a range sends everything.
    const isUncut = range !== undefined && !canSelect(this.#attributes);
    const wanted = isUncut ? rows.filter((row) => range.holds(row, columns)) : rows;
    return { obisCode, columns: shown, rows: wanted.map((row) => showRow(row, shown)) };
  }

  async #capture(obisCode: string): Promise<Captured> {
    const known = this.#captured.get(obisCode);
    if (known !== undefined) return known;
    const list = await this.#attributes.get(profileAttribute(obisCode, CAPTURE_OBJECTS));
    const captured = { columns: columnList(list, "captureObjects") };
    this.#captured.set(obisCode, captured);
    return captured;
  }

  /** Read only when a row leaves its clock out. */
  async #periodFor(
    obisCode: string,
    captured: Captured,
    rows: readonly (readonly Data[])[],
  ): Promise<number | undefined> {
    const clock = captured.columns.findIndex(isClock);
    if (clock < 0 || rows.every((row) => row[clock]?.type !== "null-data")) return undefined;
    return this.#period(obisCode, captured);
  }

  /** Seconds; 0 where rows are not captured by time. */
  async #period(obisCode: string, captured: Captured): Promise<number> {
    if (captured.periodSeconds === undefined) {
      const period = await this.#attributes.get(profileAttribute(obisCode, CAPTURE_PERIOD));
      captured.periodSeconds = "value" in period && typeof period.value === "number" ? period.value : 0;
    }
    return captured.periodSeconds;
  }

  async #columnScalers(columns: readonly CapturedColumn[]) {
    const scaled = columns.filter(({ dataIndex }) => dataIndex === 0);
    const refs = this.#scalers.needed(scaled);
    const answers = refs.length === 0 ? [] : await this.#attributes.getMany(refs);
    const failed = new Map<string, DlmsError>();
    refs.forEach((ref, i) => {
      const error = this.#scalers.learn(ref, answers[i] as Data | DlmsError);
      if (error !== undefined) failed.set(scalerKey(ref), error);
    });
    return columns.map((column) => {
      if (column.dataIndex !== 0) return undefined;
      const found = this.#scalers.find(column, failed);
      if (found instanceof DlmsError) throw found;
      return found;
    });
  }
}
