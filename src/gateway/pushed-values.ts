/** Values of notifications as readings show them: plain, by the type of their attribute, or scaled with their unit. */
import { type Data } from "../axdr/data.js";
import { type Reading } from "../client/index.js";
import { attributeType } from "../cosem/classes/index.js";
import { scaleDecimal, toJsonNumber } from "../cosem/decimal.js";
import { type CapturedColumn } from "../cosem/selective-access.js";
import { unitByCode } from "../cosem/units.js";
import { jsonValue } from "../cosem/value.js";
import { fittingList, type PushList, rowOf, scalerKey, scalerOf } from "./push-lists.js";

type Shown = Pick<Reading, "value" | "valueType">;

/** Readings of an unlabelled push in the order of a list that fits; undefined when none does. */
export function namedReadings(
  body: Data,
  lists: readonly PushList[],
  timestamp: string | undefined,
): Reading[] | undefined {
  const values = rowOf(body);
  const list = values && fittingList(values, lists);
  if (values === undefined || list === undefined) return undefined;
  const inside = new Map(
    list.objects.map((object, i) => [scalerKey(object), object.dataIndex === 0 ? values[i] : undefined]),
  );
  return list.objects.map((object, i): Reading => {
    const { classId, obis, attributeId } = object;
    const scaler = scalerOf(object);
    const key = scaler && scalerKey(scaler);
    const scalerUnit = key === undefined ? undefined : (inside.get(key) ?? list.scalers?.get(key));
    const value = values[i] as Data;
    return {
      obisCode: obis,
      classId,
      attributeId,
      ...(timestamp === undefined ? {} : { timestamp }),
      ...(scaledValue(value, scalerUnit) ?? typedValue(value, object)),
    };
  });
}

export function isScalerUnit(data: Data): boolean {
  return (
    data.type === "structure" &&
    data.value.length === 2 &&
    data.value[0]?.type === "integer" &&
    data.value[1]?.type === "enum"
  );
}

export function scaledValue(value: Data, scalerUnit: Data | undefined): Shown | undefined {
  if (scalerUnit === undefined || scalerUnit.type !== "structure" || !isScalerUnit(scalerUnit))
    return undefined;
  if (!("value" in value) || (typeof value.value !== "number" && typeof value.value !== "bigint"))
    return undefined;
  if (value.type === "float32" || value.type === "float64") return undefined;
  const [scaler, unit] = scalerUnit.value;
  if (scaler?.type !== "integer" || unit?.type !== "enum") return undefined;
  const symbol = unitByCode(unit.value)?.symbol;
  return {
    value: toJsonNumber(scaleDecimal(value.value, scaler.value)),
    valueType: value.type,
    scaler: scaler.value,
    ...(symbol === undefined ? {} : { unit: symbol }),
  } as Shown;
}

export function plainValue(data: Data): Shown {
  const { value, valueType } = jsonValue(data);
  return { value, valueType };
}

/** Dates as dates where the whole attribute was pushed. */
function typedValue(data: Data, { classId, attributeId, dataIndex }: CapturedColumn): Shown {
  const type = dataIndex === 0 ? attributeType(classId, attributeId) : undefined;
  const { value, valueType } = jsonValue(data, type === undefined ? {} : { type });
  return { value, valueType };
}
