/**
 * Takes the backend's commands, hands them to the flow and sees that each gets exactly one final result: the flow's,
 * a refusal when the command means no meter or makes no sense, or `unknown` when the flow let it fall.
 */
import { asDlmsError, DlmsError, usageError } from "../core/errors.js";
import { isRecord } from "../gateway/fields.js";
import { payloadOf } from "../gateway/journal/entry.js";
import {
  parseCommand,
  refuse,
  type BackendCommand,
  type Command,
  type CommandBase,
  type CommandResult,
} from "../gateway/messages.js";
import { type JsonObject, type Store } from "../store/index.js";
import { type Clock } from "../transport/clock.js";
import {
  recordFields,
  serialFields,
  settingsEvent,
  type Answer,
  type CommandAck,
  type DeskCommand,
  type MeterCommandResult,
} from "./contract.js";
import { pendingLimit, type RegistryLike, type ResolvedHesOptions } from "./options.js";
import { commandResult, unanswered, type DeskResult } from "./outgoing.js";
import { snapshot } from "./outbox.js";
import { PendingCommands, type PendingCommand } from "./pending.js";
import { type RecordedCommands } from "./recorded.js";
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
  readonly send: (result: MeterCommandResult, reply?: string) => void | Promise<void>;
  /** Hands a command to the flow; false when the flow failed at once. */
  readonly hand: (name: DeskCommand, payload: BridgeCommand) => boolean;
  /** Where commands are recorded; without it they are kept in memory. Settings always are. */
  readonly recorded: RecordedCommands | undefined;
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

/** A request that makes sense. */
interface Asked {
  readonly parsed: CommandBase & { readonly command?: Command["command"] };
  readonly backendId: string | undefined;
  readonly hasBackendId: boolean;
  /** For the flow. */
  readonly payload: BridgeCommand;
}

const idFields: ReadonlySet<string> = new Set([...serialFields, ...recordFields]);
const commandIdFields = ["commandId", "requestId", "correlationId"];
/** A command may start until it expires, and then needs time to run. */
const RUN_MS = 120_000;

export class CommandDesk {
  readonly #options: ResolvedHesOptions;
  readonly #deps: CommandDeskDeps;
  readonly #pending: PendingCommands;
  readonly #latest: Readonly<Record<"settings" | "writes", LatestSettings>>;

  constructor(options: ResolvedHesOptions, deps: CommandDeskDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#pending = new PendingCommands(deps.clock, pendingLimit, (pending) =>
      this.#endUnanswered(pending, new DlmsError("NO_RESULT")),
    );
    this.#latest = { settings: new LatestSettings(deps.clock), writes: new LatestSettings(deps.clock) };
  }

  /** Commands without a result yet. */
  get open(): number {
    return this.#pending.size + (this.#deps.recorded?.size ?? 0);
  }

  /** Never throws for what the payload holds. `started` gets the answer before the flow gets the command. */
  receive(request: DeskRequest, started: Ack): Answer {
    try {
      const asked = this.#read(request);
      const { recorded } = this.#deps;
      return recorded === undefined || request.command === settingsEvent
        ? this.#begin(request, asked, started)
        : this.#record(recorded, request, asked, started);
    } catch (caught) {
      return this.refuse(request, asDlmsError(caught));
    }
  }

  /** The final result of a command that is not even tried. */
  refuse({ command, payload, home, reply }: DeskRequest, error: DlmsError): CommandAck {
    const named = command === settingsEvent ? "read-meter" : command;
    const refused = refuse(named, payload, error);
    const meterSerialNumber = refused.meterSerialNumber ?? home ?? null;
    const outcome =
      error.family === "StoreError"
        ? "not-sent"
        : error.code === "COMMAND_EXPIRED"
          ? "expired"
          : refused.outcome;
    const result = this.build({ ...refused, meterSerialNumber, command, outcome });
    void this.#deps.send(result, reply);
    this.#deps.onRefused(result, error);
    return { accepted: false, code: error.code };
  }

  /**
   * The flow's result. A promise resolves when it is safe.
   * @throws DlmsError FIELD_INVALID when JSON cannot carry it; the command then stays open.
   */
  submit(submitted: SubmittedFields): void | Promise<void> {
    const { commandId } = submitted;
    const pending = this.#pending.find(commandId);
    if (pending === undefined && this.#pending.findEnded(commandId) !== undefined) {
      this.#deps.onLate(submitted);
      return;
    }
    const now = this.#now();
    const result: DeskResult = {
      meterSerialNumber: pending?.meterSerialNumber ?? null,
      outcome: "unknown",
      startedAt: pending?.startedAt ?? now,
      finishedAt: now,
      attempts: 0,
      ...pending?.extra,
      ...submitted,
    };
    const { recorded } = this.#deps;
    if (pending === undefined && recorded !== undefined && submitted.command !== settingsEvent)
      return this.#settle(recorded, submitted, snapshot(result).value);
    const built = this.build(result, pending?.backendId);
    const sent = this.#deps.send(built, pending?.reply);
    if (pending !== undefined) {
      this.#pending.take(commandId);
      this.#pending.remember(commandId, built);
      this.#deps.onChange();
    }
    return sent;
  }

  /** A result that the journal has put into the outbox, as the backend gets it. */
  async message(result: JsonObject, store: Store): Promise<MeterCommandResult> {
    const { commandId, meterSerialNumber } = result;
    const isBound =
      typeof meterSerialNumber === "string" &&
      this.#deps.registry.find(meterSerialNumber)?.backendId !== undefined;
    const stored = isBound ? undefined : await store.command(String(commandId));
    return this.build(result as unknown as DeskResult, stored && payloadOf(stored)?.command.backendId);
  }

  /** Ends every open command with a result; those that were recorded stay open. */
  stop(): void {
    const text = "The gateway was stopped before the flow gave back a result.";
    for (const pending of this.#pending.takeAll())
      this.#endUnanswered(pending, new DlmsError("NO_RESULT", text));
  }

  /** @throws DlmsError naming the field. */
  #read({ command, payload, home }: DeskRequest): Asked {
    if (!isRecord(payload)) throw usageError("FIELD_INVALID", "payload", "payload must be an object");
    const { registry } = this.#deps;
    const { meterSerialNumber, backendId } = resolveMeter(payload, registry, home);
    const fields = Object.fromEntries(Object.entries(payload).filter(([name]) => !idFields.has(name)));
    const parsed = this.#parse(command, fields, meterSerialNumber);
    if (this.#options.requireRegistration && registry.find(meterSerialNumber)?.backendId === undefined) {
      throw new DlmsError("METER_UNREGISTERED", undefined, { field: "meterSerialNumber" });
    }
    const { commandId } = parsed;
    const hasBackendId = commandIdFields.some((name) => (payload[name] ?? "") !== "");
    return { parsed, backendId, hasBackendId, payload: { ...fields, meterSerialNumber, commandId } };
  }

  /** Kept in memory, handed to the flow. */
  #begin(request: DeskRequest, { parsed, backendId, payload }: Asked, started: Ack): CommandAck {
    const { command, reply } = request;
    const { commandId, expiresAt, extra } = parsed;
    const { meterSerialNumber } = payload;
    const answer: CommandAck = { accepted: true, commandId };
    if (this.#isRepeated(request, commandId, meterSerialNumber)) {
      started(answer);
      return answer;
    }
    if (this.#pending.full) throw new DlmsError("QUEUE_FULL");
    const longest = this.#options.resultTimeoutMs[command];
    const nowMs = this.#deps.clock.epochMs();
    const wanted = expiresAt === undefined ? longest : Math.max(0, expiresAt - nowMs) + RUN_MS;
    const startedAt = this.#now();
    const optional = {
      ...(backendId === undefined ? {} : { backendId }),
      ...(reply === undefined ? {} : { reply }),
    };
    const pending = { commandId, command, meterSerialNumber, ...optional, startedAt, extra };
    this.#pending.add(pending, Math.min(longest, wanted));
    this.#deps.onChange();
    // The flow may end the command at once, so the acknowledgement goes first.
    started(answer);
    if (!this.#deps.hand(command, payload)) this.#failed(commandId);
    return answer;
  }

  /** Recorded first, acknowledged then, and only then handed to the flow. Never rejects. */
  async #record(
    recorded: RecordedCommands,
    request: DeskRequest,
    asked: Asked,
    started: Ack,
  ): Promise<CommandAck> {
    const { backendId, hasBackendId, payload } = asked;
    try {
      const command = {
        ...asked.parsed,
        ...(backendId === undefined ? {} : { backendId }),
      } as BackendCommand;
      const serial = this.#storedAs(payload.meterSerialNumber);
      const known = await recorded.record(command, serial, hasBackendId, payload);
      if (known.kind === "unrecorded") return this.#begin(request, asked, started);
      const { commandId } = known;
      const answer: CommandAck = { accepted: true, commandId };
      // The backend has it once more before it may forget that it asked.
      if (known.kind === "answered")
        await this.#deps.send(this.build(known.result, backendId), request.reply);
      started(answer);
      if (known.kind === "joined" && request.reply !== undefined) recorded.also(commandId, request.reply);
      if (known.kind === "new" || known.kind === "verify")
        recorded.hand(command.command, { ...payload, commandId }, request.reply);
      return answer;
    } catch (caught) {
      return this.refuse(request, asDlmsError(caught));
    }
  }

  #storedAs(serial: string): string {
    const { registry } = this.#deps;
    return registry.find(serial)?.meterSerialNumber ?? registry.normalise(serial);
  }

  async #settle(recorded: RecordedCommands, submitted: SubmittedFields, result: DeskResult): Promise<void> {
    let settled: Awaited<ReturnType<RecordedCommands["settle"]>> = "foreign";
    try {
      settled = await recorded.settle(result as CommandResult);
    } catch (caught) {
      // Nobody can say whose it is: told twice is better than not at all.
      if (asDlmsError(caught).family !== "StoreError") throw caught;
    }
    if (settled === "late") this.#deps.onLate(submitted);
    if (settled === "foreign") await this.#deps.send(this.build(result));
  }

  #parse(command: DeskCommand, fields: Record<string, unknown>, meterSerialNumber: string): Asked["parsed"] {
    const nowMs = this.#deps.clock.epochMs();
    // A read without codes takes the executing node's own list, so a code stands in for it here.
    if (command !== settingsEvent) {
      const defaults = { nowMs, obisCodes: ["0-0:1.0.0.255"] };
      const parsed = parseCommand(command, { ...fields, meterSerialNumber }, defaults);
      // With a journal that is the journal's to say, over restarts as well.
      return parsed.command === "write-meter" && this.#deps.recorded === undefined
        ? this.#orRepeated(parsed, fields, this.#latest.writes, JSON.stringify(parsed.items))
        : parsed;
    }
    const parsed = parseSettings(fields, meterSerialNumber, nowMs);
    return this.#orRepeated(parsed, fields, this.#latest.settings, parsed.digest);
  }

  /** Without an id of its own it may be the meter's latest once more, and then goes by that one's. */
  #orRepeated<P extends CommandBase>(parsed: P, fields: object, latest: LatestSettings, digest: string): P {
    const { commandId, meterSerialNumber } = parsed;
    const named = commandIdFields.some((name) => name in fields);
    const earlier = named ? undefined : latest.repeated(meterSerialNumber, digest);
    if (earlier !== undefined && (this.#pending.find(earlier) ?? this.#pending.findSuccess(earlier)))
      return { ...parsed, commandId: earlier };
    latest.remember(meterSerialNumber, digest, commandId);
    return parsed;
  }

  /** The same command once more: running it twice is never right. A state change that has ended answers again. */
  #isRepeated({ command, reply }: DeskRequest, commandId: string, serial: string): boolean {
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
    void this.#deps.send(ended.result, reply);
    return true;
  }

  #failed(commandId: string): void {
    const pending = this.#pending.take(commandId);
    if (pending === undefined) return;
    this.#endUnanswered(pending, new DlmsError("INTERNAL", "The flow failed when it was given the command."));
  }

  #endUnanswered(pending: PendingCommand, error: DlmsError): void {
    const result = this.build(unanswered(pending, this.#now(), error), pending.backendId);
    void this.#deps.send(result, pending.reply);
    this.#pending.remember(pending.commandId, result);
    this.#deps.onUnanswered(pending, error);
    this.#deps.onChange();
  }

  /** As the backend gets it. */
  build(result: DeskResult, backendId?: string): MeterCommandResult {
    const serial = result.meterSerialNumber;
    const bound = typeof serial === "string" ? this.#deps.registry.find(serial)?.backendId : undefined;
    return commandResult(result, {
      backendId: bound ?? backendId ?? null,
      legacyCommandNames: this.#options.legacyCommandNames ?? false,
      maximumChars: this.#options.outbox.messageChars,
    });
  }

  #now(): string {
    return new Date(this.#deps.clock.epochMs()).toISOString();
  }
}
