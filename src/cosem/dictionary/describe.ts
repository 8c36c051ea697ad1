/**
 * What an OBIS code stands for: words, interface class, the attribute people mean, the usual unit. The unit is a
 * hint for pickers: scaler and unit of a reading always come from the meter.
 */
import { type ObisGroups, formatObis, obisGroups, parseObis } from "../obis.js";
import { abstractRows } from "./abstract.js";
import {
  type Measurement,
  type Quantity,
  electricityRows,
  harmonicQuantities,
  measurements,
  phaseQuantities,
  singleQuantities,
} from "./electricity.js";
import { hexcellLines } from "./hexcell.js";
import { mediaRows } from "./media.js";
import { type Pattern, compile, fill, matches } from "./pattern.js";

export interface ObisDescription {
  readonly obisCode: string;
  /** English; the standard's meaning where there is one, else the maker's name. */
  readonly description: string;
  readonly classId?: number;
  readonly attributeId?: number;
  /** What such values usually are in; never to be applied to a reading. */
  readonly unit?: string;
  /** What makers call it, by meter family; several makers use one code for different things. */
  readonly makerNames?: Readonly<Record<string, string>>;
}

export interface MakerObject {
  readonly family: string;
  readonly name: string;
  readonly classId?: number;
  readonly unit?: string;
}

interface Meaning {
  readonly description: string;
  readonly classId: number;
  readonly unit?: string;
  /** The standard only numbers such objects; what each holds is the maker's choice. */
  readonly numbered?: boolean;
}

/** The attribute that holds what people mean by "the value", where that is not attribute 2. */
const defaultAttributes: Readonly<Record<number, number>> = { 18: 6, 111: 5, 115: 6 };

export function defaultAttribute(classId: number): number {
  return defaultAttributes[classId] ?? 2;
}

export const patterns: readonly Pattern[] = [...abstractRows, ...electricityRows, ...mediaRows].map(compile);

export const makerObjects: ReadonlyMap<string, MakerObject> = new Map(
  hexcellLines
    .trim()
    .split("\n")
    .map((line) => {
      const [obis, classId, name, unit] = line.split(";") as [string, string, string, string?];
      const object: MakerObject = {
        family: "hexcell",
        name,
        ...classOf(classId, unit),
        ...(unit === undefined ? {} : { unit }),
      };
      return [obis, object];
    }),
);

/** Where the list is silent about the class, a unit tells: only registers have one. */
function classOf(classId: string, unit: string | undefined): { classId?: number } {
  if (classId !== "") return { classId: Number(classId) };
  return unit === undefined ? {} : { classId: 3 };
}

/** @throws UsageError OBIS_INVALID. Undefined when neither the standard nor a maker's list knows the code. */
export function describeObis(obis: string | Uint8Array): ObisDescription | undefined {
  const octets = typeof obis === "string" ? parseObis(obis) : obis;
  const obisCode = formatObis(octets);
  const maker = makerObjects.get(obisCode);
  const meaning = standardMeaning(obisGroups(octets));
  if (meaning === undefined && maker === undefined) return undefined;
  // A maker's own list is better evidence of the class than the rule: some use a code for another thing.
  const classId = maker?.classId ?? (meaning?.classId || undefined);
  const unit = meaning?.unit ?? maker?.unit;
  return {
    obisCode,
    description: words(meaning, maker),
    ...(classId === undefined ? {} : { classId, attributeId: defaultAttribute(classId) }),
    ...(unit === undefined ? {} : { unit }),
    ...(maker === undefined ? {} : { makerNames: { [maker.family]: maker.name } }),
  };
}

function words(meaning: Meaning | undefined, maker: MakerObject | undefined): string {
  if (meaning === undefined) return maker?.name ?? "";
  if (maker === undefined || meaning.numbered !== true) return meaning.description;
  return `${meaning.description} (${maker.family}: ${maker.name})`;
}

/** Class and attribute to read when nothing better (request, object list, meter type) tells. */
export function inferObject(obis: string | Uint8Array): { classId: number; attributeId: number } | undefined {
  const found = describeObis(obis);
  if (found?.classId === undefined || found.attributeId === undefined) return undefined;
  return { classId: found.classId, attributeId: found.attributeId };
}

function standardMeaning(obis: ObisGroups): Meaning | undefined {
  const pattern = patterns.find((candidate) => matches(candidate, obis));
  if (pattern !== undefined) {
    return {
      description: fill(pattern.description, obis) + channel(obis, pattern.description) + stored(obis),
      classId: pattern.classId,
      numbered: pattern.description.includes("{e}"),
      ...(pattern.unit === undefined ? {} : { unit: pattern.unit }),
    };
  }
  return obis.a === 1 ? electricity(obis) : undefined;
}

/** The quantity of C and the phase it belongs to. */
export function quantityOf(c: number): { quantity: Quantity; phase: string } | undefined {
  const single = singleQuantities[c];
  if (single !== undefined) return { quantity: single, phase: "" };
  if (c < 1 || c > 80) return undefined;
  const phase = Math.floor((c - 1) / 20);
  const quantity = phaseQuantities[(c - 1) % 20] as Quantity;
  return { quantity, phase: phase === 0 ? "" : ` L${phase}` };
}

function electricity(obis: ObisGroups): Meaning | undefined {
  const found = quantityOf(obis.c);
  const measurement = measurements[obis.d];
  if (found === undefined || measurement === undefined) return undefined;
  const { quantity, phase } = found;
  const asEnergy = measurement.integral && quantity.energy !== undefined;
  const name = asEnergy ? quantity.energy : quantity.power;
  const unit = measurement.integral ? (quantity.energyUnit ?? undefined) : quantity.unit;
  const parts = [withPhase(name, phase), measurement.words, ofE(obis, measurement)].filter(
    (part) => part !== "",
  );
  return {
    description: parts.join(", ") + channel(obis, "") + stored(obis),
    classId: measurement.classId,
    ...(unit === undefined || !unitKept(obis.d) ? {} : { unit }),
  };
}

/** `Active power L1 import (+A)`: the phase stands behind the quantity, before the direction. */
function withPhase(name: string, phase: string): string {
  const at =
    /^(?:Active|Reactive|Apparent) (?:power|energy)|^Power factor|^Ampere-hours|^\w+/.exec(name)?.[0] ?? name;
  return at + phase + name.slice(at.length);
}

/** Counters and durations are not in the quantity's unit. */
function unitKept(d: number): boolean {
  return ![32, 33, 36, 37, 40, 41, 43, 44, 45].includes(d);
}

function ofE({ c, d, e }: ObisGroups, measurement: Measurement): string {
  if (c === 81 && d === 7) return angle(e);
  if (measurement.tariff) return e === 0 ? "total" : e <= 63 ? `tariff ${e}` : `E ${e}`;
  if (e === 0) return "";
  if (d === 7 && harmonicQuantities.has(c)) return harmonic(e);
  return `E ${e}`;
}

function harmonic(e: number): string {
  if (e === 1) return "fundamental";
  if (e <= 120) return `harmonic ${e}`;
  return e === 124 ? "total harmonic distortion" : e === 125 ? "total demand distortion" : `E ${e}`;
}

/** E of 1-0:81.7.e is two digits: against what, and which vector: 4 is I L1 against U L1. */
function angle(e: number): string {
  const vectors = ["U L1", "U L2", "U L3", undefined, "I L1", "I L2", "I L3", "I N"];
  const against = vectors[Math.floor(e / 10)];
  const vector = vectors[e % 10];
  return against === undefined || vector === undefined ? `E ${e}` : `${vector} to ${against}`;
}

/** Names the channel unless the words did. */
function channel({ b }: ObisGroups, words: string): string {
  return b === 0 || words.includes("{b}") ? "" : `, channel ${b}`;
}

/** F: 255 is the present value, 0..99 a billing period's. */
function stored({ f }: ObisGroups): string {
  if (f === 255) return "";
  return f <= 99 ? `, billing period ${f}` : `, stored value ${f}`;
}
