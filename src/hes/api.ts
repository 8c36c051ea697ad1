/**
 * The REST side of the contract: finding a meter's record by its exact serial number, creating a missing one.
 * An answer is kept for a while, one look-up per meter runs at a time, few run at once. A search result that merely
 * resembles the serial number is never taken. A backend without REST is `unavailable`, not an error.
 */
import { DlmsError, asDlmsError } from "../core/errors.js";
import { Rate } from "../core/rate.js";
import { type Clock } from "../transport/clock.js";
import { type RecordDefaults } from "./contract.js";
import { isObject, type HttpAnswer, type HttpRequest } from "./http.js";
import { type Login } from "./login.js";

export type Lookup =
  | { readonly type: "found"; readonly backendId: string }
  /** REST works and has no exactly matching record, or more than one. */
  | { readonly type: "unknown"; readonly reason: string }
  /** No REST, no permission, or the backend is away. */
  | { readonly type: "unavailable"; readonly error: DlmsError };

export interface ApiOptions {
  readonly apiUrl: string;
  readonly createMissing?: RecordDefaults;
  readonly positiveMs: number;
  readonly negativeMs: number;
  readonly unavailableMs: number;
  /** Look-ups that run at once, and that begin in a second. */
  readonly parallelLookups: number;
  readonly lookupsPerSecond: number;
}

export interface ApiDeps {
  readonly request: (request: HttpRequest) => Promise<HttpAnswer>;
  readonly login: Login;
  readonly clock: Clock;
  readonly random: () => number;
}

export const apiLimits = {
  cacheEntries: 50_000,
  searchPages: 20,
  searchLimit: 50,
} as const;

interface Cached {
  readonly result: Lookup;
  readonly until: number;
}

export class HesApi {
  readonly #options: ApiOptions;
  readonly #deps: ApiDeps;
  readonly #cache = new Map<string, Cached>();
  readonly #flights = new Map<string, Promise<Cached>>();
  readonly #waiting: (() => void)[] = [];
  readonly #rate: Rate;
  /** Look-ups that wait for the rate: called early when nobody is to be asked any more. */
  readonly #pauses = new Set<() => void>();
  #running = 0;
  #isStopped = false;
  /** Set while nobody can be asked: thousands of meters then wait for one answer instead of asking one by one. */
  #gate: Cached | undefined;

  constructor(options: ApiOptions, deps: ApiDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#rate = new Rate(options.lookupsPerSecond, options.lookupsPerSecond);
  }

  /** Never rejects. `until` is when asking again makes sense (clock time). */
  async lookup(serial: string): Promise<{ readonly result: Lookup; readonly until: number }> {
    const key = canonical(serial);
    const cached = this.#cache.get(key);
    if (cached !== undefined && cached.until > this.#deps.clock.now()) return cached;
    let flight = this.#flights.get(key);
    if (flight === undefined) {
      flight = this.#fresh(serial).finally(() => this.#flights.delete(key));
      this.#flights.set(key, flight);
    }
    return flight;
  }

  /** Nobody is asked any more: who waits learns that nobody can be. */
  stop(): void {
    this.#isStopped = true;
    for (const wake of [...this.#pauses]) wake();
  }

  /** Forgets all answers, so that the next look-up asks again. */
  forget(): void {
    this.#cache.clear();
    this.#gate = undefined;
  }

  /**
   * `POST /meters/data-ingestion`, which asks for no login: a token goes along where there is one.
   * @throws DlmsError BACKEND_UNREACHABLE, BACKEND_ERROR.
   */
  async ingest(body: Readonly<Record<string, unknown>>): Promise<HttpAnswer> {
    const token = await this.#deps.login.token().catch(() => undefined); // the login tells its own failure
    const url = `${this.#options.apiUrl}/meters/data-ingestion`;
    const answer = await this.#deps.request({ method: "POST", url, body, token });
    if (answer.status === 401 && token !== undefined) this.#deps.login.drop(token);
    return answer;
  }

  async #fresh(serial: string): Promise<Cached> {
    if (this.#running >= this.#options.parallelLookups) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    if (this.#gate !== undefined && this.#gate.until > this.#deps.clock.now()) {
      this.#leave();
      return this.#gate;
    }
    let result: Lookup;
    try {
      await this.#turn();
      result = await this.#find(serial);
    } catch (caught) {
      result = { type: "unavailable", error: asDlmsError(caught) };
    }
    this.#leave();
    const { positiveMs, negativeMs, unavailableMs } = this.#options;
    const hold = { found: positiveMs, unknown: negativeMs, unavailable: unavailableMs }[result.type];
    const jitter = result.type === "found" ? 0 : (hold / 5) * this.#deps.random();
    const cached = { result, until: this.#deps.clock.now() + hold + jitter };
    if (result.type === "unavailable") {
      if (result.error.code !== "BACKEND_ERROR") this.#gate = cached;
      return cached;
    }
    const key = canonical(serial);
    this.#cache.delete(key);
    this.#cache.set(key, cached);
    if (this.#cache.size > apiLimits.cacheEntries) this.#cache.delete(this.#cache.keys().next().value ?? key);
    return cached;
  }

  /** The slot goes to the next in line; only without one it becomes free. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#running -= 1;
  }

  /** Waits for its share of a second. @throws DlmsError BACKEND_UNREACHABLE after the end */
  async #turn(): Promise<void> {
    const { clock } = this.#deps;
    while (!this.#isStopped && !this.#rate.take(clock.now())) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          cancel();
          this.#pauses.delete(wake);
          resolve();
        };
        const cancel = clock.at(this.#rate.nextAt(clock.now()), wake);
        this.#pauses.add(wake);
      });
    }
    if (this.#isStopped)
      throw new DlmsError("BACKEND_UNREACHABLE", "The connection to the backend was ended.");
  }

  async #find(serial: string): Promise<Lookup> {
    if (this.#options.apiUrl === "") {
      throw new DlmsError("BACKEND_UNREACHABLE", "No REST address is configured.", { field: "apiUrl" });
    }
    const existing = await this.#findRecord(serial);
    const defaults = this.#options.createMissing;
    if (existing.type !== "missing") return existing.lookup;
    if (defaults === undefined)
      return { type: "unknown", reason: "The backend has no record of this meter." };
    const created = await this.#call("POST", "/meters", { meterNumber: serial, ...defaults });
    if (created.status >= 200 && created.status < 300) {
      const id = exactId(created.json?.["data"], serial);
      if (id !== undefined) return { type: "found", backendId: id };
    } else if (created.status !== 409 && created.status !== 400) {
      return { type: "unknown", reason: `The backend refused to create the record (${created.status}).` };
    }
    // Somebody else was faster, or the answer did not show the record.
    const again = await this.#findRecord(serial);
    if (again.type !== "missing") return again.lookup;
    return { type: "unknown", reason: `The backend did not create the record (${created.status}).` };
  }

  async #findRecord(serial: string): Promise<{ type: "missing" } | { type: "known"; lookup: Lookup }> {
    const direct = await this.#call("GET", `/meters/${inAddress(serial)}`);
    if (direct.status === 200) {
      const id = exactId(direct.json?.["data"], serial);
      if (id !== undefined) return { type: "known", lookup: { type: "found", backendId: id } };
    }
    const ids = new Set<string>();
    // The backend takes the text as an unanchored regular expression, so the record may stand on a later page.
    const search = inAddress(serial.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
    for (let page = 1, pages = 1; page <= Math.min(pages, apiLimits.searchPages); page += 1) {
      const answer = await this.#call(
        "GET",
        `/meters?search=${search}&limit=${apiLimits.searchLimit}&page=${page}`,
      );
      const rows = answer.json?.["data"];
      if (answer.status !== 200 || !Array.isArray(rows)) throw unusable(answer);
      for (const row of rows) {
        const id = exactId(row, serial);
        if (id !== undefined) ids.add(id);
      }
      const pagination = answer.json?.["pagination"];
      if (isObject(pagination) && Number.isSafeInteger(pagination["pages"]))
        pages = Number(pagination["pages"]);
    }
    const [first] = ids;
    if (first === undefined) return { type: "missing" };
    if (ids.size === 1) return { type: "known", lookup: { type: "found", backendId: first } };
    const reason = `The backend has ${ids.size} records with this serial number, so none is taken.`;
    return { type: "known", lookup: { type: "unknown", reason } };
  }

  /** One call with the login's token; a 401 renews the token once. */
  async #call(method: "GET" | "POST", path: string, body?: unknown): Promise<HttpAnswer> {
    const url = `${this.#options.apiUrl}${path}`;
    const token = await this.#deps.login.token();
    const answer = await this.#deps.request({ method, url, body, token });
    if (answer.status !== 401) return answer;
    if (token === undefined) {
      throw new DlmsError("BACKEND_LOGIN", "The backend wants a login (401) and none is configured.");
    }
    const renewed = await this.#deps.login.renew(token);
    const second = await this.#deps.request({ method, url, body, token: renewed });
    if (second.status === 401) {
      if (renewed !== undefined) this.#deps.login.reject(renewed);
      throw new DlmsError("BACKEND_LOGIN", "The backend refuses the token it has just given (401).");
    }
    return second;
  }
}

/** Half a character, which no address can hold, is told as one that nobody knows. */
function inAddress(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, "\ufffd"));
}

/** Serial numbers are compared without surrounding blanks and letter case (the backend stores upper case). */
function canonical(serial: string): string {
  return serial.trim().toUpperCase();
}

/** The record's id when it is a record of exactly this meter. */
function exactId(record: unknown, serial: string): string | undefined {
  if (!isObject(record) || typeof record["meterNumber"] !== "string") return undefined;
  if (canonical(record["meterNumber"]) !== canonical(serial)) return undefined;
  const id = record["_id"] ?? record["id"];
  if (typeof id === "number" && Number.isSafeInteger(id)) return String(id);
  return typeof id === "string" && id !== "" && id.length <= 128 ? id : undefined;
}

function unusable(answer: HttpAnswer): DlmsError {
  if (answer.status === 403) return new DlmsError("BACKEND_LOGIN", "The login may not list meters (403).");
  if (answer.json === undefined) {
    const text = `The backend serves no meter records at this address (${answer.status}).`;
    return new DlmsError("BACKEND_UNREACHABLE", text);
  }
  return new DlmsError(
    "BACKEND_ERROR",
    `The backend's meter search answered ${answer.status} in an unknown form.`,
  );
}
