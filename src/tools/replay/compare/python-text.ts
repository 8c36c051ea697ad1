/** Python representations that dlms-cosem printed for whole responses and object lists. */
import { type Data } from "../../../axdr/index.js";
import { toLatin1 } from "../../../bytes/hex.js";
import { type Item } from "../conversation.js";
import { type Tally } from "./tally.js";
import { dotted, leafText, numberOf } from "./text.js";

const ESCAPES: Readonly<Record<string, string>> = { "\t": "\\t", "\n": "\\n", "\r": "\\r", "\\": "\\\\" };

/** `b'…'` as Python writes octets. */
export function pythonBytes(bytes: Uint8Array): string {
  const quote = bytes.includes(0x27) && !bytes.includes(0x22) ? '"' : "'";
  const text = [...toLatin1(bytes)].map((character) => {
    if (character === quote) return `\\${character}`;
    const escape = ESCAPES[character];
    if (escape !== undefined) return escape;
    const code = character.charCodeAt(0);
    return code >= 0x20 && code < 0x7f ? character : `\\x${code.toString(16).padStart(2, "0")}`;
  });
  return `b${quote}${text.join("")}${quote}`;
}

const CLASSES: Partial<Record<Data["type"], string>> = {
  integer: "IntegerData",
  unsigned: "UnsignedIntegerData",
  long: "LongData",
  "long-unsigned": "UnsignedLongData",
  "double-long": "DoubleLongData",
  "double-long-unsigned": "DoubleLongUnsignedData",
  enum: "EnumData",
};

function python(data: Data): string {
  const { type } = data;
  if (type === "octet-string") return `OctetStringData(value=bytearray(${pythonBytes(data.value)}))`;
  if (type === "structure" || type === "array")
    return `Data${type === "array" ? "Array" : "Structure"}(value=[${data.value.map(python).join(", ")}])`;
  return `${CLASSES[type] ?? type}(value=${leafText(data)})`;
}

/** `Name(field=…)` of a response, or one such line for each object of an object list. */
export function comparePythonText(where: string, text: string, items: readonly Item[], tally: Tally): void {
  if (text.startsWith("SetResponseNormal")) {
    const code = /DataAccessResult\.(\w+): \d+/.exec(text)?.[1] ?? text;
    return tally.same(
      `${where}: result`,
      code.toLowerCase().replaceAll("_", "-"),
      items[0]?.result ?? "none",
    );
  }
  if (text.startsWith("GetResponseWithList")) {
    const printed = /response_data=\[(.*)\], invoke_id/.exec(text)?.[1] ?? text;
    const ours = items.map(({ data, result }) => (data === undefined ? String(result) : python(data)));
    return tally.same(`${where}: values`, printed, ours.join(", "));
  }
  if (text.startsWith("AssociationObjectListItem"))
    return compareObjects(where, text.split("\n"), items[0]?.data, tally);
  tally.differs(where, text, "a form that is not known");
}

const OBJECT =
  /interface=(\d+), logical_name=Obis\(a=(\d+), b=(\d+), c=(\d+), d=(\d+), e=(\d+), f=(\d+)\), version=(\d+)/;

function compareObjects(where: string, lines: readonly string[], data: Data | undefined, tally: Tally): void {
  const objects = data?.type === "array" ? data.value : [];
  tally.same(`${where}.length`, lines.length, objects.length);
  lines.forEach((line, i) => {
    const own = objects[i];
    const [classId, version, name, rights] = own?.type === "structure" ? own.value : [];
    const [, printedClass = line, ...rest] = OBJECT.exec(line) ?? [];
    if (classId === undefined || version === undefined || name?.type !== "octet-string")
      return tally.differs(`${where}[${i}]`, line, "no object");
    tally.same(`${where}[${i}].class`, printedClass, String(numberOf(classId)));
    tally.same(`${where}[${i}].name`, rest.slice(0, 6).join("."), dotted(name.value));
    tally.same(`${where}[${i}].version`, rest[6] ?? "", String(numberOf(version)));
    compareAttributes(`${where}[${i}]`, line, rights, tally);
  });
}

/** `AttributeAccessRights(attribute=1, access_rights=[0], …)`: as many as the printed line holds before it is cut. */
function compareAttributes(where: string, line: string, rights: Data | undefined, tally: Tally): void {
  const [attributes] = rights?.type === "structure" ? rights.value : [];
  const own = attributes?.type === "array" ? attributes.value : [];
  const printed = [...line.matchAll(/AttributeAccessRights\(attribute=(\d+), access_rights=\[/g)];
  printed.forEach(([, attribute], i) => {
    const element = own[i];
    const [id] = element?.type === "structure" ? element.value : [];
    tally.same(
      `${where}.attribute[${i}]`,
      attribute as string,
      id === undefined ? "none" : String(numberOf(id)),
    );
  });
}
