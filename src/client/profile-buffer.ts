/**
 * The rows of a profile's buffer (class 7, attribute 2) in as many requests as the meter needs: all at once where it
 * can, by windows of time or of entry numbers where it was said how many rows it takes, and halved whenever it answers
 * that this was too much. Rows that the meter captures meanwhile may shift entry numbers; ranges of time don't care.
 */
import { type Data } from "../axdr/index.js";
import { asDlmsError, DlmsError, usageError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import { byEntry, type CapturedColumn, type SelectiveAccess } from "../cosem/selective-access.js";
import { type Attributes } from "./attributes.js";
import { BUFFER, profileAttribute } from "./profile-objects.js";
import { isClock, type ResolvedRange } from "./profile-range.js";
import { rawRows } from "./profile-rows.js";

export interface BufferRequest {
  readonly obisCode: string;
  readonly columns: readonly CapturedColumn[];
  readonly range: ResolvedRange | undefined;
  readonly entries?: { readonly from: number; readonly to?: number };
  readonly last?: number;
  readonly rowsPerRequest?: number;
  readonly periodSeconds: () => Promise<number>;
}

type Rows = readonly (readonly Data[])[];

const SORT_METHOD = 5;
const ENTRIES_IN_USE = 7;
/** Newest entry first. */
const LIFO = 2;
/** Tag, invoke id, result and the array's head. */
const ANSWER_OVERHEAD = 12;
/** What a value takes beside its tag, about: a date-time, and anything else. */
const CLOCK_OCTETS = 14;
const VALUE_OCTETS = 6;
/** Windows of one range; beyond it a range is asked for as it is. */
const WINDOWS = 10_000;

/** Ranges go to the meter where selective access was agreed. */
export function canSelect({ association }: Attributes): boolean {
  return association?.conformance.has("selective-access") ?? true;
}

/** @throws DlmsError the meter's answer; LIMIT_EXCEEDED for more rows than are taken. */
export async function readBuffer(attributes: Attributes, request: BufferRequest): Promise<Rows> {
  const { entries, last, range } = request;
  const source = new BufferSource(attributes, request);
  if (entries !== undefined) return source.byEntries(entries.from, entries.to ?? 0);
  if (last !== undefined) return source.newest(last);
  if (range !== undefined && source.selects) return source.byTime(range);
  return source.whole();
}

class BufferSource {
  readonly #attributes: Attributes;
  readonly #request: BufferRequest;
  readonly #rows: (readonly Data[])[] = [];

  constructor(attributes: Attributes, request: BufferRequest) {
    this.#attributes = attributes;
    this.#request = request;
  }

  get selects(): boolean {
    return canSelect(this.#attributes);
  }

  async whole(): Promise<Rows> {
    try {
      return await this.#take(undefined);
    } catch (caught) {
      if (!this.selects || !isTooMuch(asDlmsError(caught))) throw caught;
    }
    return this.byEntries(1, 0);
  }

  /** @param to 0: up to the end. */
  async byEntries(from: number, to: number): Promise<Rows> {
    let { rowsPerRequest: size = this.#rowsThatFit() } = this.#request;
    let next = from;
    let end = to;
    for (;;) {
      const isWhole = size === undefined || (end !== 0 && end - next < size);
      if (!isWhole && end === 0) end = await this.#inUse();
      if (next > end && end !== 0) return this.#rows;
      const until = isWhole || size === undefined ? end : Math.min(end, next + size - 1);
      try {
        await this.#take(byEntry({ fromEntry: next, toEntry: until }));
      } catch (caught) {
        if (!isTooMuch(asDlmsError(caught)) || size === 1 || until === next) throw caught;
        if (end === 0) end = await this.#inUse();
        size = Math.max(1, Math.floor((size ?? end - next + 1) / 2));
        continue;
      }
      if (until === end) return this.#rows;
      next = until + 1;
    }
  }

  /** The newest rows. Where the meter cannot choose, everything comes and is cut here. */
  async newest(count: number): Promise<Rows> {
    if (!Number.isInteger(count) || count < 1)
      throw usageError("FIELD_INVALID", "last", "last must be a whole number from 1");
    const isNewestFirst = await this.#isNewestFirst();
    if (!this.selects) {
      const rows = await this.whole();
      return isNewestFirst ? rows.slice(0, count) : rows.slice(-count);
    }
    const inUse = await this.#inUse();
    if (inUse === 0) return [];
    return isNewestFirst
      ? this.byEntries(1, Math.min(count, inUse))
      : this.byEntries(Math.max(1, inUse - count + 1), inUse);
  }

  async byTime(range: ResolvedRange): Promise<Rows> {
    const { first, last, isBounded } = range;
    const size = this.#request.rowsPerRequest ?? this.#rowsThatFit();
    const periodSeconds = size === undefined || !isBounded ? 0 : await this.#request.periodSeconds();
    const stepMs = (size ?? 0) * periodSeconds * 1_000;
    if (stepMs === 0 || (last.getTime() - first.getTime()) / stepMs > WINDOWS) {
      await this.#window(range, first, last);
      return this.#rows;
    }
    for (let from = first.getTime(); from <= last.getTime(); from += stepMs)
      // The next window begins a second later: both ends of a range belong to it.
      await this.#window(range, new Date(from), new Date(Math.min(last.getTime(), from + stepMs - 1_000)));
    return this.#rows;
  }

  async #window(range: ResolvedRange, first: Date, last: Date): Promise<void> {
    try {
      await this.#take(range.selection(first, last));
      return;
    } catch (caught) {
      const isSplittable = last.getTime() - first.getTime() >= 2_000;
      if (!isSplittable || !isTooMuch(asDlmsError(caught))) throw caught;
    }
    const middle = Math.floor((first.getTime() + last.getTime()) / 2_000) * 1_000;
    await this.#window(range, first, new Date(middle));
    await this.#window(range, new Date(middle + 1_000), last);
  }

  async #take(selection: SelectiveAccess | undefined): Promise<Rows> {
    const { columns, obisCode } = this.#request;
    const buffer = await this.#attributes.get(profileAttribute(obisCode, BUFFER), selection);
    const rows = rawRows(buffer, columns.length);
    const total = this.#rows.length + rows.length;
    if (total > limits.profileRows)
      throw new DlmsError(
        "LIMIT_EXCEEDED",
        `the profile has ${total} rows, ${limits.profileRows} are taken`,
        {
          field: "rows",
        },
      );
    for (const row of rows) this.#rows.push(row);
    return this.#rows;
  }

  /** What fits one answer, where the meter cannot send longer ones in blocks; a guess that is halved if need be. */
  #rowsThatFit(): number | undefined {
    const { association } = this.#attributes;
    if (association === undefined || association.conformance.has("block-transfer-get")) return undefined;
    const octets = this.#request.columns.reduce(
      (sum, column) => sum + (isClock(column) ? CLOCK_OCTETS : VALUE_OCTETS),
      2,
    );
    return Math.max(1, Math.floor((association.maxReceivePdu - ANSWER_OVERHEAD) / octets));
  }

  async #inUse(): Promise<number> {
    const inUse = await this.#attributes.get(profileAttribute(this.#request.obisCode, ENTRIES_IN_USE));
    if ("value" in inUse && typeof inUse.value === "number") return inUse.value;
    throw new DlmsError("TYPE_UNMATCHED", `The number of entries in use is ${inUse.type}.`);
  }

  /** A meter that doesn't say how it sorts has its oldest entry first, as most do. */
  async #isNewestFirst(): Promise<boolean> {
    const [sort] = await this.#attributes.getMany([profileAttribute(this.#request.obisCode, SORT_METHOD)]);
    if (sort instanceof DlmsError && sort.family !== "ServiceError") throw sort;
    return sort !== undefined && "value" in sort && sort.value === LIFO;
  }
}

const tooMuch: ReadonlySet<unknown> = new Set([
  "data-block-unavailable",
  "long-get-aborted",
  "no-long-get-in-progress",
  "other-reason",
]);

/** Fewer rows may work where this many did not. */
function isTooMuch({ code, detail, field }: DlmsError): boolean {
  if (code === "LIMIT_EXCEEDED") return field !== "rows";
  if (code === "SERVICE_EXCEPTION") return detail?.["serviceError"] === "pdu-too-long";
  return code === "SERVICE_REFUSED" && tooMuch.has(detail?.["result"]);
}
