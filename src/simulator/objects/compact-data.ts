/**
 * Compact data 0-0:66.0.1.255 (class 62, version 1): the values of its capture objects as one octet-string without
 * types, and the description of those types. Captured when read, or by method 2 where the capture method says so.
 * Restrictions of captured objects are left out. Writing the list empties the buffer.
 */
import { data } from "../../axdr/build.js";
import { type TypeDescription } from "../../axdr/compact-array.js";
import { type Data, dataCodec } from "../../axdr/data.js";
import { readLength } from "../../axdr/length.js";
import { encodeAll } from "../../bytes/codec.js";
import { Reader } from "../../bytes/reader.js";
import { compactData as declared } from "../../cosem/classes/index.js";
import { parseObis } from "../../cosem/obis.js";
import { type MeterState } from "../meter-state.js";
import { itself, type ObjectStore } from "../object-store.js";
import { perMeter } from "../per-meter.js";
import { isTrigger, type MeterAttribute, type MeterObject } from "./attributes.js";
import { elementsOf, keeping, numberOf, octetsOf } from "./kept.js";
import { captureStructure } from "./selection.js";

const ON_INVOCATION = 0;
const IMPLICIT = 1;
const MAX_CAPTURED = 64;
const NOTHING = new Uint8Array(0);

const logicalName = parseObis("0-0:66.0.1.255");
const kept = keeping(declared, logicalName);
const captureObjects = kept(
  "captureObjects",
  data.array(
    (
      [
        [62, "0-0:66.0.1.255", 4],
        [8, "0-0:1.0.0.255", 2],
        [3, "1-0:1.8.0.255", 2],
        [3, "1-0:1.7.0.255", 2],
        [3, "1-0:32.7.0.255", 2],
      ] as const
    ).map(([classId, obis, attributeId]) =>
      captureStructure({ classId, logicalName: parseObis(obis), attributeId }),
    ),
  ),
  {
    accepts: (value) => {
      const elements = elementsOf(value);
      if (elements.length > MAX_CAPTURED) return "other-reason";
      return elements.every((element) => elementsOf(element).length === 4) ? "success" : "type-unmatched";
    },
    written: (meter) => {
      capturedOf(meter).buffer = NOTHING;
    },
  },
);
const captureMethod = kept("captureMethod", data.enum(IMPLICIT), {
  accepts: (value) => (numberOf(value) <= IMPLICIT ? "success" : "other-reason"),
});

const capturedOf = perMeter((): { buffer: Uint8Array } => ({ buffer: NOTHING }));

function valuesOf(meter: MeterState, t: number, store: ObjectStore<MeterState>): Data[] {
  return elementsOf(captureObjects.of(meter)).map((entry) => {
    const [classId, name, attributeId] = elementsOf(entry);
    const object = store.find(numberOf(classId), octetsOf(name));
    // Its own buffer and description would never end.
    if (object === undefined || (object === compactData && numberOf(attributeId) !== 4)) return data.null();
    return store.value(meter, object, numberOf(attributeId), t, itself);
  });
}

function descriptionOf(value: Data): TypeDescription {
  if (value.type === "structure") return { type: "structure", elements: value.value.map(descriptionOf) };
  if (value.type !== "array" && value.type !== "compact-array") return { type: value.type };
  const [first] = value.value;
  return {
    type: "array",
    count: value.value.length,
    element: first === undefined ? { type: "null-data" } : descriptionOf(first),
  };
}

/** The octets of a compact-array of one row, taken apart: its types and its values. */
function compact(values: readonly Data[]): { description: Uint8Array; contents: Uint8Array } {
  const row = data.structure(values);
  const type = descriptionOf(row);
  const empty = encodeAll(dataCodec, data.compactArray(type, []));
  // Tag before it, length 0 behind it.
  const description = empty.subarray(1, -1);
  const whole = encodeAll(dataCodec, data.compactArray(type, [row]));
  const reader = new Reader(whole.subarray(1 + description.length));
  const { length } = readLength(reader);
  return { description, contents: reader.take(length) };
}

const buffer: MeterAttribute = {
  id: 2,
  access: "r",
  get: (meter, { t, store }) =>
    data.octetString(
      numberOf(captureMethod.of(meter)) === ON_INVOCATION
        ? capturedOf(meter).buffer
        : compact(valuesOf(meter, t, store)).contents,
    ),
};

export const compactData: MeterObject = {
  classId: declared.classId,
  version: 1,
  logicalName,
  attributes: [
    buffer,
    captureObjects,
    kept("templateId", data.unsigned(1)),
    {
      id: 5,
      access: "r",
      get: (meter, { t, store }) => data.octetString(compact(valuesOf(meter, t, store)).description),
    },
    captureMethod,
  ],
  methods: [
    {
      id: 1,
      invoke: (meter, parameter) => {
        if (!isTrigger(parameter)) return "type-unmatched";
        capturedOf(meter).buffer = NOTHING;
        return "success";
      },
    },
    {
      id: 2,
      invoke: (meter, parameter, { t, store }) => {
        if (!isTrigger(parameter)) return "type-unmatched";
        if (numberOf(captureMethod.of(meter)) !== ON_INVOCATION) return "other-reason";
        capturedOf(meter).buffer = compact(valuesOf(meter, t, store)).contents;
        return "success";
      },
    },
  ],
};
