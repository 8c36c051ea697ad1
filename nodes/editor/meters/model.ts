/** What the admin API says of listeners and meters, as far as sidebar and dialogs show it. */
import { type ExplainedError } from "../api.js";

export interface MeterView {
  readonly meterSerialNumber: string;
  readonly online: boolean;
  readonly associated: boolean;
  readonly conflict: boolean;
  readonly dialect: string;
  readonly meterType: string;
  readonly remoteAddress: string;
  readonly registration: string;
  readonly backendId?: string;
  readonly reason?: string;
  readonly lastSeen: string;
  readonly queued: number;
  readonly linkSince?: string;
  readonly lastSuccess?: { readonly at: string; readonly what: string };
  readonly lastError?: {
    readonly at: string;
    readonly what: string;
    readonly code: string;
    readonly message: string;
  };
  readonly octetsReceived: number;
  readonly octetsSent: number;
  readonly commands: number;
  readonly failures: number;
}

export interface Counters {
  readonly links: number;
  readonly maxLinks: number;
  readonly associating: number;
  readonly waitingToAssociate: number;
  readonly running: number;
  readonly waiting: number;
  readonly accepted: number;
  readonly refused: number;
  readonly ended: number;
  readonly octetsReceived: number;
  readonly octetsSent: number;
  readonly commands: number;
  readonly failures: number;
  readonly notifications: number;
}

export interface Changes {
  readonly revision: number;
  readonly asOf: number;
  readonly meters: readonly MeterView[];
  readonly gone: readonly string[];
  readonly more: boolean;
  readonly complete: boolean;
}

export type Phase = "closed" | "opening" | "listening" | "retrying" | "unused" | "unusable" | "undeployed";

export interface ListenerView {
  readonly id: string;
  readonly name: string;
  readonly host?: string;
  readonly port?: number;
  readonly phase: Phase;
  readonly error?: ExplainedError;
  readonly store?: { readonly phase: string; readonly durable: boolean };
  readonly counters?: Counters;
  readonly online?: number;
  readonly changes?: Changes;
}

export interface FleetAnswer {
  /** Epoch milliseconds of the runtime's clock. */
  readonly at: number;
  readonly memoryMegabytes: number;
  readonly listeners: readonly ListenerView[];
}

export interface About {
  readonly version: string;
  readonly nodeRed: string;
  readonly node: string;
  readonly platform: string;
  readonly errors: Readonly<
    Record<string, { readonly short: string; readonly text: string; readonly retry: string }>
  >;
}

/** An object of a meter; which attributes and methods it lets one use, when it has said so. */
export interface BrowsedObject {
  readonly obis: string;
  readonly classId: number;
  readonly description: string;
  readonly unit?: string;
  readonly read?: readonly number[];
  readonly write?: readonly number[];
  readonly call?: readonly number[];
}

export interface ObjectsAnswer {
  readonly source: "meter" | "type";
  readonly at: string;
  /** Of the meter's type. */
  readonly preset: string;
  readonly objects: readonly BrowsedObject[];
  readonly classes: Readonly<
    Record<string, { readonly name: string; readonly attributes: Readonly<Record<string, string>> }>
  >;
  readonly error?: { readonly message: string; readonly text: string };
}

/** A meter of a listener; the same object as long as it is known. */
export interface Meter {
  readonly key: string;
  readonly listener: string;
  view: MeterView;
}

export type MeterState = "online" | "connecting" | "offline" | "conflict";

export function stateOf({ online, associated, conflict }: MeterView): MeterState {
  if (conflict) return "conflict";
  if (!online) return "offline";
  return associated ? "online" : "connecting";
}

/** The last thing that happened to this meter was a failure, or two links fight over it. */
export function hasProblem({ conflict, lastError, lastSuccess }: MeterView): boolean {
  return (
    conflict || (lastError !== undefined && (lastSuccess === undefined || lastError.at > lastSuccess.at))
  );
}
