/**
 * Results of commands as the answers of the shim. What the meter said about the request, a refusal included, is an
 * answer; what kept the request from being answered is an error by HTTP's status. Values carry their scaler already;
 * `scaler` says which.
 */
import { DlmsError, type ErrorPayload } from "../core/errors.js";
import { type CommandResult, type MeterReading } from "../gateway/messages.js";
import { refusal, type ShimAnswer, type ShimBody } from "./shim-http.js";
import { spelled } from "./shim-fields.js";

export function good(fields: ShimBody, success = true): ShimAnswer {
  return { status: 200, body: { success, ...fields } };
}

export function readAnswer(result: CommandResult, meterNumber: string, body: ShimBody): ShimAnswer {
  const [reading] = result.readings ?? [];
  if (reading === undefined) return unanswered(result, meterNumber, body);
  return good({ meterNumber, data: readingOf(reading) }, result.success);
}

export function readMultipleAnswer(result: CommandResult, meterNumber: string, body: ShimBody): ShimAnswer {
  const readings = (result.readings ?? []).map(readingOf);
  if (readings.length === 0) return unanswered(result, meterNumber, body);
  return good({ meterNumber, data: { readings } }, result.success);
}

/** `value` is the list of rows, as `value` of a reading is what was read. */
export function profileAnswer(result: CommandResult, meterNumber: string, body: ShimBody): ShimAnswer {
  const { columns, obisCode, rows, success } = result;
  if (!success || rows === undefined) return unanswered(result, meterNumber, body);
  const data = { success, obisCode, value: rows, columns, count: rows.length, error: null };
  return good({ meterNumber, data });
}

export function writeAnswer(result: CommandResult, meterNumber: string, body: ShimBody): ShimAnswer {
  const [item] = result.written ?? [];
  if (item === undefined) return unanswered(result, meterNumber, body);
  const { attributeId, classId, error, obisCode } = item;
  const { commandId, outcome, success } = result;
  const data = { success, obisCode, classId, attributeId, value: body["value"], outcome, ...faultOf(error) };
  return good({ meterNumber, commandId, data }, success);
}

function unanswered(result: CommandResult, meterNumber: string, body: ShimBody): ShimAnswer {
  const { code, message, field } = result.error ?? { code: "INTERNAL" as const, message: result.outcome };
  const error = spelled(new DlmsError(code, message, field === undefined ? {} : { field }), body);
  if (error.family === "ServiceError")
    return good({ meterNumber, data: { success: false, value: null, ...faultOf(error) } }, false);
  return refusal(error, undefined, { meterNumber, outcome: result.outcome, commandId: result.commandId });
}

function readingOf({ error, obisCode, scaler, timestamp, unit, value, valueType }: MeterReading): ShimBody {
  return {
    success: error === undefined,
    obisCode,
    value: error === undefined ? value : null,
    unit: unit ?? null,
    scaler: scaler ?? 0,
    valueType,
    ...(timestamp === undefined ? {} : { timestamp }),
    ...faultOf(error),
  };
}

function faultOf(error: Pick<ErrorPayload, "code" | "message"> | undefined): ShimBody {
  return error === undefined ? { error: null } : { error: error.message, code: error.code };
}
