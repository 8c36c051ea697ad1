/** Meter events as listeners tell them, made of a link and what is known of its meter. */
import { DlmsError } from "../core/errors.js";
import { type MeterEvent, type MeterEventName } from "./events.js";
import { type MeterLink } from "./meter-link.js";
import { type MeterRecord, type Registration } from "./registry.js";

export function meterEvent(
  event: MeterEventName,
  link: MeterLink,
  record: MeterRecord<MeterLink> | undefined,
  at: string,
  why?: DlmsError | string,
): MeterEvent {
  const backendId = record?.live === link || event === "disconnected" ? record?.backendId : undefined;
  return {
    event,
    ...(link.serial === undefined ? {} : { meterSerialNumber: link.serial }),
    linkId: link.id,
    generation: link.generation,
    dialect: link.dialect.name,
    meterType: link.meterType.name,
    remoteAddress: link.remoteAddress,
    at,
    ...(backendId === undefined ? {} : { backendId }),
    ...(why instanceof DlmsError ? { reason: why.message, code: why.code } : why && { reason: why }),
  };
}

/** What the backend said of a meter. */
export function registrationEvent(
  record: MeterRecord<MeterLink>,
  registration: Exclude<Registration, "pending">,
  at: string,
): MeterEvent {
  const { serial, live, backendId, reason } = record;
  return {
    event: registration === "unavailable" ? "registration-unavailable" : registration,
    meterSerialNumber: serial,
    linkId: live?.id ?? "",
    generation: record.generation,
    dialect: record.dialect,
    meterType: record.meterType,
    remoteAddress: record.remoteAddress,
    at,
    ...(backendId === undefined ? {} : { backendId }),
    ...(reason === undefined ? {} : { reason }),
  };
}
