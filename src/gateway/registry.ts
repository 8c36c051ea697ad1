/**
 * The meters a listener knows, keyed by normalised serial number: who is online on which link, which generation that
 * link is, what the backend says about the meter. Offline meters stay known, so that "offline" and "unknown" differ.
 */
import { DlmsError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import { type ActivityView, MeterActivity } from "./activity.js";
import { AddressHistory } from "./address-history.js";
import { normaliseSerial } from "./identity.js";

/** `unavailable`: nobody could be asked, which is not the same as having no record. */
export type Binding =
  { readonly backendId: string } | { readonly reason: string; readonly unavailable?: boolean };

export type Registration = "pending" | "registered" | "unknown-to-backend" | "unavailable";

export interface MeterName {
  readonly meterSerialNumber: string;
  readonly backendId?: string | undefined;
}

/** A meter as the outside sees it. */
export interface MeterView extends ActivityView {
  readonly meterSerialNumber: string;
  readonly online: boolean;
  readonly associated: boolean;
  /** Two live links claim this serial number. */
  readonly conflict: boolean;
  readonly generation: number;
  readonly linkId?: string;
  readonly dialect: string;
  readonly meterType: string;
  readonly remoteAddress: string;
  readonly registration: Registration;
  readonly backendId?: string;
  readonly reason?: string;
  /** ISO 8601, UTC: when something arrived last. */
  readonly lastSeen: string;
  /** Commands waiting or running. */
  readonly queued: number;
}

/** What the registry keeps per meter. `Link` is the listener's own link; the registry only holds it. */
export interface MeterRecord<Link> {
  readonly serial: string;
  generation: number;
  live?: Link;
  /** A second link with the same claim, held without association. */
  readonly parked: Set<Link>;
  dialect: string;
  meterType: string;
  remoteAddress: string;
  readonly addresses: AddressHistory;
  registration: Registration;
  backendId?: string;
  reason?: string;
  lastSeenMs: number;
  readonly activity: MeterActivity;
  /** The registry's count of changes when this record changed last. */
  revision: number;
}

/** What has changed since a revision. Asked again with `revision`, it goes on from there. */
export interface RegistryChanges {
  readonly revision: number;
  /** The registry's revision when this was asked for: what the next pages go on with while there is more. */
  readonly asOf: number;
  readonly meters: readonly MeterView[];
  /** Serial numbers that are not known any more. */
  readonly gone: readonly string[];
  /** There is more: ask again at once. */
  readonly more: boolean;
  /** These are all meters, not changes: what is not among them, before or after it, is gone. */
  readonly complete: boolean;
}

/** What a view needs to know of a live link and its queue. */
export interface LinkFacts {
  readonly id: string;
  readonly associated: boolean;
}

export interface RegistryHooks<Link> {
  readonly describe: (link: Link) => LinkFacts;
  readonly queued: (serial: string) => number;
  /** Called after a binding changed. */
  readonly bound: (record: MeterRecord<Link>) => void;
  /** Lengths that meter types strip leading zeros to: other spellings under which a meter may be asked for. */
  readonly zeroLengths: readonly number[];
}

/** The outside of a registry. */
export interface Registry {
  list(): readonly MeterView[];
  /** By serial number in any spelling that names one meter only. */
  find(serial: string): MeterView | undefined;
  byBackendId(id: string): MeterView | undefined;
  /** The key of a known meter, else the text trimmed and upper-cased. */
  normalise(serial: string): string;
  /** What the backend says about a meter. Unknown serial numbers are ignored. */
  bind(serial: string, outcome: Binding): void;
  /** Counts every change of any meter. */
  readonly revision: number;
  /**
   * Meters that changed after `since` (0: all), the oldest change first, at most `limit` of them.
   * @param asOf of the first page, for the pages after it.
   */
  changes(since: number, limit: number, asOf?: number): RegistryChanges;
}

/** Meters that were forgotten, for who follows by changes. */
const FORGOTTEN = 1_000;

export class MeterRegistry<Link> implements Registry {
  readonly #records = new Map<string, MeterRecord<Link>>();
  readonly #byBackendId = new Map<string, string>();
  readonly #hooks: RegistryHooks<Link>;
  #forgotten: { readonly serial: string; readonly revision: number }[] = [];
  #forgottenBefore = 0;
  #revision = 0;

  constructor(hooks: RegistryHooks<Link>) {
    this.#hooks = hooks;
  }

  list(): readonly MeterView[] {
    return [...this.#records.values()].map((record) => this.#view(record));
  }

  find(serial: string): MeterView | undefined {
    const record = this.record(serial);
    return record && this.#view(record);
  }

  byBackendId(id: string): MeterView | undefined {
    const serial = this.#byBackendId.get(id.trim());
    return serial === undefined ? undefined : this.find(serial);
  }

  normalise(serial: string): string {
    return this.record(serial)?.serial ?? normaliseSerial(serial);
  }

  bind(serial: string, outcome: Binding): void {
    const record = this.record(serial);
    if (record === undefined) return;
    if (record.backendId !== undefined) this.#byBackendId.delete(record.backendId);
    if ("backendId" in outcome) {
      record.registration = "registered";
      record.backendId = outcome.backendId;
      record.reason = undefined;
      this.#byBackendId.set(outcome.backendId, record.serial);
    } else {
      record.registration = outcome.unavailable === true ? "unavailable" : "unknown-to-backend";
      record.backendId = undefined;
      record.reason = outcome.reason;
    }
    this.touch(record);
    this.#hooks.bound(record);
  }

  /** The meter that a command names, by serial number or by the backend's id. @throws METER_UNKNOWN, AMBIGUOUS_METER */
  named({ meterSerialNumber, backendId }: MeterName): MeterRecord<Link> {
    const bySerial = this.record(meterSerialNumber);
    const bound = this.byBackendId(backendId ?? meterSerialNumber);
    const byRecord = bound && this.record(bound.meterSerialNumber);
    if (bySerial !== undefined && byRecord !== undefined && bySerial !== byRecord)
      throw new DlmsError("AMBIGUOUS_METER", undefined, { field: "meterId" });
    const record = bySerial ?? byRecord;
    if (record === undefined) throw new DlmsError("METER_UNKNOWN", undefined, { field: "meterSerialNumber" });
    return record;
  }

  /**
   * The record of a serial number: the exact key first; else, with leading zeros removed as meter types do,
   * if exactly one known meter fits.
   */
  record(serial: string): MeterRecord<Link> | undefined {
    const key = normaliseSerial(serial);
    const exact = this.#records.get(key);
    if (exact !== undefined || !/^\d+$/.test(key)) return exact;
    const found = new Set<MeterRecord<Link>>();
    for (const length of this.#hooks.zeroLengths) {
      const record = this.#records.get(normaliseSerial(key, length));
      if (record !== undefined) found.add(record);
    }
    return found.size === 1 ? [...found][0] : undefined;
  }

  /** The record under exactly this key, made when new. */
  open(serial: string, nowMs: number): MeterRecord<Link> {
    let record = this.#records.get(serial);
    if (record === undefined) {
      this.#makeRoom();
      record = {
        serial,
        generation: 0,
        parked: new Set(),
        dialect: "silent",
        meterType: "",
        remoteAddress: "",
        addresses: new AddressHistory(),
        registration: "pending",
        lastSeenMs: nowMs,
        activity: new MeterActivity(),
        revision: 0,
      };
      this.#records.set(serial, record);
      this.touch(record);
    }
    return record;
  }

  /** The record whose live link this is. */
  recordOf(link: Link, serial: string | undefined): MeterRecord<Link> | undefined {
    const record = serial === undefined ? undefined : this.#records.get(serial);
    return record?.live === link ? record : undefined;
  }

  /** Something that a view shows has changed. */
  touch(record: MeterRecord<Link>): void {
    record.revision = ++this.#revision;
  }

  get revision(): number {
    return this.#revision;
  }

  changes(since: number, limit: number, asOf = since): RegistryChanges {
    const complete = since <= 0 || since > this.#revision || asOf < this.#forgottenBefore;
    const from = complete ? 0 : since;
    const changed = [...this.#records.values()]
      .filter(({ revision }) => revision > from)
      .sort((a, b) => a.revision - b.revision);
    const more = changed.length > limit;
    const shown = changed.slice(0, limit);
    const revision = more ? (shown[shown.length - 1]?.revision ?? from) : this.#revision;
    const gone = this.#forgotten.filter(
      (entry) => !complete && entry.revision > asOf && !this.#records.has(entry.serial),
    );
    return {
      revision,
      asOf: more && !complete ? asOf : this.#revision,
      meters: shown.map((record) => this.#view(record)),
      gone: gone.map(({ serial }) => serial),
      more,
      complete,
    };
  }

  get online(): number {
    let count = 0;
    for (const record of this.#records.values()) if (record.live !== undefined) count++;
    return count;
  }

  records(): Iterable<MeterRecord<Link>> {
    return this.#records.values();
  }

  /** Forgets the offline meter that was seen first, once there are as many as links may be. */
  #makeRoom(): void {
    if (this.#records.size < limits.links) return;
    for (const record of this.#records.values()) {
      if (record.live !== undefined || record.parked.size > 0 || this.#hooks.queued(record.serial) > 0)
        continue;
      this.#records.delete(record.serial);
      this.#forgotten.push({ serial: record.serial, revision: ++this.#revision });
      if (this.#forgotten.length > FORGOTTEN) this.#forgottenBefore = this.#forgotten.shift()?.revision ?? 0;
      if (record.backendId !== undefined) this.#byBackendId.delete(record.backendId);
      return;
    }
  }

  #view(record: MeterRecord<Link>): MeterView {
    const live = record.live === undefined ? undefined : this.#hooks.describe(record.live);
    return {
      meterSerialNumber: record.serial,
      online: live !== undefined,
      associated: live?.associated ?? false,
      conflict: record.live !== undefined && record.parked.size > 0,
      generation: record.generation,
      ...(live === undefined ? {} : { linkId: live.id }),
      dialect: record.dialect,
      meterType: record.meterType,
      remoteAddress: record.remoteAddress,
      registration: record.registration,
      ...(record.backendId === undefined ? {} : { backendId: record.backendId }),
      ...(record.reason === undefined ? {} : { reason: record.reason }),
      lastSeen: new Date(record.lastSeenMs).toISOString(),
      queued: this.#hooks.queued(record.serial),
      ...record.activity.view(),
    };
  }
}
