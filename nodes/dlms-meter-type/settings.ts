/** From the dialog's fields to a meter type: pure, every unusable field named. */
import { type NodeDef } from "node-red";
import {
  formatObis,
  mechanismNames,
  type MeterType,
  parseObis,
  type PresetName,
  presets,
  Secret,
  standardClock,
  tokenRules,
} from "../../src/index.js";
import { type Environment, resolveInteger, resolveText, unusable } from "../shared/fields.js";
import { type AdvancedConfig, linkSettingsOf, pushObjectsOf } from "./advanced-settings.js";
import { choice, defined } from "./choices.js";
import { type SecurityConfig, type SecurityCredentials, securityOf } from "./security-settings.js";

export interface MeterTypeConfig extends NodeDef, SecurityConfig, AdvancedConfig {
  readonly preset?: string;
  readonly framing?: string;
  readonly clientSap?: string;
  readonly serverSap?: string;
  readonly hdlcAddressOctets?: string;
  readonly hdlcServerLower?: string;
  readonly mechanism?: string;
  readonly secretCoding?: string;
  readonly responseTimeoutSeconds?: string;
  readonly interRequestMs?: string;
  readonly serialObis?: string;
  readonly serialCoding?: string;
  readonly stripZerosTo?: string;
  readonly readSerialPublicly?: string;
  readonly tokenRule?: string;
  readonly tokenService?: string;
  readonly tokenClass?: string;
  readonly tokenObis?: string;
  readonly tokenMember?: string;
  readonly tokenEncoding?: string;
  readonly relayObis?: string;
  readonly clockMethod?: string;
  /** Minutes to add to the clock's time to get UTC, where the meter doesn't say it. */
  readonly clockDeviation?: string;
  readonly profileRows?: string;
  readonly allowReverse?: string;
  readonly codesFrom?: string;
  readonly codes?: readonly string[];
}

export interface MeterTypeCredentials extends SecurityCredentials {
  secret: string;
}

const WITH_SECRET: ReadonlySet<string> = new Set(["lls", "hls", "hls-md5", "hls-sha1", "hls-sha256"]);

/** @throws DlmsError NOT_CONFIGURED or OBIS_INVALID naming the field. */
export function meterTypeOf(
  config: MeterTypeConfig,
  credentials: Partial<MeterTypeCredentials>,
  environment: Environment,
): { readonly meterType: MeterType; readonly publishedSecret: boolean } {
  const preset = choice(config.preset, "preset", Object.keys(presets) as PresetName[]) ?? "standard";
  const base = presets[preset];
  const integer = (field: keyof MeterTypeConfig, min: number, max: number): number | undefined =>
    resolveInteger(config[field], { field, min, max }, environment);
  const obis = (field: "serialObis" | "relayObis" | "tokenObis"): string | undefined => {
    const text = resolveText(config[field], { field }, environment);
    return text === "" ? undefined : formatObis(parseObis(text, field));
  };
  const seconds = integer("responseTimeoutSeconds", 1, 600);
  const mechanism = choice(config.mechanism, "mechanism", mechanismNames) ?? base.association.mechanism;
  const entered = resolveText(credentials.secret, { field: "secret" }, environment);
  const fromList = config.secretsFrom === "list";
  // A published password is no secret to prove oneself by.
  const published = mechanism === "lls" && !fromList ? base.association.secret : undefined;
  const secret = entered === "" ? published : secretOf(entered, config.secretCoding);
  if (WITH_SECRET.has(mechanism) && secret === undefined && !fromList)
    throw unusable(
      "secret",
      mechanism === "lls" ? `is missing: the preset ${preset} has no published password` : "is missing",
    );
  const security = securityOf(config, credentials, environment, mechanism);
  const isSecured = security !== undefined || (mechanism !== "none" && mechanism !== "lls");
  const octets = integer("hdlcAddressOctets", 1, 4) ?? base.association.hdlcAddressOctets;
  if (octets === 3) throw unusable("hdlcAddressOctets", "must be 1, 2 or 4");

  const meterType: MeterType = {
    ...base,
    name: resolveText(config.name, { field: "name", fallback: base.name }, environment),
    association: {
      ...base.association,
      framing: choice(config.framing, "framing", ["auto", "hdlc", "wrapper"]) ?? base.association.framing,
      clientSap: integer("clientSap", 0, 65_535) ?? usualClient(base, isSecured),
      serverSap: integer("serverSap", 0, 65_535) ?? base.association.serverSap,
      hdlcAddressOctets: octets as 1 | 2 | 4,
      ...defined("hdlcServerLower", integer("hdlcServerLower", 0, 16_383)),
      mechanism,
      ...defined("secret", WITH_SECRET.has(mechanism) ? secret : undefined),
      ...defined("security", security),
      readSerialPublicly: yesNo(config.readSerialPublicly) ?? base.association.readSerialPublicly,
      responseTimeoutMs: seconds === undefined ? base.association.responseTimeoutMs : seconds * 1_000,
      interRequestMs: integer("interRequestMs", 0, 60_000) ?? base.association.interRequestMs,
      ...linkSettingsOf(config, environment),
    },
    serial: {
      ...base.serial,
      obis: obis("serialObis") ?? base.serial.obis,
      coding: choice(config.serialCoding, "serialCoding", ["auto", "ascii", "bcd"]) ?? base.serial.coding,
      ...defined("stripZerosTo", integer("stripZerosTo", 1, 32)),
    },
    tokenRule: tokenRuleOf(config, base, integer, obis),
    relayRule: { ...base.relayRule, obis: obis("relayObis") ?? base.relayRule.obis },
    ...clockRuleOf(config, base, integer("clockDeviation", -840, 840)),
    ...defined("profileRows", integer("profileRows", 1, 100_000)),
    ...defined("pushObjects", pushObjectsOf(config)),
    defaultCodes: config.codesFrom === "list" ? ownCodes(config.codes) : base.defaultCodes,
    allowReverse: yesNo(config.allowReverse) ?? base.allowReverse,
    // A meter that opens the association itself proves itself in the same way, and in no weaker one.
    reverseMechanisms: isSecured ? [mechanism] : base.reverseMechanisms,
  };
  return { meterType, publishedSecret: mechanism === "lls" && entered === "" && !fromList };
}

/** Management client, for a type that proves itself or ciphers and whose preset has no client but the public one. */
function usualClient({ association }: MeterType, isSecured: boolean): number {
  const { clientSap, publicClientSap } = association;
  return isSecured && clientSap === publicClientSap ? 1 : clientSap;
}

function clockRuleOf(
  { clockMethod }: MeterTypeConfig,
  base: MeterType,
  deviationMinutes: number | undefined,
): Pick<MeterType, "clockRule"> {
  const method = choice(clockMethod, "clockMethod", ["set", "shift"] as const);
  if (method === undefined && deviationMinutes === undefined) return defined("clockRule", base.clockRule);
  const rule = base.clockRule ?? standardClock;
  return {
    clockRule: { ...rule, ...defined("method", method), ...defined("deviationMinutes", deviationMinutes) },
  };
}

function tokenRuleOf(
  config: MeterTypeConfig,
  base: MeterType,
  integer: (field: keyof MeterTypeConfig, min: number, max: number) => number | undefined,
  obis: (field: "tokenObis") => string | undefined,
): MeterType["tokenRule"] {
  const names = ["data-bcd", "token-gateway", "register", "credit", "custom"] as const;
  const name = choice(config.tokenRule, "tokenRule", names);
  if (name === undefined || name === base.tokenRule.name) return base.tokenRule;
  if (name !== "custom") return tokenRules[name];
  const classId = integer("tokenClass", 0, 65_535);
  const member = integer("tokenMember", 1, 127);
  const object = obis("tokenObis");
  if (classId === undefined) throw unusable("tokenClass", "is missing");
  if (object === undefined) throw unusable("tokenObis", "is missing");
  if (member === undefined) throw unusable("tokenMember", "is missing");
  const encodings = ["bcd", "ascii", "visible-string", "amount"] as const;
  return {
    name,
    request:
      config.tokenService === "action"
        ? { service: "action", classId, obis: object, methodId: member }
        : { service: "set", classId, obis: object, attributeId: member },
    encoding: choice(config.tokenEncoding, "tokenEncoding", encodings) ?? "bcd",
    status: { source: "none" },
  };
}

function ownCodes(codes: readonly string[] | undefined): readonly string[] {
  return (codes ?? []).map((code, index) => formatObis(parseObis(String(code), `codes[${index}]`)));
}

function secretOf(text: string, coding: string | undefined): Secret<Uint8Array> {
  if (coding !== "hex") return new Secret(Uint8Array.from(Buffer.from(text, "utf8")));
  const digits = text.replace(/[\s:-]/g, "");
  // The text itself must not stand in the message.
  if (!/^([0-9a-f]{2})+$/i.test(digits)) throw unusable("secret", "must be pairs of hexadecimal digits");
  return new Secret(Uint8Array.from(Buffer.from(digits, "hex")));
}

function yesNo(value: unknown): boolean | undefined {
  return value === "yes" || value === true ? true : value === "no" || value === false ? false : undefined;
}
