/**
 * The calls of the shim: their fields in the spelling of the backend's DLMS service, the command they become, and the
 * answer in the form it expects. Values carry their scaler already; `scaler` says which.
 */
import { randomUUID } from "node:crypto";
import { asDlmsError, DlmsError, usageError } from "../core/errors.js";
import { isRecord } from "../gateway/fields.js";
import { parseCommand, type CommandResult } from "../gateway/messages.js";
import { type MeterLike } from "./options.js";
import { resolveMeter } from "./resolve-meter.js";
import { type ShimDeps, type ShimLimits } from "./shim.js";
import { refusal, type ShimAnswer, type ShimBody } from "./shim-http.js";

type Call =
  "connect" | "disconnect" | "read" | "read-multiple" | "load-profile" | "write" | "health" | "connections";

export const shimPaths: Readonly<Record<string, Call | undefined>> = {
  "POST /connect": "connect",
  "POST /disconnect": "disconnect",
  "POST /read": "read",
  "POST /read-multiple": "read-multiple",
  "POST /load-profile": "load-profile",
  "POST /write": "write",
  "GET /health": "health",
  "GET /connections": "connections",
};

const LOAD_PROFILE = "1-0:99.1.0.255";

type Deps = Pick<ShimDeps, "registry" | "execute" | "clock">;

/** Never rejects for what the body holds. */
export async function answerShim(
  call: Call,
  body: ShimBody,
  deps: Deps,
  limits: ShimLimits,
): Promise<ShimAnswer> {
  if (call === "health") return good({ status: "ok", service: "dlms-gateway" });
  if (call === "connections") return connections(deps);
  let meter: MeterLike;
  try {
    meter = meterOf(body, deps);
  } catch (caught) {
    const connected = call === "connect" ? { connected: false } : {};
    return refusal(asDlmsError(caught), undefined, connected);
  }
  const meterNumber = meter.meterSerialNumber;
  switch (call) {
    case "connect":
      return good({ meterNumber, connected: true });
    case "disconnect":
      // The meter's own connection: it dialled in for others, too, and would only dial in again.
      return good({ meterNumber, connected: true, message: "The meter's own connection stays." });
    case "write":
      return refusal(new DlmsError("NOT_SUPPORTED", "Writing is not supported by this gateway yet."), 501, {
        meterNumber,
      });
    case "read":
    case "read-multiple":
    case "load-profile":
      return read(call, body, meterNumber, deps, limits);
  }
}

/** @throws DlmsError METER_REQUIRED, METER_UNKNOWN, METER_OFFLINE, FIELD_INVALID, AMBIGUOUS_METER. */
function meterOf(body: ShimBody, { registry }: Deps): MeterLike {
  const { meter_number: number, meterNumber, meterSerialNumber, meterId } = body;
  const given = { meterNumber: number ?? meterNumber, meterSerialNumber, meterId };
  const serial = resolveMeter(given, registry).meterSerialNumber;
  const meter = registry.find(serial);
  if (meter === undefined) throw new DlmsError("METER_UNKNOWN", undefined, { field: "meter_number" });
  if (!meter.online) throw new DlmsError("METER_OFFLINE", undefined, { field: "meter_number" });
  return meter;
}

async function read(
  call: "read" | "read-multiple" | "load-profile",
  body: ShimBody,
  meterNumber: string,
  { execute, clock }: Deps,
  limits: ShimLimits,
): Promise<ShimAnswer> {
  const waitMs = call === "read" ? limits.readMs : limits.batchMs;
  let result: CommandResult;
  try {
    const command = parseCommand("read-meter", {
      ...codesOf(call, body),
      meterSerialNumber: meterNumber,
      commandId: randomUUID(),
      expiresAt: clock.epochMs() + waitMs,
    });
    result = await within(waitMs, execute(command), clock);
  } catch (caught) {
    return refusal(asDlmsError(caught), undefined, { meterNumber });
  }
  const readings = (result.readings ?? []).map(readingOf);
  if (readings.length === 0 && !result.success) {
    const { code, message, field } = result.error ?? { code: "INTERNAL" as const, message: result.outcome };
    return refusal(new DlmsError(code, message, field === undefined ? {} : { field }), undefined, {
      meterNumber,
    });
  }
  if (call === "read-multiple") return good({ meterNumber, data: { readings } }, result.success);
  return good(
    { meterNumber, data: readings[0] ?? { success: false, error: result.outcome } },
    result.success,
  );
}

/** @throws DlmsError FIELD_INVALID when `obis_codes` is no list of codes. */
function codesOf(call: "read" | "read-multiple" | "load-profile", body: ShimBody): ShimBody {
  if (call === "read-multiple") {
    const codes = body["obis_codes"] ?? body["obisCodes"];
    if (!Array.isArray(codes) || codes.length === 0)
      throw usageError("FIELD_INVALID", "obis_codes", "obis_codes must be a list of OBIS codes");
    return { obisCodes: codes.map((item: unknown) => (isRecord(item) ? codeOf(item) : item)) };
  }
  if (call === "read") return codeOf(body);
  const from = body["start_date"] ?? body["startDate"] ?? body["from"];
  const to = body["end_date"] ?? body["endDate"] ?? body["to"];
  return {
    classId: 7,
    attributeId: 2,
    ...codeOf({ ...body, class_id: undefined, attribute_id: undefined }),
    ...{ obisCode: body["obis_code"] ?? body["obisCode"] ?? body["profile_obis"] ?? LOAD_PROFILE },
    ...(from === undefined || from === null ? {} : { from }),
    ...(to === undefined || to === null ? {} : { to }),
  };
}

function codeOf(item: ShimBody): ShimBody {
  const obisCode = item["obis_code"] ?? item["obisCode"] ?? item["code"];
  const classId = item["class_id"] ?? item["classId"];
  const attributeId = item["attribute_id"] ?? item["attributeId"];
  return {
    ...(obisCode === undefined ? {} : { obisCode }),
    ...(classId === undefined || classId === null ? {} : { classId }),
    ...(attributeId === undefined || attributeId === null ? {} : { attributeId }),
  };
}

function readingOf(reading: NonNullable<CommandResult["readings"]>[number]): ShimBody {
  const { obisCode, value, unit, scaler, error, timestamp, valueType } = reading;
  return {
    success: error === undefined,
    obisCode,
    value: error === undefined ? value : null,
    unit: unit ?? null,
    scaler: scaler ?? 0,
    valueType,
    ...(timestamp === undefined ? {} : { timestamp }),
    error: error?.message ?? null,
    ...(error === undefined ? {} : { code: error.code }),
  };
}

/** @throws DlmsError RESPONSE_TIMEOUT; the command itself ends by its own deadline. */
function within<T>(waitMs: number, result: Promise<T>, clock: Deps["clock"]): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.at(clock.now() + waitMs, () => reject(new DlmsError("RESPONSE_TIMEOUT")));
    result.then(resolve, reject).finally(cancel);
  });
}

function connections({ registry }: Deps): ShimAnswer {
  const online = registry.list().filter((meter) => meter.online);
  return good({
    count: online.length,
    connections: online.map(({ meterSerialNumber, meterType, remoteAddress }) => ({
      meterNumber: meterSerialNumber,
      connected: true,
      meterType,
      remoteAddress,
    })),
  });
}

function good(fields: ShimBody, success = true): ShimAnswer {
  return { status: 200, body: { success, ...fields } };
}
