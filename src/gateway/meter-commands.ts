/**
 * Runs one command on one meter's live link: the checks that must hold before anything is sent (conflict, reverse
 * link, identity), the association, the command itself, and what is done with a link that broke on the way.
 */
import { asDlmsError, DlmsError } from "../core/errors.js";
import { type Clock } from "../transport/clock.js";
import { type RunningAttempt } from "./attempt.js";
import {
  type CommandContext,
  type CommandProgress,
  type CommandReport,
  keptBack,
  needsRecovery,
} from "./commands/context.js";
import { callMethod, settleMethod } from "./commands/call-method.js";
import { meterClock, settleClock } from "./commands/clock.js";
import { meterFirmware, settleFirmware } from "./commands/firmware.js";
import { readProfile } from "./commands/profile.js";
import { readMeter } from "./commands/read.js";
import { switchRelay, verifyRelay } from "./commands/relay.js";
import { loadToken, settleToken } from "./commands/token.js";
import { settleWrite, writeMeter } from "./commands/write.js";
import { changesState, type Command } from "./messages.js";
import { type MeterLink } from "./meter-link.js";
import { type ListenerTimes } from "./options.js";
import { ObjectResolver } from "./resolve.js";

export interface RunOptions extends Pick<RunningAttempt, "beforeSending" | "unknown" | "letOthers"> {
  /** Monotonic; a command that has not been sent by then is not sent any more. */
  readonly deadline: number;
  readonly clock: Clock;
  readonly times: ListenerTimes;
  /** Object lists shared by meters of one type and firmware. */
  readonly lists: Map<string, ReadonlyMap<string, number>>;
  /** Why it is not certain which meter this is, if it is not. */
  readonly doubt: () => DlmsError | undefined;
  readonly verifying: () => void;
  readonly progress: (progress: CommandProgress) => void;
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
  const changes = changesState(command);
  if (changes) mustBeCertain(options);
  if (changes && link.isReversed && !link.meterType.allowReverse) throw new DlmsError("REVERSE_NOT_ALLOWED");
  await link.associated(true);
  if (!changes) return;
  await mustBeItself(link);
  // Waiting for the association may have taken long.
  if (options.unknown === undefined && options.clock.now() > options.deadline)
    throw new DlmsError("COMMAND_EXPIRED");
  mustBeCertain(options);
}

/** The serial number read inside the association. */
async function mustBeItself(link: MeterLink): Promise<void> {
  try {
    await link.verify();
  } catch (caught) {
    const error = asDlmsError(caught);
    if (!needsRecovery(error)) throw error;
    // Only reading was tried so far: an association that had aged away may be opened anew.
    await link.recover();
    await link.verify();
  }
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
    epochMs: () => options.clock.epochMs(),
    sleep: (ms) => link.sleep(ms),
    client: () => link.client,
    recover: () => link.recover(),
    octetsSent: () => link.octetsSent,
    beforeSending: async (detail, again) => options.beforeSending?.(detail, again),
    get perAssociation() {
      return link.memory;
    },
    verifying: options.verifying,
    progress: options.progress,
    letOthers: async () => {
      await link.pause(options.letOthers);
      if (link.isEnded) throw new DlmsError("LINK_LOST");
      if (link.serial !== serial) throw new DlmsError("IDENTITY_CHANGED");
      mustBeCertain(options);
      await link.associated(true);
      await mustBeItself(link);
    },
  };
  const resolver = new ObjectResolver(options.lists);
  const { unknown } = options;
  switch (command.command) {
    case "read-meter":
      return readMeter(command, context, resolver);
    case "read-profile":
      return readProfile(command, context);
    case "write-meter":
      return unknown === undefined
        ? writeMeter(command, context, resolver)
        : settleWrite(command, context, resolver);
    case "call-method":
      return unknown === undefined ? callMethod(command, context, resolver) : settleMethod();
    case "meter-clock":
      return unknown === undefined ? meterClock(command, context) : settleClock(command, context);
    case "meter-firmware":
      return unknown === undefined
        ? meterFirmware(command, context)
        : settleFirmware(command, context, unknown.detail);
    case "remote-control":
      return unknown === undefined ? switchRelay(command, context) : verifyRelay(command, context);
    case "remote-load":
      return unknown === undefined ? loadToken(command, context) : settleToken(command, context, unknown);
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
  if (changesState(command)) return keptBack(error);
  const outcome = error.code === "LINK_LOST" ? "not-sent" : "failed";
  return { success: false, outcome, attempts: 0, error };
}

function stillUnknown(error: DlmsError): CommandReport {
  return { success: false, outcome: "unknown", attempts: 0, error, unsettled: true };
}
