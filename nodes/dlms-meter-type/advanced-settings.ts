/** The folded part of the dialog: short names, proposed services, the way through a concentrator, unlabelled pushes. */
import {
  type ConformanceBit,
  conformanceBits,
  describeObis,
  formatObis,
  fromHex,
  fullConformance,
  type MeterType,
  parseObis,
} from "../../src/index.js";
import { type Environment, isRecord, resolveInteger, resolveText, unusable } from "../shared/fields.js";
import { choice, defined } from "./choices.js";

export interface AdvancedConfig {
  readonly shortNames?: boolean;
  /** `all` or `list`; empty: as the engine does by itself. */
  readonly servicesFrom?: string;
  /** Names of conformance bits with commas or white space between. */
  readonly services?: string;
  /** The meter stands behind a concentrator: its network, and its address there in hexadecimal digits. */
  readonly behindNetwork?: string;
  readonly behindDevice?: string;
  /** Rows `{ obisCode, classId, attributeId }` in the order of the values; a class that the dictionary knows may lack. */
  readonly pushObjects?: unknown;
}

/** @throws DlmsError NOT_CONFIGURED or OBIS_INVALID naming the field. */
export function linkSettingsOf(
  config: AdvancedConfig,
  environment: Environment,
): Pick<MeterType["association"], "shortNames" | "services" | "behind"> {
  return {
    ...(config.shortNames === true ? { shortNames: true } : {}),
    ...defined("services", servicesOf(config, environment)),
    ...defined("behind", behindOf(config, environment)),
  };
}

/** Undefined for an empty list. @throws DlmsError NOT_CONFIGURED or OBIS_INVALID naming row and member. */
export function pushObjectsOf({ pushObjects }: AdvancedConfig): MeterType["pushObjects"] {
  if (!Array.isArray(pushObjects) || pushObjects.length === 0) return undefined;
  return pushObjects.map((row: unknown, index) => {
    const field = `pushObjects[${index}]`;
    const { obisCode, classId, attributeId } = isRecord(row) ? row : {};
    const integer = (value: unknown, name: string, max: number): number | undefined =>
      resolveInteger(value, { field: `${field}.${name}`, min: 1, max }, () => undefined);
    const code = resolveText(obisCode, { field: `${field}.obisCode` }, () => undefined);
    const obis = parseObis(code, `${field}.obisCode`);
    const known = integer(classId, "classId", 0xffff) ?? describeObis(obis)?.classId;
    if (known === undefined) throw unusable(`${field}.classId`, "is missing");
    return {
      classId: known,
      obis: formatObis(obis),
      attributeId: integer(attributeId, "attributeId", 127) ?? 2,
      dataIndex: 0,
    };
  });
}

function servicesOf(
  { servicesFrom, services }: AdvancedConfig,
  environment: Environment,
): readonly ConformanceBit[] | undefined {
  const from = choice(servicesFrom, "servicesFrom", ["all", "list"] as const);
  if (from === undefined) return undefined;
  if (from === "all") return [...fullConformance];
  const names = resolveText(services, { field: "services" }, environment).split(/[\s,;]+/);
  const known = Object.keys(conformanceBits) as ConformanceBit[];
  return names.map((name) => {
    const bit = choice(name, "services", known);
    if (bit === undefined) throw unusable("services", "is missing");
    return bit;
  });
}

function behindOf(
  { behindNetwork, behindDevice }: AdvancedConfig,
  environment: Environment,
): MeterType["association"]["behind"] {
  const rule = { field: "behindNetwork", min: 0, max: 255 };
  const networkId = resolveInteger(behindNetwork, rule, environment);
  const digits = resolveText(behindDevice, { field: "behindDevice" }, environment).replace(/[\s:-]/g, "");
  if (digits === "") {
    if (networkId !== undefined) throw unusable("behindDevice", "is missing");
    return undefined;
  }
  if (!/^([0-9a-f]{2}){1,127}$/i.test(digits))
    throw unusable("behindDevice", "must be 1 to 127 pairs of hexadecimal digits");
  return { networkId: networkId ?? 0, deviceAddress: fromHex(digits) };
}
