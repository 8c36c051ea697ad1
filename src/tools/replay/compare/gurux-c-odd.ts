/**
 * Attributes that the Gurux C console does not print as the words of their value: under another index, in part, as
 * names, or not at all. By the console's class name and index; what is not printed has its reason here.
 */
import { type Data } from "../../../axdr/index.js";
import { toLatin1 } from "../../../bytes/hex.js";
import { leavesOf, sameWords, wordsOf } from "./bag.js";
import { type Tally } from "./tally.js";
import { describeData, dotted, leafText, numberOf } from "./text.js";

export interface OddAttribute {
  /** The attribute it really is. */
  readonly id?: number;
  readonly compare?: Compare;
  /** Why nothing can be compared. */
  readonly reason?: string;
}

type Compare = (where: string, text: string, data: Data, tally: Tally) => void;

/** Every word of the text is a leaf of the value, and every leaf is there. */
export function compareWords(where: string, text: string, data: Data, tally: Tally): void {
  tally.compared++;
  if (!sameWords(wordsOf(text), leavesOf(data))) tally.differs(where, text, showLeaves(data));
}

export function showLeaves(data: Data): string {
  return leavesOf(data).map(describeData).join(", ");
}

/** Only some leaves are printed; `drop` takes words out that are no value. */
function only(pick: (leaf: Data, i: number) => boolean, drop = /(?!)/): Compare {
  return (where, text, data, tally) => {
    tally.compared++;
    const words = wordsOf(text).filter((word) => !drop.test(word));
    if (!sameWords(words, leavesOf(data).filter(pick))) tally.differs(where, text, showLeaves(data));
  };
}

/** `[RATE1 <indexes as characters>, …]` */
const masks: Compare = (where, text, data, tally) => {
  const elements = data.type === "array" ? data.value : [];
  const ours = elements.map((element) => {
    const [name, ...indexes] = leavesOf(element);
    const mask = name?.type === "octet-string" ? toLatin1(name.value) : "none";
    return `${mask} ${String.fromCharCode(...indexes.map((index) => Number(numberOf(index))))}`;
  });
  tally.same(where, text, `[${ours.join(", ")}]`);
};

const CLASS_NAMES: Readonly<Record<string, number>> = {
  ActionSchedule: 22,
  AssociationLogicalName: 15,
  Clock: 8,
  Data: 1,
  DisconnectControl: 70,
  IP4Setup: 42,
  ProfileGeneric: 7,
  PushSetup: 40,
  Register: 3,
  SAPAssignment: 17,
  ScriptTable: 9,
  SecuritySetup: 64,
};

/** `<class name> <logical name>` for each element; class names that are not in the list above are not judged. */
function objectNames(classAt: number, nameAt: number): Compare {
  return (where, text, data, tally) => {
    const words = wordsOf(text);
    const elements = data.type === "array" ? data.value : [];
    tally.same(`${where}.length`, words.length / 2, elements.length);
    elements.forEach((element, i) => {
      const fields = element.type === "structure" ? element.value : [];
      const [classId, name] = [fields[classAt], fields[nameAt]];
      const known = CLASS_NAMES[words[2 * i] ?? ""];
      if (known !== undefined)
        tally.same(`${where}[${i}].class`, known, classId === undefined ? "none" : String(numberOf(classId)));
      tally.same(
        `${where}[${i}].name`,
        words[2 * i + 1] ?? "",
        name?.type === "octet-string" ? dotted(name.value) : "none",
      );
    });
  };
}

const UNITS: Readonly<Record<string, number>> = { None: 0, "Active energy": 30 };

/** `Scaler: 0.010000 Unit: Active energy`; a scaler of 0 is printed as 0. */
const scalerUnit: Compare = (where, text, data, tally) => {
  const [, scale = "", unit = ""] = /^Scaler: (\S+) Unit: (.*)$/.exec(text) ?? [];
  const [scaler, code] = leavesOf(data).map((leaf) => Number(numberOf(leaf)));
  tally.same(`${where}.scaler`, scale === "0" ? 0 : Math.round(Math.log10(Number(scale))), scaler ?? "none");
  tally.same(`${where}.unit`, UNITS[unit] ?? unit, code ?? "none");
};

/** The last four arcs of an object identifier; the console shows uninitialised numbers before them. */
const lastArcs: Compare = (where, text, data, tally) => {
  const printed = text.split(/\s+/).slice(-4).map(Number);
  const octets = data.type === "octet-string" ? Array.from(data.value).slice(-4) : [];
  tally.same(where, printed.join("."), octets.join("."));
};

const currency: Compare = (where, text, data, tally) => {
  const [name, scale, unit] = leavesOf(data).map(leafText);
  tally.same(where, text, `${name}${scale}${unit}`);
};

/** The text begins with the address; what follows belongs to the attributes behind. */
const ip6Address: Compare = (where, text, data, tally) => {
  const octets = data.type === "octet-string" ? data.value : new Uint8Array(0);
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((octets[2 * i] ?? 0) << 8) | (octets[2 * i + 1] ?? 0)).toString(16),
  );
  const address = groups.join(":").replace(/(^|:)0(:0)+(:|$)/, "::");
  tally.same(where, text.slice(0, address.length), address);
};

const POINTER = "the console prints a memory address instead of the value";
const NOTHING = "the console prints nothing for it";
const NO_ATTRIBUTE = "the console prints a field of its own that was not read";

export const oddAttributes: Readonly<Record<string, OddAttribute>> = {
  "AssociationLogicalName/2": { compare: objectNames(0, 2) },
  "AssociationLogicalName/3": {
    compare: (where, text, data, tally) => compareWords(where, text.replace("/", " "), data, tally),
  },
  "AssociationLogicalName/4": { compare: lastArcs },
  "AssociationLogicalName/5": { compare: only((_, i) => i < 3 || i === 4) },
  "AssociationLogicalName/6": { compare: lastArcs },
  "SecuritySetup/4": { id: 5 },
  "SecuritySetup/5": { id: 4 },
  "Register/3": { compare: scalerUnit },
  "DemandRegister/4": { compare: scalerUnit },
  "PushSetup/2": { compare: objectNames(0, 1) },
  "PushSetup/3": { compare: only((_, i) => i > 0) },
  "RegisterMonitor/3": { compare: only((_, i) => i > 0, /^Register$/) },
  "RegisterActivation/3": { compare: masks },
  "Limiter/2": { compare: only((_, i) => i > 0) },
  "Limiter/11": { compare: only((_, i) => i < 2) },
  "Limiter/12": { id: 11, compare: only((_, i) => i >= 2) },
  "GPRSSetup/4": { compare: only((_, i) => i < 5) },
  "GPRSSetup/5": { id: 4, compare: only((_, i) => i >= 5) },
  "ArrayManager/2": { compare: only((_, i) => i % 4 !== 1) },
  "G3PlcMacSetup/11": { compare: only((_, i) => i < 10, /^128$/) },
  "G3Plc6LoWPAN/9": { compare: only((_, i) => i !== 1) },
  "Account/15": { compare: currency },
  "IP6Setup/4": { reason: POINTER },
  "IP6Setup/5": { reason: POINTER },
  "IP6Setup/6": { reason: POINTER },
  "IP6Setup/7": { compare: ip6Address },
  "MACAddressSetup/2": { reason: NOTHING },
  "IP4Setup/11": { reason: NO_ATTRIBUTE },
  "PPPSetup/2": { id: 3 },
  "PPPSetup/3": { id: 2 },
  "PPPSetup/6": { reason: NO_ATTRIBUTE },
  "PPPSetup/7": { reason: NO_ATTRIBUTE },
};
