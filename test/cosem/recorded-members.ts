/**
 * Which attributes and methods of which class the recordings in test/vectors exercise: read or written with success
 * and with a value, called with success. Values that do not fit the declared type are listed, not counted.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type Data, type TypeDescriptor } from "../../src/axdr/index.js";
import { classById } from "../../src/cosem/classes/index.js";
import { attributesOf, methodsOf } from "../../src/cosem/interface-class.js";
import { replayApdus } from "../../src/tools/replay/apdu-layer.js";
import { type Item, type Outcome, pair } from "../../src/tools/replay/conversation.js";
import { replayLink } from "../../src/tools/replay/link-layer.js";
import { readVector } from "../../src/tools/replay/vector.js";

export interface RecordedMembers {
  /** `70 attribute 2`, `70 method 1`, sorted; a class that is not declared appears by its number alone. */
  readonly members: readonly string[];
  /** Where a recorded value contradicts the declaration. */
  readonly misfits: readonly string[];
}

const folder = join(__dirname, "..", "vectors");
const notRecordings = new Set(["INDEX.json", "deviations.json", "digests.json"]);

export function recordedMembers(): RecordedMembers {
  const members = new Set<string>();
  const misfits = new Set<string>();
  for (const file of readdirSync(folder)) {
    if (!file.endsWith(".json") || notRecordings.has(file)) continue;
    const vector = readVector(join(folder, file));
    for (const { kind, items } of pair(replayApdus(vector, replayLink(vector)).apdus).outcomes)
      for (const item of items) take(kind, item, members, misfits);
  }
  return { members: [...members].sort(byNumbers), misfits: [...misfits].sort(byNumbers) };
}

function take(kind: Outcome["kind"], item: Item, members: Set<string>, misfits: Set<string>): void {
  if (item.result !== "success") return;
  const value = kind === "get" ? item.data : item.sent;
  if (value === undefined || !tells(value)) return;
  const declared = classById(item.classId);
  if (declared === undefined) {
    members.add(String(item.classId));
    return;
  }
  const member = `${item.classId} ${kind === "action" ? "method" : "attribute"} ${item.id}`;
  const reason = declaredType(kind, item)?.check(value);
  if (reason === undefined) members.add(member);
  else misfits.add(`${member}: ${reason}`);
}

/** Nothing and an empty list fit whatever is declared, so they show nothing. */
function tells(value: Data): boolean {
  return value.type !== "null-data" && !(value.type === "array" && value.value.length === 0);
}

function declaredType(kind: Outcome["kind"], { classId, id }: Item): TypeDescriptor | undefined {
  const declared = classById(classId);
  if (declared === undefined) return undefined;
  return kind === "action"
    ? methodsOf(declared).find((method) => method.id === id)?.parameter
    : attributesOf(declared).find((attribute) => attribute.id === id)?.type;
}

export function byNumbers(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}
