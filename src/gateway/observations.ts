/**
 * What is noted down beside the work, for views of a fleet: counts of the listener, what each meter did last, and what
 * those who watch a meter are told. Nothing here decides anything.
 */
import { DlmsError } from "../core/errors.js";
import { type Clock } from "../transport/clock.js";
import { type Refusal } from "../transport/reception.js";
import { newCounted } from "./counters.js";
import { type MeterEventName } from "./events.js";
import { type Command, type CommandResult } from "./messages.js";
import { type MeterLink } from "./meter-link.js";
import { type MeterRecord, type MeterRegistry } from "./registry.js";
import { type TraceEntry, Watches } from "./watches.js";

export class Observations {
  readonly counted = newCounted();
  readonly #registry: MeterRegistry<MeterLink>;
  readonly #watches: Watches<MeterLink>;
  readonly #clock: Clock;
  /** Octets of links that have not said yet whose they are. */
  readonly #early = new WeakMap<MeterLink, { in: number; out: number }>();

  constructor(registry: MeterRegistry<MeterLink>, clock: Clock) {
    this.#registry = registry;
    this.#clock = clock;
    this.#watches = new Watches(clock);
  }

  watch(serial: string, hear: (entry: TraceEntry) => void): () => void {
    return this.#watches.watch(this.#registry.normalise(serial), hear);
  }

  passed(link: MeterLink, direction: "in" | "out", bytes: Uint8Array, login?: string): void {
    this.counted[direction === "in" ? "octetsReceived" : "octetsSent"] += bytes.length;
    const record = this.#registry.recordOf(link, link.serial);
    if (record === undefined) {
      const early = this.#early.get(link) ?? { in: 0, out: 0 };
      early[direction] += bytes.length;
      this.#early.set(link, early);
    } else {
      record.activity.carried(direction, bytes.length);
      if (direction === "in") record.lastSeenMs = this.#clock.epochMs();
      this.#registry.touch(record);
    }
    this.#watches.passed(link, direction, bytes, login);
  }

  failed(link: MeterLink, what: string, error: DlmsError): void {
    const record = this.#registry.recordOf(link, link.serial);
    if (record === undefined) return;
    record.activity.failed(this.#clock.epochMs(), what, error);
    this.#registry.touch(record);
  }

  refused({ reason }: Refusal): void {
    this.counted.refused++;
    this.counted.refusedFor[reason]++;
  }

  /** The command is about to be run on this link. */
  begins(link: MeterLink, command: Command): void {
    if (command.command === "remote-load") this.#watches.conceal(link, command.token);
    this.#watches.note(link, `${command.command} begins`);
  }

  /** The command has its result. */
  finished(record: MeterRecord<MeterLink>, { command, success, outcome, error }: CommandResult): void {
    const now = this.#clock.epochMs();
    this.counted.commands++;
    if (!success) this.counted.failures++;
    record.activity.commandEnded(success);
    if (success) record.activity.succeeded(now, command);
    else if (error !== undefined) record.activity.failed(now, command, error);
    this.#registry.touch(record);
    if (record.live !== undefined) this.#watches.note(record.live, `${command}: ${outcome}`);
  }

  /** An event of a link's life was told. */
  told(
    event: MeterEventName,
    link: MeterLink,
    record: MeterRecord<MeterLink> | undefined,
    why?: DlmsError | string,
  ): void {
    if (event === "identified") this.#watches.identified(link);
    else if (event !== "disconnected") this.#watches.note(link, event);
    if (record === undefined) return;
    const now = this.#clock.epochMs();
    if (event === "identified") this.#linked(link, record, now);
    else if (event === "associated") record.activity.succeeded(now, "associate");
    else if (event === "disconnected" && record.live === undefined) record.activity.unlinked();
    if (why instanceof DlmsError) record.activity.failed(now, event, why);
    this.#registry.touch(record);
  }

  #linked(link: MeterLink, { activity }: MeterRecord<MeterLink>, now: number): void {
    activity.linked(now);
    const early = this.#early.get(link);
    this.#early.delete(link);
    activity.carried("in", early?.in ?? 0);
    activity.carried("out", early?.out ?? 0);
  }

  ended(link: MeterLink, why: DlmsError | string): void {
    this.counted.ended++;
    this.#watches.note(link, `the link ended: ${why instanceof DlmsError ? why.message : why}`);
    this.#watches.ended(link);
  }
}
