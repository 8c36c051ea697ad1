/**
 * The `dlms-listener` nodes that are deployed now, usable or not, for the admin API: subflow instances' own ones
 * included, which Node-RED's list of flows does not show.
 */
import { type Node } from "node-red";
import { type DlmsError } from "../../src/index.js";
import { type Offering } from "./define-node.js";
import { type ListenerHandle } from "./listener-handle.js";

export interface LiveListener {
  readonly id: string;
  readonly name: string;
  /** The listener, or why there is none. */
  readonly offer: ListenerHandle | DlmsError | undefined;
}

const nodes = new Map<string, Node & Offering<ListenerHandle>>();

/** @returns what takes it off the list. */
export function addLiveListener(node: Node): () => void {
  nodes.set(node.id, node);
  return () => {
    if (nodes.get(node.id) === node) nodes.delete(node.id);
  };
}

export function liveListeners(): LiveListener[] {
  return [...nodes.values()].map(describe);
}

export function liveListener(id: string): LiveListener | undefined {
  const node = nodes.get(id);
  return node && describe(node);
}

function describe({ id, name, offer }: Node & Offering<ListenerHandle>): LiveListener {
  return { id, name: name ?? "", offer };
}
