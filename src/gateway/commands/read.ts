/**
 * read-meter: any OBIS codes. Each code carries its own error and spoils no other. Reading changes nothing, so after
 * a break the codes that got no answer are asked for once more over a fresh association.
 */
import { type Reading } from "../../client/index.js";
import { asDlmsError, DlmsError, type ErrorPayload } from "../../core/errors.js";
import { type MeterReading, type ReadMeter } from "../messages.js";
import { type ObjectResolver, type ResolvedItem } from "../resolve.js";
import { type CommandContext, type CommandReport, needsRecovery } from "./context.js";

export async function readMeter(
  command: ReadMeter,
  context: CommandContext,
  resolver: ObjectResolver,
): Promise<CommandReport> {
  const readings = new Array<Reading | undefined>(command.items.length);
  let attempts = 0;
  let broken: DlmsError | undefined;
  for (; attempts < 2;) {
    attempts++;
    broken = await readMissing(command, context, resolver, readings);
    if (broken === undefined || !needsRecovery(broken) || attempts === 2) break;
    try {
      await context.recover();
    } catch (caught) {
      broken = asDlmsError(caught);
      break;
    }
  }
  const told = command.items.map((item, i): MeterReading => ({
    meterSerialNumber: context.serial,
    ...(readings[i] ??
      failedReading(item.obisCode, item.classId, item.attributeId, (broken as DlmsError).toPayload())),
  }));
  const failed = told.filter((reading) => reading.error !== undefined);
  if (failed.length === 0) return { success: true, outcome: "read", attempts, readings: told };
  const error = broken ?? summary(failed[0]?.error as ErrorPayload);
  const outcome = failed.length < told.length ? "partial" : "failed";
  return { success: false, outcome, attempts, readings: told, error };
}

/** Fills the gaps of `readings`; returns what broke the link, if anything did. */
async function readMissing(
  command: ReadMeter,
  context: CommandContext,
  resolver: ObjectResolver,
  readings: (Reading | undefined)[],
): Promise<DlmsError | undefined> {
  const wanted: { at: number; item: ResolvedItem }[] = [];
  for (const [at, item] of command.items.entries()) {
    if (readings[at] !== undefined) continue;
    try {
      wanted.push({ at, item: await resolver.resolve(item, context.meterType, context.client()) });
    } catch (caught) {
      const error = asDlmsError(caught);
      if (needsRecovery(error) || error.family === "TransportError") return error;
      readings[at] = failedReading(item.obisCode, item.classId, item.attributeId, error.toPayload());
    }
  }
  if (wanted.length === 0) return undefined;
  let broken: DlmsError | undefined;
  try {
    const answers = await context.client().readMany(wanted.map(({ item }) => item));
    answers.forEach((answer, i) => {
      const place = wanted[i];
      if (place === undefined) return;
      const lost = answer.error === undefined ? undefined : summary(answer.error);
      if (lost !== undefined && (needsRecovery(lost) || lost.family === "TransportError")) broken ??= lost;
      else readings[place.at] = answer;
    });
  } catch (caught) {
    broken = asDlmsError(caught);
  }
  return broken;
}

function failedReading(
  obisCode: string,
  classId: number | undefined,
  attributeId: number | undefined,
  error: ErrorPayload,
): Reading {
  return {
    obisCode,
    classId: classId ?? 0,
    attributeId: attributeId ?? 0,
    value: null,
    valueType: "error",
    error,
  };
}

/** A reading's error as the error it came from. */
function summary({ code, message, field }: ErrorPayload): DlmsError {
  return new DlmsError(code, message, field === undefined ? {} : { field });
}
