/**
 * The frame every node stands in: registration, the environment lookup, status, input and close. A node file then
 * says only what is its own. Nothing thrown here or by a node's handler reaches the runtime uncaught.
 */
import {
  type Node,
  type NodeAPI,
  type NodeCredentials,
  type NodeDef,
  type NodeMessage,
  type NodeMessageInFlow,
  type NodeStatus,
} from "node-red";
import { asDlmsError, type DlmsError } from "../../src/index.js";
import { type Environment, unusable } from "./fields.js";
import { errorStatus } from "./status.js";

export type Send = (msg: NodeMessage | (NodeMessage | NodeMessage[] | null)[]) => void;
export type Done = (error?: Error) => void;

/** What a node's set-up function gets. */
export interface NodeTools<TDef extends NodeDef = NodeDef, TCredentials extends object = object> {
  readonly RED: NodeAPI;
  readonly node: Node<TCredentials>;
  readonly config: TDef;
  /** Secrets of this node; empty when none were entered. */
  readonly credentials: Partial<TCredentials>;
  /** An environment variable as this node sees it: group, flow, global, then the process. */
  readonly environment: Environment;
  /** Sets the status dot; the same status twice is sent once. */
  readonly show: (status: NodeStatus) => void;
  /** Calls `handle` for each message. When it fails, `done` gets the error, so that a Catch node sees it. */
  readonly onInput: (
    handle: (msg: NodeMessageInFlow, send: Send) => Promise<DlmsError | undefined> | DlmsError | undefined,
  ) => void;
  /** Runs once every node of every flow is there, so that nothing it sends can be missed. */
  readonly onStarted: (begin: () => void) => void;
  /** Runs when the node is stopped or removed; the runtime waits for it. Called in reverse order. */
  readonly onClose: (tidy: () => void | Promise<void>) => void;
}

/**
 * Makes the function that a node's file exports.
 * @param type the literal type, the same as in the html
 * @param setup runs once per instance; what it throws becomes the node's status and a log line
 */
export function defineNode<TDef extends NodeDef, TCredentials extends object = object>(
  type: string,
  setup: (tools: NodeTools<TDef, TCredentials>) => void,
  credentials?: NodeCredentials<TCredentials>,
): (RED: NodeAPI) => void {
  return (RED) => {
    function construct(this: Node<TCredentials>, config: TDef): void {
      RED.nodes.createNode(this, config);
      const tools = toolsOf<TDef, TCredentials>(RED, this, config);
      try {
        setup(tools);
      } catch (caught) {
        const error = asDlmsError(caught);
        tools.show(errorStatus(error));
        this.error(error.message);
        // Messages to a node that cannot work are its errors; they must not vanish.
        if (this.listenerCount("input") === 0) tools.onInput(() => error);
      }
    }
    RED.nodes.registerType<Node<TCredentials>, TDef, object, TCredentials>(
      type,
      construct,
      credentials === undefined ? undefined : { credentials },
    );
  };
}

function toolsOf<TDef extends NodeDef, TCredentials extends object>(
  RED: NodeAPI,
  node: Node<TCredentials>,
  config: TDef,
): NodeTools<TDef, TCredentials> {
  const tidies: (() => void | Promise<void>)[] = [];
  let shown = "";

  node.on("close", (_removed: boolean, done: () => void) => {
    void (async () => {
      for (const tidy of tidies.reverse()) {
        try {
          await tidy();
        } catch (caught) {
          node.warn(asDlmsError(caught).message);
        }
      }
      done();
    })();
  });

  return {
    RED,
    node,
    config,
    // Node-RED leaves `credentials` undefined when none were entered.
    credentials: node.credentials ?? {},
    environment: (name) => RED.util.getSetting(node, name),
    show(status) {
      const key = JSON.stringify(status);
      if (key === shown) return;
      shown = key;
      node.status(status);
    },
    onInput(handle) {
      node.on("input", (msg: NodeMessageInFlow, send: Send, done: Done) => {
        void (async () => {
          try {
            done(await handle(msg, send));
          } catch (caught) {
            done(asDlmsError(caught));
          }
        })();
      });
    },
    onStarted(begin) {
      RED.events.once("flows:started", begin);
      tidies.push(() => {
        RED.events.removeListener("flows:started", begin);
      });
    },
    onClose(tidy) {
      tidies.push(tidy);
    },
  };
}

/** A config node carries what it offers under this name; an unusable one carries the reason instead. */
export interface Offering<T> {
  offer?: T | DlmsError;
}

/** Publishes what a config node has for the nodes that name it. A set-up that fails is published as its reason. */
export function offer<T>(tools: Pick<NodeTools, "node">, make: () => T): void {
  const target = tools.node as Node & Offering<T>;
  try {
    target.offer = make();
  } catch (caught) {
    const error = asDlmsError(caught);
    target.offer = error;
    tools.node.error(error.message);
  }
}

/** What the config node `id` offers. Throws the reason when it is missing, disabled or unusable. */
export function offeredBy<T>(RED: NodeAPI, id: unknown, field: string): T {
  const found =
    typeof id === "string" && id !== "" ? (RED.nodes.getNode(id) as (Node & Offering<T>) | null) : null;
  if (!found) throw unusable(field, "is not chosen, or is disabled");
  if (found.offer === undefined) throw unusable(field, `is a ${found.type}, which does not fit here`);
  if (found.offer instanceof Error) throw found.offer;
  return found.offer;
}
