/**
 * object_list of Association LN (class 15, attribute 2): what objects a meter shows and what a client may do with
 * each. Access modes are a number up to association version 2 and bits from 3 on; both read the same here. Tolerant:
 * a count that lies, selectors missing, method access as boolean, elements that make no sense.
 */
import { Reader } from "../bytes/reader.js";
import { type Data, data, dataCodec, readLength } from "../axdr/index.js";
import { DecodeError, DlmsError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import { formatObis, parseObis } from "./obis.js";

export interface AttributeAccess {
  readonly id: number;
  readonly read: boolean;
  readonly write: boolean;
  /** Whether the meter wants the request authenticated by ciphering. */
  readonly authenticated: boolean;
  /** As sent. */
  readonly mode: number;
  readonly selectors: readonly number[];
}

export interface MethodAccess {
  readonly id: number;
  readonly access: boolean;
  readonly authenticated: boolean;
  readonly mode: number;
}

export interface ObjectListEntry {
  readonly classId: number;
  readonly version: number;
  /** `1-0:1.8.0.255` */
  readonly obis: string;
  readonly attributes: readonly AttributeAccess[];
  readonly methods: readonly MethodAccess[];
}

export interface ObjectListOptions {
  /** Version of the association object, when known; else the highest class 15 in the list tells. */
  readonly associationVersion?: number;
  /** Told of each element that is no object list element; it is left out. */
  readonly onUnreadable?: (reason: string, index: number) => void;
}

interface RawEntry {
  readonly classId: number;
  readonly version: number;
  readonly obis: string;
  readonly attributes: readonly {
    readonly id: number;
    readonly mode: number;
    readonly selectors: readonly number[];
  }[];
  readonly methods: readonly { readonly id: number; readonly mode: number }[];
}

/** @throws DlmsError TYPE_UNMATCHED when it is no array at all; LIMIT_EXCEEDED above limits.objectListEntries. */
export function parseObjectList(list: Data, options: ObjectListOptions = {}): readonly ObjectListEntry[] {
  if (list.type !== "array" && list.type !== "compact-array")
    throw new DlmsError("TYPE_UNMATCHED", `the object list is ${list.type}, not an array`, {
      field: "objectList",
    });
  if (list.value.length > limits.objectListEntries)
    throw new DlmsError("LIMIT_EXCEEDED", `the object list has ${list.value.length} elements`, {
      field: "objectList",
    });
  const raw = list.value.flatMap((element, i) => {
    const entry = rawEntry(element);
    if (typeof entry !== "string") return [entry];
    options.onUnreadable?.(entry, i);
    return [];
  });
  const version =
    options.associationVersion ?? Math.max(0, ...raw.filter((e) => e.classId === 15).map((e) => e.version));
  return raw.map((entry) => ({
    ...entry,
    attributes: entry.attributes.map((access) => ({ ...access, ...attributeRights(access.mode, version) })),
    methods: entry.methods.map((access) => ({ ...access, ...methodRights(access.mode, version) })),
  }));
}

/**
 * The same from A-XDR octets, for meters whose stated count is wrong: elements are taken to the end of the octets,
 * whatever the count says. @throws DecodeError when an element does not decode.
 */
export function decodeObjectList(
  octets: Uint8Array,
  options: ObjectListOptions = {},
): readonly ObjectListEntry[] {
  const reader = new Reader(octets);
  const tag = reader.u8();
  if (tag !== 1) throw new DecodeError("an array is expected", 0, "objectList");
  readLength(reader);
  const elements: Data[] = [];
  while (reader.remaining > 0 && elements.length <= limits.objectListEntries)
    elements.push(dataCodec.decode(reader));
  return parseObjectList(data.array(elements), options);
}

/** Modes 0..6 up to version 2; from 3 on bits: 01 read, 02 write, 04 authenticated request, 20 authenticated response. */
function attributeRights(
  mode: number,
  version: number,
): { read: boolean; write: boolean; authenticated: boolean } {
  if (version >= 3 || mode > 6)
    return { read: (mode & 1) !== 0, write: (mode & 2) !== 0, authenticated: (mode & 0x04) !== 0 };
  const kind = mode > 3 ? mode - 3 : mode;
  return { read: (kind & 1) !== 0, write: (kind & 2) !== 0, authenticated: mode > 3 };
}

function methodRights(mode: number, version: number): { access: boolean; authenticated: boolean } {
  if (version >= 3 || mode > 2) return { access: (mode & 1) !== 0, authenticated: (mode & 0x04) !== 0 };
  return { access: mode > 0, authenticated: mode === 2 };
}

/** The reason as text when the element is none. */
function rawEntry(element: Data): RawEntry | string {
  const [classId, version, name, rights] = items(element);
  if (name?.type !== "octet-string" || name.value.length !== 6) return "the logical name is not 6 octets";
  const id = numberOf(classId);
  if (id === undefined) return "the class id is no number";
  const [attributes, methods] = items(rights);
  return {
    classId: id,
    version: numberOf(version) ?? 0,
    obis: formatObis(name.value),
    attributes: items(attributes).flatMap((access) => {
      const [attributeId, mode, selectors] = items(access);
      const found = numberOf(attributeId);
      return found === undefined
        ? []
        : [
            {
              id: found,
              mode: numberOf(mode) ?? 0,
              selectors: items(selectors).flatMap((s) => numberOf(s) ?? []),
            },
          ];
    }),
    methods: items(methods).flatMap((access) => {
      const [methodId, mode] = items(access);
      const found = numberOf(methodId);
      return found === undefined ? [] : [{ id: found, mode: numberOf(mode) ?? 0 }];
    }),
  };
}

function items(value: Data | undefined): readonly Data[] {
  return value?.type === "array" || value?.type === "structure" || value?.type === "compact-array"
    ? value.value
    : [];
}

function numberOf(value: Data | undefined): number | undefined {
  if (value === undefined || !("value" in value)) return undefined;
  if (typeof value.value === "boolean") return value.value ? 1 : 0;
  return typeof value.value === "number" ? value.value : undefined;
}

/** What a server says of one object. `mode` as the association's version wants it. */
export interface ObjectDeclaration {
  readonly classId: number;
  readonly version: number;
  readonly obis: string;
  readonly attributes: readonly {
    readonly id: number;
    readonly mode: number;
    readonly selectors?: readonly number[];
  }[];
  readonly methods?: readonly { readonly id: number; readonly mode: number }[];
}

/** One object list element; method access is boolean for association version 0, enum later. */
export function objectListElement(object: ObjectDeclaration, associationVersion = 1): Data {
  return data.structure([
    data.longUnsigned(object.classId),
    data.unsigned(object.version),
    data.octetString(parseObis(object.obis)),
    data.structure([
      data.array(
        object.attributes.map(({ id, mode, selectors = [] }) =>
          data.structure([
            data.integer(id),
            data.enum(mode),
            selectors.length === 0 ? data.null() : data.array(selectors.map(data.integer)),
          ]),
        ),
      ),
      data.array(
        (object.methods ?? []).map(({ id, mode }) =>
          data.structure([
            data.integer(id),
            associationVersion === 0 ? data.boolean(mode > 0) : data.enum(mode),
          ]),
        ),
      ),
    ]),
  ]);
}

/** The whole list. */
export function buildObjectList(objects: readonly ObjectDeclaration[], associationVersion = 1): Data {
  return data.array(objects.map((object) => objectListElement(object, associationVersion)));
}
