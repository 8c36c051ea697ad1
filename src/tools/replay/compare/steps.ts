/**
 * `decoded` as objects (Gurux Python, dlms-cosem): each step holds what the client printed for the exchange behind the
 * note of the same name. `rawAxdr`, where given, is exact and is compared first.
 */
import { type Data, dataCodec } from "../../../axdr/index.js";
import { encodeAll } from "../../../bytes/codec.js";
import { toHex } from "../../../bytes/hex.js";
import { type DecodedApdu, replayApdus } from "../apdu-layer.js";
import { type Item, type Outcome } from "../conversation.js";
import { replayLink } from "../link-layer.js";
import { type PrintedStep, type Vector, parseVector } from "../vector.js";
import { compareAccess } from "./access.js";
import { compareAssociation } from "./association.js";
import {
  compareCaptureObjects,
  compareObjectList,
  comparePrinted,
  compareScalerUnit,
} from "./printed-value.js";
import { refusalIn } from "./refusal.js";
import { comparePythonText } from "./python-text.js";
import { type Tally } from "./tally.js";

const CLIENT_FAILED = "the client failed by itself and printed no value";
const NOTHING_SENT = "nothing was exchanged for this step";

export function compareSteps(
  vector: Vector,
  apdus: readonly DecodedApdu[],
  outcomes: readonly Outcome[],
  tally: Tally,
): void {
  const notes = vector.exchange.flatMap((entry) => ("note" in entry ? [entry.note] : []));
  /** Scalers read so far: the client applies them to values it reads later. */
  const scalers = new Map<string, number>();
  let from = 0;
  for (const printed of vector.decoded) {
    if (typeof printed === "string") continue;
    const index = notes.indexOf(printed.step, from);
    if (index < 0) {
      comparePush(printed, tally);
      continue;
    }
    from = index + 1;
    const mine = outcomes.filter((outcome) => outcome.step === index);
    const heard = apdus.filter((apdu) => apdu.step === index);
    compareStep(printed, mine, heard, tally, scalers, vector);
    for (const item of mine.flatMap((outcome) => outcome.items)) rememberScaler(item, scalers);
  }
}

function compareStep(
  printed: PrintedStep,
  outcomes: readonly Outcome[],
  heard: readonly DecodedApdu[],
  tally: Tally,
  scalers: ReadonlyMap<string, number>,
  vector: Vector,
): void {
  const where = printed.step;
  if (where.startsWith("connect")) return compareAssociation(where, printed, heard, vector, tally);
  const last = outcomes[outcomes.length - 1];
  if (last === undefined)
    return tally.skip(heard.length === 0 && printed.error === undefined ? NOTHING_SENT : CLIENT_FAILED);
  // Where the step provokes an error, the file names what was asked for, which the client need not have sent.
  if (
    printed.class !== undefined &&
    printed.ln !== undefined &&
    printed.attr !== undefined &&
    !printed.expectError
  ) {
    const [item] = last.items;
    tally.same(
      `${where}: object`,
      `${printed.class}/${printed.ln}/${printed.attr}`,
      item === undefined ? "none" : objectOf(item),
    );
  }
  if (printed.error !== undefined) return compareError(where, printed.error, last, tally);
  if (last.kind === "access") return compareAccess(where, printed.value, last.items, tally);
  for (const [i, item] of last.items.entries())
    tally.same(`${where}: result[${i}]`, "success", item.result ?? "none");
  compareValue(where, printed, last, tally, scalers);
}

function compareValue(
  where: string,
  printed: PrintedStep,
  { kind, items }: Outcome,
  tally: Tally,
  scalers: ReadonlyMap<string, number>,
): void {
  const [item] = items;
  const { value, rawAxdr } = printed;
  const data = kind === "set" ? item?.sent : item?.data;
  if (rawAxdr !== undefined && data !== undefined)
    tally.same(`${where}: A-XDR`, rawAxdr.toUpperCase(), toHex(encodeAll(dataCodec, data)));
  if (value === null || value === undefined) return;
  if (typeof value === "string" && /^[A-Z]\w+\(\w+=/.test(value))
    return comparePythonText(where, value, items, tally);
  if (items.length > 1) {
    tally.same(`${where}: items`, (value as unknown[]).length, items.length);
    items.forEach((each, i) => {
      if (each.data !== undefined)
        comparePrinted(`${where}[${i}]`, (value as unknown[])[i], each.data, tally);
    });
    return;
  }
  if (item === undefined || data === undefined)
    return tally.differs(where, JSON.stringify(value), "no value");
  if (kind === "set" && typeof value === "number" && data.type === "octet-string")
    return tally.same(`${where}: octets sent`, value, data.value.length);
  // A client that shows A-XDR does not scale.
  compareAttribute(where, value, item, data, tally, rawAxdr === undefined ? scalers : new Map());
}

function compareAttribute(
  where: string,
  value: unknown,
  item: Item,
  data: Data,
  tally: Tally,
  scalers: ReadonlyMap<string, number>,
): void {
  if (Array.isArray(value)) {
    const [first] = value as unknown[];
    if (typeof first === "string" && first.startsWith("AssociationObjectListItem"))
      return comparePythonText(where, (value as string[]).join("\n"), [item], tally);
    if (item.classId === 15 && item.id === 2) return compareObjectList(where, value, data, tally);
    if (isScalerUnit(item) && typeof value[1] === "string")
      return compareScalerUnit(where, value, data, tally);
    if (item.classId === 7 && item.id === 3 && Array.isArray(first) && typeof first[0] === "string")
      return compareCaptureObjects(where, value, data, tally);
  }
  const scaler = item.id === 2 ? scalers.get(`${item.classId}/${item.obis}`) : undefined;
  comparePrinted(where, value, data, tally, scaler);
}

function isScalerUnit({ classId, id }: Item): boolean {
  return id === 3 && (classId === 3 || classId === 4);
}

function rememberScaler(item: Item, scalers: Map<string, number>): void {
  const [scaler] = isScalerUnit(item) && item.data?.type === "structure" ? item.data.value : [];
  if (scaler?.type === "integer") scalers.set(`${item.classId}/${item.obis}`, scaler.value);
}

function compareError(where: string, error: string, { items }: Outcome, tally: Tally): void {
  const refusal = refusalIn(error);
  if (refusal === undefined) return tally.skip(CLIENT_FAILED);
  tally.same(`${where}: refusal`, refusal, items[0]?.result ?? "none");
}

function objectOf({ classId, obis, id }: Item): string {
  return `${classId}/${obis.replace("-", ".").replace(":", ".")}/${id}`;
}

/** A push on another connection than the exchange: the recording keeps its frames as text. */
function comparePush({ step, value }: PrintedStep, tally: Tally): void {
  if (typeof value !== "string" || !/^([0-9A-F]{2})+$/.test(value)) return tally.skip(CLIENT_FAILED);
  const transport = value.startsWith("7E") ? "hdlc" : "wrapper";
  const pushed = parseVector(step, { transport, exchange: [{ dir: "s2c", hex: value }] });
  const link = replayLink(pushed);
  const { apdus, faults } = replayApdus(pushed, link);
  for (const { reason } of [...link.faults, ...faults]) tally.differs(step, value, reason);
  tally.same(`${step}: APDU`, "data-notification", apdus[0]?.apdu.type ?? "none");
}
