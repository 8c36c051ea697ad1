/**
 * One meter of a key list as text fields, and what they mean. Names are those of a CSV header, of the members of a JSON
 * object, and of a message's `keys`. What a secret field says never stands in a message.
 */
import { fromHex, fromLatin1 } from "../../bytes/hex.js";
import { asDlmsError, DlmsError } from "../../core/errors.js";
import { Secret } from "../../core/secret.js";
import {
  type CurveKeys,
  type MeterKeys,
  publicKeyFromSpki,
  type PublicKey,
  type SecurityKeys,
  type SecuritySuite,
  securitySuites,
  suiteById,
} from "../../security/index.js";
import { isSealed, unseal } from "./sealed.js";

export const keyFields = [
  "meterSerialNumber",
  "systemTitle",
  "meterType",
  "suite",
  "unicastKey",
  "authenticationKey",
  "broadcastKey",
  "masterKey",
  "secret",
  "publicKey",
] as const;
export type KeyField = (typeof keyFields)[number];
export type KeyRow = Readonly<Partial<Record<KeyField, string>>>;

/** Encrypted at rest. */
export const secretFields = [
  "unicastKey",
  "authenticationKey",
  "broadcastKey",
  "masterKey",
  "secret",
] as const satisfies KeyField[];

const HEX_SECRET = /^hex:/i;

/** What a sealed value of this row is bound to. */
export function bindingOf(row: KeyRow, field: KeyField): string {
  const name = row.meterSerialNumber ?? "";
  return `${field} of ${name === "" ? `title ${(row.systemTitle ?? "").toUpperCase()}` : name.toUpperCase()}`;
}

/**
 * @param masterKey for sealed values.
 * @throws DlmsError KEY_LIST_INVALID naming the field, without what it says.
 */
export function meterKeysOf(row: KeyRow, masterKey: Secret<Uint8Array> | undefined): MeterKeys {
  const text = (field: KeyField): string => {
    const value = (row[field] ?? "").trim();
    if (!isSealed(value)) return value;
    if (masterKey === undefined) throw unfit(field, "is encrypted, and no master key is configured");
    try {
      return unseal(value, masterKey, bindingOf(row, field)).trim();
    } catch (caught) {
      throw unfit(field, asDlmsError(caught).message);
    }
  };
  const meterSerialNumber = text("meterSerialNumber").toUpperCase();
  const systemTitle = octets("systemTitle", text("systemTitle"), 8);
  if (meterSerialNumber === "" && systemTitle === undefined)
    throw unfit("meterSerialNumber", "is missing, and so is systemTitle");
  const suite = suiteOf(text("suite"));
  const keyOctets = suite === undefined ? undefined : securitySuites[suite].keyOctets;
  const key = (field: KeyField): Secret<Uint8Array> | undefined => {
    const value = octets(field, text(field), keyOctets ?? "key");
    return value === undefined ? undefined : new Secret(value);
  };
  const curve = curveOf(text("publicKey"), suite);
  const keys: SecurityKeys = {
    ...defined("unicast", key("unicastKey")),
    ...defined("authentication", key("authenticationKey")),
    ...defined("broadcast", key("broadcastKey")),
    ...defined("master", key("masterKey")),
    ...defined("curve", curve),
  };
  const meterType = text("meterType");
  return {
    ...(meterSerialNumber === "" ? {} : { meterSerialNumber }),
    ...defined("systemTitle", systemTitle),
    ...(meterType === "" ? {} : { meterType }),
    ...defined("suite", suite),
    ...(Object.keys(keys).length === 0 ? {} : { keys }),
    ...defined("secret", secretOf(text("secret"))),
  };
}

/** The fields of a message. @throws DlmsError KEY_LIST_INVALID naming the field */
export function keysFromFields(fields: unknown): MeterKeys {
  if (typeof fields !== "object" || fields === null || Array.isArray(fields))
    throw new DlmsError("KEY_LIST_INVALID", "The keys of a meter must be an object.", { field: "keys" });
  const row: Partial<Record<KeyField, string>> = {};
  for (const [name, value] of Object.entries(fields) as [string, unknown][]) {
    if (value === undefined || value === null) continue;
    const field = keyFields.find((known) => known === name);
    if (field === undefined)
      throw new DlmsError("KEY_LIST_INVALID", `There is no field ${name.slice(0, 40)}.`, { field: "keys" });
    if (typeof value !== "string" && !(typeof value === "number" && Number.isSafeInteger(value)))
      throw unfit(field, "must be text");
    row[field] = String(value);
  }
  return meterKeysOf(row, undefined);
}

function suiteOf(text: string): SecuritySuite | undefined {
  if (text === "") return undefined;
  if (!/^[012]$/.test(text)) throw unfit("suite", "must be 0, 1 or 2");
  return suiteById(Number(text)).id;
}

function secretOf(text: string): Secret<Uint8Array> | undefined {
  if (text === "") return undefined;
  if (HEX_SECRET.test(text)) {
    const value = octets("secret", text.replace(HEX_SECRET, ""));
    return value === undefined ? undefined : new Secret(value);
  }
  try {
    return new Secret(fromLatin1(text, "secret"));
  } catch {
    throw unfit("secret", "holds characters beyond Latin-1; write its octets as hex:…");
  }
}

/** The meter's public signing key: x and y in hexadecimal digits, or a SubjectPublicKeyInfo. */
function curveOf(text: string, suite: SecuritySuite | undefined): CurveKeys | undefined {
  const key = octets("publicKey", text);
  if (key === undefined) return undefined;
  const { curve } = suiteById(suite ?? 0);
  if (curve === undefined) throw unfit("publicKey", "needs suite 1 or 2 beside it");
  try {
    const raw = curve === "P-256" ? 64 : 96;
    const peerSigning: PublicKey = key.length === raw ? key : publicKeyFromSpki(curve, key);
    return { peerSigning };
  } catch (caught) {
    throw unfit("publicKey", asDlmsError(caught).message);
  }
}

/** @param length octets that are expected; `key`: those of any suite. */
function octets(field: KeyField, text: string, length?: number | "key"): Uint8Array | undefined {
  if (text === "") return undefined;
  const digits = text.replace(/[\s:-]/g, "");
  if (!/^([0-9a-f]{2})+$/i.test(digits)) throw unfit(field, "must be pairs of hexadecimal digits");
  const value = fromHex(digits);
  const fits =
    length === "key" ? value.length === 16 || value.length === 32 : value.length === (length ?? value.length);
  if (!fits)
    throw unfit(field, `must have ${length === "key" ? "16 or 32" : length} octets, not ${value.length}`);
  return value;
}

function unfit(field: KeyField, reason: string): DlmsError {
  return new DlmsError("KEY_LIST_INVALID", `${field} ${reason}.`, { field });
}

function defined<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: V });
}
