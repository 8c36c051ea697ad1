/**
 * Where keys come from, as an interface: a meter is found by serial number or system title. The machines ask with the
 * events below and stall until they are answered; whoever drives them asks a `KeyStore`, a counter store and a source
 * of randomness. Files, credentials and messages that fill a store stand above this ring.
 */
import { equalBytes } from "../bytes/hex.js";
import { type Secret } from "../core/secret.js";
import { type SecurityKeys } from "./keys.js";
import { type ReceivedCounters } from "./received-counters.js";
import { type CounterNeed, type CounterRange } from "./sent-counter.js";
import { type SecuritySuite } from "./suites.js";

/** What is known of the meter; at least one. */
export interface KeyQuery {
  readonly meterSerialNumber?: string;
  readonly systemTitle?: Uint8Array;
}

/** What is known of one meter: its secrets, as far as they differ from those of its type. */
export interface MeterKeys {
  readonly meterSerialNumber?: string;
  /** The meter's own. One that is known is expected: another one is refused. */
  readonly systemTitle?: Uint8Array;
  /** The name of its meter type. */
  readonly meterType?: string;
  readonly suite?: SecuritySuite;
  readonly keys?: SecurityKeys;
  /** The LLS password or the HLS secret. */
  readonly secret?: Secret<Uint8Array>;
}

/** Knows meters. */
export interface KeyStore {
  /** Undefined when the meter is unknown. */
  find(query: KeyQuery): Promise<MeterKeys | undefined>;
}

/** What a session needs to speak with one meter. */
export interface MeterSecurity {
  /** When it is known beforehand. */
  readonly systemTitle?: Uint8Array;
  readonly suite: SecuritySuite;
  readonly keys: SecurityKeys;
  /** Keys before a change that the meter has not yet shown to have made. */
  readonly previousKeys?: SecurityKeys;
  readonly secret?: Secret<Uint8Array>;
  /** What was received under these keys before. */
  readonly received?: ReceivedCounters;
  /** The name under which counters of ours are reserved, with the keys and with the previous ones. */
  readonly counterKey?: string;
  readonly previousCounterKey?: string;
}

/** What a machine asks its owner for; answered by a `SecurityProvided` with the same id. */
export type SecurityNeed =
  | ({ readonly type: "needKeys"; readonly id: number } & KeyQuery)
  | ({ readonly type: "needCounters"; readonly id: number } & CounterNeed)
  | { readonly type: "needRandom"; readonly id: number; readonly octets: number };

export type SecurityProvided =
  | { readonly type: "provided"; readonly id: number; readonly security: MeterSecurity | undefined }
  | { readonly type: "provided"; readonly id: number; readonly counters: CounterRange }
  | { readonly type: "provided"; readonly id: number; readonly random: Uint8Array };

/** A fixed list. A serial number that is given decides; otherwise the system title does. */
export function staticKeyStore(meters: readonly MeterKeys[]): KeyStore {
  return {
    find: ({ meterSerialNumber, systemTitle }) =>
      Promise.resolve(
        meters.find((meter) =>
          meterSerialNumber === undefined
            ? systemTitle !== undefined &&
              meter.systemTitle !== undefined &&
              equalBytes(meter.systemTitle, systemTitle)
            : meter.meterSerialNumber === meterSerialNumber,
        ),
      ),
  };
}
