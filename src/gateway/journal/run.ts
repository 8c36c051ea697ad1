/**
 * One command from the moment somebody wants its result to the one final result: attempts while the meter is there,
 * waits while it is away, a durable mark before the first octet, and after silence or a crash the question what became
 * of it. Whatever ends the command from outside (a newer relay command, its deadline) wins over what runs here.
 */
import { DlmsError } from "../../core/errors.js";
import { type JsonObject, type StoredCommand } from "../../store/index.js";
import { type Clock } from "../../transport/clock.js";
import { type Attempt } from "../attempt.js";
import { type SendingDetail } from "../commands/context.js";
import { type Listener } from "../listener.js";
import { changesState, type Command, type CommandResult } from "../messages.js";
import { type Absence } from "./absence.js";
import { type JournalStore } from "./journal-store.js";

const RETRY_MIN_MS = 2_000;
const RETRY_MAX_MS = 60_000;

export interface RunHost {
  readonly listener: Pick<Listener, "attempt" | "registry">;
  readonly clock: Clock;
  readonly store: JournalStore;
  readonly absence: Absence;
  /** How long an unknown outcome is asked for after its command has expired. */
  readonly verifyMs: number;
  readonly isClosed: () => boolean;
  /** The meter is there under another spelling. Gives the result of an equal command, where there is one. */
  readonly respell: (serial: string) => Promise<CommandResult | undefined>;
  /** A wait has begun or a verification is due. */
  readonly progress: (status: "waiting" | "verifying") => void;
}

export interface RunOptions {
  readonly command: Command;
  readonly stored: StoredCommand;
  /** Monotonic: must not start afterwards. */
  readonly deadline: number;
  /** What a meter that is away means. */
  readonly waits: boolean;
  /** What a serial number that nobody has dialled in with means. */
  readonly knownElsewhere: boolean;
  /** An unknown outcome was opened again: a token may go out once more for that. */
  readonly reopened: boolean;
}

interface Taker {
  readonly origin: string;
  readonly take: (result: CommandResult | undefined) => void;
}

export class Run {
  readonly options: RunOptions;
  readonly #host: RunHost;
  readonly #abort = new AbortController();
  readonly #takers = new Set<Taker>();
  #ended: CommandResult | undefined;
  #isSent: boolean;
  #detail: SendingDetail;
  #mayResend: boolean;
  #attempts: number;
  /** Marked by somebody else, as it turned out. */
  #foundSent = false;
  #unknownSince: number | undefined;
  /** As the store has it. */
  #serial: string;

  constructor(options: RunOptions, host: RunHost) {
    this.options = options;
    this.#host = host;
    const { stored, reopened } = options;
    this.#isSent = stored.state === "sending";
    this.#detail = stored.sendingDetail ?? {};
    this.#mayResend = reopened || stored.sends < 2;
    this.#attempts = stored.sends;
    this.#serial = stored.meterSerialNumber;
  }

  get commandId(): string {
    return this.options.stored.commandId;
  }

  /** A request may have reached the meter. */
  get isSent(): boolean {
    return this.#isSent;
  }

  get hasTakers(): boolean {
    return this.#takers.size > 0;
  }

  /** The final result; undefined when the taker's node or the journal ends before. */
  result(origin: string): Promise<CommandResult | undefined> {
    if (this.#ended !== undefined) return Promise.resolve(this.#ended);
    return new Promise((take) => this.#takers.add({ origin, take }));
  }

  /** A node is gone: it takes no result any more. Without an origin: all of them. */
  dismiss(origin?: string): void {
    for (const taker of [...this.#takers]) {
      if (origin !== undefined && taker.origin !== origin) continue;
      this.#takers.delete(taker);
      taker.take(undefined);
    }
  }

  /** Ended, here or elsewhere, with this result. @returns whether anybody took it. */
  conclude(result: CommandResult): boolean {
    if (this.#ended !== undefined) return true;
    this.#ended = result;
    this.#abort.abort();
    const taken = this.hasTakers;
    for (const { take } of this.#takers) take(result);
    this.#takers.clear();
    return taken;
  }

  /** Stops waiting; what is under way at the meter goes on to its end. */
  interrupt(): void {
    this.#abort.abort();
  }

  /** The final result to be stored; undefined when it has ended elsewhere or the journal was closed. */
  async drive(): Promise<CommandResult | undefined> {
    let pauseMs = RETRY_MIN_MS;
    for (;;) {
      if (this.#isOver()) return undefined;
      const same = await this.#sameUnderAnotherSpelling();
      if (this.#isOver()) return undefined;
      if (same !== undefined) return { ...same, commandId: this.commandId };
      const wasSent = this.#isSent;
      const attempt = await this.#attempt();
      if (this.#ended !== undefined) return undefined;
      const { result } = attempt;
      // Sent away by the end of the journal, not by anything that the meter said or is: it waits for the next life.
      if (this.#host.isClosed() && !this.#isSent && isUntouched(result)) return undefined;
      if (!this.#isOpen(attempt, wasSent)) return this.#final(result);
      if (this.#isOver()) return undefined;
      const until = this.#until();
      this.#host.progress(this.#isSent ? "verifying" : "waiting");
      const { meterSerialNumber } = this.options.stored;
      // A meter that is there and could not be spoken to may tell nobody when it can.
      const isOnline = this.#host.listener.registry.find(meterSerialNumber)?.online === true;
      await this.#host.absence.wait(meterSerialNumber, {
        until,
        ...(isOnline ? { againAfterMs: pauseMs } : {}),
        signal: this.#abort.signal,
      });
      pauseMs = isOnline ? Math.min(RETRY_MAX_MS, pauseMs * 2) : RETRY_MIN_MS;
      if (this.#host.clock.now() < until || this.#isOver()) continue;
      if (this.#isSent) {
        const outcome = result.outcome === "interrupted" ? result.outcome : "unknown";
        return this.#final({ ...result, success: false, outcome });
      }
      const error = new DlmsError("COMMAND_EXPIRED").toPayload();
      return this.#final({ ...result, success: false, outcome: "expired", error });
    }
  }

  /** Only a token without an id of the backend's is known again by its meter's number. */
  async #sameUnderAnotherSpelling(): Promise<CommandResult | undefined> {
    const { command, stored } = this.options;
    if (command.command !== "remote-load" || stored.hasBackendId || this.#isSent) return undefined;
    const serial = this.#host.listener.registry.find(this.#serial)?.meterSerialNumber;
    if (serial === undefined || serial === this.#serial) return undefined;
    const result = await this.#host.respell(serial);
    if (result === undefined) this.#serial = serial;
    return result;
  }

  async #attempt(): Promise<Attempt> {
    const { deadline } = this.options;
    return this.#host.listener.attempt(this.options.command, {
      deadline: this.#isSent ? this.#until() : deadline,
      signal: this.#abort.signal,
      beforeSending: (detail, again) => this.#mark(detail, again),
      ...(this.#isSent
        ? { unknown: { detail: this.#detail, mayResend: this.#mayResend && this.#beforeDeadline() } }
        : {}),
    });
  }

  /** Resolves when the store has it on disk that the request is about to leave. */
  async #mark(detail: SendingDetail, again: boolean): Promise<void> {
    const { clock, store } = this.#host;
    if (this.#ended !== undefined) throw new DlmsError("COMMAND_SUPERSEDED");
    if (this.#host.isClosed()) throw new DlmsError("LISTENER_CLOSED");
    if (!this.#beforeDeadline()) throw new DlmsError("COMMAND_EXPIRED");
    // The wall clock may have jumped; whether the command is still wanted was decided above.
    const at = Math.min(Math.floor(clock.epochMs()), this.options.stored.expiresAt - 1);
    const opened = await store.store();
    const mark = await opened.markSending(this.commandId, at, detail as JsonObject, { again });
    if (mark.kind === "sending") {
      this.#isSent = true;
      this.#foundSent = true;
      this.#detail = mark.command.sendingDetail ?? {};
      throw new DlmsError("COMMAND_SUPERSEDED", "Somebody else has sent this command.");
    }
    if (mark.kind !== "marked")
      throw new DlmsError(
        mark.kind === "expired" ? "COMMAND_EXPIRED" : "COMMAND_SUPERSEDED",
        `The journal does not let this command be sent: it is ${mark.kind}.`,
      );
    this.#isSent = true;
    this.#detail = detail;
    this.#attempts = mark.sends;
    if (again) this.#mayResend = false;
  }

  /** Whether the command goes on after this attempt. */
  #isOpen({ result, unsettled }: Attempt, wasSent: boolean): boolean {
    if (this.#foundSent) return !(this.#foundSent = false);
    if (result.outcome === "unknown" || result.outcome === "interrupted")
      return unsettled || this.#host.isClosed();
    // Nothing could be asked, so nothing was learnt of the request that is out already.
    if (wasSent) return isUntouched(result);
    // Marked, and yet certainly not sent: nothing to find out.
    if (this.#isSent) return false;
    return isUntouched(result) && this.#waitsFor(result);
  }

  #waitsFor({ error }: CommandResult): boolean {
    if (error === undefined) return false;
    const { waits, knownElsewhere } = this.options;
    if (error.code === "LISTENER_CLOSED") return true;
    if (!waits) return false;
    if (error.code === "METER_UNKNOWN") return knownElsewhere;
    if (error.code === "METER_UNREGISTERED")
      return (
        this.#host.listener.registry.find(this.options.stored.meterSerialNumber)?.registration === "pending"
      );
    return error.code === "METER_OFFLINE" || awayCodes.has(error.code);
  }

  /** Final, with what only the journal knows. */
  #final(result: CommandResult): CommandResult {
    const { stored } = this.options;
    const attempts = isUntouched(result) ? 0 : this.#attempts;
    return {
      ...result,
      commandId: stored.commandId,
      startedAt: new Date(stored.acceptedAt).toISOString(),
      attempts: changesState(this.options.command) ? attempts : result.attempts,
    };
  }

  #isOver(): boolean {
    return this.#ended !== undefined || this.#host.isClosed();
  }

  #beforeDeadline(): boolean {
    return this.#host.clock.now() < this.options.deadline;
  }

  /** Until when it waits: to be started, or to be asked what became of it. */
  #until(): number {
    const { deadline } = this.options;
    return this.#isSent ? Math.max(deadline, this.#verifyUntil()) : deadline;
  }

  #verifyUntil(): number {
    this.#unknownSince ??= this.#host.clock.now();
    return this.#unknownSince + this.#host.verifyMs;
  }
}

/** What keeps a meter from being spoken to, and passes. */
const awayCodes: ReadonlySet<string> = new Set([
  "LINK_LOST",
  "RESPONSE_TIMEOUT",
  "CONNECT_TIMEOUT",
  "CONNECT_FAILED",
  "NOT_ASSOCIATED",
  "NOT_CONNECTED",
  "FRAME_INVALID",
  "DECODE",
]);

function isUntouched({ outcome }: CommandResult): boolean {
  return outcome === "not-sent" || outcome === "expired" || outcome === "superseded";
}
