/** Routes of single meters: read now, object list, frame trace, disconnect. */
import {
  asDlmsError,
  attributeById,
  classById,
  type CommandResult,
  describeObis,
  DlmsError,
  type Listener,
  type MeterType,
  type ObjectListEntry,
  parseCommand,
  readMeterObjects,
} from "../../src/index.js";
import { liveListener } from "../shared/live-listeners.js";
import { attachedOf, openListeners } from "./fleet.js";
import { type AddRoute, type AdminRequest, explained, textOf } from "./http.js";
import { type Traces } from "./traces.js";

/** An object as the browser shows it. */
interface BrowsedObject {
  readonly obis: string;
  readonly classId: number;
  readonly description: string;
  readonly unit?: string;
  /** Attribute numbers that can be read and written, methods that can be called; absent when nobody knows. */
  readonly read?: readonly number[];
  readonly write?: readonly number[];
  readonly call?: readonly number[];
}

interface ObjectsAnswer {
  /** `meter`: its own list; `type`: what its meter type reads by default. */
  readonly source: "meter" | "type";
  readonly at: string;
  /** Of the meter's type. */
  readonly preset: string;
  readonly objects: readonly BrowsedObject[];
  /** Names by class: `{ "3": { name, attributes: { "2": "value" } } }` */
  readonly classes: Readonly<Record<string, { readonly name: string; readonly attributes: object }>>;
  readonly error?: object;
}

const METER = "/listeners/:listener/meters/:serial";
const READ_MS = 90_000;
const OBJECTS_MS = 60_000;
/** Object lists kept for people who come back. */
const KEPT_LISTS = 20;
const MATCHES = 20;

export function addMeterRoutes(add: AddRoute, traces: Traces): void {
  const lists = new Map<string, ObjectsAnswer>();

  add("post", `${METER}/read`, { permission: "write", timeoutMs: READ_MS }, ({ params, body }) => {
    const { listener, serial, type } = meterOf(params);
    const items = Array.isArray(body["items"]) ? { items: body["items"] } : {};
    const command = parseCommand(
      "read-meter",
      { meterSerialNumber: serial, ...items },
      { obisCodes: type.defaultCodes },
    );
    return readNow(listener, command);
  });

  add("post", `${METER}/disconnect`, { permission: "write" }, ({ params }) => {
    const { listener, serial } = meterOf(params);
    return { disconnected: listener.disconnect(serial) };
  });

  add("get", `${METER}/objects`, { permission: "read" }, ({ params }) => {
    const { key, type } = meterOf(params);
    return lists.get(key) ?? objectsOfType(type);
  });

  add(
    "post",
    `${METER}/objects`,
    { permission: "write", timeoutMs: OBJECTS_MS },
    async ({ params, signal }) => {
      const { listener, serial, type, key } = meterOf(params);
      try {
        const answer = objectsOfMeter(await readMeterObjects(listener, serial, signal), type);
        lists.delete(key);
        lists.set(key, answer);
        const oldest = lists.keys().next();
        if (lists.size > KEPT_LISTS && oldest.done !== true) lists.delete(oldest.value);
        return answer;
      } catch (caught) {
        // A meter that keeps its list to itself can still be read by what its type knows.
        return { ...objectsOfType(type), error: explained(asDlmsError(caught)) };
      }
    },
  );

  add("post", `${METER}/trace`, { permission: "read" }, ({ params, body }) => {
    const { listener, serial } = meterOf(params);
    const after = typeof body["after"] === "number" ? body["after"] : 0;
    return traces.read(params["listener"] ?? "", listener, serial, textOf(body["reader"]), after);
  });

  add("post", `${METER}/trace/end`, { permission: "read" }, ({ params, body }) => {
    const { serial } = meterOf(params);
    traces.end(params["listener"] ?? "", serial, textOf(body["reader"]));
    return {};
  });

  add("get", "/meters", { permission: "read" }, ({ query }) => {
    const id = textOf(query["listener"]);
    const places = id === "" ? openListeners() : [{ id, listener: attachedOf(id).listener }];
    return matches(places, textOf(query["q"]).toUpperCase(), (key) => lists.has(key));
  });
}

/** @throws DlmsError NOT_CONFIGURED, METER_UNKNOWN. */
function meterOf(params: AdminRequest["params"]): {
  readonly listener: Listener;
  readonly serial: string;
  readonly type: MeterType;
  readonly key: string;
} {
  const id = params["listener"] ?? "";
  const { listener } = attachedOf(id);
  const view = listener.registry.find(params["serial"] ?? "");
  if (view === undefined) throw new DlmsError("METER_UNKNOWN");
  const offer = liveListener(id)?.offer;
  if (offer === undefined || offer instanceof Error) throw new DlmsError("NOT_CONFIGURED");
  const serial = view.meterSerialNumber;
  return { listener, serial, type: offer.meterType(view.meterType), key: `${id}/${serial}` };
}

async function readNow(
  listener: Listener,
  command: Parameters<Listener["execute"]>[0],
): Promise<CommandResult & { readonly names: object; readonly explained?: object }> {
  const result = await listener.execute(command);
  const codes = (result.readings ?? []).map(({ obisCode }) => obisCode);
  const names = Object.fromEntries(codes.map((code) => [code, describeObis(code)?.description ?? ""]));
  return { ...result, names, ...(result.error === undefined ? {} : { explained: explained(result.error) }) };
}

function objectsOfMeter(entries: readonly ObjectListEntry[], type: MeterType): ObjectsAnswer {
  return answer(
    "meter",
    type,
    entries.map(({ classId, obis, attributes, methods }) => ({
      ...named(obis, classId),
      read: attributes.filter(({ read }) => read).map(({ id }) => id),
      write: attributes.filter(({ write }) => write).map(({ id }) => id),
      call: methods.filter(({ access }) => access).map(({ id }) => id),
    })),
  );
}

function objectsOfType(type: MeterType): ObjectsAnswer {
  const { defaultCodes, objects, relayRule, serial } = type;
  const codes = new Set([...defaultCodes, ...Object.keys(objects), relayRule.obis, serial.obis]);
  return answer(
    "type",
    type,
    [...codes].map((obis) => {
      const own = obis === serial.obis ? serial.classId : obis === relayRule.obis ? 70 : undefined;
      return named(obis, objects[obis]?.classId ?? describeObis(obis)?.classId ?? own ?? 1);
    }),
  );
}

function answer(
  source: ObjectsAnswer["source"],
  { preset }: MeterType,
  objects: readonly BrowsedObject[],
): ObjectsAnswer {
  const classes: Record<string, { name: string; attributes: Record<string, string> }> = {};
  for (const { classId } of objects) {
    if (classes[classId] !== undefined) continue;
    const attributes: Record<string, string> = {};
    for (let id = 1; id <= 40; id++) {
      const known = attributeById(classId, id);
      if (known !== undefined) attributes[id] = known.name;
    }
    classes[classId] = { name: classById(classId)?.name ?? `class ${classId}`, attributes };
  }
  return { source, at: new Date().toISOString(), preset, objects, classes };
}

function named(obis: string, classId: number): BrowsedObject {
  const known = describeObis(obis);
  return {
    obis,
    classId,
    description: known?.description ?? "",
    ...(known?.unit === undefined ? {} : { unit: known.unit }),
  };
}

/** Connected meters whose serial number holds the text, a few, and whether the object list of each is here. */
function matches(
  places: ReturnType<typeof openListeners>,
  text: string,
  hasList: (key: string) => boolean,
): { readonly meters: readonly object[] } {
  const meters: object[] = [];
  for (const { id, listener } of places)
    for (const { meterSerialNumber: serial, meterType, online } of listener.registry.list()) {
      if (!online || !serial.includes(text)) continue;
      meters.push({ listener: id, serial, meterType, hasList: hasList(`${id}/${serial}`) });
      if (meters.length >= MATCHES) return { meters };
    }
  return { meters };
}
