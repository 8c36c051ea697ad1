/**
 * meter-clock: reads the meter's clock, holds it against the gateway's, sets it in the meter's own style or by
 * shift_time, as the meter type says. A setting is read back, and never sent twice: a clock that is right afterwards was
 * set.
 */
import { type ClockOptions, type ClockReading, type ClockSetting } from "../../client/index.js";
import { asDlmsError, DlmsError } from "../../core/errors.js";
import { standardClock } from "../../meter-types/clock-rules.js";
import { type ClockReport, type MeterClock } from "../messages.js";
import {
  afterSilence,
  type CommandContext,
  type CommandReport,
  isBroken,
  isRefusal,
  keptBack,
  needsRecovery,
} from "./context.js";

/** Off by no more than this is right: what a slow link makes of a clock that counts whole seconds. */
const RIGHT_WITHIN_S = 10;

export async function meterClock(command: MeterClock, context: CommandContext): Promise<CommandReport> {
  const { action, toleranceSeconds } = command;
  if (action === "set" && toleranceSeconds === undefined) return set(command, context);
  const seen = await look(context);
  if (seen instanceof DlmsError)
    return { success: false, outcome: action === "set" ? "not-sent" : "failed", attempts: 1, error: seen };
  const content = { clock: clockReport(seen) };
  if (action === "read") return { success: true, outcome: "read", attempts: 1, content };
  const isRight = isWithin(seen, toleranceSeconds ?? RIGHT_WITHIN_S);
  if (action === "set" && !isRight) return set(command, context);
  if (seen.differenceMs === undefined)
    return { success: false, outcome: "failed", attempts: 1, content, error: zoneless() };
  return { success: true, outcome: isRight ? "in-time" : "off", attempts: 1, content };
}

async function set(command: MeterClock, context: CommandContext): Promise<CommandReport> {
  const { method } = context.meterType.clockRule ?? standardClock;
  let before: ClockReading | undefined;
  let keptBackBy: DlmsError | undefined;
  let sentBefore = context.octetsSent();
  let setting: ClockSetting;
  try {
    setting = await context.client().setClock({
      ...clockOptions(context),
      method,
      beforeSending: async (seen) => {
        try {
          await context.beforeSending({}, false);
        } catch (caught) {
          keptBackBy = asDlmsError(caught);
          throw caught;
        }
        before = seen;
        sentBefore = context.octetsSent();
      },
    });
  } catch (caught) {
    const error = asDlmsError(caught);
    if (keptBackBy !== undefined) return keptBack(keptBackBy);
    // Nothing but reading came before.
    if (before === undefined || context.octetsSent() === sentBefore)
      return { success: false, outcome: "not-sent", attempts: 0, error };
    if (isRefusal(error)) return { success: false, outcome: "refused", attempts: 1, error };
    return afterSilence(context, error, async () => ({
      ...(await settle(command, context, before)),
      attempts: 1,
    }));
  }
  return judged(command, setting.after, setting.before, 1);
}

/** What became of a setting that may have arrived, by what the clock shows now. */
export async function settleClock(command: MeterClock, context: CommandContext): Promise<CommandReport> {
  context.verifying();
  return settle(command, context, undefined);
}

async function settle(
  command: MeterClock,
  context: CommandContext,
  before: ClockReading | undefined,
): Promise<CommandReport> {
  const seen = await look(context);
  if (seen instanceof DlmsError)
    return { success: false, outcome: "unknown", attempts: 0, error: seen, unsettled: isBroken(seen) };
  const report = judged(command, seen, before, 0);
  // Whether the request arrived is not known, so it cannot be said that it had no effect.
  return report.success ? report : { ...report, outcome: "unknown" };
}

function judged(
  { toleranceSeconds = 0 }: MeterClock,
  after: ClockReading,
  before: ClockReading | undefined,
  attempts: number,
): CommandReport {
  const clock: ClockReport = {
    ...clockReport(after),
    ...(before?.differenceMs === undefined ? {} : { differenceBeforeSeconds: seconds(before.differenceMs) }),
  };
  if (isWithin(after, Math.max(RIGHT_WITHIN_S, toleranceSeconds)))
    return { success: true, outcome: "set", attempts, content: { clock } };
  const off = after.differenceMs === undefined ? "" : ` by ${seconds(after.differenceMs)} s`;
  const error = new DlmsError("VERIFY_TIMEOUT", `The clock is still off${off}.`);
  return { success: false, outcome: "no-effect", attempts, content: { clock }, error };
}

/** Reads the clock; after a break once more over a fresh association. */
async function look(context: CommandContext): Promise<ClockReading | DlmsError> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await context.client().compareClock(clockOptions(context));
    } catch (caught) {
      const error = asDlmsError(caught);
      if (attempt === 2 || !needsRecovery(error)) return error;
    }
    try {
      await context.recover();
    } catch (caught) {
      return asDlmsError(caught);
    }
  }
}

function clockOptions({ epochMs, meterType }: CommandContext): ClockOptions {
  const { deviationMinutes, obis } = meterType.clockRule ?? standardClock;
  return { now: epochMs, obis, ...(deviationMinutes === undefined ? {} : { deviationMinutes }) };
}

function isWithin({ differenceMs }: ClockReading, toleranceSeconds: number): boolean {
  return differenceMs !== undefined && Math.abs(differenceMs) <= toleranceSeconds * 1_000;
}

function clockReport({ time, deviationMinutes, clockStatus, differenceMs }: ClockReading): ClockReport {
  return {
    time,
    ...(deviationMinutes === undefined ? {} : { deviationMinutes }),
    ...(clockStatus === undefined ? {} : { clockStatus }),
    ...(differenceMs === undefined ? {} : { differenceSeconds: seconds(differenceMs) }),
  };
}

/** To the tenth. */
function seconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}

function zoneless(): DlmsError {
  return new DlmsError("NOT_CONFIGURED", "The clock shows no certain time, or not how far it is from UTC.", {
    field: "deviationMinutes",
  });
}
