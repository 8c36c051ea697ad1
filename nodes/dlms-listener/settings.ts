/** From the dialog's fields to a listener's options; every unusable field named. */
import { resolve } from "node:path";
import { type NodeDef } from "node-red";
import {
  dialects,
  listenerLimits,
  type ListenerOptions,
  type MeterType,
  type MeterTypeRule,
  patternDialect,
  type PatternDeclaration,
} from "../../src/index.js";
import { type NodeTools, offeredBy } from "../shared/define-node.js";
import { resolveInteger, resolveText, unusable } from "../shared/fields.js";
import { givenLimits } from "../shared/given-limits.js";
import { tlsSettings } from "../shared/tls-settings.js";
import { type StoreSettings } from "../shared/listener-handle.js";

/** How many rules the dialog holds; each names its type in `ruleType1` … */
export const ruleCount = 6;

type RuleTypes = { readonly [K in `ruleType${1 | 2 | 3 | 4 | 5 | 6}`]?: string };

export interface ListenerNodeConfig extends NodeDef, RuleTypes {
  readonly port?: string;
  readonly host?: string;
  readonly framing?: string;
  readonly meterType?: string;
  readonly rules?: readonly { readonly by: string; readonly value: string }[];
  readonly silenceSeconds?: string;
  readonly idleMinutes?: string;
  /** A `tls-config` node; empty: no TLS. */
  readonly tls?: string;
  /** `required`: meters show a certificate of its CA. */
  readonly clientCertificates?: string;
  /** Addresses and networks, with white space or commas between. */
  readonly allow?: string;
  readonly deny?: string;
  readonly proxies?: string;
  readonly maxLinks?: string;
  readonly maxLinksPerAddress?: string;
  readonly acceptsPerSecond?: string;
  readonly handshakeSeconds?: string;
  readonly identifySeconds?: string;
  readonly maxStrangerBytes?: string;
  readonly maxFrameBytes?: string;
  readonly frameSeconds?: string;
  readonly maxApduBytes?: string;
  readonly requestSeconds?: string;
  readonly maxCommandsPerMeter?: string;
  readonly maxCommands?: string;
  readonly concurrentAssociations?: string;
  readonly concurrentProbes?: string;
  readonly logLinesPerSecond?: string;
  /** A JSON list of pattern declarations. */
  readonly patterns?: string;
  /** Of the store; a relative one is in the user directory. */
  readonly storeFile?: string;
  readonly storeMegabytes?: string;
  readonly allowVolatile?: boolean;
  readonly offline?: string;
  /** `file` or `flow`; empty: only meter types have keys. */
  readonly keysFrom?: string;
  /** A relative one is in the user directory. */
  readonly keysFile?: string;
}

export interface ListenerCredentials {
  /** The key that the secrets of the key list are encrypted under. */
  keysMaster: string;
}

const conditions = ["dialect", "serialPrefix", "manufacturer", "remoteAddress"] as const;

/** @throws DlmsError naming the field, also the reason of a meter type that is itself unusable. */
export function listenerOptions(tools: NodeTools<ListenerNodeConfig, ListenerCredentials>): ListenerOptions {
  const { RED, config, environment } = tools;
  const integer = (field: keyof ListenerNodeConfig, min: number, max: number): number | undefined =>
    resolveInteger(config[field], { field, min, max }, environment);
  const framing = config.framing === "hdlc" || config.framing === "wrapper" ? config.framing : "auto";
  const port = resolveInteger(
    config.port,
    { field: "port", variable: "DLMS_PORT", fallback: "4000", min: 1, max: 65_535 },
    environment,
  );
  const host = resolveText(
    config.host,
    { field: "host", variable: "GATEWAY_HOST", fallback: "0.0.0.0" },
    environment,
  );
  const silence = integer("silenceSeconds", 1, 3_600);
  const idle = integer("idleMinutes", 1, 100_000);
  return {
    name: config.name || `:${port}`,
    port,
    host,
    framing,
    ...(config.meterType
      ? { defaultMeterType: offeredBy<MeterType>(RED, config.meterType, "meterType") }
      : {}),
    meterTypeRules: meterTypeRules(tools),
    dialects: [...ownDialects(config.patterns), ...dialects],
    ...givenLimits(listenerLimits, config, environment),
    ...access(tools),
    times: {
      ...(silence === undefined ? {} : { silenceMs: silence * 1_000 }),
      ...(idle === undefined ? {} : { idleMs: idle * 60_000 }),
    },
  };
}

/** Who may connect, and by what. @throws DlmsError naming the field. */
function access({
  RED,
  config,
  environment,
}: NodeTools<ListenerNodeConfig, ListenerCredentials>): Pick<ListenerOptions, "access" | "proxies" | "tls"> {
  const list = (field: "allow" | "deny" | "proxies"): readonly string[] =>
    resolveText(config[field], { field }, environment)
      .split(/[\s,;]+/)
      .filter((entry) => entry !== "");
  const tls = tlsSettings(RED, config.tls, "tls");
  const requireClientCertificate = config.clientCertificates === "required";
  if (tls === undefined && requireClientCertificate)
    throw unusable("clientCertificates", "needs TLS to be chosen");
  const { cert, key } = tls ?? {};
  if (tls !== undefined && (cert === undefined || key === undefined))
    throw unusable("tls", "has no certificate and private key, which a port needs");
  return {
    access: { allow: list("allow"), deny: list("deny") },
    proxies: list("proxies"),
    ...(tls === undefined || cert === undefined || key === undefined
      ? {}
      : { tls: { ...tls, cert, key, requireClientCertificate } }),
  };
}

const DEFAULT_STORE_MEGABYTES = 2_048;

/** @throws DlmsError naming the field. */
export function storeSettings({
  RED,
  config,
  environment,
}: NodeTools<ListenerNodeConfig, ListenerCredentials>): StoreSettings {
  const rule = { field: "storeFile", variable: "DLMS_STORE", fallback: "dlms-gateway.sqlite" };
  const { userDir } = RED.settings as { readonly userDir?: string };
  const megabytes = resolveInteger(
    config.storeMegabytes,
    { field: "storeMegabytes", variable: "DLMS_STORE_MB", min: 1, max: 1_048_576 },
    environment,
  );
  return {
    megabytes: megabytes ?? DEFAULT_STORE_MEGABYTES,
    file: resolve(userDir ?? "", resolveText(config.storeFile, rule, environment)),
    allowVolatile: config.allowVolatile === true,
    offline: config.offline === "fail" ? "fail" : "wait",
  };
}

function meterTypeRules({
  RED,
  config,
}: NodeTools<ListenerNodeConfig, ListenerCredentials>): MeterTypeRule[] {
  const rules: MeterTypeRule[] = [];
  for (let number = 1; number <= ruleCount; number += 1) {
    const field = `ruleType${number}` as keyof RuleTypes;
    if (!config[field]) continue;
    const meterType = offeredBy<MeterType>(RED, config[field], field);
    const row = config.rules?.[number - 1];
    const by = conditions.find((condition) => condition === row?.by);
    const value = row?.value.trim() ?? "";
    if (by === undefined || value === "") throw unusable(`rule ${number}`, "has no condition");
    rules.push({ meterType, [by]: value });
  }
  return rules;
}

function ownDialects(text: string | undefined): ReturnType<typeof patternDialect>[] {
  if (text === undefined || text.trim() === "") return [];
  let declarations: unknown;
  try {
    declarations = JSON.parse(text);
  } catch (caught) {
    throw unusable("patterns", `must be a JSON list (${caught instanceof Error ? caught.message : ""})`);
  }
  if (!Array.isArray(declarations)) throw unusable("patterns", "must be a JSON list");
  return declarations.map((declaration: unknown, index) => {
    if (typeof declaration !== "object" || declaration === null || !("match" in declaration))
      throw unusable(`patterns[${index}]`, "must be an object with a name and a match");
    return patternDialect(declaration as PatternDeclaration);
  });
}
