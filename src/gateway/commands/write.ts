/**
 * write-meter: attributes set to typed values (SET), in order. A request that may have left is never repeated: what
 * became of it is read back, and an attribute that then holds the value was written.
 */
import { type Data, dataCodec } from "../../axdr/index.js";
import { encodeAll } from "../../bytes/codec.js";
import { equalBytes } from "../../bytes/hex.js";
import { type AttributeRef, type SetRef } from "../../client/index.js";
import { asDlmsError, DlmsError, usageError } from "../../core/errors.js";
import { attributeType } from "../../cosem/classes/index.js";
import { dataByDeclaration, dataFromJson, isWritableType } from "../../cosem/data-from-json.js";
import { type WriteItem, type WriteMeter, type WriteOutcome, type WrittenItem } from "../messages.js";
import { type ObjectResolver } from "../resolve.js";
import { type CommandContext, type CommandReport, isBroken, isRefusal, keptBack } from "./context.js";

type Target = SetRef & { readonly obis: string };
/** Undefined: written. */
type Fate = undefined | DlmsError;

export async function writeMeter(
  command: WriteMeter,
  context: CommandContext,
  resolver: ObjectResolver,
): Promise<CommandReport> {
  let targets: readonly Target[];
  try {
    targets = await targetsOf(command, context, resolver);
    await context.beforeSending({}, false);
  } catch (caught) {
    return unsent(asDlmsError(caught));
  }
  const sentBefore = context.octetsSent();
  const fates: readonly Fate[] = await context.client().setMany(targets);
  const unclear = fates.filter((fate) => fate !== undefined && !isRefusal(fate));
  if (context.octetsSent() === sentBefore && unclear.length > 0) return unsent(unclear[0] as DlmsError);
  if (unclear.length === 0) return report(targets, fates, 1);
  context.verifying();
  try {
    await context.recover();
  } catch (caught) {
    // The link is beyond help; what went wrong first is what the result tells.
    void caught;
    return report(targets, fates, 1);
  }
  return report(targets, await readBack(targets, fates, context), 1);
}

/** What became of a write that may have arrived, by what the attributes hold now. */
export async function settleWrite(
  command: WriteMeter,
  context: CommandContext,
  resolver: ObjectResolver,
): Promise<CommandReport> {
  context.verifying();
  let targets: readonly Target[];
  try {
    targets = await targetsOf(command, context, resolver);
  } catch (caught) {
    const error = asDlmsError(caught);
    return { success: false, outcome: "unknown", attempts: 0, error, unsettled: isBroken(error) };
  }
  const open = targets.map(() => new DlmsError("VERIFY_TIMEOUT"));
  return report(targets, await readBack(targets, open, context), 0);
}

/** @throws DlmsError FIELD_INVALID naming the value or its type, CLASS_UNKNOWN; link errors. */
async function targetsOf(
  { items }: WriteMeter,
  context: CommandContext,
  resolver: ObjectResolver,
): Promise<readonly Target[]> {
  const targets: Target[] = [];
  for (const [i, item] of items.entries()) {
    const { obisCode, classId, attributeId } = await resolver.resolve(
      item,
      context.meterType,
      context.client(),
    );
    const ref = { obis: obisCode, classId, attributeId };
    const prefix = items.length === 1 ? "" : `items[${i}].`;
    targets.push({ ...ref, data: await dataOf(item, ref, prefix, context) });
  }
  return targets;
}

async function dataOf(
  { type, value }: WriteItem,
  ref: AttributeRef,
  prefix: string,
  context: CommandContext,
): Promise<Data> {
  const field = `${prefix}value`;
  if (type !== undefined) return dataFromJson(type, value, field);
  const declared = attributeType(ref.classId, ref.attributeId);
  const known = declared === undefined ? undefined : dataByDeclaration(declared, value, field);
  if (known !== undefined) return known;
  const [held] = await context.client().getMany([ref]);
  if (held instanceof DlmsError && !isRefusal(held)) throw held;
  const isScalar =
    held !== undefined && !(held instanceof DlmsError) && !["array", "structure"].includes(held.type);
  if (isScalar && held.type !== "null-data" && isWritableType(held.type))
    return dataFromJson(held.type, value, field);
  throw usageError("FIELD_INVALID", `${prefix}type`, `${prefix}type is missing, and nothing else tells it`);
}

async function readBack(
  targets: readonly Target[],
  fates: readonly Fate[],
  context: CommandContext,
): Promise<readonly Fate[]> {
  const unclear = targets.filter((_target, i) => isUnclear(fates[i]));
  const held = await context.client().getMany(unclear);
  return targets.map((target, i) => {
    if (!isUnclear(fates[i])) return fates[i];
    const value = held[unclear.indexOf(target)];
    if (value === undefined || value instanceof DlmsError)
      return value !== undefined && isBroken(value) ? value : new DlmsError("VERIFY_TIMEOUT", value?.message);
    if (isSame(value, target.data)) return undefined;
    return new DlmsError("VERIFY_TIMEOUT", "The attribute holds another value than the one that was sent.");
  });
}

function isUnclear(fate: Fate): boolean {
  return fate !== undefined && !isRefusal(fate);
}

/** The same octets, or the same number in another width. */
function isSame(a: Data, b: Data): boolean {
  if (equalBytes(encodeAll(dataCodec, a), encodeAll(dataCodec, b))) return true;
  return "value" in a && "value" in b && typeof a.value === "number" && a.value === b.value;
}

function report(targets: readonly Target[], fates: readonly Fate[], attempts: number): CommandReport {
  const written = targets.map(({ obis, classId, attributeId }, i): WrittenItem => {
    const fate = fates[i];
    const outcome = fate === undefined ? "written" : isRefusal(fate) ? "refused" : "unknown";
    return {
      obisCode: obis,
      classId,
      attributeId,
      outcome,
      ...(fate === undefined ? {} : { error: fate.toPayload() }),
    };
  });
  const error = fates.find(isUnclear) ?? fates.find((fate) => fate !== undefined);
  const outcome = overall(written);
  return {
    success: outcome === "written",
    outcome,
    attempts,
    content: { written },
    ...(error === undefined ? {} : { error }),
    ...(outcome === "unknown" ? { unsettled: fates.some((fate) => isBroken(fate)) } : {}),
  };
}

function overall(written: readonly WrittenItem[]): WriteOutcome {
  const have = (outcome: WrittenItem["outcome"]): boolean => written.some((item) => item.outcome === outcome);
  if (have("unknown")) return "unknown";
  if (!have("refused")) return "written";
  return have("written") ? "partly-written" : "refused";
}

/** Nothing of it has left: either it could not be made, or it was kept back. */
function unsent(error: DlmsError): CommandReport {
  if (error.family === "UsageError" && error.fault === "user" && error.code !== "COMMAND_SUPERSEDED")
    return { success: false, outcome: "invalid", attempts: 0, error };
  return keptBack(error);
}
