/**
 * What newer backends are told on the event that is named after their record: `dlms-response-…`,
 * `dlms-profile-response-…` and `dlms-write-response-…`. The whole result goes out as `meter-command-result` besides.
 */
import { isRecord } from "../gateway/fields.js";
import { type MeterCommandResult } from "./contract.js";

export function eventReply(result: MeterCommandResult): Record<string, unknown> {
  const { commandId, detail, meterSerialNumber, outcome, success } = result;
  const error = result["error"];
  const own = contentOf(result);
  const fault = isRecord(own["error"]) ? own["error"] : isRecord(error) ? error : undefined;
  return {
    success,
    commandId,
    meterSerialNumber,
    outcome,
    ...own,
    error: success ? null : (fault?.["message"] ?? detail),
    ...(fault === undefined ? {} : { code: fault["code"] }),
  };
}

/** The first code's value, the rows of a profile, or the attribute that was written. */
function contentOf({
  columns,
  obisCode,
  readings,
  rows,
  written,
}: MeterCommandResult): Record<string, unknown> {
  const [item] = [written].flat();
  if (isRecord(item)) {
    const { attributeId, classId, error, obisCode: code } = item;
    return { obisCode: code, classId, attributeId, error };
  }
  if (Array.isArray(rows)) return { obisCode, value: rows, columns };
  const [reading] = [readings].flat();
  const { error, obisCode: code, scaler, timestamp, unit, value } = isRecord(reading) ? reading : {};
  return { obisCode: code, value: value ?? null, unit: unit ?? null, scaler, timestamp, error };
}
