/**
 * Objects as the picker lists them, from a meter's own list or from the dictionary, and the search over them: each word
 * must occur in code, description, class or unit. Codes are read as the runtime reads them.
 */
import {
  classById,
  describeObis,
  formatObis,
  listedObis,
  type ObisDescription,
  readObis,
} from "../../../src/editor.js";
import { commonCodes } from "../common-codes.js";
import { type BrowsedObject } from "../meters/model.js";
import { word } from "../words.js";

export interface PickObject {
  readonly obis: string;
  readonly classId: number | undefined;
  readonly description: string;
  readonly unit?: string;
  /** Attributes and methods that may be used; absent when nobody has said. */
  readonly read?: readonly number[];
  readonly write?: readonly number[];
  readonly call?: readonly number[];
  /** What is searched, in lower case. */
  readonly text: string;
}

/** What an object is picked for. */
export type Purpose = "read" | "write" | "call" | "profile";

const PROFILE = 7;
const words = new Map(commonCodes.map((common) => [common.code, common.word]));

export function keyOf({ classId, obis }: PickObject): string {
  return `${classId ?? ""} ${obis}`;
}

export function ofMeter(objects: readonly BrowsedObject[]): PickObject[] {
  return objects.map((object) =>
    withText({ ...object, description: nameOf(object.obis, object.description) }),
  );
}

/** What the dictionary lists; with a preset, the objects of that family of meters stand in front. */
export function ofDictionary(preset: string): PickObject[] {
  const all = listedObis();
  const own = ({ makerNames }: ObisDescription): boolean => makerNames?.[preset] !== undefined;
  return [...all.filter(own), ...all.filter((found) => !own(found))].map(fromDictionary);
}

/** The object of a code in any form, listed or not. Undefined when it is no code. */
export function ofCode(text: string): PickObject | undefined {
  const octets = readObis(text);
  if (!(octets instanceof Uint8Array)) return undefined;
  return fromDictionary(describeObis(octets) ?? { obisCode: formatObis(octets), description: "" });
}

export function className(classId: number | undefined): string {
  if (classId === undefined) return "";
  return classById(classId)?.name ?? word("picker.class", { classId });
}

export function suits({ classId, read, write, call }: PickObject, purpose: Purpose): boolean {
  if (purpose === "profile") return classId === PROFILE;
  if (purpose === "call")
    return call === undefined
      ? classId === undefined || Object.keys(classById(classId)?.methods ?? {}).length > 0
      : call.length > 0;
  const rights = purpose === "read" ? read : write;
  return rights === undefined || rights.length > 0;
}

/** Those that fit what is typed, in their order; an object of exactly the code that is typed goes first. */
export function search(objects: readonly PickObject[], typed: string): readonly PickObject[] {
  const wanted = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return objects;
  const exact = ofCode(typed);
  const found = objects.filter(
    ({ obis, text }) => obis !== exact?.obis && wanted.every((one) => text.includes(one)),
  );
  if (exact === undefined) return found;
  const same = objects.filter(({ obis }) => obis === exact.obis);
  return [...(same.length === 0 ? [exact] : same), ...found];
}

function fromDictionary({ obisCode, classId, description, unit }: ObisDescription): PickObject {
  return withText({
    obis: obisCode,
    classId,
    description: nameOf(obisCode, description),
    ...(unit === undefined ? {} : { unit }),
  });
}

/** In the user's language where it has a word; the dictionary is English. */
function nameOf(obis: string, description: string): string {
  const key = words.get(obis);
  return key === undefined ? description : word(`obis.${key}`);
}

function withText(object: Omit<PickObject, "text">): PickObject {
  const { obis, classId, description, unit = "" } = object;
  const english = describeObis(obis)?.description ?? "";
  const text =
    `${obis} ${classId ?? ""} ${className(classId)} ${description} ${english} ${unit}`.toLowerCase();
  return { ...object, text };
}
