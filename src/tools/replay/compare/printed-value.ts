/** A value as `decoded` objects hold it (Gurux Python, dlms-cosem), compared with our Data leaf by leaf. */
import { type Data } from "../../../axdr/index.js";
import { toHex, toLatin1 } from "../../../bytes/hex.js";
import { comparePrintedDate, isPrintedDate } from "./python-date.js";
import { type Tally } from "./tally.js";
import { describeData, dotted, leafText, numberOf, sameScaled } from "./text.js";

const OBJECT_IDENTITY = "the client printed an object's identity instead of its value";

/** @param scaler of a register's value, when the client applied one. */
export function comparePrinted(
  where: string,
  printed: unknown,
  data: Data,
  tally: Tally,
  scaler?: number,
): void {
  if (isPrintedDate(printed)) return comparePrintedDate(where, printed, data, tally);
  if (Array.isArray(printed)) return compareList(where, printed, data, tally);
  if (typeof printed === "object" && printed !== null && "octets" in printed)
    return tally.same(
      where,
      String(printed.octets),
      data.type === "octet-string" ? toHex(data.value) : data.type,
    );
  if (typeof printed === "number") return compareNumber(where, printed, data, tally, scaler);
  if (typeof printed === "boolean")
    return tally.same(where, printed, data.type === "boolean" ? data.value : describeData(data));
  if (printed === null) return tally.same(where, "null-data", data.type);
  if (typeof printed === "string") return compareText(where, printed, data, tally);
  tally.differs(where, JSON.stringify(printed), describeData(data));
}

function compareList(where: string, printed: readonly unknown[], data: Data, tally: Tally): void {
  const ours =
    data.type === "array" || data.type === "structure" || data.type === "compact-array"
      ? data.value
      : undefined;
  tally.same(`${where}.length`, printed.length, ours?.length ?? describeData(data));
  if (ours === undefined) return;
  printed.forEach((element, i) => {
    const own = ours[i];
    if (own !== undefined) comparePrinted(`${where}[${i}]`, element, own, tally);
  });
}

function compareNumber(where: string, printed: number, data: Data, tally: Tally, scaler = 0): void {
  const value = numberOf(data);
  if (value === undefined) return tally.same(where, printed, describeData(data));
  tally.compared++;
  if (!sameScaled(printed, value, scaler)) tally.differs(where, String(printed), `${value} · 10^${scaler}`);
}

/** Enumerations print as `NAME(5)`, bit strings as that (lowest bit first) or as digits, names dotted. */
function compareText(where: string, printed: string, data: Data, tally: Tally): void {
  if (/ object at 0x/.test(printed)) return tally.skip(OBJECT_IDENTITY);
  const code = /^[A-Z0-9_| ]*\((\d+)\)$/.exec(printed)?.[1];
  const { type } = data;
  if (type === "bit-string")
    return tally.same(where, code ?? printed, code === undefined ? data.value : bitsFromLowest(data.value));
  if (type === "octet-string") {
    const name = /^\d+(\.\d+){5}$/.test(printed);
    return tally.same(where, printed, name ? dotted(data.value) : toLatin1(data.value));
  }
  if (type === "structure") return tally.same(where, printed, currency(data.value));
  tally.same(where, code ?? printed, leafText(data));
}

/** Currency of an Account as Gurux Python prints it: unit, name, scale. */
function currency(elements: readonly Data[]): string {
  const [name, scale, unit] = elements.map(leafText);
  return `${unit} ${name} ${scale}`;
}

function bitsFromLowest(bits: string): number {
  return [...bits].reduce((sum, bit, i) => sum + (bit === "1" ? 2 ** i : 0), 0);
}

/** `[scale, "NAME(code)"]` for structure {scaler, unit}. */
export function compareScalerUnit(
  where: string,
  printed: readonly unknown[],
  data: Data,
  tally: Tally,
): void {
  const [scaler, unit] = data.type === "structure" ? data.value : [];
  if (scaler?.type !== "integer" || unit?.type !== "enum")
    return tally.same(where, "a scaler_unit", describeData(data));
  const [scale, name] = printed;
  tally.same(`${where}.scaler`, Math.round(Math.log10(Number(scale))), scaler.value);
  tally.same(`${where}.unit`, /\((\d+)\)$/.exec(String(name))?.[1] ?? String(name), unit.value);
}

/** Classes the client does not know: it leaves their objects out of the list. */
const LEFT_OUT = new Set([62, 76, 77, 123]);

/** `[class, logical name, version]` for each element of an object list; access rights are not printed. */
export function compareObjectList(
  where: string,
  printed: readonly unknown[],
  data: Data,
  tally: Tally,
): void {
  const all = (data.type === "array" ? data.value : []).map(objectEntry);
  const ours = all.length === printed.length ? all : all.filter((entry) => !LEFT_OUT.has(Number(entry?.[0])));
  if (ours.length < all.length)
    tally.skip("the client leaves out objects of classes it does not know", all.length - ours.length);
  tally.same(`${where}.length`, printed.length, ours.length);
  printed.forEach((entry, i) => {
    ["class", "name", "version"].forEach((field, at) =>
      tally.same(`${where}[${i}].${field}`, String((entry as unknown[])[at]), ours[i]?.[at] ?? "nothing"),
    );
  });
}

function objectEntry(own: Data): readonly [string, string, string] | undefined {
  const [classId, version, name] = own.type === "structure" ? own.value : [];
  if (classId === undefined || version === undefined || name?.type !== "octet-string") return undefined;
  return [String(numberOf(classId)), dotted(name.value), String(numberOf(version))];
}

/** `["0.0.1.0.0.255 description", { attributeIndex, dataIndex }]` for each capture object. */
export function compareCaptureObjects(
  where: string,
  printed: readonly unknown[],
  data: Data,
  tally: Tally,
): void {
  const ours = data.type === "array" ? data.value : [];
  tally.same(`${where}.length`, printed.length, ours.length);
  printed.forEach((entry, i) => {
    const own = ours[i];
    const [, name, attribute, index] = own?.type === "structure" ? own.value : [];
    if (name?.type !== "octet-string" || attribute === undefined || index === undefined)
      return tally.same(
        `${where}[${i}]`,
        JSON.stringify(entry),
        own === undefined ? "nothing" : describeData(own),
      );
    const [text, indexes] = entry as [string, { attributeIndex: number; dataIndex: number }];
    tally.same(`${where}[${i}].name`, text.split(" ")[0] as string, dotted(name.value));
    tally.same(`${where}[${i}].attribute`, indexes.attributeIndex, String(numberOf(attribute)));
    tally.same(`${where}[${i}].index`, indexes.dataIndex, String(numberOf(index)));
  });
}
