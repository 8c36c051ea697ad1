/**
 * Flows under test in a real Node-RED runtime: nodes loaded from source, messages caught by a helper node, and waits
 * that end with what they waited for instead of a guess.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Node, type NodeAPI, type NodeMessageInFlow } from "node-red";
import helper from "node-red-node-test-helper";
import dlmsAction from "../../nodes/dlms-action/dlms-action.js";
import dlmsClock from "../../nodes/dlms-clock/dlms-clock.js";
import dlmsFirmware from "../../nodes/dlms-firmware/dlms-firmware.js";
import dlmsListener from "../../nodes/dlms-listener/dlms-listener.js";
import dlmsLoadProfile from "../../nodes/dlms-load-profile/dlms-load-profile.js";
import dlmsMeterServer from "../../nodes/dlms-meter-server/dlms-meter-server.js";
import dlmsMeterType from "../../nodes/dlms-meter-type/dlms-meter-type.js";
import dlmsRead from "../../nodes/dlms-read/dlms-read.js";
import dlmsRelay from "../../nodes/dlms-relay/dlms-relay.js";
import dlmsSimulator from "../../nodes/dlms-simulator/dlms-simulator.js";
import dlmsToken from "../../nodes/dlms-token/dlms-token.js";
import dlmsWrite from "../../nodes/dlms-write/dlms-write.js";
import hesConnection from "../../nodes/hes-connection/hes-connection.js";
import hesSocketioBridge from "../../nodes/hes-socketio-bridge/hes-socketio-bridge.js";

export const allNodes: ((RED: NodeAPI) => void)[] = [
  dlmsListener,
  dlmsMeterType,
  hesConnection,
  dlmsMeterServer,
  dlmsRead,
  dlmsRelay,
  dlmsToken,
  dlmsWrite,
  dlmsAction,
  dlmsLoadProfile,
  dlmsClock,
  dlmsFirmware,
  hesSocketioBridge,
  dlmsSimulator,
];

export type FlowNode = Record<string, unknown> & { readonly id: string; readonly type: string };
export type Message = NodeMessageInFlow & { payload: Record<string, unknown> };

/** The core nodes that the examples use, from the runtime under test. */
export function coreNodes(): ((RED: NodeAPI) => void)[] {
  const files = ["common/20-inject", "common/21-debug", "common/60-link", "common/90-comment"];
  files.push("function/10-switch", "function/15-change", "sequence/17-split");
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the runtime's own files, which have no types
  return files.map((file) => require(`@node-red/nodes/core/${file}.js`) as (RED: NodeAPI) => void);
}

/** Starts the runtime's own server before the suite and stops it after; unloads the flow after each test. */
export function useNodeRed(): void {
  before(async () => {
    helper.init(require.resolve(process.env["NODE_RED_UNDER_TEST"] ?? "node-red"));
    await new Promise<void>((resolve) => helper.startServer(() => resolve()));
  });
  let userDir = "";
  beforeEach(() => {
    userDir = mkdtempSync(join(tmpdir(), "dlms-flow-"));
    helper.settings({ userDir });
  });
  afterEach(async () => {
    await helper.unload();
    rmSync(userDir, { recursive: true, force: true });
  });
  after(async () => {
    await new Promise<void>((resolve) => helper.stopServer(() => resolve()));
  });
}

export async function load(
  flow: readonly FlowNode[],
  credentials: Record<string, Record<string, string>> = {},
  more: ((RED: NodeAPI) => void)[] = [],
): Promise<void> {
  await helper.load([...allNodes, ...more], flow as never, credentials);
}

export function node(id: string): Node {
  const found = helper.getNode(id) as Node | null;
  if (!found) throw new Error(`no node ${id} in the flow`);
  return found;
}

/** A catcher: everything that arrives at a helper node, with a wait for what is wanted. */
export function catcher(id: string): {
  readonly all: Message[];
  readonly next: (wanted?: (msg: Message) => boolean, what?: string) => Promise<Message>;
} {
  const all: Message[] = [];
  const waiting: { wanted: (msg: Message) => boolean; resolve: (msg: Message) => void }[] = [];
  let taken = 0;
  node(id).on("input", (raw, _send, done) => {
    const msg = raw as Message;
    all.push(msg);
    for (const entry of waiting.filter(({ wanted }) => wanted(msg)).slice(0, 1)) {
      waiting.splice(waiting.indexOf(entry), 1);
      taken = all.length;
      entry.resolve(msg);
    }
    done();
  });
  return {
    all,
    next(wanted = () => true, what = "message") {
      for (let index = taken; index < all.length; index += 1) {
        const msg = all[index] as Message;
        if (!wanted(msg)) continue;
        taken = index + 1;
        return Promise.resolve(msg);
      }
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          const seen = all.map(({ payload }) => JSON.stringify(payload).slice(0, 200)).join("\n");
          reject(new Error(`no ${what} arrived at ${id}; seen:\n${seen}`));
        }, 15_000);
        waiting.push({
          wanted,
          resolve: (msg) => {
            clearTimeout(timer);
            resolve(msg);
          },
        });
      });
    },
  };
}

/** Asks again until `ready` holds; for what shows itself only in a state. */
export async function until(ready: () => boolean, what: string): Promise<void> {
  const end = Date.now() + 15_000;
  while (!ready()) {
    if (Date.now() > end) throw new Error(`${what} did not happen`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

interface SpiedCall {
  readonly thisValue: unknown;
  readonly args: readonly unknown[];
}

/** The calls of `status`, `warn`, `error` … of one node. The helper spies on the prototype, so all nodes' are there. */
export function calls(
  id: string,
  method: "status" | "warn" | "error" | "log",
): readonly (readonly unknown[])[] {
  const owner = node(id);
  const spy = (owner as unknown as Record<string, { getCalls(): SpiedCall[] }>)[method];
  return (spy?.getCalls() ?? []).filter(({ thisValue }) => thisValue === owner).map(({ args }) => args);
}

/** A node's latest status. */
export function statusOf(id: string): { fill?: string; shape?: string; text?: string } {
  return calls(id, "status").at(-1)?.[0] ?? {};
}

/** A port nobody listens on at the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Whether something answers at this port of loopback. */
export function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(true));
    server.listen(port, "0.0.0.0", () => server.close(() => resolve(false)));
  });
}
