/**
 * Serial numbers: what a link claims or a meter answers, as one normalised key. Normalising only removes white space,
 * upper-cases and strips leading zeros down to the length the meter type names, so that two meters never share a key
 * unless they share a number.
 */
import { type Data } from "../axdr/data.js";
import { toLatin1 } from "../bytes/hex.js";
import { type Dialect } from "../meter-types/dialects/index.js";
import { type MeterType, type SerialRule } from "../meter-types/meter-type.js";
import { presets } from "../meter-types/presets.js";
import { type ResolvedOptions } from "./options.js";

/** @param stripZerosTo see `SerialRule`; only numbers made of digits lose zeros. */
export function normaliseSerial(serial: string, stripZerosTo?: number): string {
  let key = serial.trim().toUpperCase();
  if (stripZerosTo !== undefined && /^\d+$/.test(key))
    while (key.length > stripZerosTo && key.startsWith("0")) key = key.slice(1);
  return key;
}

/** The serial number in an attribute's value; undefined where it holds none. */
export function serialFromData(data: Data, rule: SerialRule): string | undefined {
  const text = serialText(data, rule);
  if (text === undefined) return undefined;
  const key = normaliseSerial(text, rule.stripZerosTo);
  return key === "" || /^0+$/.test(key) ? undefined : key;
}

function serialText(data: Data, rule: SerialRule): string | undefined {
  if (data.type === "visible-string" || data.type === "utf8-string") return clean(data.value);
  if (data.type === "octet-string") return serialFromOctets(data.value, rule);
  const isNumber =
    data.type === "unsigned" ||
    data.type === "long-unsigned" ||
    data.type === "double-long-unsigned" ||
    data.type === "long64-unsigned";
  return isNumber ? data.value.toString() : undefined;
}

function serialFromOctets(octets: Uint8Array, { coding }: SerialRule): string | undefined {
  const text = toLatin1(octets);
  const isReadable = /^[\x20-\x7e]+[\0\s]*$/.test(text);
  if (coding === "ascii") return isReadable ? clean(text) : undefined;
  // "auto": what reads as a name or number is text, though its octets could be packed digits, too.
  const isName = /^[0-9A-Za-z][0-9A-Za-z ._/-]*[\0\s]*$/.test(text);
  if (coding === "auto" && isName) return clean(text);
  const isBcd = octets.length > 0 && octets.every((octet) => octet >> 4 <= 9 && (octet & 15) <= 9);
  if (!isBcd) return isReadable ? clean(text) : undefined;
  return [...octets].map((octet) => octet.toString(16).padStart(2, "0")).join("");
}

function clean(text: string): string | undefined {
  const trimmed = text.replace(/^[\0\s]+|[\0\s]+$/g, "");
  return trimmed === "" || trimmed.length > 64 ? undefined : trimmed.toUpperCase();
}

/** A logical device name or system title as text: three letters of the manufacturer, then the rest. */
export function deviceName(data: Data): string | undefined {
  const text =
    data.type === "octet-string"
      ? toLatin1(data.value)
      : data.type === "visible-string" || data.type === "utf8-string"
        ? data.value
        : undefined;
  if (text === undefined || !/^[A-Za-z]{3}/.test(text)) return undefined;
  return clean(text.replace(/[^\x20-\x7e]/g, ""));
}

/** What is known about a link when its meter type is chosen. */
export interface TypeEvidence {
  readonly dialect: Dialect;
  readonly serial?: string;
  readonly deviceName?: string;
  readonly remoteAddress: string;
  /** The type that the key directory names for this meter. */
  readonly typeName?: string;
}

/** `silent` in a rule means every meter that waited to be asked, however it then answered. */
function isDialect(name: string, { name: own, opening }: Dialect): boolean {
  return name === own || (name === "silent" && opening === "none");
}

/**
 * The type that the key directory names, if the listener has it. Else the first rule whose conditions all hold. Else the type the dialect suggests, unless the default type was derived
 * from the same preset: then the user's own version of it. Else the default type. A meter that opens the association
 * itself is trusted only as far as the listener's own default type says, where it names one.
 */
export function chooseMeterType(
  evidence: TypeEvidence,
  options: Pick<ResolvedOptions, "meterTypeRules" | "defaultMeterType" | "hasOwnDefault">,
): MeterType {
  const { meterTypeRules: rules, defaultMeterType: defaultType, hasOwnDefault } = options;
  const types = [...rules.map(({ meterType }) => meterType), defaultType, ...Object.values(presets)];
  const named = types.find(({ name }) => name === evidence.typeName);
  if (named !== undefined) return named;
  for (const rule of rules) {
    if (rule.dialect !== undefined && !isDialect(rule.dialect, evidence.dialect)) continue;
    if (
      rule.serialPrefix !== undefined &&
      !(evidence.serial ?? "").startsWith(rule.serialPrefix.toUpperCase())
    )
      continue;
    if (
      rule.manufacturer !== undefined &&
      !(evidence.deviceName ?? "").startsWith(rule.manufacturer.toUpperCase())
    )
      continue;
    if (rule.remoteAddress !== undefined && !evidence.remoteAddress.startsWith(rule.remoteAddress)) continue;
    return rule.meterType;
  }
  const preset = evidence.dialect.link.preset;
  if (preset === undefined || preset === defaultType.preset) return defaultType;
  return evidence.dialect.opening === "request" && hasOwnDefault ? defaultType : presets[preset];
}
