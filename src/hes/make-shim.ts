/** The backend's DLMS calls, where they are wanted: run past the flow, by the journal where there is one. */
import { DlmsError } from "../core/errors.js";
import { type LogEvent } from "../gateway/events.js";
import { type CommandResult } from "../gateway/messages.js";
import { type Clock } from "../transport/clock.js";
import { type HesOptions, type ListenerLike } from "./options.js";
import { type JournalLike } from "./recorded.js";
import { DlmsShim } from "./shim.js";
import { ShimRuns } from "./shim-runs.js";

export interface MakeShimDeps {
  readonly clock: Clock;
  readonly journal: JournalLike | undefined;
  /** The result of a write that no caller waits for. */
  readonly onLate: (result: CommandResult) => void;
  readonly log: (level: LogEvent["level"], text: string) => void;
}

/** @throws DlmsError NOT_CONFIGURED when there is nothing to run the calls. */
export function makeShim(
  { shim, url }: Pick<HesOptions, "shim" | "url">,
  listener: ListenerLike,
  { clock, journal, log, onLate }: MakeShimDeps,
): DlmsShim | undefined {
  if (shim === undefined) return undefined;
  const { registry } = listener;
  if (journal === undefined && listener.execute === undefined)
    throw new DlmsError("NOT_CONFIGURED", "shim needs a listener that runs commands.", { field: "shim" });
  const runs = new ShimRuns({
    registry,
    journal,
    execute: async (command) => {
      if (listener.execute === undefined) throw new DlmsError("NOT_CONFIGURED");
      return listener.execute(command);
    },
    clock,
    origin: `dlms-calls:${url}#${journal?.owner ?? ""}`,
    onLate,
  });
  return new DlmsShim(shim, { registry, runs, clock, log });
}
