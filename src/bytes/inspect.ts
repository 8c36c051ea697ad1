/**
 * The layered byte table: which element took which octets. Filled by codecs that run with a tracer;
 * used to build the path of a decode error, by `npm run inspect` and by the editor's frame trace.
 */
import { toHex } from "./hex.js";

export interface TraceNode {
  readonly name: string;
  readonly start: number;
  /** First offset after the element; equals `start` for an absent one. */
  end: number;
  /** What it decoded to, for leaves; short text. */
  text?: string;
  readonly children: TraceNode[];
}

export class Tracer {
  readonly root: TraceNode = { name: "", start: 0, end: 0, children: [] };
  /** False: only where it stands is known, for the path of an error; a refused message costs little that way. */
  readonly keeps: boolean;
  readonly #open: TraceNode[];

  constructor(keeps = true) {
    this.keeps = keeps;
    // Not where it is declared: the build gives private fields their values before public ones.
    this.#open = [this.root];
  }

  enter(name: string, at: number): void {
    const node: TraceNode = { name, start: at, end: at, children: [] };
    if (this.keeps) (this.#open[this.#open.length - 1] as TraceNode).children.push(node);
    this.#open.push(node);
  }

  leave(at: number, text?: string): void {
    const node = this.#open.pop() as TraceNode;
    node.end = at;
    if (text !== undefined) node.text = text;
  }

  /** Names of the open elements, e.g. `get-response.result.value[3]`. */
  path(): string {
    let path = "";
    for (const node of this.#open.slice(1))
      path += node.name.startsWith("[") || path === "" ? node.name : `.${node.name}`;
    return path;
  }
}

/** Stands for what must not be shown: an octet, and a value. */
export const hiddenOctet = "••";
const HIDDEN_VALUE = "(hidden)";

/**
 * One line per element: offset, octets (cut after `maxOctets`), indented name, value.
 * @param isHidden octets that are shown as `••`; an element that holds one shows no value.
 * @param maxLines beyond them, one line with `…`.
 */
export function formatTrace(
  bytes: Uint8Array,
  root: TraceNode,
  maxOctets = 16,
  isHidden: (offset: number) => boolean = () => false,
  maxLines = Infinity,
): string {
  const lines: string[] = [];
  const walk = (outer: TraceNode, depth: number): void => {
    if (lines.length >= maxLines) {
      if (lines.length === maxLines) lines.push("…");
      return;
    }
    const octets = bytes.subarray(outer.start, Math.min(outer.end, outer.start + maxOctets));
    const shown =
      formatOctets(octets, (at) => isHidden(outer.start + at)) +
      (outer.end - outer.start > maxOctets ? " …" : "");
    let node = outer;
    let { name } = node;
    // An element that only wraps another stands on one line with it: "[0] integer: -2".
    for (
      let [only, ...more] = node.children;
      only !== undefined && more.length === 0;
      [only, ...more] = node.children
    ) {
      node = only;
      name += ` ${node.name}`;
    }
    const text = holds(node, isHidden) ? HIDDEN_VALUE : node.text;
    const value = text === undefined || node.children.length > 0 ? "" : `: ${text}`;
    lines.push(
      `${String(outer.start).padStart(5)}  ${shown.padEnd(maxOctets * 3 + 1)} ${"  ".repeat(depth)}${name}${value}`,
    );
    for (const child of node.children) walk(child, depth + 1);
  };
  for (const child of root.children) walk(child, 0);
  return lines.join("\n");
}

/** Hexadecimal text with spaces; hidden octets as `••`. */
export function formatOctets(bytes: Uint8Array, isHidden: (offset: number) => boolean): string {
  return Array.from(bytes, (octet, at) =>
    isHidden(at) ? hiddenOctet : octet.toString(16).toUpperCase().padStart(2, "0"),
  ).join(" ");
}

function holds({ start, end }: TraceNode, isHidden: (offset: number) => boolean): boolean {
  for (let at = start; at < end; at++) if (isHidden(at)) return true;
  return false;
}

/** Short text of a leaf value for the byte table; structures describe themselves by their children. */
export function describe(value: unknown): string | undefined {
  if (value instanceof Uint8Array) return value.length <= 32 ? toHex(value) : `${value.length} octets`;
  if (value instanceof Set) return [...(value as Set<string>)].join(" ");
  if (typeof value === "object" && value !== null) return describeFields(value);
  if (
    typeof value === "string" ||
    typeof value === "number" ||
    typeof value === "bigint" ||
    typeof value === "boolean"
  )
    return String(value);
  return undefined;
}

/** `{ value }` as the value itself; several fields in one octet by name, flags only when set. */
function describeFields(fields: object): string | undefined {
  if ("value" in fields) return describe(fields.value);
  const words = Object.entries(fields).flatMap(([name, field]) => {
    if (typeof field === "boolean") return field ? [name] : [];
    const text = typeof field === "object" ? undefined : describe(field);
    return text === undefined ? [] : [`${name} ${text}`];
  });
  return words.length === 0 ? undefined : words.join(", ");
}
