/**
 * What a command sees of the meter it runs on, and what it reports. Commands know no queue, no registry and no socket.
 */
import { type DlmsClient } from "../../client/index.js";
import { type ErrorFamily, type DlmsError } from "../../core/errors.js";
import { type MeterType } from "../../meter-types/meter-type.js";
import { type ListenerTimes } from "../options.js";
import { type MeterReading, type Outcome, type ResultContent } from "../messages.js";

export interface CommandContext {
  /** Normalised. */
  readonly serial: string;
  readonly meterType: MeterType;
  readonly times: ListenerTimes;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Wall clock, epoch milliseconds: what meters' clocks are held against. */
  readonly epochMs: () => number;
  /** Rejects with LINK_LOST when the link ends meanwhile. */
  readonly sleep: (ms: number) => Promise<void>;
  /** The client of the present association. */
  readonly client: () => DlmsClient;
  /** A fresh association after one that went silent or broke. @throws DlmsError when the link is beyond help. */
  readonly recover: () => Promise<void>;
  /**
   * Awaited right before a request that changes state is sent. What it throws keeps the request from leaving.
   * @param again an earlier request of this command may have reached the meter.
   */
  readonly beforeSending: (detail: SendingDetail, again: boolean) => Promise<void>;
  /** Octets handed to the link so far: equal before and after a failure means that nothing was sent. */
  readonly octetsSent: () => number;
  /** Facts that hold as long as the association. */
  readonly perAssociation: Map<string, unknown>;
  /** Tells that the outcome is being read back. */
  readonly verifying: () => void;
  /** Tells how far a long command is. */
  readonly progress: (progress: CommandProgress) => void;
  /**
   * Commands that go before this one run now, where there are any. The association may be another one afterwards.
   * @throws DlmsError where this is not the command's meter any more, or it is in doubt.
   */
  readonly letOthers: () => Promise<void>;
}

export interface CommandProgress {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
}

/** What a sender must remember to judge later what became of its request. JSON. */
export interface SendingDetail {
  /** Whether the token stood in the meter's log before it was first sent; absent where no log could be read. */
  readonly wasLogged?: boolean;
  /** The activation of an image was about to be asked for. */
  readonly activating?: boolean;
}

/** A request of this command may have reached the meter, and nobody knows what became of it. */
export interface UnknownSend {
  readonly detail: SendingDetail;
  /** The same token may be sent once more, if nothing proves that the meter has it. */
  readonly mayResend: boolean;
}

export interface CommandReport {
  readonly success: boolean;
  readonly outcome: Outcome;
  readonly attempts: number;
  readonly readings?: readonly MeterReading[];
  /** What the result carries besides. */
  readonly content?: ResultContent;
  readonly error?: DlmsError;
  /** With `unknown`: the meter went away before it could be asked. Worth asking when it is back. */
  readonly unsettled?: boolean;
}

const refusals: ReadonlySet<ErrorFamily> = new Set<ErrorFamily>(["ServiceError"]);

/** Whether the meter itself said no: the request arrived and had no effect. */
export function isRefusal(error: DlmsError): boolean {
  return refusals.has(error.family);
}

/** The report of a request that was kept from leaving. */
export function keptBack(error: DlmsError): CommandReport {
  const outcome = error.code === "COMMAND_EXPIRED" ? "expired" : "not-sent";
  return { success: false, outcome, attempts: 0, error };
}

/** Whether a fresh association may help where this error came from. */
export function needsRecovery(error: DlmsError): boolean {
  return error.retry === "reconnect" || error.code === "LINK_REFUSED";
}

/** What went wrong with the link or the time, and says nothing about the meter's will. */
export function isBroken(error: DlmsError | undefined): boolean {
  return error !== undefined && error.code !== "VERIFY_TIMEOUT" && !isRefusal(error);
}

/**
 * A request that changes state and may have arrived: only what the meter shows over a fresh association counts.
 * @returns what `settle` finds; `unknown` with `error` when the link is beyond help.
 */
export async function afterSilence(
  context: CommandContext,
  error: DlmsError,
  settle: () => Promise<CommandReport>,
): Promise<CommandReport> {
  context.verifying();
  try {
    await context.recover();
  } catch (caught) {
    // The link is beyond help; what went wrong first is what the result tells.
    void caught;
    return { success: false, outcome: "unknown", attempts: 1, error, unsettled: true };
  }
  return settle();
}
