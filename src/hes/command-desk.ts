/**
 * Takes the backend's commands, hands them to the flow and sees that each gets exactly one final result: the flow's,
 * a refusal when the command means no meter or makes no sense, or `unknown` when the flow let it fall.
 */
import { asDlmsError, DlmsError, usageError } from "../core/errors.js";
import { isRecord } from "../gateway/fields.js";
import { parseCommand, refuse, type CommandBase } from "../gateway/messages.js";
import { type Clock } from "../transport/clock.js";
import {
  recordFields,
  serialFields,
  settingsEvent,
  type CommandAck,
  type DeskCommand,
  type MeterCommandResult,
} from "./contract.js";
import { pendingLimit, type RegistryLike, type ResolvedHesOptions } from "./options.js";
import { commandResult, unanswered, type DeskResult } from "./outgoing.js";
import { PendingCommands, type PendingCommand } from "./pending.js";
import { resolveMeter } from "./resolve-meter.js";
import { LatestSettings, parseSettings } from "./settings.js";
import { type SubmittedFields, type SubmittedResult } from "./submission.js";

/** A command as the flow gets it: the payload with the meter and the id filled in, other spellings of the id gone. */
export interface BridgeCommand {
  readonly meterSerialNumber: string;
  readonly commandId: string;
  readonly [field: string]: unknown;
}

export interface CommandDeskDeps {
  readonly registry: RegistryLike;
  readonly clock: Clock;
  /**
   * A final result, on its way to the backend; `reply` names the event that takes the values as well.
   * @throws DlmsError when JSON cannot carry it.
   */
  readonly send: (result: MeterCommandResult, reply?: string) => void;
  /** Hands a command to the flow; false when the flow failed at once. */
  readonly hand: (name: DeskCommand, payload: BridgeCommand) => boolean;
  readonly onRefused: (result: MeterCommandResult, error: DlmsError) => void;
  /** A result came after the command had ended, and was not sent. */
  readonly onLate: (result: SubmittedResult) => void;
  readonly onUnanswered: (pending: PendingCommand, error: DlmsError) => void;
  /** The number of open commands changed. */
  readonly onChange: () => void;
}

/** A command of the backend as it came. */
export interface DeskRequest {
  readonly command: DeskCommand;
  readonly payload: unknown;
  /** The meter that is meant when the payload names none. */
  readonly home?: string | undefined;
  /** Name of an event, without the record's id, that takes the values as well. */
  readonly reply?: string | undefined;
}

type Ack = (answer: CommandAck) => void;

const idFields: ReadonlySet<string> = new Set([...serialFields, ...recordFields]);
/** A command may start until it expires, and then needs time to run. */
const RUN_MS = 120_000;

export class CommandDesk {
  readonly #options: ResolvedHesOptions;
  readonly #deps: CommandDeskDeps;
  readonly #pending: PendingCommands;
  readonly #latestSettings: LatestSettings;

  constructor(options: ResolvedHesOptions, deps: CommandDeskDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#pending = new PendingCommands(deps.clock, pendingLimit, (pending) =>
      this.#endUnanswered(pending, new DlmsError("NO_RESULT")),
    );
    this.#latestSettings = new LatestSettings(deps.clock);
  }

  /** Commands without a result yet. */
  get open(): number {
    return this.#pending.size;
  }

  /** Never throws for what the payload holds. `started` gets the answer before the flow gets the command. */
  receive(request: DeskRequest, started: Ack): CommandAck {
    const { command } = request;
    try {
      const accepted = this.#accept(request);
      const answer: CommandAck = { accepted: true, commandId: accepted.commandId };
      // The flow may end the command at once, so the acknowledgement goes first.
      started(answer);
      if (!accepted.repeated && !this.#deps.hand(command, accepted.payload)) this.#failed(accepted.commandId);
      return answer;
    } catch (caught) {
      return this.refuse(request, asDlmsError(caught));
    }
  }

  /** The final result of a command that is not even tried. */
  refuse({ command, payload, home, reply }: DeskRequest, error: DlmsError): CommandAck {
    const named = command === settingsEvent ? "read-meter" : command;
    const refused = refuse(named, payload, error);
    const meterSerialNumber = refused.meterSerialNumber ?? home ?? null;
    const result = this.#build({ ...refused, meterSerialNumber, command });
    this.#deps.send(result, reply);
    this.#deps.onRefused(result, error);
    return { accepted: false, code: error.code };
  }

  /** The flow's result. @throws DlmsError FIELD_INVALID when JSON cannot carry it; the command then stays open. */
  submit(submitted: SubmittedFields): void {
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
    this.#deps.send(result, pending?.reply);
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

  #accept({ command, payload, home, reply }: DeskRequest): {
    readonly commandId: string;
    readonly repeated: boolean;
    readonly payload: BridgeCommand;
  } {
    if (!isRecord(payload)) throw usageError("FIELD_INVALID", "payload", "payload must be an object");
    const { registry, clock } = this.#deps;
    const { meterSerialNumber, backendId } = resolveMeter(payload, registry, home);
    const fields = Object.fromEntries(Object.entries(payload).filter(([name]) => !idFields.has(name)));
    const { commandId, expiresAt, extra } = this.#parse(command, fields, meterSerialNumber);
    if (this.#options.requireRegistration && registry.find(meterSerialNumber)?.backendId === undefined) {
      throw new DlmsError("METER_UNREGISTERED", undefined, { field: "meterSerialNumber" });
    }
    const handed = { commandId, payload: { ...fields, meterSerialNumber, commandId } };
    if (this.#isRepeated(command, commandId, meterSerialNumber)) return { ...handed, repeated: true };
    if (this.#pending.full) throw new DlmsError("QUEUE_FULL");
    const longest = this.#options.resultTimeoutMs[command];
    const wanted = expiresAt === undefined ? longest : Math.max(0, expiresAt - clock.epochMs()) + RUN_MS;
    const startedAt = this.#now();
    const optional = {
      ...(backendId === undefined ? {} : { backendId }),
      ...(reply === undefined ? {} : { reply }),
    };
    const pending = { commandId, command, meterSerialNumber, ...optional, startedAt, extra };
    this.#pending.add(pending, Math.min(longest, wanted));
    this.#deps.onChange();
    return { ...handed, repeated: false };
  }

  #parse(command: DeskCommand, fields: Record<string, unknown>, meterSerialNumber: string): CommandBase {
    const nowMs = this.#deps.clock.epochMs();
    // A read without codes takes the executing node's own list, so a code stands in for it here.
    if (command !== settingsEvent)
      return parseCommand(command, { ...fields, meterSerialNumber }, { nowMs, obisCodes: ["0-0:1.0.0.255"] });
    const parsed = parseSettings(fields, meterSerialNumber, nowMs);
    const named = ["commandId", "requestId", "correlationId"].some((name) => name in fields);
    const earlier = named ? undefined : this.#latestSettings.repeated(meterSerialNumber, parsed.digest);
    if (earlier !== undefined && (this.#pending.find(earlier) ?? this.#pending.findSuccess(earlier)))
      return { ...parsed, commandId: earlier };
    this.#latestSettings.remember(meterSerialNumber, parsed.digest, parsed.commandId);
    return parsed;
  }

  /** The same command once more: running it twice is never right. A state change that has ended answers again. */
  #isRepeated(command: DeskCommand, commandId: string, serial: string): boolean {
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
    this.#deps.send(result, pending.reply);
    this.#pending.remember(pending.commandId, result);
    this.#deps.onUnanswered(pending, error);
    this.#deps.onChange();
  }

  #build(result: DeskResult, pending?: PendingCommand): MeterCommandResult {
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
