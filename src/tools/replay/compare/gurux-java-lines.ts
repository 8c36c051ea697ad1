/**
 * Lines of the Gurux Java console: negotiated conformance, the clock in local form, the object list, counts and ends
 * of a profile. Octets are printed as object identities, so they cannot be compared.
 */
import { type Data, decodeDateTime } from "../../../axdr/index.js";
import { toHex } from "../../../bytes/hex.js";
import { type ConformanceBit } from "../../../xdlms/index.js";
import { type DecodedApdu } from "../apdu-layer.js";
import { type Item, type Outcome } from "../conversation.js";
import { compareObjectList } from "./printed-value.js";
import { type Tally } from "./tally.js";
import { numberOf } from "./text.js";

const CONFORMANCE: Readonly<Record<string, ConformanceBit>> = {
  BLOCK_TRANSFER_WITH_ACTION: "block-transfer-action",
  BLOCK_TRANSFER_WITH_GET_OR_READ: "block-transfer-get",
  BLOCK_TRANSFER_WITH_SET_OR_WRITE: "block-transfer-set",
};

const CLASSES: Readonly<Record<string, number>> = {
  DATA: 1,
  REGISTER: 3,
  DEMAND_REGISTER: 5,
  PROFILE_GENERIC: 7,
  CLOCK: 8,
  SCRIPT_TABLE: 9,
  ASSOCIATION_LOGICAL_NAME: 15,
  SAP_ASSIGNMENT: 17,
  IMAGE_TRANSFER: 18,
  IEC_LOCAL_PORT_SETUP: 19,
  ACTIVITY_CALENDAR: 20,
  REGISTER_MONITOR: 21,
  ACTION_SCHEDULE: 22,
  IEC_HDLC_SETUP: 23,
  MODEM_CONFIGURATION: 27,
  AUTO_ANSWER: 28,
  AUTO_CONNECT: 29,
  PUSH_SETUP: 40,
  TCP_UDP_SETUP: 41,
  IP4_SETUP: 42,
  MAC_ADDRESS_SETUP: 43,
  GSM_DIAGNOSTIC: 47,
  IP6_SETUP: 48,
  COMPACT_DATA: 62,
  SECURITY_SETUP: 64,
  DISCONNECT_CONTROL: 70,
  ACCOUNT: 111,
  CREDIT: 112,
  TOKEN_GATEWAY: 115,
};

const OBJECT = /^ {2}([A-Z0-9_]+) ([\d.]+) v(\d+)$/;

export function compareGuruxJavaLines(
  lines: readonly string[],
  apdus: readonly DecodedApdu[],
  outcomes: readonly Outcome[],
  tally: Tally,
): void {
  const items = outcomes.flatMap((outcome) => outcome.items);
  const dataOf = (classId: number, id: number): Data | undefined =>
    items.find((item: Item) => item.classId === classId && item.id === id && item.data !== undefined)?.data;
  const objects: [number | string, string, number][] = [];
  for (const line of lines) {
    const object = OBJECT.exec(line);
    const [word = ""] = line.split(" ");
    if (object !== null) {
      const [, name = "", logicalName = "", version] = object;
      objects.push([CLASSES[name] ?? name, logicalName, Number(version)]);
    } else if (word === "connected,") compareNegotiated(line, apdus, tally);
    else if (word === "clock") compareClock(line.slice(6), dataOf(8, 2), tally);
    else if (word === "profile") compareProfile(line, dataOf(7, 2), tally);
    else if (word === "LDN") tally.skip("the client printed an object's identity instead of its value");
    else if (line.includes("StoC ")) compareChallenge(line, apdus, tally);
    else if (word === "object_list") compareCount(line, dataOf(15, 2), tally);
    else if (word === "TRUNCATED") tally.skip("the recording keeps nothing that the client printed");
    else if (/ EXC /.test(line)) tally.skip("the client failed by itself and printed no value");
  }
  const list = dataOf(15, 2);
  if (objects.length > 0 && list !== undefined) compareObjectList("object list", objects, list, tally);
}

function compareCount(line: string, data: Data | undefined, tally: Tally): void {
  tally.same(
    "object list: count",
    line.split(" ")[1] ?? "",
    data?.type === "array" ? data.value.length : "no list",
  );
}

function compareNegotiated(line: string, apdus: readonly DecodedApdu[], tally: Tally): void {
  const names = /\[(.*)\]/.exec(line)?.[1]?.split(", ") ?? [];
  const printed = names.map((name) => CONFORMANCE[name] ?? name.toLowerCase().replaceAll("_", "-"));
  const initiate = apdus.map(({ apdu }) => apdu).find((apdu) => apdu.type === "initiate-response");
  const ours = initiate?.type === "initiate-response" ? [...initiate.conformance] : [];
  tally.same("conformance", printed.sort().join(" "), ours.sort().join(" "));
}

/** `11/22/26, 7:52:50 AM`: hundredths, deviation and status are not printed. */
function compareClock(printed: string, data: Data | undefined, tally: Tally): void {
  tally.same(
    "clock",
    printed,
    data?.type === "octet-string" && data.value.length === 12 ? localText(data.value) : "no clock",
  );
}

function localText(octets: Uint8Array): string {
  const { year = 0, month, day, hour = 0, minute = 0, second = 0 } = decodeDateTime(octets);
  const two = (value: number): string => String(value).padStart(2, "0");
  const time = `${hour % 12 || 12}:${two(minute)}:${two(second)} ${hour < 12 ? "AM" : "PM"}`;
  return `${month}/${day}/${year % 100}, ${time}`;
}

/** `profile rows 60 first [10/1/25, 4:00:00 PM, 1] last [10/4/25, 3:00:00 AM, 60]` */
function compareProfile(line: string, data: Data | undefined, tally: Tally): void {
  const [, count = "", first = "", last = ""] = /rows (\d+) first \[(.*)\] last \[(.*)\]$/.exec(line) ?? [];
  const rows = data?.type === "array" ? data.value : [];
  tally.same("profile: rows", count, rows.length);
  tally.same("profile: first", first, rowText(rows[0]));
  tally.same("profile: last", last, rowText(rows[rows.length - 1]));
}

function rowText(row: Data | undefined): string {
  const [time, value] = row?.type === "structure" ? row.value : [];
  if (time?.type !== "octet-string" || time.value.length !== 12 || value === undefined) return "no row";
  return `${localText(time.value)}, ${String(numberOf(value))}`;
}

/** The octets that are signed: both titles, then the server's challenge, then the client's. */
function compareChallenge(line: string, apdus: readonly DecodedApdu[], tally: Tally): void {
  const printed = line.slice(line.indexOf("StoC ") + 5).replaceAll(" ", "");
  const aare = apdus.map(({ apdu }) => apdu).find((apdu) => apdu.type === "aare");
  const challenge =
    aare?.type === "aare" ? toHex(aare.respondingAuthenticationValue ?? new Uint8Array(0)) : "";
  tally.same("challenge", printed.slice(32, 32 + challenge.length), challenge || "none");
}
