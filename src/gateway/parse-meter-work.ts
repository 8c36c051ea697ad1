/**
 * The fields of writes, methods, profiles, clocks and firmware in a message's payload: types checked, values held
 * against the type they name, nothing guessed. What is wrong is named by field.
 */
import { createHash } from "node:crypto";
import { toHex } from "../bytes/hex.js";
import { dataFromJson, isWritableType, writableTypes } from "../cosem/data-from-json.js";
import { formatObis, parseObis } from "../cosem/obis.js";
import { usageError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import { dateText, isRecord, optionalInteger, shortText } from "./fields.js";
import {
  type CallMethod,
  type ClockAction,
  clockActions,
  type CommandBase,
  type FirmwareAction,
  firmwareActions,
  type MeterClock,
  type MeterFirmware,
  type ReadProfile,
  type WriteItem,
  type WriteMeter,
} from "./messages.js";

type Payload = Readonly<Record<string, unknown>>;
type Own<C extends CommandBase> = Omit<C, keyof CommandBase>;

/** @throws DlmsError OBIS_REQUIRED, OBIS_INVALID, FIELD_INVALID, LIMIT_EXCEEDED. */
export function parseWrite(fields: Payload): Own<WriteMeter> {
  const { items } = fields;
  if (items === undefined) return { command: "write-meter", items: [parseWriteItem(fields, "")] };
  if (!Array.isArray(items) || items.length === 0)
    throw usageError("FIELD_INVALID", "items", "items must be a list of attributes to write");
  if (items.length > limits.readItems)
    throw usageError("LIMIT_EXCEEDED", "items", `at most ${limits.readItems} attributes fit in one write`);
  return {
    command: "write-meter",
    items: items.map((item: unknown, i) => {
      if (!isRecord(item)) throw usageError("FIELD_INVALID", `items[${i}]`, `items[${i}] must be an object`);
      return parseWriteItem(item, `items[${i}].`);
    }),
  };
}

function parseWriteItem(item: Payload, prefix: string): WriteItem {
  const obisCode = parseCode(item, prefix);
  const classId = optionalInteger(given(item.classId), `${prefix}classId`, 0, 0xffff);
  const attributeId = optionalInteger(given(item.attributeId), `${prefix}attributeId`, -128, 127);
  if (item.value === undefined)
    throw usageError("FIELD_INVALID", `${prefix}value`, `${prefix}value is missing`);
  return {
    obisCode,
    ...(classId === undefined ? {} : { classId }),
    ...(attributeId === undefined ? {} : { attributeId }),
    value: json(item.value, `${prefix}value`, 0),
    ...parseType(item, prefix),
  };
}

/** @throws DlmsError as `parseWrite`. */
export function parseMethod(fields: Payload): Own<CallMethod> {
  const obisCode = parseCode(fields, "");
  const classId = optionalInteger(given(fields.classId), "classId", 0, 0xffff);
  const methodId = optionalInteger(given(fields.methodId), "methodId", 1, 127);
  if (methodId === undefined) throw usageError("FIELD_INVALID", "methodId", "methodId is missing");
  return {
    command: "call-method",
    obisCode,
    ...(classId === undefined ? {} : { classId }),
    methodId,
    ...(fields.value === undefined ? {} : { value: json(fields.value, "value", 0) }),
    ...parseType(fields, ""),
  };
}

/** The named type, once the value is known to be of it. */
function parseType(fields: Payload, prefix: string): { readonly type?: string } {
  const type = given(fields.type);
  if (type === undefined) return {};
  const name = shortText(type, `${prefix}type`);
  if (!isWritableType(name))
    throw usageError(
      "FIELD_INVALID",
      `${prefix}type`,
      `${prefix}type must be one of ${writableTypes.join(", ")}`,
    );
  dataFromJson(name, json(fields.value, `${prefix}value`, 0), `${prefix}value`);
  return { type: name };
}

/** @throws DlmsError as `parseWrite`. */
export function parseProfile(fields: Payload): Own<ReadProfile> {
  const from = dateText(fields.from, "from");
  const to = dateText(fields.to, "to");
  const last = optionalInteger(given(fields.last), "last", 1, limits.profileRows);
  const entries = parseEntries(given(fields.entries));
  if (from !== undefined && to !== undefined && from > to)
    throw usageError("FIELD_INVALID", "from", "from lies after to");
  if (last !== undefined && (entries ?? from ?? to) !== undefined)
    throw usageError("FIELD_INVALID", "last", "last goes without from, to and entries");
  if (entries !== undefined && (from ?? to) !== undefined)
    throw usageError("FIELD_INVALID", "entries", "entries go without from and to");
  return {
    command: "read-profile",
    obisCode: parseCode(fields, ""),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(entries === undefined ? {} : { entries }),
    ...(last === undefined ? {} : { last }),
  };
}

function parseEntries(entries: unknown): ReadProfile["entries"] {
  if (entries === undefined) return undefined;
  if (!isRecord(entries))
    throw usageError("FIELD_INVALID", "entries", "entries must be an object with from and to");
  const from = whole(entries.from ?? 1, "entries.from", 1);
  const to = entries.to === undefined ? undefined : whole(entries.to, "entries.to", 0);
  if (to !== undefined && to !== 0 && to < from)
    throw usageError("FIELD_INVALID", "entries.to", "entries.to lies before entries.from");
  return { from, ...(to === undefined ? {} : { to }) };
}

/** @throws DlmsError ACTION_INVALID, FIELD_INVALID. */
export function parseClock(fields: Payload): Own<MeterClock> {
  const { toleranceSeconds } = fields;
  const tolerance =
    given(toleranceSeconds) === undefined
      ? undefined
      : optionalInteger(given(toleranceSeconds), "toleranceSeconds", 0, 86_400);
  return {
    command: "meter-clock",
    action: word<ClockAction>(fields.action ?? "read", clockActions),
    ...(tolerance === undefined ? {} : { toleranceSeconds: tolerance }),
  };
}

/** @throws DlmsError ACTION_INVALID, FIELD_INVALID, LIMIT_EXCEEDED. */
export function parseFirmware(fields: Payload): Own<MeterFirmware> {
  const action = word<FirmwareAction>(fields.action ?? "update", firmwareActions);
  if (action === "activate" || action === "status") return { command: "meter-firmware", action };
  const { image } = fields;
  if (!(image instanceof Uint8Array) || image.length === 0)
    throw usageError("FIELD_INVALID", "image", "image must be a Buffer with the firmware");
  if (image.length > limits.imageBytes)
    throw usageError("LIMIT_EXCEEDED", "image", `an image has at most ${limits.imageBytes} octets`);
  const identifier = shortText(fields.identifier, "identifier").trim();
  if (!/^[\x20-\x7e\xa0-\xff]{1,255}$/.test(identifier))
    throw usageError("FIELD_INVALID", "identifier", "identifier must be 1 to 255 characters of Latin-1");
  return {
    command: "meter-firmware",
    action,
    identifier,
    image,
    size: image.length,
    sha256: createHash("sha256").update(image).digest("hex"),
  };
}

/** @throws DlmsError ACTION_INVALID. */
export function word<W extends string>(value: unknown, words: readonly W[]): W {
  const text = typeof value === "string" && value.length < 32 ? value.trim().toLowerCase() : undefined;
  const found = words.find((one) => one === text);
  if (found === undefined)
    throw usageError("ACTION_INVALID", "action", `action must be one of ${words.join(", ")}`);
  return found;
}

function parseCode(fields: Payload, prefix: string): string {
  const code = given(fields.obisCode);
  const field = `${prefix}obisCode`;
  if (code === undefined) throw usageError("OBIS_REQUIRED", field, `${field} is missing`);
  return formatObis(parseObis(shortText(code, field, "OBIS_INVALID"), field));
}

/** Empty fields of a dialog and nulls of a backend are no values. */
function given(value: unknown): unknown {
  return value === null || value === "" ? undefined : value;
}

function whole(value: unknown, field: string, low: number): number {
  const number = typeof value === "string" && /^\d{1,10}$/.test(value.trim()) ? Number(value) : value;
  if (typeof number !== "number" || !Number.isInteger(number) || number < low || number > 0xffff_ffff)
    throw usageError("FIELD_INVALID", field, `${field} must be a whole number from ${low} to 4294967295`);
  return number;
}

/** Octets as hexadecimal, big integers as digits: what a store can keep. */
function json(value: unknown, field: string, depth: number): unknown {
  if (depth > 2 * limits.dataDepth) throw usageError("FIELD_INVALID", field, `${field} is nested too deeply`);
  if (value instanceof Uint8Array) return toHex(value);
  if (typeof value === "bigint") return String(value);
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (typeof value === "string" && value.length <= limits.valueChars) return value;
  if (Array.isArray(value) && value.length <= limits.elements)
    return value.map((element: unknown, i) => json(element, `${field}[${i}]`, depth + 1));
  if (isRecord(value) && !(value instanceof Date))
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, element]) => element !== undefined)
        .map(([name, element]) => [name, json(element, `${field}.${name}`, depth + 1)]),
    );
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
  throw usageError("FIELD_INVALID", field, `${field} is no value that can be written, or too long`);
}
