/**
 * The backend's events as the commands they mean. `meter-read-request` is a read without codes; `dlms-read`,
 * `dlms-read-profile` and `dlms-write` are a read, the rows of a profile and a write, whose results are also answered
 * on an event named after the record.
 */
import { isRecord } from "../gateway/fields.js";
import { type DeskRequest } from "./command-desk.js";
import {
  commandEvents,
  requestEvents,
  settingsEvent,
  type CommandEvent,
  type RequestEvent,
} from "./contract.js";
import { dataTypeName } from "./data-type.js";
import { type Incoming } from "./intake.js";

/** Event names without the record's id. */
const replies = {
  "dlms-read": "dlms-response",
  "dlms-read-profile": "dlms-profile-response",
  "dlms-write": "dlms-write-response",
} as const satisfies Partial<Record<RequestEvent, string>>;

/** Where backends that name no profile mean the load profile. */
export const LOAD_PROFILE = "1-0:99.1.0.255";

const events: ReadonlySet<string> = new Set([...commandEvents, ...requestEvents, settingsEvent]);

/** Whether an event of this name is anybody's command. */
export function isCommand(name: string): name is CommandEvent {
  return events.has(name);
}

export function deskRequest({ name, payload, home }: Incoming): DeskRequest {
  switch (name) {
    case "meter-read-request":
      return { command: "read-meter", payload, home };
    case "dlms-read":
      return { command: "read-meter", payload, home, reply: replies[name] };
    case "dlms-read-profile":
      return { command: "read-profile", payload: profileFields(payload), home, reply: replies[name] };
    case "dlms-write":
      return { command: "write-meter", payload: writeFields(payload), home, reply: replies[name] };
    case "remote-load":
    case "remote-control":
    case "read-meter":
    case "meter-write-settings":
      return { command: name, payload, home };
  }
}

function profileFields(payload: unknown): unknown {
  if (!isRecord(payload)) return payload;
  const { startDate, endDate, obisCode, ...rest } = payload;
  return {
    ...rest,
    obisCode: obisCode ?? LOAD_PROFILE,
    ...(startDate === undefined || startDate === null ? {} : { from: startDate }),
    ...(endDate === undefined || endDate === null ? {} : { to: endDate }),
  };
}

function writeFields(payload: unknown): unknown {
  if (!isRecord(payload)) return payload;
  const { dataType, data_type: type, ...rest } = payload;
  const named = rest["type"] ?? dataType ?? type;
  return { ...rest, ...(named === undefined || named === null ? {} : { type: dataTypeName(named) }) };
}
