/**
 * The backend's other words for a command, as the command they mean: `meter-read-request` is a read without codes,
 * `dlms-read` and `dlms-read-profile` are reads whose values are also answered on an event named after the record,
 * `dlms-write` is refused.
 */
import { isRecord } from "../gateway/fields.js";
import { type DeskRequest } from "./command-desk.js";
import { deskCommands, requestEvents, type RequestEvent } from "./contract.js";
import { type Incoming } from "./intake.js";

/** Event names without the record's id. */
export const replies = {
  "dlms-read": "dlms-response",
  "dlms-read-profile": "dlms-profile-response",
  "dlms-write": "dlms-write-response",
} as const satisfies Partial<Record<RequestEvent, string>>;

const LOAD_PROFILE = "1-0:99.1.0.255";

/** Whether an event of this name is anybody's command. */
export function isCommand(name: string): boolean {
  return (
    deskCommands.some((command) => command === name) || requestEvents.some((request) => request === name)
  );
}

/** Undefined: an event that asks for something this gateway does not do. */
export function deskRequest({ name, payload, home }: Incoming): DeskRequest | undefined {
  const command = deskCommands.find((event) => event === name);
  if (command !== undefined) return { command, payload, home };
  if (name === "meter-read-request") return { command: "read-meter", payload, home };
  if (name === "dlms-read") return { command: "read-meter", payload, home, reply: replies[name] };
  if (name !== "dlms-read-profile") return undefined;
  return { command: "read-meter", payload: profileRead(payload), home, reply: replies[name] };
}

function profileRead(payload: unknown): unknown {
  if (!isRecord(payload)) return payload;
  const { startDate, endDate, obisCode, ...rest } = payload;
  return {
    ...rest,
    obisCode: obisCode ?? LOAD_PROFILE,
    classId: 7,
    attributeId: 2,
    ...(startDate === undefined || startDate === null ? {} : { from: startDate }),
    ...(endDate === undefined || endDate === null ? {} : { to: endDate }),
  };
}
