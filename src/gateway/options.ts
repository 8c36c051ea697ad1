/**
 * Settings of a listener and their defaults. Times in milliseconds. Everything that waits has a bound here or in
 * core/limits.ts.
 */
import { type ListenerLimits, listenerLimits, settled } from "../core/limits.js";
import { type Dialect } from "../meter-types/dialects/dialect.js";
import { dialects } from "../meter-types/dialects/index.js";
import { checkMeterType } from "../meter-types/check.js";
import { type Framing, type MeterType } from "../meter-types/meter-type.js";
import { presets } from "../meter-types/presets.js";
import { type AccessLists } from "../transport/access-list.js";
import { checkReception } from "../transport/reception.js";
import { type ServerTls } from "../transport/server-tls.js";
import { type CommandName } from "./messages.js";

/** Which meter is of which type: the first rule whose every condition holds; otherwise the default type. */
export interface MeterTypeRule {
  readonly meterType: MeterType;
  /** Name of a dialect, built in or of a pattern. */
  readonly dialect?: string;
  /** The serial number begins with this. */
  readonly serialPrefix?: string;
  /** Three letters in front of the logical device name or system title. */
  readonly manufacturer?: string;
  /** The peer's address begins with this. */
  readonly remoteAddress?: string;
}

export interface ListenerTimes {
  /** How long a new link may be silent before the gateway speaks first. */
  readonly silenceMs: number;
  /** How long one probe (wrapper or HDLC, public client) waits for an answer. */
  readonly probeTimeoutMs: number;
  /** How long the old link has to answer when a second one claims its serial number. */
  readonly conflictProbeMs: number;
  /** A link that is silent for longer is dropped; once a heartbeat was learnt, 2.2 times its interval. */
  readonly idleMs: number;
  /** No learnt heartbeat makes the idle limit shorter than this. */
  readonly minIdleMs: number;
  /** Pause between a login and the association when a probe was under way. */
  readonly settleMs: number;
  readonly retryListenMinMs: number;
  readonly retryListenMaxMs: number;
  /** When the relay's state is read after its method, counted from one read to the next. */
  readonly relayPollMs: readonly number[];
  readonly relayWindowMs: number;
  readonly tokenPollMs: readonly number[];
  readonly tokenWindowMs: number;
}

/** How long a command may wait for its meter. */
export interface Deadlines {
  readonly readMs: number;
  readonly relayMs: number;
  readonly tokenMs: number;
  /** Writes, methods and clocks. */
  readonly writeMs: number;
  readonly firmwareMs: number;
}

const deadlineOf = {
  "read-meter": "readMs",
  "read-profile": "readMs",
  "remote-control": "relayMs",
  "remote-load": "tokenMs",
  "write-meter": "writeMs",
  "call-method": "writeMs",
  "meter-clock": "writeMs",
  "meter-firmware": "firmwareMs",
} as const satisfies Record<CommandName, keyof Deadlines>;

/** Milliseconds that a command of this kind may wait at most. */
export function longestWait(command: CommandName, deadlines: Deadlines): number {
  return deadlines[deadlineOf[command]];
}

/** Who may connect, and how; see the transport. Lists name addresses and networks such as `10.0.0.0/8`. */
export interface ListenerAccess {
  readonly access?: AccessLists;
  /** Load balancers that tell by the PROXY protocol, version 2, whose connection it is. Nobody else is believed. */
  readonly proxies?: readonly string[];
  /** Absent: no TLS. */
  readonly tls?: ServerTls;
}

/** The limits are those of core/limits.ts, each with its default there. */
export interface ListenerOptions extends Partial<ListenerLimits>, ListenerAccess {
  /** For log lines. */
  readonly name?: string;
  /** 0 takes any free port. Default 4000. */
  readonly port?: number;
  /** Default 0.0.0.0. */
  readonly host?: string;
  /** Fixes the framing of every link; `auto` by the first bytes. */
  readonly framing?: Framing;
  readonly defaultMeterType?: MeterType;
  readonly meterTypeRules?: readonly MeterTypeRule[];
  /** Dialects that are recognised, in this order; all built-in ones by default. */
  readonly dialects?: readonly Dialect[];
  /** Commands of a meter that has no record at the backend are refused. */
  readonly requireRegistration?: boolean;
  readonly times?: Partial<ListenerTimes>;
  readonly deadlines?: Partial<Deadlines>;
}

export interface ResolvedOptions extends ListenerLimits, ListenerAccess {
  readonly name: string;
  readonly port: number;
  readonly host: string;
  readonly framing: Framing;
  readonly defaultMeterType: MeterType;
  /** The default type is the listener's own word, not ours. */
  readonly hasOwnDefault: boolean;
  readonly meterTypeRules: readonly MeterTypeRule[];
  readonly dialects: readonly Dialect[];
  readonly requireRegistration: boolean;
  readonly times: ListenerTimes;
  readonly deadlines: Deadlines;
}

export const defaultTimes: ListenerTimes = {
  silenceMs: 5_000,
  probeTimeoutMs: 5_000,
  conflictProbeMs: 10_000,
  idleMs: 35 * 60_000,
  minIdleMs: 60_000,
  settleMs: 500,
  retryListenMinMs: 1_000,
  retryListenMaxMs: 30_000,
  relayPollMs: [500, 1_000, 2_000, 4_000, 8_000],
  relayWindowMs: 15_000,
  tokenPollMs: [1_000, 2_000, 4_000, 8_000],
  tokenWindowMs: 30_000,
};

export const defaultDeadlines: Deadlines = {
  readMs: 60_000,
  relayMs: 10 * 60_000,
  tokenMs: 72 * 3_600_000,
  writeMs: 10 * 60_000,
  firmwareMs: 24 * 3_600_000,
};

/**
 * @throws DlmsError FIELD_INVALID, OBIS_INVALID naming a field of a meter type that cannot work, a limit out of its
 * bounds, a list with an entry that is no address; TLS_UNUSABLE.
 */
export function resolveOptions(options: ListenerOptions): ResolvedOptions {
  checkReception(options);
  checkMeterType(options.defaultMeterType ?? presets.standard);
  for (const rule of options.meterTypeRules ?? []) checkMeterType(rule.meterType);
  return {
    name: options.name ?? "listener",
    port: options.port ?? 4_000,
    host: options.host ?? "0.0.0.0",
    framing: options.framing ?? "auto",
    defaultMeterType: options.defaultMeterType ?? presets.standard,
    hasOwnDefault: options.defaultMeterType !== undefined,
    meterTypeRules: options.meterTypeRules ?? [],
    dialects: options.dialects ?? dialects,
    ...settled(listenerLimits, options),
    ...(options.access === undefined ? {} : { access: options.access }),
    ...(options.proxies === undefined ? {} : { proxies: options.proxies }),
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    requireRegistration: options.requireRegistration ?? false,
    times: { ...defaultTimes, ...options.times },
    deadlines: { ...defaultDeadlines, ...options.deadlines },
  };
}

/** Every length that a configured meter type strips leading zeros to. */
export function zeroLengths({
  defaultMeterType,
  dialects,
  meterTypeRules,
}: ResolvedOptions): readonly number[] {
  const types = [defaultMeterType, ...meterTypeRules.map((rule) => rule.meterType)];
  for (const { link } of dialects) if (link.preset !== undefined) types.push(presets[link.preset]);
  const lengths = types.map((type) => type.serial.stripZerosTo).filter((length) => length !== undefined);
  return [...new Set(lengths)];
}
