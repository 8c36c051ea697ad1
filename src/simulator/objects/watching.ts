/**
 * What watches a value (limiter.ts, register-monitor.ts): reading it as a number, and looking every few seconds while
 * there is something to look for.
 */
import { data } from "../../axdr/build.js";
import { type Data } from "../../axdr/data.js";
import { type MeterState } from "../meter-state.js";
import { itself, type ObjectStore } from "../object-store.js";
import { elementsOf, numberOf, octetsOf } from "./kept.js";

const LOOK_MS = 5_000;

/** Instants are multiples, so that asking again in between does not put the next look off. */
export function nextLook(t: number): number {
  return (Math.floor(t / LOOK_MS) + 1) * LOOK_MS;
}

/** structure{class_id, logical_name, attribute_index} */
export function attributeReference(classId: number, logicalName: Uint8Array, attributeId: number): Data {
  return data.structure([
    data.longUnsigned(classId),
    data.octetString(logicalName),
    data.integer(attributeId),
  ]);
}

/** Undefined when the attribute is not there or holds no number. */
export function watchedNumber(
  meter: MeterState,
  reference: Data,
  t: number,
  store: ObjectStore<MeterState>,
): number | undefined {
  const [classId, name, attributeId] = elementsOf(reference);
  const object = store.find(numberOf(classId), octetsOf(name));
  if (object === undefined) return undefined;
  const value = store.value(meter, object, numberOf(attributeId), t, itself);
  return isNumber(value) ? numberOf(value) : undefined;
}

export function isNumber(value: Data): boolean {
  return "value" in value && (typeof value.value === "number" || typeof value.value === "bigint");
}
