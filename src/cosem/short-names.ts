/**
 * Short names (IEC 62056-6-2): an object has a base name, an attribute stands 8 octets behind the one before, methods
 * begin at an offset that depends on the class. Which object has which base name, the object list of Association SN
 * (class 12) tells; that one object stands at FA00. Leaves out access rights by short names.
 */
import { data, type Data } from "../axdr/index.js";
import { toHex } from "../bytes/hex.js";
import { DlmsError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import { classById } from "./classes/index.js";
import { methodsOf } from "./interface-class.js";

export interface ShortNameObject {
  /** 0 to FFFF. */
  readonly baseName: number;
  readonly classId: number;
  readonly version: number;
  /** Six octets. */
  readonly logicalName: Uint8Array;
}

/** Where a class's first method stands, in octets behind the base name, for classes that are declared without or otherwise. */
export type MethodOffsets = Readonly<Record<number, number>>;

/** What a short name means. */
export type ShortNameTarget =
  | { readonly object: ShortNameObject; readonly attributeId: number }
  | { readonly object: ShortNameObject; readonly methodId: number };

const STEP = 8;

/** The association that a client speaks in: the one object that needs no list. */
export const associationShortName: ShortNameObject = {
  baseName: 0xfa00,
  classId: 12,
  version: 0,
  logicalName: Uint8Array.of(0, 0, 40, 0, 0, 255),
};

/** Objects by their names, both ways. */
export class ShortNames {
  readonly #byName = new Map<string, ShortNameObject>();
  readonly #inOrder: readonly ShortNameObject[];
  readonly #offsets: MethodOffsets;

  /** Of two objects with the same class and logical name the first counts. */
  constructor(objects: readonly ShortNameObject[], offsets: MethodOffsets = {}) {
    this.#offsets = offsets;
    for (const object of [associationShortName, ...objects]) {
      const key = keyOf(object.classId, object.logicalName);
      if (!this.#byName.has(key)) this.#byName.set(key, object);
    }
    this.#inOrder = [...this.#byName.values()].sort((a, b) => a.baseName - b.baseName);
  }

  find(classId: number, logicalName: Uint8Array): ShortNameObject | undefined {
    return this.#byName.get(keyOf(classId, logicalName));
  }

  /** The short name of an attribute; undefined where none is left for it. */
  attribute({ baseName }: ShortNameObject, attributeId: number): number | undefined {
    const name = baseName + STEP * (attributeId - 1);
    return attributeId >= 1 && name <= 0xffff ? name : undefined;
  }

  /** The short name of a method; undefined where it is not known for the class. */
  method(object: ShortNameObject, methodId: number): number | undefined {
    const offset = this.#methodOffset(object);
    if (offset === undefined || methodId < 1) return undefined;
    const name = object.baseName + offset + STEP * (methodId - 1);
    return name <= 0xffff ? name : undefined;
  }

  /** What stands at this name; undefined when it is between names or before all objects. */
  resolve(name: number): ShortNameTarget | undefined {
    let object: ShortNameObject | undefined;
    for (const candidate of this.#inOrder) {
      if (candidate.baseName > name) break;
      object = candidate;
    }
    if (object === undefined || (name - object.baseName) % STEP !== 0) return undefined;
    const place = name - object.baseName;
    const offset = this.#methodOffset(object);
    if (offset !== undefined && place >= offset) return { object, methodId: (place - offset) / STEP + 1 };
    return { object, attributeId: place / STEP + 1 };
  }

  #methodOffset({ classId, version }: ShortNameObject): number | undefined {
    return this.#offsets[classId] ?? methodOffsetOf(classId, version);
  }
}

/**
 * Octets from the base name to method 1. Unknown for versions whose attributes reach beyond it: what is declared holds
 * for the versions before those (class 40 from version 1 on).
 */
function methodOffsetOf(classId: number, version: number): number | undefined {
  const declared = classById(classId);
  if (declared?.methodOffset === undefined) return undefined;
  const ids = Object.values(declared.attributes).map(({ id, since = 0 }) => (since <= version ? id : 0));
  return STEP * Math.max(...ids) > declared.methodOffset ? undefined : declared.methodOffset;
}

/** Whether a method gives something back, so that it is read and not written. */
export function returnsData(classId: number, methodId: number): boolean {
  const declared = classById(classId);
  const method = declared && methodsOf(declared).find(({ id }) => id === methodId);
  return method?.returns !== undefined;
}

/** How many octets of short names an object takes up. */
export function shortNameSpan(
  { classId, version }: Pick<ShortNameObject, "classId" | "version">,
  lastAttributeId: number,
  lastMethodId: number,
): number {
  const offset = methodOffsetOf(classId, version);
  const methods = offset === undefined || lastMethodId === 0 ? 0 : offset + STEP * lastMethodId;
  return Math.max(STEP * lastAttributeId, methods);
}

/**
 * object_list of Association SN. Elements that make no sense are left out.
 * @throws DlmsError TYPE_UNMATCHED when it is no array, LIMIT_EXCEEDED
 */
export function parseShortNameList(list: Data): readonly ShortNameObject[] {
  if (list.type !== "array")
    throw new DlmsError("TYPE_UNMATCHED", `The object list of short names is a ${list.type}.`);
  if (list.value.length > limits.objectListEntries)
    throw new DlmsError("LIMIT_EXCEEDED", `The object list has ${list.value.length} entries.`);
  return list.value.flatMap((element) => {
    if (element.type !== "structure") return [];
    const [base, classId, version, logicalName] = element.value;
    if (logicalName?.type !== "octet-string" || logicalName.value.length !== 6) return [];
    const numbers = [base, classId, version].map((item) =>
      item !== undefined && "value" in item && typeof item.value === "number" ? item.value : NaN,
    ) as [number, number, number];
    if (numbers.some((number) => !Number.isInteger(number))) return [];
    // The base name is a signed number on the wire: FA00 comes as -1536.
    return [
      {
        baseName: numbers[0] & 0xffff,
        classId: numbers[1],
        version: numbers[2],
        logicalName: logicalName.value,
      },
    ];
  });
}

export function shortNameList(objects: readonly ShortNameObject[]): Data {
  return data.array(
    objects.map(({ baseName, classId, version, logicalName }) =>
      data.structure([
        data.long((baseName << 16) >> 16),
        data.longUnsigned(classId),
        data.unsigned(version),
        data.octetString(logicalName),
      ]),
    ),
  );
}

function keyOf(classId: number, logicalName: Uint8Array): string {
  return `${classId} ${toHex(logicalName)}`;
}
