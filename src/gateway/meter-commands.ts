/**
 * Runs one command on one meter's live link: the checks that must hold before anything is sent (conflict, reverse
 * link, identity), the association, the command itself, and what is done with a link that broke on the way.
 */
import { createHash } from "node:crypto";
import { asDlmsError, DlmsError } from "../core/errors.js";
import { type Clock } from "../transport/clock.js";
import { type CommandContext, type CommandReport, needsRecovery } from "./commands/context.js";
import { readMeter } from "./commands/read.js";
import { switchRelay } from "./commands/relay.js";
import { loadToken } from "./commands/token.js";
import { type Command } from "./messages.js";
import { type MeterLink } from "./meter-link.js";
import { type ListenerTimes } from "./options.js";
import { ObjectResolver } from "./resolve.js";

export interface RunOptions {
  readonly clock: Clock;
  readonly times: ListenerTimes;
  /** Object lists shared by meters of one type and firmware. */
  readonly lists: Map<string, ReadonlyMap<string, number>>;
  readonly unknownTokens: UnknownTokens;
  readonly hasConflict: () => boolean;
  readonly verifying: () => void;
}

export async function runCommand(
  command: Command,
  link: MeterLink,
  options: RunOptions,
): Promise<CommandReport> {
  return link.use(async () => {
    const serial = link.serial ?? "";
    try {
      await prepare(command, link, options);
    } catch (caught) {
      const error = asDlmsError(caught);
      if (needsRecovery(error) && !link.isEnded) link.dropAssociation();
      if (error.code === "IDENTITY_MISMATCH") link.end(error.message, true);
      return notSent(command, error);
    }
    const report = await perform(command, serial, link, options);
    if (report.error !== undefined && needsRecovery(report.error) && !link.isEnded) await mend(link);
    return options.unknownTokens.judge(command, serial, report);
  });
}

/** Everything that must hold before the first octet of a command leaves. */
async function prepare(command: Command, link: MeterLink, options: RunOptions): Promise<void> {
  const changesState = command.command !== "read-meter";
  if (changesState && options.hasConflict()) throw new DlmsError("IDENTITY_CONFLICT");
  if (changesState && link.isReversed && !link.meterType.allowReverse)
    throw new DlmsError("REVERSE_NOT_ALLOWED");
  await link.associated(true);
  if (!changesState) return;
  try {
    await link.verify();
  } catch (caught) {
    const error = asDlmsError(caught);
    if (!needsRecovery(error)) throw error;
    // Only reading was tried so far: an association that had aged away may be opened anew.
    await link.recover();
    await link.verify();
  }
  // Waiting for the association may have taken long.
  if (command.expiresAt !== undefined && options.clock.epochMs() > command.expiresAt)
    throw new DlmsError("COMMAND_EXPIRED");
  if (options.hasConflict()) throw new DlmsError("IDENTITY_CONFLICT");
}

async function perform(
  command: Command,
  serial: string,
  link: MeterLink,
  options: RunOptions,
): Promise<CommandReport> {
  const context: CommandContext = {
    serial,
    meterType: link.meterType,
    times: options.times,
    now: () => options.clock.now(),
    sleep: (ms) => link.sleep(ms),
    client: () => link.client,
    recover: () => link.recover(),
    octetsSent: () => link.octetsSent,
    get perAssociation() {
      return link.memory;
    },
    verifying: options.verifying,
  };
  switch (command.command) {
    case "read-meter":
      return readMeter(command, context, new ObjectResolver(options.lists));
    case "remote-control":
      return switchRelay(command, context);
    case "remote-load":
      return loadToken(command, context);
  }
}

/** After a break: either the meter associates again, or the link goes. */
async function mend(link: MeterLink): Promise<void> {
  try {
    await link.recover();
  } catch (caught) {
    // A link that is beyond help has ended itself; a meter that refuses is asked again with its next command.
    if (!(caught instanceof DlmsError)) throw caught;
  }
}

function notSent(command: Command, error: DlmsError): CommandReport {
  if (error.code === "COMMAND_EXPIRED") return { success: false, outcome: "expired", attempts: 0, error };
  const outcome = command.command === "read-meter" && error.code !== "LINK_LOST" ? "failed" : "not-sent";
  return { success: false, outcome, attempts: 0, error };
}

/**
 * Tokens whose outcome was left unknown: when the meter later calls the same token used, it was ours that it took.
 * Kept as digests, bounded, and only as long as the process.
 */
export class UnknownTokens {
  readonly #digests = new Set<string>();

  judge(command: Command, serial: string, report: CommandReport): CommandReport {
    if (command.command !== "remote-load") return report;
    const digest = createHash("sha256").update(`${serial}:${command.token.reveal()}`).digest("base64");
    if (report.outcome === "unknown") {
      this.#digests.add(digest);
      const oldest = this.#digests.values().next();
      if (this.#digests.size > 10_000 && oldest.done !== true) this.#digests.delete(oldest.value);
      return report;
    }
    const wasUnknown = report.outcome !== "not-sent" && this.#digests.delete(digest);
    if (!wasUnknown || report.outcome !== "used") return report;
    const { outcome, attempts } = report;
    return { success: true, outcome, attempts };
  }
}
