/** How a command gets into the store: bounded per meter, with its deadline, and with what it makes void. */
import { DlmsError } from "../../core/errors.js";
import { type Recorded, type Store } from "../../store/index.js";
import { type Command } from "../messages.js";
import { entryOf, type Recorder } from "./entry.js";
import { type OpenCommands } from "./open-commands.js";
import { unsentResult } from "./results.js";
import { type Runs } from "./runs.js";
import { type RecordOptions, type ResolvedJournalOptions } from "./types.js";

export class Recording {
  readonly #options: ResolvedJournalOptions;
  readonly #open: OpenCommands;
  readonly #runs: Runs;
  /** On their way into the store, per meter. */
  readonly #entering = new Map<string, number>();

  constructor(options: ResolvedJournalOptions, open: OpenCommands, runs: Runs) {
    this.#options = options;
    this.#open = open;
    this.#runs = runs;
  }

  /**
   * @param serial the meter's, as the store knows it.
   * @throws DlmsError QUEUE_FULL, COMMAND_EXPIRED, COMMAND_CONFLICT; of the store.
   */
  async record(
    store: Store,
    command: Command,
    serial: string,
    options: RecordOptions & { readonly by: Recorder },
  ): Promise<Recorded> {
    const { listener, owner, clock } = this.#options;
    const acceptedAt = Math.floor(clock.epochMs());
    const longest = this.#open.longest(command.command);
    const expiresAt = Math.floor(Math.min(command.expiresAt ?? Infinity, acceptedAt + longest));
    if (expiresAt <= acceptedAt) throw new DlmsError("COMMAND_EXPIRED", undefined, { field: "expiresAt" });
    // A relay command takes the place of an older one.
    const entering = this.#entering.get(serial) ?? 0;
    const { maxCommands, maxCommandsPerMeter } = listener.options;
    const isFull =
      (this.#open.of(serial) + entering >= maxCommandsPerMeter || this.#open.size >= maxCommands) &&
      command.command !== "remote-control";
    if (isFull && this.#open.find(command.commandId) === undefined) throw new DlmsError("QUEUE_FULL");
    const entry = entryOf(command, { ...options, owner, serial, acceptedAt, expiresAt });
    this.#entering.set(serial, entering + 1);
    let recorded: Recorded;
    try {
      recorded = await store.recordCommand(entry);
    } finally {
      const left = (this.#entering.get(serial) ?? 1) - 1;
      if (left > 0) this.#entering.set(serial, left);
      else this.#entering.delete(serial);
    }
    if (recorded.kind === "new") {
      this.#open.follow(entry, options.by);
      if (command.command === "remote-control") await this.supersede(store, serial, command.commandId);
    } else if (recorded.kind === "verify")
      this.#open.follow({ ...entry, commandId: recorded.commandId }, options.by);
    return recorded;
  }

  /** The relay commands of this meter that were accepted before and still wait are void. */
  async supersede(store: Store, meterSerialNumber: string, commandId: string): Promise<void> {
    const open = await store.openCommands({ meterSerialNumber });
    const at = open.findIndex((stored) => stored.commandId === commandId);
    const error = new DlmsError("COMMAND_SUPERSEDED");
    for (const older of open.slice(0, Math.max(0, at))) {
      if (older.command !== "remote-control" || older.state !== "waiting") continue;
      const result = unsentResult(older, "superseded", error, this.#options.clock.epochMs());
      await this.#runs.finish(older.commandId, result, true);
    }
  }
}
