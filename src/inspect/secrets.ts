/**
 * Which octets of a frame nobody who watches may see: passwords, keys and tokens. Told by where they stand (the AARQ's
 * authentication value, what is written to or read from attributes and methods that hold secrets) and, whatever
 * stands around them, by the octets of secrets that are known. Closed contents of ciphered APDUs are left as they are,
 * unless they are only authenticated.
 */
import { type TraceNode } from "../bytes/inspect.js";
import { type FrameTable } from "./inspect-frame.js";

/** One object whose values are secret, besides those that are so on every meter. */
export interface SecretObject {
  readonly classId: number;
  /** Six octets, upper-case hex. */
  readonly instanceId: string;
}

export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A request's targets as far as they show in the frame. */
export interface Target {
  readonly service: "attribute" | "method";
  readonly classId: number;
  readonly instanceId: string;
  readonly member: number;
}

/** Authentication by password (mechanism 1); the values of the other mechanisms are challenges. */
const LOW_LEVEL = "2.16.756.5.8.2.1";

/** Attributes that hold passwords, keys or tokens, by class; `all` for whole classes. */
const secretAttributes: Readonly<Record<number, readonly number[] | "all">> = {
  12: "all",
  15: [7],
  19: [7, 8, 9],
  44: [5],
  45: [3],
  64: "all",
  115: [2, 4],
};
/** Methods whose parameters or return values do. */
const secretMethods: Readonly<Record<number, readonly number[] | "all">> = {
  12: "all",
  15: [1, 2],
  64: "all",
  115: "all",
};

export function isSecretTarget(target: Target, objects: readonly SecretObject[]): boolean {
  const own = (target.service === "attribute" ? secretAttributes : secretMethods)[target.classId];
  if (own === "all" || own?.includes(target.member) === true) return true;
  return objects.some(
    ({ classId, instanceId }) => classId === target.classId && instanceId === target.instanceId,
  );
}

/** Targets that a request names, in order. */
export function targetsOf(apdu: TraceNode): Target[] {
  const targets: Target[] = [];
  walk(apdu, (node) => {
    const classId = childText(node, "classId");
    const instanceId = childText(node, "instanceId");
    const attribute = childText(node, "attributeId");
    const member = attribute ?? childText(node, "methodId");
    if (classId === undefined || instanceId === undefined || member === undefined) return;
    const service = attribute === undefined ? "method" : "attribute";
    targets.push({ service, classId: Number(classId), instanceId, member: Number(member) });
  });
  return targets;
}

/** Elements that carry values of requests and responses. */
const values: ReadonlySet<string> = new Set(["data", "parameters", "result", "results", "returnParameters"]);
/** Elements that carry a part of an APDU that is cut into blocks. */
const blocks: ReadonlySet<string> = new Set(["rawData", "blockData", "junk"]);

/**
 * @param isSecretExchange the request under way, or its answer, concerns a secret; also while that is not known.
 */
export function secretRanges(
  { apdus, bytes, pieces }: FrameTable,
  isSecretExchange: boolean,
  isOutgoing: boolean,
): Range[] {
  const ranges: Range[] = [];
  for (const apdu of apdus) {
    const isShortNameWrite = /write-request$/.test(apdu.name);
    const isPassword = textOf(apdu, "mechanism") === LOW_LEVEL;
    walk(apdu, (node) => {
      const { name } = node;
      const isSecret =
        name === "dedicatedKey" ||
        (name === "callingAuthenticationValue" && (isPassword || textOf(apdu, "mechanism") === undefined)) ||
        (name === "content" && (apdu.name === "general-signing" || !isEncrypted(bytes, node.start))) ||
        // What a block of a request holds is known only when all blocks are there.
        (name === "blockData" && isOutgoing) ||
        (isSecretExchange && (values.has(name) || blocks.has(name))) ||
        (isShortNameWrite && values.has(name));
      if (isSecret && node.end > node.start && node.text !== "absent") ranges.push(node);
    });
  }
  if (isSecretExchange) ranges.push(...pieces);
  return ranges;
}

/** Where the octets of known secrets stand. */
export function literalRanges(bytes: Uint8Array, literals: Iterable<Uint8Array>): Range[] {
  const ranges: Range[] = [];
  for (const literal of literals) {
    if (literal.length < 4) continue;
    for (let at = 0; at + literal.length <= bytes.length; at++)
      if (literal.every((octet, i) => bytes[at + i] === octet))
        ranges.push({ start: at, end: at + literal.length });
  }
  return ranges;
}

const ENCRYPTED = 0x20;

/** The security control octet opens the closed contents, behind their length. */
function isEncrypted(bytes: Uint8Array, start: number): boolean {
  const first = bytes[start] ?? 0;
  const lengthOctets = first < 0x80 ? 1 : 1 + (first & 0x7f);
  return ((bytes[start + lengthOctets] ?? 0) & ENCRYPTED) !== 0;
}

function textOf(node: TraceNode, name: string): string | undefined {
  let found: string | undefined;
  walk(node, (inner) => {
    if (inner.name === name) found ??= inner.text;
  });
  return found;
}

function childText(node: TraceNode, name: string): string | undefined {
  return node.children.find((child) => child.name === name)?.text;
}

function walk(node: TraceNode, visit: (node: TraceNode) => void): void {
  visit(node);
  for (const child of node.children) walk(child, visit);
}
