/**
 * Every bad input that the documentation promises an answer for: what is wrong, the code, the field it names.
 * `payload` cases are sent as commands by test/gateway/bad-inputs.spec.ts, which also sees that no meter gets a byte;
 * `meter` and `operation` cases name a fault that the same test provokes. docs/errors.md shows them all.
 */
import type { ErrorCode } from "../core/errors.js";
import type { CommandName } from "../gateway/messages.js";

/** Stands for the serial number of a meter that is online when the case runs. */
export const ONLINE = "{online meter}";
/** Stands for the serial number of a meter that was online and has hung up. */
export const OFFLINE = "{offline meter}";

export interface BadInput {
  /** In words, for the page. */
  readonly input: string;
  readonly code: ErrorCode;
  /** The message field that the error names. */
  readonly field?: string;
  /** A command that is refused. */
  readonly command?: CommandName;
  readonly payload?: unknown;
  /** What the meter does wrong while a read runs. */
  readonly meter?: "refuses" | "silent" | "hangs-up" | "noise" | "answers-another-request";
  /** What is wrong around the gateway. */
  readonly operation?: "port-in-use" | "backend-away" | "wrong-login";
}

const token = "12345678901234567890";
const megabyte = (character: string): string => character.repeat(1_048_576);

function load(input: string, code: ErrorCode, field: string, payload: unknown): BadInput {
  return { input: `token load: ${input}`, code, field, command: "remote-load", payload };
}
function relay(input: string, code: ErrorCode, field: string, payload: unknown): BadInput {
  return { input: `relay: ${input}`, code, field, command: "remote-control", payload };
}
function read(input: string, code: ErrorCode, field: string, payload: unknown): BadInput {
  return { input: `read: ${input}`, code, field, command: "read-meter", payload };
}
const on = { meterSerialNumber: ONLINE };
const clock = { ...on, obisCode: "0-0:1.0.0.255" };
function other(
  command: CommandName,
  input: string,
  code: ErrorCode,
  field: string,
  payload: unknown,
): BadInput {
  const kind = { "write-meter": "write", "call-method": "action", "read-profile": "load profile" };
  const name = command in kind ? kind[command as keyof typeof kind] : command.replace("meter-", "");
  return { input: `${name}: ${input}`, code, field, command, payload };
}

export const badInputs: readonly BadInput[] = [
  load("no token", "TOKEN_REQUIRED", "token", { ...on, amount: 5000 }),
  load("token null", "TOKEN_REQUIRED", "token", { ...on, token: null }),
  load("token empty", "TOKEN_REQUIRED", "token", { ...on, token: "" }),
  load("token a number (it has already lost digits)", "TOKEN_INVALID", "token", {
    ...on,
    token: 12345678901234567000,
  }),
  load("19 digits", "TOKEN_INVALID", "token", { ...on, token: token.slice(1) }),
  load("21 digits", "TOKEN_INVALID", "token", { ...on, token: `${token}1` }),
  load("a letter among the digits", "TOKEN_INVALID", "token", { ...on, token: "1234567890123456789O" }),
  load("above 2^66 − 1", "TOKEN_INVALID", "token", { ...on, token: "73786976294838206464" }),
  load("token a list", "TOKEN_INVALID", "token", { ...on, token: [token] }),
  load("token of 1 MB", "TOKEN_INVALID", "token", { ...on, token: megabyte("1") }),
  relay("no action", "ACTION_INVALID", "action", on),
  relay("unknown action", "ACTION_INVALID", "action", { ...on, action: "toggle" }),
  relay("action null", "ACTION_INVALID", "action", { ...on, action: null }),
  relay("action a number", "ACTION_INVALID", "action", { ...on, action: 1 }),
  read("no OBIS code", "OBIS_REQUIRED", "obisCode", on),
  read("malformed OBIS code", "OBIS_INVALID", "obisCode", { ...on, obisCode: "1-0:1.8" }),
  read("OBIS value group above 255", "OBIS_INVALID", "obisCode", { ...on, obisCode: "1-0:256.8.0.255" }),
  read("OBIS code a number", "OBIS_INVALID", "obisCode", { ...on, obisCode: 1.8 }),
  read("OBIS code of 1 MB", "OBIS_INVALID", "obisCode", { ...on, obisCode: megabyte("1") }),
  read("one malformed code in a list", "OBIS_INVALID", "obisCodes[1]", {
    ...on,
    obisCodes: ["1-0:1.8.0.255", "x"],
  }),
  read("class out of range", "FIELD_INVALID", "classId", {
    ...on,
    obisCode: "1-0:1.8.0.255",
    classId: 70_000,
  }),
  read("attribute not a number", "FIELD_INVALID", "attributeId", {
    ...on,
    obisCode: "1-0:1.8.0.255",
    attributeId: "two",
  }),
  read("no meter", "METER_REQUIRED", "meterSerialNumber", { obisCode: "1-0:1.8.0.255" }),
  read("meter null", "METER_REQUIRED", "meterSerialNumber", {
    meterSerialNumber: null,
    obisCode: "1-0:1.8.0.255",
  }),
  read("meter a list", "FIELD_INVALID", "meterSerialNumber", {
    meterSerialNumber: ["1"],
    obisCode: "1-0:1.8.0.255",
  }),
  read("meter an unsafe number", "FIELD_INVALID", "meterSerialNumber", {
    meterSerialNumber: 2 ** 53 + 2,
    obisCode: "1-0:1.8.0.255",
  }),
  read("serial number of 1 MB", "FIELD_INVALID", "meterSerialNumber", {
    meterSerialNumber: megabyte("4"),
    obisCode: "1-0:1.8.0.255",
  }),
  read("two fields that name different meters", "AMBIGUOUS_METER", "meterNumber", {
    ...on,
    meterNumber: "99999999999",
    obisCode: "1-0:1.8.0.255",
  }),
  read("command id a list", "FIELD_INVALID", "commandId", {
    ...on,
    obisCode: "1-0:1.8.0.255",
    commandId: ["a"],
  }),
  read("expiry no time", "FIELD_INVALID", "expiresAt", {
    ...on,
    obisCode: "1-0:1.8.0.255",
    expiresAt: "soon",
  }),
  read("already expired", "COMMAND_EXPIRED", "expiresAt", {
    ...on,
    obisCode: "1-0:1.8.0.255",
    expiresAt: "2020-01-01T00:00:00Z",
  }),
  read("payload null", "FIELD_INVALID", "payload", null),
  read("payload a number", "FIELD_INVALID", "payload", 18),
  load("payload a list", "FIELD_INVALID", "payload", [{ ...on, token }]),
  other("write-meter", "no object", "OBIS_REQUIRED", "obisCode", { ...on, value: 1 }),
  other("write-meter", "no value", "FIELD_INVALID", "value", clock),
  other("write-meter", "unknown type", "FIELD_INVALID", "type", { ...clock, value: 1, type: "number" }),
  other("write-meter", "value beyond its type", "FIELD_INVALID", "value", {
    ...clock,
    value: 300,
    type: "unsigned",
  }),
  other("write-meter", "text of 1 MB", "FIELD_INVALID", "value", { ...clock, value: megabyte("0") }),
  other("write-meter", "one entry of a list without a value", "FIELD_INVALID", "items[1].value", {
    ...on,
    items: [{ obisCode: "0-0:1.0.0.255", value: 1 }, { obisCode: "0-0:1.0.0.255" }],
  }),
  other("call-method", "no method", "FIELD_INVALID", "methodId", clock),
  other("call-method", "method beyond 127", "FIELD_INVALID", "methodId", { ...clock, methodId: 128 }),
  other("read-profile", "last rows and a period at once", "FIELD_INVALID", "last", {
    ...on,
    obisCode: "1-0:99.1.0.255",
    last: 3,
    from: "2026-01-01T00:00:00Z",
  }),
  other("read-profile", "start no time", "FIELD_INVALID", "from", {
    ...on,
    from: "yesterday",
    obisCode: "1-0:99.1.0.255",
  }),
  other("meter-clock", "unknown action", "ACTION_INVALID", "action", { ...on, action: "wind" }),
  other("meter-firmware", "no image", "FIELD_INVALID", "image", { ...on, identifier: "FW-2" }),
  other("meter-firmware", "image a text", "FIELD_INVALID", "image", {
    ...on,
    image: "FF00",
    identifier: "FW-2",
  }),
  read("unknown meter", "METER_UNKNOWN", "meterSerialNumber", {
    meterSerialNumber: "00000000017",
    obisCode: "1-0:1.8.0.255",
  }),
  read("offline meter", "METER_OFFLINE", "meterSerialNumber", {
    meterSerialNumber: OFFLINE,
    obisCode: "1-0:1.8.0.255",
  }),
  { input: "the meter refuses the object", code: "ACCESS_DENIED", meter: "refuses" },
  { input: "the meter goes silent", code: "RESPONSE_TIMEOUT", meter: "silent" },
  { input: "the meter hangs up while the command runs", code: "LINK_LOST", meter: "hangs-up" },
  { input: "the meter sends noise instead of an answer", code: "RESPONSE_TIMEOUT", meter: "noise" },
  { input: "the meter answers another request", code: "RESPONSE_TIMEOUT", meter: "answers-another-request" },
  { input: "the port is taken", code: "PORT_IN_USE", operation: "port-in-use" },
  { input: "the backend is away", code: "BACKEND_UNREACHABLE", operation: "backend-away" },
  { input: "the backend refuses the login", code: "BACKEND_LOGIN", operation: "wrong-login" },
];
