/**
 * What the meter's result codes mean to a caller: data-access-result and action-result to codes of the error table.
 * Codes beyond the standard's tables stay visible as numbers.
 */
import { DlmsError, type ErrorCode } from "../core/errors.js";
import { type ActionResult, type DataAccessResult } from "../xdlms/index.js";

const codes: Readonly<Record<string, ErrorCode>> = {
  "read-write-denied": "ACCESS_DENIED",
  "scope-of-access-violated": "ACCESS_DENIED",
  "object-undefined": "OBJECT_UNDEFINED",
  "object-unavailable": "OBJECT_UNDEFINED",
  "object-class-inconsistent": "OBJECT_UNDEFINED",
  "type-unmatched": "TYPE_UNMATCHED",
  "temporary-failure": "TEMPORARY_FAILURE",
};

/** @param target what was asked for, e.g. `class 3 1-0:1.8.0.255 attribute 2`. */
export function serviceError(result: DataAccessResult | ActionResult, target: string): DlmsError {
  const code = codes[result] ?? "SERVICE_REFUSED";
  return new DlmsError(code, `The meter answered ${resultText(result)} for ${target}.`, {
    detail: { result, target },
  });
}

function resultText(result: DataAccessResult | ActionResult): string {
  return typeof result === "number" ? `result ${result}` : result;
}
