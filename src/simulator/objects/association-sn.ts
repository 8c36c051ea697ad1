/**
 * Short names of a simulated meter: a base name for each object of a store, and Association SN (class 12) at FA00,
 * whose list shows a caller what the object list by logical names shows it. Leaves out access rights by short names
 * and the methods of the class but the proof of identity, which is the session's.
 */
import { toHex } from "../../bytes/hex.js";
import {
  associationShortName,
  type ShortNameObject,
  shortNameList,
  shortNameSpan,
} from "../../cosem/short-names.js";
import { type MeterState } from "../meter-state.js";
import { type ObjectStore } from "../object-store.js";
import { type MeterObject } from "./attributes.js";
import { elementsOf, numberOf, octetsOf } from "./kept.js";

const FIRST_NAME = 0x0100;
const STEP = 8;
/** Class 12 takes up these. */
const ASSOCIATION = { from: associationShortName.baseName, to: associationShortName.baseName + 0x80 };

const known = new WeakMap<ObjectStore<MeterState>, readonly ShortNameObject[]>();

/** Where each object stands; those beyond the last name have none. */
export function shortNamesOf(store: ObjectStore<MeterState>): readonly ShortNameObject[] {
  const made = known.get(store) ?? allocate(store);
  known.set(store, made);
  return made;
}

function allocate({ objects }: ObjectStore<MeterState>): ShortNameObject[] {
  const named: ShortNameObject[] = [];
  let next = FIRST_NAME;
  for (const { classId, version, logicalName, attributes, methods = [] } of objects) {
    if (classId === associationShortName.classId) continue;
    const last = (members: readonly { readonly id: number }[]): number =>
      Math.max(0, ...members.map(({ id }) => id));
    const span = shortNameSpan({ classId, version }, Math.max(1, last(attributes)), last(methods));
    if (next < ASSOCIATION.to && next + span > ASSOCIATION.from) next = ASSOCIATION.to;
    if (next + span > 0x1_0000) break;
    named.push({ baseName: next, classId, version, logicalName });
    next += Math.ceil(span / STEP) * STEP;
  }
  return named;
}

export const associationSn: MeterObject = {
  classId: associationShortName.classId,
  version: associationShortName.version,
  logicalName: associationShortName.logicalName,
  open: true,
  attributes: [
    {
      id: 2,
      access: "r",
      get: (meter, { store, caller }) => {
        const shown = new Set(
          elementsOf(store.objectList(meter, caller)).map((element) => {
            const [classId, , name] = elementsOf(element);
            return keyOf(numberOf(classId), octetsOf(name));
          }),
        );
        const visible = shortNamesOf(store).filter(({ classId, logicalName }) =>
          shown.has(keyOf(classId, logicalName)),
        );
        return shortNameList([associationShortName, ...visible]);
      },
    },
  ],
};

function keyOf(classId: number, logicalName: Uint8Array): string {
  return `${classId} ${toHex(logicalName)}`;
}
