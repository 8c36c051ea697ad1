/**
 * What the values of an unlabelled push are: the object list of a push setup (class 40, attribute 2), which stands in
 * the push itself, in the meter type, or is read from the meter. A list fits a push that has as many values.
 */
import { type Data } from "../axdr/data.js";
import { type DlmsClient } from "../client/index.js";
import { DlmsError } from "../core/errors.js";
import { attributeById } from "../cosem/classes/index.js";
import { formatObis } from "../cosem/obis.js";
import { type CapturedColumn, columnList } from "../cosem/selective-access.js";

export interface PushList {
  /** The push setup, `0-0:25.9.0.255`; absent when the list is a meter type's or the push's own. */
  readonly setup?: string;
  /** In the order of the values. */
  readonly objects: readonly CapturedColumn[];
  /** scaler_unit of what has one, by `scalerKey`. */
  readonly scalers?: ReadonlyMap<string, Data>;
}

const PUSH_SETUP = 40;
const OBJECT_LIST = 2;
export const usualPushSetup = "0-0:25.9.0.255";

/** Whether this OBIS code is that of a push setup. */
export function isPushSetup(obis: string): boolean {
  return /^0-\d+:25\.9\.\d+\.255$/.test(obis);
}

/** The values of a push that come one by one; undefined for a body that is no row of values. */
export function rowOf(body: Data): readonly Data[] | undefined {
  return body.type === "structure" && body.value.length > 0 ? body.value : undefined;
}

/** The push setup that a push names among its values. */
export function namedSetup(values: readonly Data[]): string | undefined {
  for (const value of values) {
    if (value.type !== "octet-string" || value.value.length !== 6) continue;
    const obis = formatObis(value.value);
    if (isPushSetup(obis)) return obis;
  }
  return undefined;
}

/** The list that these values are in the order of; undefined when none fits, or it cannot be told which. */
export function fittingList(values: readonly Data[], lists: readonly PushList[]): PushList | undefined {
  const own = values.map(ownList).find((objects) => objects?.length === values.length);
  if (own !== undefined) return { objects: own };
  const fitting = lists.filter(({ objects }) => objects.length === values.length);
  const setup = namedSetup(values);
  const named = fitting.find((list) => setup !== undefined && list.setup === setup);
  return named ?? (fitting.length === 1 ? fitting[0] : undefined);
}

/** A push that carries its object list as one of its values. */
function ownList(value: Data): readonly CapturedColumn[] | undefined {
  if (value.type !== "array" || value.value.length === 0) return undefined;
  try {
    return columnList(value);
  } catch (caught) {
    if (caught instanceof DlmsError) return undefined;
    throw caught;
  }
}

/** Where the scaler_unit of an attribute stands. */
export function scalerOf({ classId, obis, attributeId, dataIndex }: CapturedColumn) {
  const scaledBy = dataIndex === 0 ? attributeById(classId, attributeId)?.scaledBy : undefined;
  return scaledBy === undefined ? undefined : { classId, obis, attributeId: scaledBy };
}

export function scalerKey({ classId, obis, attributeId }: Omit<CapturedColumn, "dataIndex">): string {
  return `${classId} ${obis} ${attributeId}`;
}

/** Reads a push setup's list, and the scalers of what it names. @throws DlmsError */
export async function readPushList(client: DlmsClient, setup: string): Promise<PushList> {
  const list = await client.get({ classId: PUSH_SETUP, obis: setup, attributeId: OBJECT_LIST });
  const objects = columnList(list, "pushObjectList");
  const wanted = objects.flatMap((object) => {
    const scaler = scalerOf(object);
    return scaler === undefined ? [] : [scaler];
  });
  const answers = await client.getMany(wanted);
  const scalers = new Map<string, Data>();
  wanted.forEach((ref, i) => {
    const answer = answers[i] as Data | DlmsError;
    // Without its scaler a value may be wrong by powers of ten; a meter that has none for it says so.
    if (answer instanceof DlmsError && answer.family !== "ServiceError") throw answer;
    if (!(answer instanceof DlmsError)) scalers.set(scalerKey(ref), answer);
  });
  return { setup, objects, scalers };
}
