/**
 * The maker's list (data/) as COSEM objects of a simulated meter: class, access and type from the list, values from
 * the behaviours. An object whose meaning the simulator does not know is a programming error, found at start.
 */
import { data } from "../../axdr/build.js";
import { type Data } from "../../axdr/data.js";
import { formatObis, obisGroups, parseObis } from "../../cosem/obis.js";
import { clockOctets } from "../behaviours/clock.js";
import { type ListedObject } from "../data/hexcell-prepaid.js";
import { type MeterState } from "../meter-state.js";
import { type Access } from "../object-store.js";
import { type MeterAttribute, type MeterObject, readOnly, scalerUnit, stored } from "./attributes.js";
import { demandTime, measured } from "./quantities.js";
import { namedValues, type Value } from "./values.js";

/** @throws RangeError for a name whose value nothing provides. */
export function listedObject(listed: ListedObject): MeterObject {
  const logicalName = parseObis(listed.obis);
  const attributes = parseAccess(listed.access).map(({ id, access }) =>
    attribute(listed, logicalName, id, access),
  );
  return { classId: listed.classId, version: 0, logicalName, attributes };
}

/** `2:R 3:RW` */
function parseAccess(text: string): { id: number; access: Access }[] {
  return text.split(" ").map((part) => {
    const [id = "", access = ""] = part.split(":");
    return { id: Number(id), access: access.toLowerCase() as Access };
  });
}

function attribute(
  listed: ListedObject,
  logicalName: Uint8Array,
  id: number,
  access: Access,
): MeterAttribute {
  if (id === 2) return value(listed, logicalName, access);
  if (id === 3) return scalerUnit(3, listed.scaler ?? 0, listed.unit);
  const when = listed.classId === 4 && id === 5 ? demandTime(obisGroups(logicalName)) : undefined;
  if (when === undefined) throw new RangeError(`nothing provides attribute ${id} of ${listed.obis}`);
  return readOnly(5, (meter, t) => data.octetString(clockOctets(when(meter, t), meter.deviationMinutes)));
}

function value(listed: ListedObject, logicalName: Uint8Array, access: Access): MeterAttribute {
  const { obis, type = "", scaler = 0 } = listed;
  const raw = measured(obisGroups(logicalName));
  if (raw !== undefined) return readOnly(2, (meter, t) => typed(type, raw(meter, t, scaler), obis));
  const named = namedValues[formatObis(logicalName)];
  if (named === undefined) throw new RangeError(`nothing provides ${obis}`);
  const get = (meter: MeterState, t: number): Data => typed(type, named.get(meter, t), obis);
  if (access !== "rw") return readOnly(2, get);
  const { set } = named;
  if (set === undefined) return stored(2, obis, (meter) => get(meter, 0));
  return {
    id: 2,
    access: "rw",
    get: (meter, { t }) => get(meter, t),
    set: (meter, written, { t }) => {
      if (written.type !== type) return "type-unmatched";
      return set(meter, (written as { value: number }).value, t) ? "success" : "other-reason";
    },
  };
}

function typed(type: string, value: Value, obis: string): Data {
  if (typeof value === "number") {
    switch (type) {
      case "unsigned":
      case "long":
      case "long-unsigned":
      case "double-long":
      case "double-long-unsigned":
        return { type, value };
    }
  } else if (typeof value === "string") {
    if (type === "visible-string" || type === "bit-string") return { type, value };
  } else if (type === "octet-string") return { type, value };
  throw new RangeError(`the value of ${obis} is no ${type}`);
}
