/**
 * Selective access to a profile's buffer (Blue Book, class 7): selector 1 range_descriptor over the clock, selector
 * 2 entry_descriptor. Ranges over other columns than the clock are left out.
 */
import { data } from "../../axdr/build.js";
import { type Data } from "../../axdr/data.js";
import { equalBytes } from "../../bytes/hex.js";
import { type Selection } from "../../xdlms/index.js";
import { dateTimeOf, instantOf } from "../behaviours/clock.js";

export interface CaptureObject {
  readonly classId: number;
  readonly logicalName: Uint8Array;
  readonly attributeId: number;
}

/** `at` is what the meter's clock showed; columns are made when the row is chosen. */
export interface Row {
  readonly at: number;
  readonly columns: () => readonly Data[];
}

/** structure{class_id, logical_name, attribute_index, data_index} */
export function captureStructure({ classId, logicalName, attributeId }: CaptureObject): Data {
  return data.structure([
    data.longUnsigned(classId),
    data.octetString(logicalName),
    data.integer(attributeId),
    data.longUnsigned(0),
  ]);
}

/** The chosen rows with the chosen columns; undefined when the parameters are not what the selector needs. */
export function selectRows(
  rows: readonly Row[],
  captures: readonly CaptureObject[],
  selection: Selection | undefined,
  deviationMinutes: number,
): (readonly Data[])[] | undefined {
  if (selection === undefined) return rows.map((row) => row.columns());
  if (selection.selector === 1) return byRange(rows, captures, selection.parameters, deviationMinutes);
  if (selection.selector === 2) return byEntry(rows, captures.length, selection.parameters);
  return undefined;
}

/** structure{restricting_object, from_value, to_value, selected_values array} */
function byRange(
  rows: readonly Row[],
  captures: readonly CaptureObject[],
  parameters: Data,
  deviationMinutes: number,
): (readonly Data[])[] | undefined {
  if (parameters.type !== "structure" || parameters.value.length !== 4) return undefined;
  const [restricting, fromValue, toValue, selected] = parameters.value as [Data, Data, Data, Data];
  const restrictedTo = captureOf(restricting);
  if (restrictedTo?.classId !== 8 || selected.type !== "array") return undefined;
  const from = bound(fromValue, deviationMinutes, -Infinity);
  const to = bound(toValue, deviationMinutes, Infinity);
  if (from === undefined || to === undefined) return undefined;
  const columns: number[] = [];
  for (const element of selected.value) {
    const wanted = captureOf(element);
    const column = captures.findIndex((capture) => wanted !== undefined && sameCapture(capture, wanted));
    if (column < 0) return undefined;
    columns.push(column);
  }
  const chosen = rows.filter(({ at }) => at >= from && at <= to).map((row) => row.columns());
  if (columns.length === 0) return chosen;
  return chosen.map((row) => columns.map((column) => row[column] as Data));
}

/** structure{from_entry, to_entry, from_selected_value, to_selected_value}; counted from 1, 0 as end is "all". */
function byEntry(rows: readonly Row[], width: number, parameters: Data): (readonly Data[])[] | undefined {
  if (parameters.type !== "structure" || parameters.value.length !== 4) return undefined;
  const [from, to, firstColumn, lastColumn] = parameters.value as [Data, Data, Data, Data];
  if (from.type !== "double-long-unsigned" || to.type !== "double-long-unsigned") return undefined;
  if (firstColumn.type !== "long-unsigned" || lastColumn.type !== "long-unsigned") return undefined;
  if (from.value < 1 || firstColumn.value < 1) return undefined;
  return rows
    .slice(from.value - 1, to.value === 0 ? rows.length : to.value)
    .map((row) =>
      row.columns().slice(firstColumn.value - 1, lastColumn.value === 0 ? width : lastColumn.value),
    );
}

/** An instant on the meter's clock; a date-time that names none (all fields open) is no bound at all. */
function bound(value: Data, deviationMinutes: number, open: number): number | undefined {
  if (value.type === "null-data") return open;
  const dateTime = dateTimeOf(value);
  if (dateTime === undefined) return undefined;
  return dateTime.year === undefined ? open : instantOf(dateTime, deviationMinutes);
}

function captureOf(value: Data): CaptureObject | undefined {
  if (value.type !== "structure") return undefined;
  const [classId, logicalName, attributeId] = value.value;
  if (classId?.type !== "long-unsigned" || logicalName?.type !== "octet-string") return undefined;
  if (attributeId?.type !== "integer") return undefined;
  return { classId: classId.value, logicalName: logicalName.value, attributeId: attributeId.value };
}

function sameCapture(a: CaptureObject, b: CaptureObject): boolean {
  return (
    a.classId === b.classId && a.attributeId === b.attributeId && equalBytes(a.logicalName, b.logicalName)
  );
}
