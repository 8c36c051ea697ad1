/**
 * Every bound in one place: lengths, counts, depths, buffers, waits. Hostile input is normal input.
 * `limits` are the bounds of the machines themselves; `listenerLimits` and `backendLimits` are what an operator sets.
 * Times in milliseconds, sizes in octets. docs/limits.md is made from this file.
 */
import { usageError } from "./errors.js";

export const limits = {
  /** Nesting of array/structure in one Data. */
  dataDepth: 16,
  /** Elements of one array, structure or SEQUENCE OF; also bounded by the bytes that remain. */
  elements: 65_536,
  /** One reassembled APDU, whatever carried it. */
  apduBytes: 1_048_576,
  /** HDLC information field, IEC 62056-46. */
  hdlcInfoMin: 32,
  hdlcInfoMax: 2_030,
  /** Octets kept while hunting for a frame start. */
  deframerBytes: 4_096,
  /** APDUs waiting in one link. */
  linkQueueApdus: 64,
  /** Octets given to a channel that the network has not taken yet; beyond it the channel is ended. */
  channelBytes: 4_194_304,
  /** Unread events of one machine; beyond it the machine ends with a LimitError. */
  machineEvents: 1_024,
  /** First bytes looked at to name a dialect. */
  dialectBytes: 1_024,
  /** A user-defined dialect pattern sees at most this much. */
  patternBytes: 256,
  /** Commands waiting for one meter. */
  commandsPerMeter: 100,
  /** Links of one listener. */
  links: 20_000,
  /** Blocks of a general block transfer sent without waiting, whatever window the peer announces. */
  generalBlocksInFlight: 20,
  /** Blocks or acknowledgements of it that bring nothing new, one after the other. */
  blockRepetitions: 200,
  /** One request of an association with all its blocks and segments, milliseconds. */
  requestTotalMs: 600_000,
  /** Meter object list kept per meter. */
  objectListEntries: 10_000,
  /** Items in one read command. */
  readItems: 256,
  /** Characters of a string taken from a message before it is judged too long. */
  textChars: 1_024,
  /** Characters of one text within a value that is to be written. */
  valueChars: 65_536,
  /** One firmware image. */
  imageBytes: 33_554_432,
  /** Rows taken from one profile read. */
  profileRows: 100_000,
} as const;

/** A bound that an operator sets: where it stands when nothing is entered, and how far it can be moved. */
export interface Settable {
  readonly value: number;
  readonly min: number;
  readonly max: number;
  /** What it bounds and what happens beyond it, for docs/limits.md. */
  readonly text: string;
}

/** Bounds of one listener, each an option of the same name. Names end in their unit where it is a time. */
export const listenerLimits = {
  maxLinks: {
    value: limits.links,
    min: 1,
    max: 1_000_000,
    text: "Connections at once. Beyond it a newcomer takes the place of the link that has shown no serial number for longest, then of the one that has shown one and not associated in the time to identify; only where all are associated it is refused.",
  },
  maxLinksPerAddress: {
    value: limits.links,
    min: 1,
    max: 1_000_000,
    text: "Connections at once from one address (IPv6: one /64 network). Meters behind one translated address share it, so it bites only when set lower.",
  },
  acceptsPerSecond: {
    value: 1_000,
    min: 1,
    max: 1_000_000,
    text: "New connections a second; ten seconds' worth may come at once. Beyond it they are closed at once.",
  },
  handshakeMs: {
    value: 10_000,
    min: 100,
    max: 600_000,
    text: "How long the PROXY header and the TLS handshake may take together.",
  },
  identifyMs: {
    value: 120_000,
    min: 100,
    max: 3_600_000,
    text: "How long a new link may take to show its serial number.",
  },
  maxStrangerBytes: {
    value: 65_536,
    min: 256,
    max: 16_777_216,
    text: "Octets that a link may send before it has shown its serial number.",
  },
  maxFrameBytes: {
    value: 65_543,
    min: 128,
    max: 65_543,
    text: "Octets of one frame (HDLC) or PDU (wrapper, header counted), by its length field. A longer one ends the link.",
  },
  frameMs: {
    value: 60_000,
    min: 100,
    max: 3_600_000,
    text: "How long one frame may take from its first octet to its last.",
  },
  maxApduBytes: {
    value: limits.apduBytes,
    min: 1_024,
    max: 16_777_216,
    text: "Octets of one APDU that is put together of segments or blocks.",
  },
  requestMs: {
    value: limits.requestTotalMs,
    min: 100,
    max: 86_400_000,
    text: "How long one request may take with all its segments and blocks.",
  },
  maxCommandsPerMeter: {
    value: limits.commandsPerMeter,
    min: 1,
    max: 100_000,
    text: "Commands that wait for one meter. More are refused with QUEUE_FULL.",
  },
  maxCommands: {
    value: 100_000,
    min: 1,
    max: 10_000_000,
    text: "Commands that wait for all meters of the listener. More are refused with QUEUE_FULL.",
  },
  concurrentAssociations: {
    value: 32,
    min: 1,
    max: 10_000,
    text: "Meters that associate at once. Those for whom a command waits go first, each group in the order it came; logins and heartbeats are answered meanwhile.",
  },
  concurrentProbes: {
    value: 32,
    min: 1,
    max: 10_000,
    text: "Links without a serial number that are asked for one at once. They never take the turn of a meter that has shown its own.",
  },
  logLinesPerSecond: {
    value: 20,
    min: 1,
    max: 10_000,
    text: "Log lines a second; ten seconds' worth may come at once. Links without a serial number have a share of their own of the same size. What was left out is counted in a line of its own.",
  },
} as const satisfies Readonly<Record<string, Settable>>;

export type ListenerLimits = { readonly [K in keyof typeof listenerLimits]: number };

/** Bounds of one connection to a backend, each an option of the same name. */
export const backendLimits = {
  lookupsPerSecond: {
    value: 200,
    min: 1,
    max: 10_000,
    text: "Meters looked up at the backend a second. One meter is looked up once at a time, and the answer is kept.",
  },
  parallelLookups: {
    value: 8,
    min: 1,
    max: 256,
    text: "Look-ups at the backend that run at the same time.",
  },
  maxMeterSockets: {
    value: 2_000,
    min: 1,
    max: 20_000,
    text: "Sockets of single meters, where the backend needs them. Meters beyond wait for one to become free.",
  },
} as const satisfies Readonly<Record<string, Settable>>;

export type BackendLimits = { readonly [K in keyof typeof backendLimits]: number };

/** A limit as a dialog shows it: times in seconds, the field named so. `factor` times what is entered is the limit. */
export function shownLimit(
  name: string,
  { value, min, max }: Settable,
): {
  readonly field: string;
  readonly factor: number;
  readonly value: number;
  readonly min: number;
  readonly max: number;
} {
  const factor = name.endsWith("Ms") ? 1_000 : 1;
  const field = name.replace(/Ms$/, "Seconds");
  return { field, factor, value: value / factor, min: Math.ceil(min / factor), max: max / factor };
}

/** The given values, the others where they stand by default. @throws DlmsError FIELD_INVALID naming the limit. */
export function settled<Name extends string>(
  table: Readonly<Record<Name, Settable>>,
  given: { readonly [K in NoInfer<Name>]?: number | undefined },
): { readonly [K in Name]: number } {
  const values = {} as Record<Name, number>;
  for (const name of Object.keys(table) as Name[]) {
    const { value, min, max } = table[name];
    const chosen = given[name] ?? value;
    if (!Number.isInteger(chosen) || chosen < min || chosen > max)
      throw usageError("FIELD_INVALID", name, `${name} must be a whole number from ${min} to ${max}`);
    values[name] = chosen;
  }
  return values;
}

export type Limits = { readonly [K in keyof typeof limits]: number };
