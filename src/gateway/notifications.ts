/**
 * What meters send by themselves (DataNotification, EventNotification, InformationReport): readings where the body
 * describes itself or a push list says what it is, the body as JSON in any case, and the meter's id where one stands
 * in it.
 */
import { type Notification } from "../association/index.js";
import { decodeDateTime, toIso } from "../axdr/date-time.js";
import { type Data } from "../axdr/data.js";
import { toHex } from "../bytes/hex.js";
import { type Reading } from "../client/index.js";
import { describeObis } from "../cosem/dictionary/index.js";
import { formatObis } from "../cosem/obis.js";
import { jsonValue } from "../cosem/value.js";
import { DecodeError } from "../core/errors.js";
import { type SerialRule } from "../meter-types/meter-type.js";
import { type NotificationEvent } from "./events.js";
import { deviceName, serialFromData } from "./identity.js";
import { isPushSetup, type PushList } from "./push-lists.js";
import { isScalerUnit, namedReadings, plainValue, scaledValue } from "./pushed-values.js";

/** The parts of a `NotificationEvent` that come out of the notification itself. */
export type NotificationContent = Pick<
  NotificationEvent,
  "kind" | "readings" | "body" | "dateTime" | "unauthenticated"
>;

/** @param lists what the values of an unlabelled push may be, best first. */
export function readNotification(
  notification: Notification,
  lists: readonly PushList[] = [],
): NotificationContent {
  const told = readContent(notification, lists);
  const { unauthenticated } = notification;
  if (unauthenticated === undefined) return told;
  const readings = told.readings.map((reading) => ({ ...reading, unauthenticated }));
  return { ...told, readings, unauthenticated };
}

function readContent(notification: Notification, lists: readonly PushList[]): NotificationContent {
  if ("body" in notification) {
    const dateTime = isoTime(notification.dateTime);
    return {
      kind: "data-notification",
      readings:
        namedReadings(notification.body, lists, dateTime) ?? describedReadings(notification.body, dateTime),
      body: jsonValue(notification.body).value,
      ...(dateTime === undefined ? {} : { dateTime }),
    };
  }
  if ("variables" in notification)
    return { kind: "information-report", readings: [], body: reported(notification) };
  const { attribute, value, time } = notification;
  const dateTime = isoTime(time);
  const { classId, instanceId, attributeId } = attribute;
  return {
    kind: "event-notification",
    readings: [
      {
        obisCode: formatObis(instanceId),
        classId,
        attributeId,
        ...plainValue(value),
        ...(dateTime === undefined ? {} : { timestamp: dateTime }),
      },
    ],
    body: jsonValue(value).value,
    ...(dateTime === undefined ? {} : { dateTime }),
  };
}

/** Values by short names, which only the association that reads the object list can translate. */
function reported({ variables, data }: Extract<Notification, { readonly type: "information-report" }>) {
  return data.map((value, i) => {
    const variable = variables[i];
    const name = variable !== undefined && "name" in variable ? variable.name : undefined;
    return {
      ...(name === undefined ? {} : { shortName: name.toString(16).toUpperCase().padStart(4, "0") }),
      value: jsonValue(value).value,
    };
  });
}

/**
 * The id in a pushed body: the value beside 0-0:96.1.0.255 or 0-0:42.0.0.255, else the first octet-string that reads
 * as a name or number and is no OBIS code.
 */
export function claimFromNotification(notification: Notification, rule: SerialRule): string | undefined {
  if (!("body" in notification)) return undefined;
  const elements = elementsOf(notification.body);
  for (const { obis, value } of pairs(elements)) {
    if (obis === "0-0:96.1.0.255") return serialFromData(value, rule);
    if (obis === "0-0:42.0.0.255") return deviceName(value);
  }
  for (const element of elements) {
    if (element.type !== "octet-string" && element.type !== "visible-string") continue;
    if (obisOf(element) !== undefined) continue;
    const claim = serialFromData(element, { ...rule, coding: "ascii" });
    if (claim !== undefined && /\d{4}/.test(claim)) return claim;
  }
  return undefined;
}

/** The system title of a general-glo APDU in a wrapper (`DB 08 title`). */
export function pushedTitle(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length < 18 || bytes[0] !== 0 || bytes[1] !== 1 || bytes[8] !== 0xdb || bytes[9] !== 8)
    return undefined;
  return bytes.slice(10, 18);
}

/** A system title as a meter's name: letters of the maker, then five octets; undefined for one of another form. */
export function titleClaim(title: Uint8Array): string | undefined {
  const maker = String.fromCharCode(...title.subarray(0, 3));
  return /^[A-Za-z]{3}$/.test(maker) ? maker.toUpperCase() + toHex(title.subarray(3)) : undefined;
}

interface Described {
  readonly obis: string;
  readonly value: Data;
  readonly scalerUnit?: Data;
}

/** Readings of a body whose values stand beside their OBIS codes; empty when it holds none. */
function describedReadings(body: Data, timestamp: string | undefined): Reading[] {
  return pairs(elementsOf(body)).map(({ obis, value, scalerUnit }): Reading => {
    const described = describeObis(obis);
    const base = {
      obisCode: obis,
      classId: described?.classId ?? (scalerUnit === undefined ? 1 : 3),
      attributeId: 2,
      ...(timestamp === undefined ? {} : { timestamp }),
    };
    return { ...base, ...(scaledValue(value, scalerUnit) ?? plainValue(value)) };
  });
}

/** Either structures of `{OBIS, value, scaler_unit?}`, or OBIS codes and values in turn. */
function pairs(elements: readonly Data[]): Described[] {
  const found: Described[] = [];
  for (let i = 0; i < elements.length; i++) {
    const element = elements[i] as Data;
    if (element.type === "structure" && element.value.length >= 2 && element.value.length <= 3) {
      const [name, value, scalerUnit] = element.value;
      const obis = name === undefined ? undefined : obisOf(name);
      if (obis !== undefined && value !== undefined)
        found.push({ obis, value, ...(scalerUnit === undefined ? {} : { scalerUnit }) });
      continue;
    }
    const obis = obisOf(element);
    const value = elements[i + 1];
    if (obis === undefined || value === undefined || obisOf(value) !== undefined) continue;
    // Its own name among a push's values names none of them.
    if (isPushSetup(obis)) continue;
    const next = elements[i + 2];
    const hasUnit = next !== undefined && isScalerUnit(next);
    found.push({ obis, value, ...(hasUnit ? { scalerUnit: next } : {}) });
    i += hasUnit ? 2 : 1;
  }
  return found;
}

function elementsOf(body: Data): readonly Data[] {
  if (body.type !== "structure" && body.type !== "array") return [body];
  const [only] = body.value;
  return body.value.length === 1 && only !== undefined && only.type === "array" ? only.value : body.value;
}

/** An OBIS code in six octets: media 0 to 15, and group F at its usual 255. */
function obisOf(data: Data): string | undefined {
  if (data.type !== "octet-string" || data.value.length !== 6) return undefined;
  return (data.value[0] as number) <= 15 && data.value[5] === 0xff ? formatObis(data.value) : undefined;
}

function isoTime(octets: Uint8Array | undefined): string | undefined {
  if (octets?.length !== 12) return undefined;
  try {
    return toIso(decodeDateTime(octets));
  } catch (caught) {
    // A clock that was never set is no reason to lose what the meter sent.
    if (caught instanceof DecodeError) return undefined;
    throw caught;
  }
}
