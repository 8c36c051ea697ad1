/**
 * Runs one command on one meter's live link: the checks that must hold before anything is sent (conflict, reverse
 * link, identity), the association, the command itself, and what is done with a link that broke on the way.
 */
import { asDlmsError, DlmsError } from "../core/errors.js";
import { type Clock } from "../transport/clock.js";
import { type AttemptOptions } from "./attempt.js";
import { type CommandContext, type CommandReport, keptBack, needsRecovery } from "./commands/context.js";
import { readMeter } from "./commands/read.js";
import { switchRelay, verifyRelay } from "./commands/relay.js";
import { loadToken, settleToken } from "./commands/token.js";
import { type Command } from "./messages.js";
import { type MeterLink } from "./meter-link.js";
import { type ListenerTimes } from "./options.js";
import { ObjectResolver } from "./resolve.js";

export interface RunOptions extends Pick<AttemptOptions, "beforeSending" | "unknown"> {
  /** Monotonic; a command that has not been sent by then is not sent any more. */
  readonly deadline: number;
  readonly clock: Clock;
  readonly times: ListenerTimes;
  /** Object lists shared by meters of one type and firmware. */
  readonly lists: Map<string, ReadonlyMap<string, number>>;
  /** Why it is not certain which meter this is, if it is not. */
  readonly doubt: () => DlmsError | undefined;
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
      if (error.code === "IDENTITY_MISMATCH") link.end(error, true);
      return options.unknown === undefined ? notSent(command, error) : stillUnknown(error);
    }
    const report = await perform(command, serial, link, options);
    if (report.error !== undefined && needsRecovery(report.error) && !link.isEnded) await mend(link);
    return report;
  }, true);
}

/** Everything that must hold before the first octet of a command leaves. */
async function prepare(command: Command, link: MeterLink, options: RunOptions): Promise<void> {
  const changesState = command.command !== "read-meter";
  if (changesState) mustBeCertain(options);
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
  if (options.unknown === undefined && options.clock.now() > options.deadline)
    throw new DlmsError("COMMAND_EXPIRED");
  mustBeCertain(options);
}

function mustBeCertain({ doubt }: RunOptions): void {
  const reason = doubt();
  if (reason !== undefined) throw reason;
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
    beforeSending: async (detail, again) => options.beforeSending?.(detail, again),
    get perAssociation() {
      return link.memory;
    },
    verifying: options.verifying,
  };
  switch (command.command) {
    case "read-meter":
      return readMeter(command, context, new ObjectResolver(options.lists));
    case "remote-control":
      return options.unknown === undefined ? switchRelay(command, context) : verifyRelay(command, context);
    case "remote-load":
      return options.unknown === undefined
        ? loadToken(command, context)
        : settleToken(command, context, options.unknown);
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
  if (command.command !== "read-meter") return keptBack(error);
  const outcome = error.code === "LINK_LOST" ? "not-sent" : "failed";
  return { success: false, outcome, attempts: 0, error };
}

function stillUnknown(error: DlmsError): CommandReport {
  return { success: false, outcome: "unknown", attempts: 0, error, unsettled: true };
}
