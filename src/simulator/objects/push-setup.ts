/**
 * Push setup 0-0:25.9.0.255 (class 40, version 1): method 1 sends what the object list names, one value each in the
 * order of the list, after a random wait within the start interval and only in a communication window. Without a
 * connection it tries again as often and as late as it says. The destination is shown and kept; a meter pushes over
 * the connection it has. Protection is that of the association: push_protection_parameters stays empty.
 */
import { data } from "../../axdr/build.js";
import { type Data } from "../../axdr/data.js";
import { type CosemDateTime, decodeDateTime } from "../../axdr/date-time.js";
import { fromLatin1 } from "../../bytes/hex.js";
import { pushSetup as declared } from "../../cosem/classes/index.js";
import { parseObis } from "../../cosem/obis.js";
import { nextOccurrence } from "../behaviours/occurrence.js";
import { chance } from "../behaviours/random.js";
import { type MeterState } from "../meter-state.js";
import { itself, type ObjectStore } from "../object-store.js";
import { perMeter } from "../per-meter.js";
import { instantOfWall, wallAt } from "../wall-clock.js";
import { isTrigger, type MeterObject } from "./attributes.js";
import { elementsOf, keeping, numberOf, octetsOf } from "./kept.js";
import { captureStructure } from "./selection.js";

const MAX_PUSHED = 64;
const TCP = 0;
const A_XDR = 0;

const logicalName = parseObis("0-0:25.9.0.255");

/** The serial number first, so that whoever gets it knows whose it is, then the name of this list. */
const PUSHED = data.array(
  (
    [
      [1, "0-0:96.1.0.255", 2],
      [40, "0-0:25.9.0.255", 1],
      [8, "0-0:1.0.0.255", 2],
      [3, "1-0:1.8.0.255", 2],
      [3, "1-0:32.7.0.255", 2],
      [3, "1-0:31.7.0.255", 2],
      [3, "1-0:96.66.0.255", 2],
      [70, "0-0:96.3.10.255", 3],
    ] as const
  ).map(([classId, obis, attributeId]) =>
    captureStructure({ classId, logicalName: parseObis(obis), attributeId }),
  ),
);

const kept = keeping(declared, logicalName);
const objectList = kept("pushObjectList", PUSHED, {
  accepts: (value) => {
    const elements = elementsOf(value);
    if (elements.length > MAX_PUSHED) return "other-reason";
    // Restricted captures came with version 2.
    return elements.every((element) => elementsOf(element).length === 4) ? "success" : "type-unmatched";
  },
});
const destination = kept(
  "sendDestinationAndMethod",
  data.structure([data.enum(TCP), data.octetString(fromLatin1("gateway.example:4000")), data.enum(A_XDR)]),
);
const windows = kept("communicationWindow", data.array([]));
const startInterval = kept("randomisationStartInterval", data.longUnsigned(0));
const retries = kept("numberOfRetries", data.unsigned(3));
const repetitionDelay = kept("repetitionDelay", data.longUnsigned(60), {
  accepts: (value) => (value.type === "long-unsigned" ? "success" : "type-unmatched"),
});

interface Pending {
  /** Epoch ms; undefined while there is nothing to push. */
  due: number | undefined;
  tries: number;
  /** How often push was called: each wait is another one. */
  calls: number;
}

const pendingOf = perMeter((): Pending => ({ due: undefined, tries: 0, calls: 0 }));

/** `t`, or the next beginning of a communication window; undefined when none comes. */
function inWindow(meter: MeterState, t: number): number | undefined {
  const all = elementsOf(windows.of(meter));
  if (all.length === 0) return t;
  const wall = wallAt(meter, t);
  const times = all.flatMap((window) => {
    const [start, end] = elementsOf(window).map((time) => decodeDateTime(octetsOf(time))) as [
      CosemDateTime,
      CosemDateTime,
    ];
    const opens = nextOccurrence(start, start, wall);
    const closes = nextOccurrence(end, end, wall);
    if (closes === undefined) return [];
    return opens === undefined || closes < opens ? [wall] : [opens];
  });
  return times.length === 0 ? undefined : instantOfWall(meter, t, Math.min(...times));
}

function begin(meter: MeterState, t: number): void {
  const pending = pendingOf(meter);
  const interval = numberOf(startInterval.of(meter)) * 1_000;
  const wait = Math.floor(chance(meter.options.seed, 40, pending.calls++) * interval);
  pending.tries = 0;
  pending.due = inWindow(meter, t + wait);
  if (pending.due === undefined) meter.note(t, "push", "nothing is pushed: no communication window comes");
}

/** One value: a whole attribute, or one element of it. */
function pushedValue(meter: MeterState, entry: Data, t: number, store: ObjectStore<MeterState>): Data {
  const [classId, name, attributeId, index] = elementsOf(entry);
  const object = store.find(numberOf(classId), octetsOf(name));
  if (object === undefined) return data.null();
  const value = store.value(meter, object, numberOf(attributeId), t, itself);
  const element = numberOf(index);
  if (element === 0 || (value.type !== "array" && value.type !== "structure")) return value;
  return value.value[element - 1] ?? data.null();
}

function push(meter: MeterState, t: number, store: ObjectStore<MeterState>): void {
  const pending = pendingOf(meter);
  pending.due = undefined;
  const values = elementsOf(objectList.of(meter)).map((entry) => pushedValue(meter, entry, t, store));
  meter.push({
    body: data.structure(values),
    done: (at, sent) => {
      if (sent) return;
      pending.tries++;
      const again = pending.tries <= numberOf(retries.of(meter));
      const delay = Math.max(1, numberOf(repetitionDelay.of(meter))) * 1_000;
      pending.due = again ? inWindow(meter, at + delay) : undefined;
      if (pending.due === undefined) meter.note(at, "push", "push given up: no connection");
    },
  });
}

export const pushSetup: MeterObject = {
  classId: declared.classId,
  version: 1,
  logicalName,
  attributes: [
    objectList,
    destination,
    windows,
    startInterval,
    retries,
    repetitionDelay,
    kept("portReference", data.octetString(parseObis("0-0:25.0.0.255"))),
    kept("pushClientSap", data.integer(1)),
    kept("pushProtectionParameters", data.array([]), { access: "r" }),
  ],
  methods: [
    {
      id: 1,
      invoke: (meter, parameter, { t }) => {
        if (!isTrigger(parameter)) return "type-unmatched";
        begin(meter, t);
        return "success";
      },
    },
  ],
  duty: {
    next: (meter) => pendingOf(meter).due,
    act: push,
  },
};
