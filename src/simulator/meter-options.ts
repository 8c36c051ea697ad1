/**
 * What a simulated meter is told at its start: who it is, how it dials in, how its relay and credit stand. Times in
 * milliseconds. Only serial, meter type, dialect and seed have no default.
 */
import { type Dialect } from "../meter-types/dialects/index.js";
import { type MeterType } from "../meter-types/meter-type.js";
import { type TraceSink } from "../core/trace.js";
import { between } from "./behaviours/random.js";
import { type ControlMode } from "./behaviours/relay.js";
import { type Faults } from "./faults.js";
import { Ledger } from "./ledger.js";
import { giveSecrets, type MeterSecuritySettings, securityOf } from "./meter-secrets.js";
import { MeterState } from "./meter-state.js";
import { type ObjectSet } from "./model.js";

export interface SimulatedMeterOptions {
  readonly serial: string;
  readonly meterType: MeterType;
  readonly dialect: Dialect;
  /** Everything that looks like chance comes from it. */
  readonly seed: number;
  /** The machine's time at which the simulation begins. Default 0. */
  readonly startedAt?: number;
  /** Epoch ms at machine time 0, for a clock that tells the date. Default 1 January 2025, 00:00 UTC. */
  readonly epochAtZero?: number;
  /** For dialects that can be either; a dialect or meter type with a framing of its own goes first. Default wrapper. */
  readonly framing?: "hdlc" | "wrapper";
  readonly objects?: ObjectSet;
  readonly phases?: 1 | 3;
  /** Minutes east of UTC of the place. Default 60. */
  readonly utcOffsetMinutes?: number;
  /** Default 4: switched by remote commands alone. */
  readonly controlMode?: ControlMode;
  /** Default 1,500. */
  readonly relayDelayMs?: number;
  /** Remaining credit; default 20 to 120 kWh by the seed. */
  readonly creditWh?: number;
  /** How much load profile there is at the start. Default two days. */
  readonly profileHistoryMs?: number;
  /** Default: the dialect's, else 60,000; 0 for none. */
  readonly heartbeatMs?: number;
  /** Between regular pushes of a dialect that pushes. Default 15 minutes; 0 for the first one only. */
  readonly pushMs?: number;
  /** Pushes ask to be confirmed. Default false. */
  readonly confirmedPushes?: boolean;
  /** Sends an EventNotification when the relay or the credit changed. Default false. */
  readonly alarms?: boolean;
  /** Octets of the login, for a dialect that cannot build one. */
  readonly login?: Uint8Array;
  /** Largest APDU taken and sent. Default 1,024. */
  readonly maxPdu?: number;
  /** HDLC information field and window granted or asked for. */
  readonly hdlc?: { readonly maxInfo?: number; readonly window?: number };
  /**
   * How the meter type's own client has to prove itself and to cipher. Default: as the meter type says, under a title
   * made of the serial number. The public client stays as it is. A meter that opens the association itself uses it as
   * client.
   */
  readonly security?: MeterSecuritySettings;
  readonly ledger?: Ledger;
  readonly faults?: Faults;
  readonly trace?: TraceSink;
}

const EPOCH_AT_ZERO = Date.UTC(2025, 0, 1);
const TWO_DAYS_MS = 2 * 86_400_000;

/** The framing a meter speaks once it is logged in. */
export function framingOf({ dialect, meterType, framing }: SimulatedMeterOptions): "hdlc" | "wrapper" {
  for (const said of [dialect.link.framing, framing, meterType.association.framing])
    if (said !== undefined && said !== "auto") return said;
  return "wrapper";
}

export function epochAtZero(options: SimulatedMeterOptions): number {
  return options.epochAtZero ?? EPOCH_AT_ZERO;
}

export function initialState(options: SimulatedMeterOptions): MeterState {
  const { seed } = options;
  const state = new MeterState({
    serial: options.serial,
    seed,
    startedAt: epochAtZero(options) + (options.startedAt ?? 0),
    phases: options.phases ?? 1,
    utcOffsetMinutes: options.utcOffsetMinutes ?? 60,
    controlMode: options.controlMode ?? 4,
    relayDelayMs: options.relayDelayMs ?? 1_500,
    creditWh: options.creditWh ?? Math.floor(between(2_000, 12_000, seed, 21)) * 10,
    profileHistoryMs: options.profileHistoryMs ?? TWO_DAYS_MS,
    ledger: options.ledger ?? new Ledger(),
    confirmedPushes: options.confirmedPushes ?? false,
  });
  giveSecrets(state, options.security ?? securityOf(options.meterType, options.serial));
  return state;
}
