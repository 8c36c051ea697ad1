/**
 * The fields of the shim's calls, in the spelling of the backend's DLMS service or in camelCase, as the fields of
 * commands; and the other way round, so that what is wrong is named as the caller wrote it.
 */
import { DlmsError, usageError } from "../core/errors.js";
import { isRecord } from "../gateway/fields.js";
import { dataTypeName } from "./data-type.js";
import { LOAD_PROFILE } from "./requests.js";
import { type ShimBody } from "./shim-http.js";

/** A command's field by those of a call, the first one that is given; null is not. */
const spellings = {
  obisCode: ["obis_code", "obisCode", "code", "profile_obis"],
  classId: ["class_id", "classId"],
  attributeId: ["attribute_id", "attributeId"],
  type: ["data_type", "dataType", "type"],
  from: ["start_date", "startDate", "from"],
  to: ["end_date", "endDate", "to"],
  commandId: ["command_id", "commandId", "request_id", "requestId"],
  meterNumber: ["meter_number", "meterNumber"],
  obisCodes: ["obis_codes", "obisCodes"],
} as const;
type Field = keyof typeof spellings;

export function meterFields(body: ShimBody): ShimBody {
  return {
    ...picked(body, ["meterNumber"]),
    meterSerialNumber: body["meterSerialNumber"],
    meterId: body["meterId"],
  };
}

export function readFields(body: ShimBody): ShimBody {
  return picked(body, ["obisCode", "classId", "attributeId"]);
}

/** @throws DlmsError FIELD_INVALID when there is no list of codes. */
export function readMultipleFields(body: ShimBody): ShimBody {
  const { obisCodes: codes } = picked(body, ["obisCodes"]);
  if (!Array.isArray(codes) || codes.length === 0)
    throw usageError("FIELD_INVALID", "obisCodes", "obisCodes must be a list of OBIS codes");
  return { obisCodes: codes.map((item: unknown) => (isRecord(item) ? readFields(item) : item)) };
}

export function profileFields(body: ShimBody): ShimBody {
  return { obisCode: LOAD_PROFILE, ...picked(body, ["obisCode", "from", "to"]) };
}

export function writeFields(body: ShimBody): ShimBody {
  const { type, ...fields } = picked(body, ["obisCode", "classId", "attributeId", "type", "commandId"]);
  return {
    ...fields,
    // Null is a value here, and the command's check says whether it fits.
    ...("value" in body ? { value: body["value"] } : {}),
    ...(type === undefined ? {} : { type: dataTypeName(type) }),
  };
}

function picked(body: ShimBody, fields: readonly Field[]): ShimBody {
  const found: Record<string, unknown> = {};
  for (const field of fields) {
    const name = spellingIn(body, field);
    if (name !== undefined) found[field] = body[name];
  }
  return found;
}

function spellingIn(body: ShimBody, field: Field): string | undefined {
  return spellings[field].find((name) => body[name] !== undefined && body[name] !== null);
}

/** The error with its field as the caller spelt it, or would have to. */
export function spelled(error: DlmsError, body: ShimBody): DlmsError {
  const { code, field, message } = error;
  const own = field === "meterSerialNumber" ? "meterNumber" : field;
  if (own === undefined || !Object.hasOwn(spellings, own)) return error;
  const name = spellingIn(body, own as Field) ?? spellings[own as Field][0];
  return new DlmsError(code, message.replaceAll(field ?? own, name), { field: name, cause: error });
}
