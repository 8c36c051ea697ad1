/** Columns of a profile as people see them, and rows as objects: `timestamp` for the clock, OBIS codes for the rest. */
import { type Data } from "../axdr/index.js";
import { attributeType } from "../cosem/classes/index.js";
import { type CapturedColumn } from "../cosem/selective-access.js";
import { type JsonValue, jsonValue } from "../cosem/value.js";
import { isClock } from "./profile-range.js";
import { type ScalerUnit } from "./scalers.js";

export interface ProfileColumn {
  /** Where its values stand in a row: `timestamp`, the OBIS code, or with `/attribute` and `#index` where that is needed. */
  readonly key: string;
  readonly obisCode: string;
  readonly classId: number;
  readonly attributeId: number;
  readonly dataIndex: number;
  readonly unit?: string;
  /** The power of ten the values were already multiplied with. */
  readonly scaler?: number;
}

/** With `timestamp` come `deviationMinutes` and `clockStatus`, where the meter gives them. */
export type ProfileRow = Readonly<Record<string, JsonValue>>;

export function showColumns(
  columns: readonly CapturedColumn[],
  scalers: readonly (ScalerUnit | undefined)[],
): readonly ProfileColumn[] {
  const clock = columns.findIndex(isClock);
  return columns.map((column, i) => {
    const { obis, classId, attributeId, dataIndex } = column;
    return {
      key: i === clock ? "timestamp" : keyOf(column, columns),
      obisCode: obis,
      classId,
      attributeId,
      dataIndex,
      ...scalers[i],
    };
  });
}

function keyOf(column: CapturedColumn, columns: readonly CapturedColumn[]): string {
  const sameObject = columns.filter(({ obis }) => obis === column.obis);
  const attributes = new Set(sameObject.map(({ attributeId }) => attributeId));
  const sameAttribute = sameObject.filter(({ attributeId }) => attributeId === column.attributeId);
  const indexes = new Set(sameAttribute.map(({ dataIndex }) => dataIndex));
  const key = attributes.size > 1 ? `${column.obis}/${column.attributeId}` : column.obis;
  return indexes.size > 1 ? `${key}#${column.dataIndex}` : key;
}

export function showRow(row: readonly Data[], columns: readonly ProfileColumn[]): ProfileRow {
  const shown: Record<string, JsonValue> = {};
  columns.forEach(({ key, classId, attributeId, dataIndex, scaler }, i) => {
    const type = dataIndex === 0 ? attributeType(classId, attributeId) : undefined;
    const { value, deviationMinutes, clockStatus } = jsonValue(row[i] ?? { type: "null-data" }, {
      ...(type === undefined ? {} : { type }),
      ...(scaler === undefined ? {} : { scaler }),
    });
    shown[key] = value;
    if (key !== "timestamp") return;
    if (deviationMinutes !== undefined) shown["deviationMinutes"] = deviationMinutes;
    if (clockStatus !== undefined) shown["clockStatus"] = clockStatus;
  });
  return shown;
}
