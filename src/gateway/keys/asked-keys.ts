/**
 * Keys that the flow knows: each question is told as an event and waits, bounded, for its answer. Answers hold for a
 * while, so that a meter that associates often is not asked about each time.
 */
import { toHex } from "../../bytes/hex.js";
import { DlmsError } from "../../core/errors.js";
import { type KeyQuery, type KeyStore, type MeterKeys } from "../../security/index.js";
import { type Clock } from "../../transport/clock.js";
import { Emitter } from "../events.js";
import { keysFromFields } from "./key-fields.js";

/** Who knows the keys of this meter? To be answered with the same id. */
export interface KeyQuestion {
  readonly event: "needKeys";
  readonly id: string;
  readonly meterSerialNumber?: string;
  /** Hexadecimal. */
  readonly systemTitle?: string;
}

export interface AskedKeysOptions {
  readonly clock: Clock;
  /** How long an answer may take. Default 10 s. */
  readonly waitMs?: number;
  /** How long an answer holds. Default 5 minutes; that nobody knows a meter: 10 s. */
  readonly holdMs?: number;
}

interface Waiting {
  readonly query: KeyQuery;
  readonly resolve: (known: MeterKeys | undefined) => void;
  readonly cancel: () => void;
}

interface Held {
  readonly until: number;
  readonly known: Promise<MeterKeys | undefined>;
}

const WAIT_MS = 10_000;
const HOLD_MS = 300_000;
const UNKNOWN_HOLD_MS = 10_000;
const MAX_WAITING = 2_000;
const MAX_HELD = 40_000;

export class AskedKeys implements KeyStore {
  readonly #options: AskedKeysOptions;
  readonly #emitter = new Emitter<{ needKeys: KeyQuestion }>(() => undefined);
  readonly #waiting = new Map<string, Waiting>();
  readonly #held = new Map<string, Held>();
  #lastId = 0;

  constructor(options: AskedKeysOptions) {
    this.#options = options;
  }

  on(listener: (question: KeyQuestion) => void): void {
    this.#emitter.on("needKeys", listener);
  }

  off(listener: (question: KeyQuestion) => void): void {
    this.#emitter.off("needKeys", listener);
  }

  /** @throws DlmsError SECURITY_KEYS_UNAVAILABLE when nobody answers in time, or too many wait. */
  find(query: KeyQuery): Promise<MeterKeys | undefined> {
    const { clock } = this.#options;
    const { meterSerialNumber, systemTitle } = query;
    if (meterSerialNumber === undefined && systemTitle === undefined) return Promise.resolve(undefined);
    const name = meterSerialNumber ?? toHex(systemTitle as Uint8Array);
    const held = this.#held.get(name);
    if (held !== undefined && held.until > clock.now()) return held.known;
    const known = this.#ask(query);
    this.#hold(name, known, this.#options.holdMs ?? HOLD_MS);
    known.then(
      (found) => {
        if (found === undefined) this.#hold(name, known, UNKNOWN_HOLD_MS);
      },
      () => this.#held.delete(name),
    );
    return known;
  }

  /**
   * The answer to a question: its fields by the names of a key list; none for a meter that nobody knows.
   * @returns whether the question still waited.
   * @throws DlmsError KEY_LIST_INVALID naming a field that cannot be used; the question waits on.
   */
  answer(id: string, fields: unknown): boolean {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return false;
    const known =
      typeof fields === "object" && fields !== null ? this.#keysOf(fields, waiting.query) : undefined;
    this.#waiting.delete(id);
    waiting.cancel();
    waiting.resolve(known);
    return true;
  }

  /** Nobody will answer any more. */
  close(): void {
    for (const id of [...this.#waiting.keys()]) this.answer(id, undefined);
    this.#held.clear();
  }

  #keysOf(fields: object, { meterSerialNumber, systemTitle }: KeyQuery): MeterKeys {
    const named = {
      ...(meterSerialNumber === undefined ? {} : { meterSerialNumber }),
      ...(systemTitle === undefined ? {} : { systemTitle: toHex(systemTitle) }),
    };
    return keysFromFields({ ...named, ...fields });
  }

  #ask(query: KeyQuery): Promise<MeterKeys | undefined> {
    const { clock, waitMs = WAIT_MS } = this.#options;
    if (this.#waiting.size >= MAX_WAITING)
      return Promise.reject(
        new DlmsError("SECURITY_KEYS_UNAVAILABLE", `More than ${MAX_WAITING} questions for keys wait.`),
      );
    const id = `${++this.#lastId}`;
    return new Promise((resolve, reject) => {
      const cancel = clock.at(clock.now() + waitMs, () => {
        this.#waiting.delete(id);
        reject(new DlmsError("SECURITY_KEYS_UNAVAILABLE"));
      });
      this.#waiting.set(id, { query, resolve, cancel });
      const { meterSerialNumber, systemTitle } = query;
      this.#emitter.emit("needKeys", {
        event: "needKeys",
        id,
        ...(meterSerialNumber === undefined ? {} : { meterSerialNumber }),
        ...(systemTitle === undefined ? {} : { systemTitle: toHex(systemTitle) }),
      });
    });
  }

  #hold(name: string, known: Promise<MeterKeys | undefined>, ms: number): void {
    this.#held.delete(name);
    this.#held.set(name, { until: this.#options.clock.now() + ms, known });
    const oldest = this.#held.keys().next();
    if (this.#held.size > MAX_HELD && oldest.done !== true) this.#held.delete(oldest.value);
  }
}
