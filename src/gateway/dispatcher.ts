/**
 * Commands on their way to meters: one queue per meter, one command in flight, relay before token before writes before
 * reads before firmware, which lets all others go first between two of its blocks. Every command gets exactly one
 * result, whatever becomes of the meter, the link or the listener.
 */
import { asDlmsError, DlmsError, usageError } from "../core/errors.js";
import { type Clock } from "../transport/clock.js";
import { type Attempt, type AttemptOptions, type RunningAttempt } from "./attempt.js";
import { type CommandReport } from "./commands/context.js";
import {
  actionOf,
  changesState,
  type Command,
  type CommandName,
  type CommandResult,
  type Outcome,
} from "./messages.js";
import { type Deadlines, longestWait } from "./options.js";

interface Job {
  readonly command: Command;
  readonly options: AttemptOptions;
  /** Monotonic; after it the command must not start. */
  readonly deadline: number;
  readonly startedAtMs: number;
  readonly finish: (report: CommandReport) => void;
  cancelDeadline: () => void;
  /** It waits no longer, whatever comes of it. */
  readonly left: () => void;
}

interface MeterQueue {
  readonly waiting: Job[];
  running: boolean;
}

export interface DispatcherOptions {
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  readonly maxCommandsPerMeter: number;
  /** Of all meters. */
  readonly maxCommands: number;
  /** Runs one command on the meter; its failures are reports, too. */
  readonly run: (serial: string, command: Command, options: RunningAttempt) => Promise<CommandReport>;
  readonly log: (text: string, serial: string) => void;
}

/** Lower goes first. */
const priorities = {
  "remote-control": 0,
  "remote-load": 1,
  "write-meter": 2,
  "call-method": 2,
  "meter-clock": 2,
  "read-meter": 3,
  "read-profile": 3,
  "meter-firmware": 4,
} as const satisfies Record<CommandName, number>;

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #queues = new Map<string, MeterQueue>();
  /** What waits, of all meters. */
  readonly #waiting = new Set<Job>();
  #isClosed = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  queued(serial: string): number {
    const queue = this.#queues.get(serial);
    return queue === undefined ? 0 : queue.waiting.length + (queue.running ? 1 : 0);
  }

  /** Commands of all meters. */
  get load(): { readonly running: number; readonly waiting: number } {
    let running = 0;
    let waiting = 0;
    for (const queue of this.#queues.values()) {
      if (queue.running) running++;
      waiting += queue.waiting.length;
    }
    return { running, waiting };
  }

  /** Waits its turn and runs. Never rejects. */
  submit(serial: string, command: Command, options: AttemptOptions = {}): Promise<Attempt> {
    const { clock, maxCommands, maxCommandsPerMeter } = this.#options;
    const startedAtMs = clock.epochMs();
    const deadline = options.deadline ?? this.#deadline(command, startedAtMs);
    if (this.#isClosed) return this.#never(serial, command, new DlmsError("LISTENER_CLOSED"));
    if (options.unknown === undefined && deadline <= clock.now()) {
      const text = "expiresAt had passed when the command came in.";
      return this.#never(serial, command, usageError("COMMAND_EXPIRED", "expiresAt", text), "expired");
    }
    const queue = this.#queueOf(serial);
    // Whoever keeps the history knows which command is the newer one; alone, the later one is.
    if (command.command === "remote-control" && options.beforeSending === undefined) this.#supersede(queue);
    if (queue.waiting.length >= maxCommandsPerMeter || this.#waiting.size >= maxCommands)
      return this.#never(serial, command, new DlmsError("QUEUE_FULL"));
    return new Promise((resolve) => {
      const job: Job = {
        command,
        options,
        deadline,
        startedAtMs,
        finish: (report) => {
          job.left();
          job.cancelDeadline();
          options.signal?.removeEventListener("abort", abandon);
          const result = resultOf(serial, command, report, startedAtMs, clock.epochMs());
          resolve({ result, unsettled: report.unsettled === true });
        },
        cancelDeadline: clock.at(deadline, () => this.#expire(serial, job)),
        left: () => this.#waiting.delete(job),
      };
      const abandon = (): void =>
        this.#remove(serial, job, new DlmsError("COMMAND_SUPERSEDED"), "superseded");
      options.signal?.addEventListener("abort", abandon, { once: true });
      const rank = priorities[command.command];
      const behind = queue.waiting.findIndex((other) => priorities[other.command.command] > rank);
      this.#waiting.add(job);
      queue.waiting.splice(behind < 0 ? queue.waiting.length : behind, 0, job);
      this.#pump(serial, queue);
    });
  }

  /** The result of a command that is not even queued. */
  refused(command: Command, error: DlmsError, outcome: Outcome = "not-sent"): Promise<Attempt> {
    return this.#never(command.meterSerialNumber, command, error, outcome);
  }

  /** Whatever waits for this meter ends now; what runs ends by its own failure. */
  fail(serial: string, error: DlmsError): void {
    const queue = this.#queues.get(serial);
    for (const job of queue?.waiting.splice(0) ?? [])
      job.finish({ success: false, outcome: "not-sent", attempts: 0, error });
  }

  /** No command waits any longer, and none is taken. */
  close(): void {
    this.#isClosed = true;
    for (const serial of this.#queues.keys()) this.fail(serial, new DlmsError("LISTENER_CLOSED"));
  }

  #queueOf(serial: string): MeterQueue {
    let queue = this.#queues.get(serial);
    if (queue === undefined) this.#queues.set(serial, (queue = { waiting: [], running: false }));
    return queue;
  }

  /** Monotonic. */
  #deadline(command: Command, nowMs: number): number {
    const longest = longestWait(command.command, this.#options.deadlines);
    return this.#options.clock.now() + Math.min((command.expiresAt ?? Infinity) - nowMs, longest);
  }

  /** A newer word about the relay makes the older ones that still wait void. */
  #supersede(queue: MeterQueue): void {
    for (const job of queue.waiting.filter((waiting) => waiting.command.command === "remote-control")) {
      queue.waiting.splice(queue.waiting.indexOf(job), 1);
      const error = new DlmsError("COMMAND_SUPERSEDED");
      job.finish({ success: false, outcome: "superseded", attempts: 0, error });
    }
  }

  #expire(serial: string, job: Job): void {
    this.#remove(serial, job, new DlmsError("COMMAND_EXPIRED"), "expired");
  }

  /** Ends a command that still waits. */
  #remove(serial: string, job: Job, error: DlmsError, outcome: Outcome): void {
    const queue = this.#queues.get(serial);
    const at = queue?.waiting.indexOf(job) ?? -1;
    if (queue === undefined || at < 0) return;
    queue.waiting.splice(at, 1);
    job.finish({ success: false, outcome, attempts: 0, error });
  }

  #pump(serial: string, queue: MeterQueue): void {
    if (queue.running) return;
    const job = queue.waiting.shift();
    if (job === undefined) {
      this.#queues.delete(serial);
      return;
    }
    queue.running = true;
    this.#start(serial, queue, job, () => {
      queue.running = false;
    })
      .then(() => this.#pump(serial, queue))
      .catch((caught: unknown) => this.#options.log(asDlmsError(caught).message, serial));
  }

  /** Runs a command to its end. */
  async #start(serial: string, queue: MeterQueue, job: Job, ended: () => void): Promise<void> {
    const { command, deadline, options } = job;
    job.left();
    job.cancelDeadline();
    const letOthers = (): Promise<void> => this.#letOthers(serial, queue, job);
    let report: CommandReport;
    try {
      report = await this.#options.run(serial, command, { ...options, deadline, letOthers });
    } catch (caught) {
      // Commands report their failures; what still gets here is a defect of ours, and the bytes may have left.
      const error = asDlmsError(caught);
      this.#options.log(`${command.command} failed inside the gateway: ${error.message}`, serial);
      const outcome = changesState(command) ? "unknown" : "failed";
      report = { success: false, outcome, attempts: 1, error };
    }
    ended();
    job.finish(report);
  }

  /** Whatever goes before a long command that runs already, one after the other. */
  async #letOthers(serial: string, queue: MeterQueue, { command }: Job): Promise<void> {
    const isFirst = (): boolean => {
      const next = queue.waiting[0];
      return next !== undefined && priorities[next.command.command] < priorities[command.command];
    };
    while (isFirst()) await this.#start(serial, queue, queue.waiting.shift() as Job, () => undefined);
  }

  #never(
    serial: string,
    command: Command,
    error: DlmsError,
    outcome: Outcome = "not-sent",
  ): Promise<Attempt> {
    const now = this.#options.clock.epochMs();
    const result = resultOf(serial, command, { success: false, outcome, attempts: 0, error }, now, now);
    return Promise.resolve({ result, unsettled: false });
  }
}

function resultOf(
  serial: string,
  command: Command,
  { success, outcome, attempts, content, readings, error }: CommandReport,
  startedAtMs: number,
  finishedAtMs: number,
): CommandResult {
  const action = actionOf(command);
  return {
    ...command.extra,
    meterSerialNumber: serial,
    commandId: command.commandId,
    command: command.command,
    success,
    outcome,
    ...(action === undefined ? {} : { action }),
    startedAt: new Date(startedAtMs).toISOString(),
    finishedAt: new Date(finishedAtMs).toISOString(),
    attempts,
    ...(readings === undefined ? {} : { readings }),
    ...content,
    ...(error === undefined ? {} : { error: error.toPayload() }),
  };
}
