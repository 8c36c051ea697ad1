/**
 * From a message payload to a command: every spelling of the id, types checked, nothing guessed. What is wrong is
 * named by field. Values of the payload never stand in an error text, since one of them may be a token.
 */
import { randomUUID } from "node:crypto";
import { parseObis, formatObis } from "../cosem/obis.js";
import { type ReadItem } from "../client/reading.js";
import { asDlmsError, type DlmsError, usageError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import { Secret } from "../core/secret.js";
import { parseToken } from "../meter-types/token-digits.js";
import { dateText, expiry, idText, isRecord, optionalInteger, shortText } from "./fields.js";
import {
  type Command,
  type CommandBase,
  type CommandName,
  type CommandResult,
  clockActions,
  firmwareActions,
  type RelayAction,
} from "./messages.js";
import {
  parseClock,
  parseFirmware,
  parseMethod,
  parseProfile,
  parseWrite,
  word,
} from "./parse-meter-work.js";

/** What the node's own settings say where the payload is silent. */
export interface CommandDefaults {
  readonly meterSerialNumber?: string;
  readonly obisCodes?: readonly (string | ReadItem)[];
  readonly action?: RelayAction;
  readonly token?: string;
  /** Of writes, methods, profiles, clocks and firmware: fields as a payload has them. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** Epoch milliseconds of arrival, for `ttl`; the present without it. */
  readonly nowMs?: number;
}

type Payload = Readonly<Record<string, unknown>>;

const serialFields = ["meterSerialNumber", "meterNumber", "serialNumber"] as const;
/** May hold the backend's record id instead of a serial number. */
const recordFields = ["meterId", "_id"] as const;
const commandIdFields = ["commandId", "requestId", "correlationId"] as const;

const knownFields: ReadonlySet<string> = new Set([
  ...serialFields,
  ...recordFields,
  ...commandIdFields,
  ...["expiresAt", "ttl", "token", "amount", "action"],
  ...["obisCode", "obisCodes", "items", "classId", "attributeId", "methodId", "value", "type"],
  ...["from", "to", "entries", "last", "toleranceSeconds", "image", "identifier"],
  // A result's own fields: a payload cannot fake them.
  ...[
    "command",
    "success",
    "outcome",
    "startedAt",
    "finishedAt",
    "attempts",
    "readings",
    "written",
    "returned",
    "columns",
    "rows",
    "clock",
    "firmware",
    "error",
    "__proto__",
  ],
]);

/**
 * @param payload what arrived: an object; for reads also one OBIS code or a list, for the relay also the bare action,
 * for a token load also the bare token. The node's own settings then name the meter.
 * @throws DlmsError naming the field: FIELD_INVALID, METER_REQUIRED, AMBIGUOUS_METER, TOKEN_REQUIRED, TOKEN_INVALID,
 * ACTION_INVALID, OBIS_REQUIRED, OBIS_INVALID, LIMIT_EXCEEDED, UNKNOWN_COMMAND.
 */
export function parseCommand<N extends CommandName>(
  name: N,
  payload: unknown,
  defaults: CommandDefaults = {},
): Extract<Command, { readonly command: N }> {
  return parse(name, payload, defaults) as Extract<Command, { readonly command: N }>;
}

function parse(name: CommandName, payload: unknown, defaults: CommandDefaults): Command {
  const fields = asFields(name, payload);
  const base = parseBase(fields, defaults);
  switch (name) {
    case "remote-load": {
      const amount = fields.amount;
      return {
        ...base,
        command: name,
        token: new Secret(parseToken(fields.token ?? defaults.token)),
        ...(amount === undefined || amount === null ? {} : { amount: parseAmount(amount) }),
      };
    }
    case "remote-control":
      return { ...base, command: name, action: parseAction(fields.action ?? defaults.action) };
    case "read-meter":
      return { ...base, command: name, items: parseItems(fields, defaults) };
    case "write-meter":
      return { ...base, ...parseWrite(withOwn(fields, defaults)) };
    case "call-method":
      return { ...base, ...parseMethod(withOwn(fields, defaults)) };
    case "read-profile":
      return { ...base, ...parseProfile(withOwn(fields, defaults)) };
    case "meter-clock":
      return { ...base, ...parseClock(withOwn(fields, defaults)) };
    case "meter-firmware":
      return { ...base, ...parseFirmware(withOwn(fields, defaults)) };
    default:
      throw usageError("UNKNOWN_COMMAND", "command", "command is none that this gateway knows");
  }
}

/** The payload's fields before the node's own. A list of attributes is a whole word of its own. */
function withOwn(fields: Payload, defaults: CommandDefaults): Payload {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
  if (Array.isArray(fields.items)) return Object.fromEntries(given);
  // A null is a value where a value is asked for.
  const nothing = fields.value === null ? { value: null } : {};
  return { ...defaults.fields, ...Object.fromEntries(given), ...nothing };
}

/** The final result of input that never became a command. */
export function refuse(name: CommandName, payload: unknown, error: unknown): CommandResult {
  const fields = isRecord(payload) ? payload : {};
  const now = new Date().toISOString();
  const action = quietly(() => actionIn(name, fields.action));
  return {
    ...extraFields(fields),
    meterSerialNumber: quietly(() => parseMeter(fields, {}).meterSerialNumber) ?? null,
    commandId: quietly(() => parseCommandId(fields)) ?? randomUUID(),
    command: name,
    success: false,
    outcome: "invalid",
    ...(action === undefined ? {} : { action }),
    startedAt: now,
    finishedAt: now,
    attempts: 0,
    error: asDlmsError(error).toPayload(),
  };
}

function actionIn(name: CommandName, action: unknown): CommandResult["action"] {
  if (name === "remote-control") return parseAction(action);
  if (name === "meter-clock") return word(action, clockActions);
  return name === "meter-firmware" ? word(action, firmwareActions) : undefined;
}

function asFields(name: CommandName, payload: unknown): Payload {
  if (name === "meter-firmware" && payload instanceof Uint8Array) return { image: payload };
  if (isRecord(payload)) return payload;
  if ((name === "read-meter" || name === "read-profile") && typeof payload === "string")
    return { obisCode: payload };
  if (name === "read-meter" && Array.isArray(payload)) return { obisCodes: payload };
  if ((name === "remote-control" || name === "meter-clock") && typeof payload === "string")
    return { action: payload };
  if (name === "remote-load" && typeof payload === "string") return { token: payload };
  if (payload === undefined) return {};
  throw usageError("FIELD_INVALID", "payload", "payload must be an object with the fields of the command");
}

function parseBase(fields: Payload, defaults: CommandDefaults): CommandBase {
  const commandId = parseCommandId(fields) ?? randomUUID();
  const expiresAt = expiry(fields, defaults.nowMs ?? Date.now());
  return {
    commandId,
    ...parseMeter(fields, defaults),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    extra: extraFields(fields),
  };
}

function parseCommandId(fields: Payload): string | undefined {
  for (const field of commandIdFields)
    if (fields[field] !== undefined && fields[field] !== null) return idText(fields[field], field);
  return undefined;
}

/**
 * The serial number, and the record id where there is one. Two fields that cannot mean one meter are
 * AMBIGUOUS_METER; a record id (24 hexadecimal digits or a UUID) beside a serial number is the normal case of a
 * patched backend and is held against the registry when the command runs.
 */
function parseMeter(
  fields: Payload,
  defaults: CommandDefaults,
): { meterSerialNumber: string; backendId?: string } {
  let serial: string | undefined;
  let record: string | undefined;
  const isGiven = (field: string): boolean =>
    fields[field] !== undefined && fields[field] !== null && fields[field] !== "";
  for (const field of serialFields) {
    if (!isGiven(field)) continue;
    const text = idText(fields[field], field).toUpperCase();
    if (serial !== undefined && serial !== text) throw ambiguous(field);
    serial = text;
  }
  for (const field of recordFields) {
    if (!isGiven(field)) continue;
    const text = idText(fields[field], field);
    if (record !== undefined && record !== text) throw ambiguous(field);
    if (serial !== undefined && serial !== text.toUpperCase() && !looksLikeRecordId(text))
      throw ambiguous(field);
    record = text;
  }
  const meterSerialNumber =
    serial ??
    record?.toUpperCase() ??
    (defaults.meterSerialNumber === undefined || defaults.meterSerialNumber === ""
      ? undefined
      : idText(defaults.meterSerialNumber, "meterSerialNumber").toUpperCase());
  if (meterSerialNumber === undefined) {
    const empty = [...serialFields, ...recordFields].find((field) => fields[field] !== undefined);
    throw usageError(
      "METER_REQUIRED",
      empty ?? "meterSerialNumber",
      `${empty ?? "meterSerialNumber"} is missing`,
    );
  }
  return { meterSerialNumber, ...(record === undefined ? {} : { backendId: record }) };
}

function ambiguous(field: string): DlmsError {
  return usageError("AMBIGUOUS_METER", field, `${field} names another meter than the field before it`);
}

function looksLikeRecordId(text: string): boolean {
  return /^[0-9a-f]{24}$/i.test(text) || /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}

function parseAction(value: unknown): RelayAction {
  const action = typeof value === "string" && value.length < 32 ? value.trim().toLowerCase() : undefined;
  if (action !== "connect" && action !== "disconnect")
    throw usageError("ACTION_INVALID", "action", "action must be the text connect or disconnect");
  return action;
}

function parseAmount(value: unknown): number {
  const amount =
    typeof value === "string" && /^\s*\d{1,15}(\.\d{1,6})?\s*$/.test(value) ? Number(value) : value;
  if (
    typeof amount !== "number" ||
    !Number.isFinite(amount) ||
    amount < 0 ||
    amount > Number.MAX_SAFE_INTEGER
  )
    throw usageError("FIELD_INVALID", "amount", "amount must be a number, zero or more");
  return amount;
}

function parseItems(fields: Payload, defaults: CommandDefaults): ReadItem[] {
  const own = rawItems(fields);
  const raw: { value: unknown; field: string }[] =
    own.length > 0
      ? own
      : (defaults.obisCodes ?? []).map((value, i) => ({ value, field: `obisCodes[${i}]` }));
  if (raw.length === 0) throw usageError("OBIS_REQUIRED", "obisCode", "obisCode is missing");
  if (raw.length > limits.readItems)
    throw usageError("LIMIT_EXCEEDED", "obisCodes", `at most ${limits.readItems} OBIS codes fit in one read`);
  return raw.map(({ value, field }) => parseItem(value, field, fields));
}

function rawItems(fields: Payload): { value: unknown; field: string }[] {
  const raw: { value: unknown; field: string }[] = [];
  if (fields.obisCode !== undefined && !Array.isArray(fields.obisCode))
    raw.push({ value: fields.obisCode, field: "obisCode" });
  for (const field of ["obisCode", "obisCodes", "items"] as const) {
    const list = fields[field];
    if (list === undefined || (field === "obisCode" && !Array.isArray(list))) continue;
    if (!Array.isArray(list)) {
      if (field === "obisCodes" && typeof list === "string") raw.push({ value: list, field });
      else throw usageError("FIELD_INVALID", field, `${field} must be a list of OBIS codes`);
      continue;
    }
    if (list.length > limits.readItems)
      throw usageError("LIMIT_EXCEEDED", field, `at most ${limits.readItems} OBIS codes fit in one read`);
    list.forEach((value: unknown, i) => raw.push({ value, field: `${field}[${i}]` }));
  }
  return raw;
}

function parseItem(value: unknown, field: string, shared: Payload): ReadItem {
  const own: Payload = isRecord(value) ? value : {};
  const code = isRecord(value) ? (value.obisCode ?? value.code ?? value.obis) : value;
  const obisCode = formatObis(parseObis(shortText(code, field, "OBIS_INVALID"), field));
  const prefix = isRecord(value) ? `${field}.` : "";
  const pick = (name: string): [unknown, string] =>
    own[name] === undefined ? [shared[name], name] : [own[name], `${prefix}${name}`];
  const classId = optionalInteger(...pick("classId"), 0, 0xffff);
  const attributeId = optionalInteger(...pick("attributeId"), -128, 127);
  const from = dateText(...pick("from"));
  const to = dateText(...pick("to"));
  if (from !== undefined && to !== undefined && from > to)
    throw usageError("FIELD_INVALID", pick("from")[1], `${pick("from")[1]} lies after to`);
  return {
    obisCode,
    ...(classId === undefined ? {} : { classId }),
    ...(attributeId === undefined ? {} : { attributeId }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
}

function extraFields(fields: Payload): Record<string, unknown> {
  const extra: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields))
    if (!knownFields.has(name) && name.length <= limits.textChars && isSmall(value)) extra[name] = value;
  return extra;
}

/** Whether a value is small enough to be echoed; a megabyte of text is dropped, not carried along. */
function isSmall(value: unknown): boolean {
  if (typeof value === "string") return value.length <= limits.textChars;
  if (typeof value !== "object" || value === null) return typeof value !== "bigint";
  const json = quietly(() => JSON.stringify(value) as string | undefined);
  return json !== undefined && json.length <= 16 * limits.textChars;
}

function quietly<T>(attempt: () => T): T | undefined {
  try {
    return attempt();
  } catch (caught) {
    // The caller reports another error already; what cannot be read here is left out.
    return void caught;
  }
}
