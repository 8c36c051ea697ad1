/**
 * One attempt at a command, as whoever keeps the command's history asks for it. Without any of this an attempt is the
 * command's whole life.
 */
import { type SendingDetail, type UnknownSend } from "./commands/context.js";
import { type CommandResult } from "./messages.js";

export interface AttemptOptions {
  /** Awaited before the first octet of a request that changes state. What it throws keeps the request from leaving. */
  readonly beforeSending?: (detail: SendingDetail, again: boolean) => Promise<void>;
  /** An earlier request may have reached the meter: what became of it is asked first. */
  readonly unknown?: UnknownSend;
  /** Monotonic milliseconds after which it must not start; instead of the deadlines by kind. */
  readonly deadline?: number;
  /** Takes it out of the queue; what runs already runs on. */
  readonly signal?: AbortSignal;
}

/** What a running command gets besides. */
export interface RunningAttempt extends AttemptOptions {
  readonly deadline: number;
  /** Lets the commands that go before this one run now; nothing else may use the link meanwhile. */
  readonly letOthers: () => Promise<void>;
}

export interface Attempt {
  readonly result: CommandResult;
  /** The outcome is unknown, and the meter could not be asked: worth asking when it is back. */
  readonly unsettled: boolean;
}
