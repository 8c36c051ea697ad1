/**
 * Takes the backend's commands, hands them to the flow and sees that each gets exactly one final result: the flow's,
 * a refusal when the command means no meter or makes no sense, or `unknown` when the flow let it fall.
 */
import { asDlmsError, DlmsError, usageError } from "../core/errors.js";
import { isRecord } from "../gateway/fields.js";
import { parseCommand, refuse, type CommandName, type CommandResult } from "../gateway/messages.js";
import { type Clock } from "../transport/clock.js";
import { recordFields, serialFields, type CommandAck, type MeterCommandResult } from "./contract.js";
import { pendingLimit, type RegistryLike, type ResolvedHesOptions } from "./options.js";
import { commandResult, unanswered } from "./outgoing.js";
import { PendingCommands, type PendingCommand } from "./pending.js";
import { resolveMeter } from "./resolve-meter.js";
import { type SubmittedResult } from "./submission.js";

/** A command as the flow gets it: the payload with the meter and the id filled in, other spellings of the id gone. */
export interface BridgeCommand {
  readonly meterSerialNumber: string;
  readonly commandId: string;
  readonly [field: string]: unknown;
}

export interface CommandDeskDeps {
  readonly registry: RegistryLike;
  readonly clock: Clock;
  /** A final result, on its way to the backend. @throws DlmsError when JSON cannot carry it. */
  readonly send: (result: MeterCommandResult) => void;
  /** Hands a command to the flow; false when the flow failed at once. */
  readonly hand: (name: CommandName, payload: BridgeCommand) => boolean;
  readonly onRefused: (result: MeterCommandResult, error: DlmsError) => void;
  /** A result came after the command had ended, and was not sent. */
  readonly onLate: (result: SubmittedResult) => void;
  readonly onUnanswered: (pending: PendingCommand, error: DlmsError) => void;
  /** The number of open commands changed. */
  readonly onChange: () => void;
}

type Ack = (answer: CommandAck) => void;

const idFields: ReadonlySet<string> = new Set([...serialFields, ...recordFields]);
/** A command may start until it expires, and then needs time to run. */
const RUN_MS = 120_000;

export class CommandDesk {
  readonly #options: ResolvedHesOptions;
  readonly #deps: CommandDeskDeps;
  readonly #pending: PendingCommands;

  constructor(options: ResolvedHesOptions, deps: CommandDeskDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#pending = new PendingCommands(deps.clock, pendingLimit, (pending) =>
      this.#endUnanswered(pending, new DlmsError("NO_RESULT")),
    );
  }

  /** Commands without a result yet. */
  get open(): number {
    return this.#pending.size;
  }

  /** An event of the backend with its arguments as they came. Never throws for what they hold. */
  receive(command: CommandName, args: readonly unknown[]): void {
    const payload = typeof args[0] === "function" ? undefined : args[0];
    const last = args[args.length - 1];
    const ack = typeof last === "function" ? (last as Ack) : undefined;
    try {
      const accepted = this.#accept(command, payload);
      ack?.({ accepted: true, commandId: accepted.commandId });
      if (accepted.repeated) return;
      // The flow may answer at once, so the acknowledgement goes first.
      const handed = this.#deps.hand(command, accepted.payload);
      if (!handed) this.#failed(accepted.commandId);
    } catch (caught) {
      const error = asDlmsError(caught);
      ack?.({ accepted: false, code: error.code });
      const result = this.#build(refuse(command, payload, error));
      this.#deps.send(result);
      this.#deps.onRefused(result, error);
    }
  }

  /** The flow's result. @throws DlmsError FIELD_INVALID when JSON cannot carry it; the command then stays open. */
  submit(submitted: Partial<CommandResult> & SubmittedResult): void {
    const { commandId } = submitted;
    const pending = this.#pending.find(commandId);
    if (pending === undefined && this.#pending.findEnded(commandId) !== undefined) {
      this.#deps.onLate(submitted);
      return;
    }
    const now = this.#now();
    const result = this.#build(
      {
        meterSerialNumber: pending?.meterSerialNumber ?? null,
        outcome: "unknown",
        startedAt: pending?.startedAt ?? now,
        finishedAt: now,
        attempts: 0,
        ...pending?.extra,
        ...submitted,
      },
      pending,
    );
    this.#deps.send(result);
    if (pending === undefined) return;
    this.#pending.take(commandId);
    this.#pending.remember(commandId, result);
    this.#deps.onChange();
  }

  /** Ends every open command with a result. */
  stop(): void {
    const text = "The gateway was stopped before the flow gave back a result.";
    for (const pending of this.#pending.takeAll())
      this.#endUnanswered(pending, new DlmsError("NO_RESULT", text));
  }

  #accept(
    command: CommandName,
    payload: unknown,
  ): { readonly commandId: string; readonly repeated: boolean; readonly payload: BridgeCommand } {
    if (!isRecord(payload)) throw usageError("FIELD_INVALID", "payload", "payload must be an object");
    const { registry, clock } = this.#deps;
    const { meterSerialNumber, backendId } = resolveMeter(payload, registry);
    const fields = Object.fromEntries(Object.entries(payload).filter(([name]) => !idFields.has(name)));
    // A read without codes takes the executing node's own list, so a code stands in for it here.
    const defaults = { nowMs: clock.epochMs(), obisCodes: ["0-0:1.0.0.255"] };
    const { commandId, expiresAt, extra } = parseCommand(command, { ...fields, meterSerialNumber }, defaults);
    if (this.#options.requireRegistration && registry.find(meterSerialNumber)?.backendId === undefined) {
      throw new DlmsError("METER_UNREGISTERED", undefined, { field: "meterSerialNumber" });
    }
    const handed = { commandId, payload: { ...fields, meterSerialNumber, commandId } };
    if (this.#isRepeated(command, commandId, meterSerialNumber)) return { ...handed, repeated: true };
    if (this.#pending.full) throw new DlmsError("QUEUE_FULL");
    const longest = this.#options.resultTimeoutMs[command];
    const wanted = expiresAt === undefined ? longest : Math.max(0, expiresAt - clock.epochMs()) + RUN_MS;
    const startedAt = this.#now();
    const record = backendId === undefined ? {} : { backendId };
    const pending = { commandId, command, meterSerialNumber, ...record, startedAt, extra };
    this.#pending.add(pending, Math.min(longest, wanted));
    this.#deps.onChange();
    return { ...handed, repeated: false };
  }

  /** The same command once more: running it twice is never right. A state change that has ended answers again. */
  #isRepeated(command: CommandName, commandId: string, serial: string): boolean {
    const open = this.#pending.find(commandId);
    if (open !== undefined) {
      if (open.command === command && open.meterSerialNumber === serial) return true;
      throw usageError(
        "FIELD_INVALID",
        "commandId",
        "commandId belongs to another command that is under way",
      );
    }
    const ended = this.#pending.findEnded(commandId);
    if (ended?.result === undefined) return false;
    if (ended.pending.command !== command || ended.pending.meterSerialNumber !== serial) return false;
    this.#deps.send(ended.result);
    return true;
  }

  #failed(commandId: string): void {
    const pending = this.#pending.take(commandId);
    if (pending === undefined) return;
    this.#endUnanswered(pending, new DlmsError("INTERNAL", "The flow failed when it was given the command."));
  }

  #endUnanswered(pending: PendingCommand, error: DlmsError): void {
    const result = this.#build(unanswered(pending, this.#now(), error), pending);
    this.#deps.send(result);
    this.#pending.remember(pending.commandId, result);
    this.#deps.onUnanswered(pending, error);
    this.#deps.onChange();
  }

  #build(result: CommandResult, pending?: PendingCommand): MeterCommandResult {
    const serial = result.meterSerialNumber;
    const bound = typeof serial === "string" ? this.#deps.registry.find(serial)?.backendId : undefined;
    return commandResult(result, {
      backendId: bound ?? pending?.backendId ?? null,
      legacyCommandNames: this.#options.legacyCommandNames ?? false,
      maximumChars: this.#options.outbox.messageChars,
    });
  }

  #now(): string {
    return new Date(this.#deps.clock.epochMs()).toISOString();
  }
}
