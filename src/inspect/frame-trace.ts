/**
 * What one link says, frame by frame, for people who watch: a line that sums each frame up, its octets and the layered
 * table, secrets hidden. Remembers what was asked last, because an answer does not say what it answers. Frames of any
 * length are told in bounded text.
 */
import { formatOctets, type TraceNode } from "../bytes/inspect.js";
import { type FrameTable, formatTable, frameTable } from "./inspect-frame.js";
import {
  isSecretTarget,
  literalRanges,
  type Range,
  secretRanges,
  type SecretObject,
  type Target,
  targetsOf,
} from "./secrets.js";

export interface InspectedFrame {
  /** Octets in all, also of what is not shown. */
  readonly octets: number;
  /** `get-request normal: class 3 1-0:1.8.0.255 attribute 2` */
  readonly summary: string;
  /** Hexadecimal, secrets as `••`. */
  readonly hex: string;
  /** The layered table, one line per element. */
  readonly table: string;
}

export interface SecretFacts {
  /** Objects of this meter whose values are secret, e.g. where tokens are written. */
  readonly objects: readonly SecretObject[];
  /** Octets of secrets that are known: passwords, keys, tokens under way. */
  readonly literals: readonly Uint8Array[];
}

/** Of one frame as hexadecimal text. */
const HEX_OCTETS = 2_048;
const TABLE_LINES = 400;
const TARGETS = 3;

export class FrameTrace {
  /** Undefined until a request was seen: then nobody knows what a block or an answer belongs to. */
  #isSecretExchange: boolean | undefined;

  /** @param direction as seen from the gateway. */
  inspect(bytes: Uint8Array, direction: "in" | "out", secrets: SecretFacts): InspectedFrame {
    const table = frameTable(bytes);
    const targets: Target[] = [];
    for (const apdu of table.apdus) {
      if (!apdu.name.endsWith("-request")) continue;
      const named = targetsOf(apdu);
      targets.push(...named);
      if (named.length > 0)
        this.#isSecretExchange = named.some((target) => isSecretTarget(target, secrets.objects));
      // A request that goes on with the blocks of another concerns the same object.
    }
    const isSecret = this.#isSecretExchange ?? hasPieces(table);
    const hidden = [
      ...secretRanges(table, isSecret, direction === "out"),
      ...literalRanges(bytes, secrets.literals),
    ];
    const isHidden = hiddenIn(bytes.length, hidden);
    return {
      octets: bytes.length,
      summary: summaryOf(table, targets),
      hex: formatOctets(bytes.subarray(0, HEX_OCTETS), isHidden) + (bytes.length > HEX_OCTETS ? " …" : ""),
      table: formatTable(table, isHidden, TABLE_LINES),
    };
  }
}

function hasPieces({ apdus, pieces }: FrameTable): boolean {
  return pieces.length > 0 || apdus.some((apdu) => /datablock|pblock|block-transfer/.test(namesOf(apdu)));
}

function hiddenIn(length: number, ranges: readonly Range[]): (offset: number) => boolean {
  if (ranges.length === 0) return () => false;
  const hidden = new Uint8Array(length);
  for (const { start, end } of ranges) hidden.fill(1, start, end);
  return (offset) => hidden[offset] === 1;
}

function summaryOf(table: FrameTable, targets: readonly Target[]): string {
  const parts = table.apdus
    // What stands inside an association request goes without saying.
    .filter(({ name }) => name !== "initiate-request" && name !== "initiate-response")
    .map(namesOf);
  if (parts.length === 0) parts.push(...(table.controls.length > 0 ? table.controls : ["octets"]));
  if (table.pieces.length > 0 && table.apdus.length === 0) parts.push("segment");
  const shown = targets.slice(0, TARGETS).map(describeTarget);
  if (targets.length > TARGETS) shown.push(`… ${targets.length} in all`);
  const text = shown.length === 0 ? parts.join(", ") : `${parts.join(", ")}: ${shown.join("; ")}`;
  return table.stopped === undefined ? text : `${text} (${table.stopped})`;
}

/** The names of an APDU down to where its fields begin: `get-request normal`. */
function namesOf(apdu: TraceNode): string {
  const names = [apdu.name];
  for (let node = apdu; node.children.length === 1;) {
    node = node.children[0] as TraceNode;
    if (node.name === "request" || node.name === "response") continue;
    if (node.children.length === 0) break;
    names.push(node.name);
  }
  return names.join(" ");
}

function describeTarget({ classId, instanceId, service, member }: Target): string {
  const [a, b, ...rest] = (instanceId.match(/../g) ?? []).map((digits) => Number.parseInt(digits, 16));
  return `class ${classId} ${a}-${b}:${rest.join(".")} ${service} ${member}`;
}
