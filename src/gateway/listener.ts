/**
 * A listener: one TCP port that meters dial in to, the registry of those that did, and the way to run commands on
 * them. Opens its port by itself as soon as it is free, reports its life as events, and ends everything it began.
 */
import { asDlmsError, DlmsError } from "../core/errors.js";
import { type ByteChannel } from "../transport/channel.js";
import { type Clock, systemClock } from "../transport/clock.js";
import { type Refusal } from "../transport/reception.js";
import { type Attempt, type AttemptOptions, type RunningAttempt } from "./attempt.js";
import { Claims } from "./claims.js";
import { type CommandProgress, type CommandReport } from "./commands/context.js";
import { countersOf, type ListenerCounters } from "./counters.js";
import { Dispatcher } from "./dispatcher.js";
import {
  type AlarmEvent,
  counterNearEnd,
  Emitter,
  type ListenerEvents,
  type ListenerState,
  type LogEvent,
  type MeterEventName,
} from "./events.js";
import { Gate } from "./gate.js";
import { type Command, type CommandResult } from "./messages.js";
import { runCommand } from "./meter-commands.js";
import { type LinkHost } from "./link-host.js";
import { Listening } from "./listening.js";
import { LogLines } from "./log-lines.js";
import { meterEvent, registrationEvent } from "./meter-event.js";
import { MeterLink } from "./meter-link.js";
import { Newcomers } from "./newcomers.js";
import { NotificationDesk } from "./notification-desk.js";
import { Observations } from "./observations.js";
import { type ListenerOptions, resolveOptions, type ResolvedOptions, zeroLengths } from "./options.js";
import { FramingMemory } from "./probe.js";
import { changeSecurity, type SecurityChange, type SecurityOutcome } from "./security/change.js";
import { Keyring } from "./security/keyring.js";
import { type KeyStore } from "../security/index.js";
import { type Store } from "../store/index.js";
import { type MeterRecord, MeterRegistry, type Registry } from "./registry.js";
import { type TraceEntry } from "./watches.js";

export interface ListenerDeps {
  readonly clock?: Clock;
  /** Hears every log line, besides the `log` event. */
  readonly log?: (entry: LogEvent) => void;
  /** Keeps invocation counters; without it nothing can be ciphered. */
  readonly store?: () => Promise<Store>;
  /** Knows keys, secrets and types of single meters. */
  readonly keys?: KeyStore;
}

export class Listener {
  readonly #options: ResolvedOptions;
  readonly #clock: Clock;
  readonly #lines: LogLines;
  readonly #emitter: Emitter<ListenerEvents>;
  readonly #registry: MeterRegistry<MeterLink>;
  readonly #claims: Claims;
  readonly #desk: NotificationDesk<MeterLink>;
  readonly #dispatcher: Dispatcher;
  readonly #gate: Gate;
  readonly #probes: Gate;
  readonly #listening: Listening;
  readonly #newcomers: Newcomers<MeterLink>;
  readonly #keyring: Keyring;
  readonly #host: LinkHost;
  readonly #links = new Set<MeterLink>();
  readonly #lists = new Map<string, ReadonlyMap<string, number>>();
  readonly #observed: Observations;
  #lastLink = 0;
  #isClosed = false;

  constructor(options: ListenerOptions, deps: ListenerDeps = {}) {
    this.#options = resolveOptions(options);
    this.#clock = deps.clock ?? systemClock;
    const { concurrentAssociations, concurrentProbes, times } = this.#options;
    const { identifyMs, logLinesPerSecond, maxStrangerBytes } = this.#options;
    this.#lines = new LogLines(logLinesPerSecond, this.#clock, (entry) => {
      deps.log?.(entry);
      this.#emitter.emit("log", entry);
    });
    this.#emitter = new Emitter((caught) =>
      this.#say("error", `a listener failed: ${asDlmsError(caught).message}`),
    );
    this.#gate = new Gate(concurrentAssociations);
    this.#probes = new Gate(concurrentProbes);
    this.#newcomers = new Newcomers(maxStrangerBytes, identifyMs);
    this.#listening = new Listening(this.#options, this.#clock, {
      arrived: (channel) => this.#accept(channel),
      makeRoom: () => this.#makeRoom(),
      refused: (refusal, text) => this.#refused(refusal, text),
      changed: () => this.#emitter.emit("state", this.state),
      say: (level, text) => this.#say(level, text),
    });
    this.#keyring = new Keyring({
      clock: this.#clock,
      store: deps.store,
      directory: deps.keys,
      log: (level, text) => this.#say(level, text),
      nearEnd: (_key, counter) => this.#alarm(counterNearEnd(counter)),
    });
    this.#registry = new MeterRegistry<MeterLink>({
      describe: (link) => ({ id: link.id, associated: link.isAssociated }),
      queued: (serial) => this.#dispatcher.queued(serial),
      bound: (record) => this.#bound(record),
      zeroLengths: zeroLengths(this.#options),
    });
    this.#observed = new Observations(this.#registry, this.#clock);
    this.#desk = new NotificationDesk<MeterLink>({
      tell: (event) => this.#emitter.emit("notification", event),
      warn: (text, link) => this.#say("warn", text, { linkId: link.id }),
      isMeters: (link) => this.#registry.recordOf(link, link.serial) !== undefined,
    });
    this.#claims = new Claims({
      registry: this.#registry,
      conflictProbeMs: times.conflictProbeMs,
      clock: this.#clock,
      tell: (event, link, why) => this.#tell(event, link, why),
      offline: (record) => this.#dispatcher.fail(record.serial, new DlmsError("METER_OFFLINE")),
    });
    this.#dispatcher = new Dispatcher({
      ...this.#options,
      clock: this.#clock,
      run: (serial, command, attempt) => this.#run(serial, command, attempt),
      log: (text, serial) => this.#say("error", text, { meterSerialNumber: serial }),
    });
    this.#host = this.#makeHost();
  }

  get options(): ResolvedOptions {
    return this.#options;
  }

  get registry(): Registry {
    return this.#registry;
  }

  get state(): ListenerState {
    return {
      ...this.#listening.state,
      meters: this.#registry.online,
      links: this.#links.size,
    };
  }

  get counters(): ListenerCounters {
    return countersOf(this.#observed.counted, this.#links.size, this.#options, this.#gate, this.#dispatcher);
  }

  /** Tells what passes between the gateway and this meter, until the returned function is called. */
  watch(serial: string, hear: (entry: TraceEntry) => void): () => void {
    return this.#observed.watch(serial, hear);
  }

  /** The live link of a meter, for what is no command. @throws DlmsError METER_OFFLINE. */
  linkOf(serial: string): MeterLink {
    const link = this.#registry.record(serial)?.live;
    if (link === undefined) throw new DlmsError("METER_OFFLINE");
    return link;
  }

  on<Name extends keyof ListenerEvents>(name: Name, listener: (event: ListenerEvents[Name]) => void): void {
    this.#emitter.on(name, listener);
  }

  off<Name extends keyof ListenerEvents>(name: Name, listener: (event: ListenerEvents[Name]) => void): void {
    this.#emitter.off(name, listener);
  }

  /** Opens the port; while it is taken, tries again by itself. State changes come as events. */
  start(): void {
    if (this.#listening.state.phase === "closed") this.#listening.open();
  }

  /** Frees the port, ends every link, and gives every command that still waits its result. */
  async close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#listening.stop();
      this.#dispatcher.close();
      for (const gate of [this.#gate, this.#probes]) gate.close(new DlmsError("LISTENER_CLOSED"));
      for (const link of [...this.#links]) link.end("the listener was closed");
    }
    await this.#listening.close();
    await this.#keyring.close();
    this.#lines.close();
  }

  /** Runs a command on its meter. Never rejects: every failure is a result. Nothing of it outlives the process. */
  async execute(command: Command): Promise<CommandResult> {
    return (await this.attempt(command)).result;
  }

  /** One attempt at a command whose history somebody keeps. Never rejects. */
  attempt(command: Command, options?: AttemptOptions): Promise<Attempt> {
    let record: MeterRecord<MeterLink>;
    try {
      record = this.#registry.named(command);
      if (this.#options.requireRegistration && record.registration !== "registered")
        throw new DlmsError("METER_UNREGISTERED");
      if (record.live === undefined)
        throw new DlmsError(this.#isClosed ? "LISTENER_CLOSED" : "METER_OFFLINE", undefined, {
          field: "meterSerialNumber",
        });
    } catch (caught) {
      const error = asDlmsError(caught);
      const outcome = error.code === "AMBIGUOUS_METER" ? "invalid" : "not-sent";
      return this.#dispatcher.refused(command, error, outcome);
    }
    this.#progress(record.serial, command, "queued");
    const submitted = this.#dispatcher.submit(record.serial, command, options);
    this.#registry.touch(record);
    return submitted.then((attempt) => {
      this.#observed.finished(record, attempt.result);
      return attempt;
    });
  }

  /** Changes a meter's keys, secret or policy; see gateway/security/change.ts. @throws DlmsError why nothing changed. */
  async changeSecurity(serial: string, change: SecurityChange): Promise<SecurityOutcome> {
    const record = this.#registry.record(serial);
    const doubt = (): DlmsError | undefined => record && this.#doubt(record);
    return changeSecurity(this.linkOf(serial), { keyring: this.#keyring, doubt }, change);
  }

  /** Ends the live link of a meter. @returns whether there was one. */
  disconnect(serial: string): boolean {
    const link = this.#registry.record(serial)?.live;
    link?.end("disconnected on request");
    return link !== undefined;
  }

  async #run(serial: string, command: Command, attempt: RunningAttempt): Promise<CommandReport> {
    const record = this.#registry.record(serial);
    const link = record?.live;
    if (record === undefined || link === undefined)
      return { success: false, outcome: "not-sent", attempts: 0, error: new DlmsError("METER_OFFLINE") };
    this.#progress(serial, command, "running");
    this.#observed.begins(link, command);
    return runCommand(command, link, {
      ...attempt,
      clock: this.#clock,
      times: this.#options.times,
      lists: this.#lists,
      doubt: () => this.#doubt(record),
      verifying: () => this.#progress(serial, command, "verifying"),
      progress: (progress) => this.#progress(serial, command, "running", progress),
    });
  }

  /** Why nothing that changes state may go to this meter now. */
  #doubt(record: MeterRecord<MeterLink>): DlmsError | undefined {
    if (record.parked.size > 0) return new DlmsError("IDENTITY_CONFLICT");
    return record.addresses.isAlarmed(this.#clock.now()) ? new DlmsError("CLONED_SERIAL") : undefined;
  }

  #accept(channel: ByteChannel): void {
    if (this.#isClosed) return channel.destroy();
    this.#observed.counted.accepted++;
    const link = new MeterLink(`${++this.#lastLink}`, channel, this.#host);
    if (link.isEnded) return;
    this.#links.add(link);
    this.#newcomers.arrived(link);
    link.start();
  }

  #refused(refusal: Refusal, text: string): void {
    this.#observed.refused(refusal);
    this.#say("warn", text, {}, true);
  }

  /** The port is full: whoever has not shown who it is makes room. */
  #makeRoom(): boolean {
    const link = this.#newcomers.leastKnown(this.#clock.now());
    link?.end(new DlmsError("TOO_MANY_LINKS"), true);
    return link !== undefined;
  }

  #makeHost(): LinkHost {
    return {
      options: this.#options,
      clock: this.#clock,
      gate: this.#gate,
      probes: this.#probes,
      framings: new FramingMemory(),
      keyring: this.#keyring,
      claim: (link, serial) => this.#claims.claim(link, serial),
      unclaim: (link) => this.#claims.release(link),
      tell: (event, link, why) => this.#tell(event, link, why),
      traffic: (link, direction, bytes, login) => {
        this.#observed.passed(link, direction, bytes, login);
        if (direction === "in" && this.#newcomers.heard(link, bytes.length))
          link.end(new DlmsError("LIMIT_EXCEEDED", "It sent too much before it showed who it is."), true);
      },
      failed: (link, what, error) => this.#observed.failed(link, what, error),
      notified: (link, notification) => {
        this.#observed.counted.notifications++;
        this.#desk.take(link, notification, this.#now());
      },
      log: (level, text, link) =>
        this.#say(level, text, {
          linkId: link.id,
          ...(link.serial === undefined ? {} : { meterSerialNumber: link.serial }),
        }),
      ended: (link, why) => this.#ended(link, why),
    };
  }

  #ended(link: MeterLink, why: DlmsError | string): void {
    this.#links.delete(link);
    this.#newcomers.ended(link);
    this.#observed.ended(link, why);
    const record = link.serial === undefined ? undefined : this.#registry.record(link.serial);
    if (record?.live === link) record.lastSeenMs = this.#clock.epochMs();
    this.#desk.ended(link);
    this.#claims.release(link);
    this.#tell("disconnected", link, why);
  }

  #tell(event: MeterEventName, link: MeterLink, why?: DlmsError | string): void {
    if (event === "identified") this.#newcomers.identified(link, this.#clock.now());
    else if (event === "associated") this.#newcomers.associated(link);
    const record = link.serial === undefined ? undefined : this.#registry.record(link.serial);
    if (record?.live === link) {
      record.lastSeenMs = this.#clock.epochMs();
      record.meterType = link.meterType.name;
      record.dialect = link.dialect.name;
    }
    this.#emitter.emit("meter", meterEvent(event, link, record, this.#now(), why));
    this.#observed.told(event, link, record, why);
    if (event === "identified") this.#desk.identified(link);
  }

  #bound(record: MeterRecord<MeterLink>): void {
    if (record.registration === "pending") return;
    this.#emitter.emit("meter", registrationEvent(record, record.registration, this.#now()));
  }

  #progress(
    serial: string,
    command: Command,
    status: ListenerEvents["progress"]["status"],
    progress?: CommandProgress,
  ): void {
    const { commandId, command: name } = command;
    this.#emitter.emit("progress", {
      meterSerialNumber: serial,
      commandId,
      command: name,
      status,
      ...progress,
      at: this.#now(),
    });
  }

  #say(
    level: LogEvent["level"],
    text: string,
    about: Pick<LogEvent, "meterSerialNumber" | "linkId"> = {},
    ofStranger = about.linkId !== undefined && about.meterSerialNumber === undefined,
  ): void {
    this.#lines.say({ level, text, at: this.#now(), ...about }, ofStranger);
  }

  #alarm(alarm: Omit<AlarmEvent, "at">): void {
    this.#say("warn", alarm.text);
    this.#emitter.emit("alarm", { ...alarm, at: this.#now() });
  }

  #now(): string {
    return new Date(this.#clock.epochMs()).toISOString();
  }
}
