/**
 * Deploys of every kind, disabled and renamed nodes, subflows, two imports, stopping: the links of an unchanged listener
 * stay, a command that is under way ends with one true result, and nothing is left behind.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import helper from "node-red-node-test-helper";
import { dialectByName, Ledger, presets, SimulatorHost } from "../../src/index.js";
import {
  catcher,
  freePort,
  isOpen,
  load,
  node,
  statusOf,
  until,
  useNodeRed,
  type FlowNode,
} from "../support/flow.js";

const SERIAL = "45000000001";
const TOKEN = "12345678901234567890";
type Deploy = "full" | "flows" | "nodes";

interface Runtime {
  stopFlows(): Promise<void>;
  startFlows(): Promise<void>;
}
const runtime = (): Runtime => (helper as unknown as { _redNodes: Runtime })._redNodes;
const events = (): NodeJS.EventEmitter => (helper as unknown as { _events: NodeJS.EventEmitter })._events;

describe("life cycle", () => {
  useNodeRed();
  let port = 0;
  let ledger = new Ledger();
  let meters: SimulatorHost | undefined;
  /** Meters of their own, which no deploy touches: they dial in again when they have to. */
  async function meter(relayDelayMs = 20): Promise<void> {
    dialIn(relayDelayMs);
    await until(() => /1 meter$/.test(statusOf("server").text ?? ""), "the meter is in");
  }
  function dialIn(relayDelayMs = 20): void {
    const dialect = dialectByName("hexcell-login");
    assert.ok(dialect);
    ledger = new Ledger();
    meters = new SimulatorHost({
      meters: [
        {
          serial: SERIAL,
          meterType: presets.hexcell,
          dialect,
          seed: 1,
          objects: "hexcell",
          relayDelayMs,
        },
      ],
      ledger,
      transport: { mode: "dial", host: "127.0.0.1", port },
    });
    meters.start();
  }
  beforeEach(async () => {
    port = await freePort();
  });
  afterEach(async () => {
    await meters?.stop();
    meters = undefined;
  });

  const listener = (more: object = {}): FlowNode => ({
    id: "listener",
    type: "dlms-listener",
    port: String(port),
    host: "127.0.0.1",
    ...more,
  });
  const tab = { id: "tab", type: "tab", label: "t" };
  const server = {
    id: "server",
    type: "dlms-meter-server",
    z: "tab",
    listener: "listener",
    wires: [["events"], []],
  };
  const relay = { id: "relay", type: "dlms-relay", z: "tab", listener: "listener", wires: [["result"]] };
  const token = { id: "token", type: "dlms-token", z: "tab", listener: "listener", wires: [["result"]] };
  const helpers = ["events", "result"].map((id) => ({ id, type: "helper", z: "tab" }));
  /** A node without a place on a tab would count as a config node. */
  const placed = (nodes: readonly object[]): FlowNode[] =>
    nodes.map((one) => ("z" in one ? { x: 1, y: 1, ...one } : one) as FlowNode);
  const flow = (more: object = {}): FlowNode[] =>
    placed([tab, listener(), server, { ...relay, ...more }, token, ...helpers]);

  async function list(): Promise<Record<string, unknown> | undefined> {
    const answers = catcher("events");
    node("server").receive({ topic: "list", payload: "list" });
    const { payload } = await answers.next((msg) => Array.isArray(msg.payload), "list");
    return (payload as unknown as Record<string, unknown>[])[0];
  }

  async function deploy(next: readonly FlowNode[], type: Deploy): Promise<void> {
    await helper.setFlows(next as never, type);
    if (next.some(({ id }) => id === "server"))
      await until(() => statusOf("server").fill === "green", "listens again");
  }

  for (const type of ["flows", "nodes"] as const)
    it(`a ${type} deploy that changes a node leaves port and links alone`, async () => {
      await load(flow());
      await meter();
      const before = await list();
      await deploy(flow({ name: "renamed" }), type);
      assert.equal(await isOpen(port), true);
      const after = await list();
      assert.deepEqual([after?.linkId, after?.generation], [before?.linkId, 1]);
      const result = catcher("result");
      node("relay").receive({ payload: { meterSerialNumber: SERIAL, action: "disconnect" } });
      assert.equal((await result.next()).payload.outcome, "disconnected");
    });

  it("a full deploy opens port and store again; the meter is back and a second deploy finds it so", async () => {
    await load(flow());
    await meter();
    for (let round = 0; round < 2; round += 1) {
      await deploy(flow(), "full");
      await until(() => /1 meter$/.test(statusOf("server").text ?? ""), "the meter is back");
    }
    const result = catcher("result");
    node("token").receive({ payload: { meterSerialNumber: SERIAL, token: TOKEN } });
    assert.equal((await result.next()).payload.success, true);
  });

  for (const type of ["full", "flows", "nodes"] as const)
    it(`a command under way at a ${type} deploy ends once, with what is true`, async () => {
      await load(flow());
      await meter(700);
      node("relay").receive({ payload: { meterSerialNumber: SERIAL, action: "disconnect", commandId: "c" } });
      await until(() => statusOf("relay").text === "1 running", "it runs");
      await new Promise((resolve) => setTimeout(resolve, 150));
      await deploy(flow({ name: "renamed" }), type);
      const result = catcher("result");
      const { payload } = await result.next(({ payload: { commandId } }) => commandId === "c", "result");
      assert.equal(payload.recovered, true);
      assert.ok(["disconnected", "unknown"].includes(String(payload.outcome)), JSON.stringify(payload));
      assert.equal(payload.success, payload.outcome === "disconnected");
      assert.ok(ledger.relayChanges(SERIAL).length <= 1);
      await new Promise((resolve) => setTimeout(resolve, 300));
      assert.equal(result.all.length, 1);
    });

  for (const type of ["full", "nodes"] as const)
    it(`a command that waits for its meter is not ended by a ${type} deploy of its node`, async () => {
      await load(flow());
      await meter();
      await meters?.stop();
      await until(() => /0 meters$/.test(statusOf("server").text ?? ""), "the meter is away");
      node("token").receive({
        payload: { meterSerialNumber: SERIAL, token: TOKEN, commandId: "c", note: "mine" },
      });
      await until(() => statusOf("token").text === "1 running", "it waits");
      await deploy(
        flow().map((one) => (one.id === "token" ? { ...one, name: "renamed" } : one)),
        type,
      );
      const result = catcher("result");
      await meter();
      const { payload } = await result.next();
      assert.deepEqual(
        [payload.commandId, payload.outcome, payload.recovered, payload.note],
        ["c", "accepted", true, "mine"],
      );
      assert.equal(ledger.credits(SERIAL).length, 1);
      assert.equal(result.all.length, 1);
    });

  it("a subflow's instances have a life of their own, and find their commands after a deploy", async () => {
    const inside = { id: "in-relay", type: "dlms-relay", z: "sub", listener: "listener", wires: [[]] };
    const subflow = {
      id: "sub",
      type: "subflow",
      name: "relay",
      in: [{ wires: [{ id: "in-relay" }] }],
      out: [{ wires: [{ id: "in-relay", port: 0 }] }],
    };
    const instance = (id: string): FlowNode => ({ id, type: "subflow:sub", z: "tab", wires: [["result"]] });
    const all = placed([subflow, inside, ...flow(), instance("one"), instance("two")]);
    await load(all);
    await meter();
    await meters?.stop();
    await until(() => /0 meters$/.test(statusOf("server").text ?? ""), "the meter is away");
    node("two-in-relay").receive({
      payload: { meterSerialNumber: SERIAL, action: "disconnect", commandId: "two" },
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await deploy(all, "full");
    const result = catcher("result");
    await meter();
    const { payload } = await result.next();
    assert.deepEqual([payload.commandId, payload.outcome, payload.recovered], ["two", "disconnected", true]);
  });

  it("imported twice: one has the port, the other says so, takes over when the first is deleted, and both share the store", async () => {
    const second = placed([
      { ...tab, id: "tab2" },
      { ...listener(), id: "listener2" },
      { ...server, id: "server2", z: "tab2", listener: "listener2", wires: [[], []] },
    ]);
    await load([...flow(), ...second]);
    await until(
      () => [statusOf("server"), statusOf("server2")].filter(({ fill }) => fill === "green").length === 1,
      "one listens",
    );
    await until(
      () => [statusOf("server"), statusOf("server2")].some(({ fill }) => fill === "red"),
      "one waits",
    );
    const winner = statusOf("server").fill === "green" ? "server" : "server2";
    const left = winner === "server" ? second : flow();
    const other = winner === "server" ? "server2" : "server";
    await helper.setFlows(left, "nodes");
    await until(() => statusOf(other).fill === "green", "the other takes over");
  });

  it("a deleted node takes nothing of the others with it", async () => {
    await load(flow());
    await meter();
    const before = await list();
    await deploy(
      flow().filter(({ id }) => id !== "relay"),
      "nodes",
    );
    const after = await list();
    assert.deepEqual([after?.linkId, after?.generation], [before?.linkId, 1]);
  });

  for (const [allowVolatile, outcome, fill] of [
    [false, "not-sent", "red"],
    [true, "disconnected", "yellow"],
  ] as const)
    it(`no store, ${allowVolatile ? "and none needed" : "and none allowed"}: ${outcome}, reads run, the status says not durable`, async () => {
      const read = { id: "read", type: "dlms-read", z: "tab", listener: "listener", wires: [["result"], []] };
      const storeFile = join(__filename, "no-folder", "store.sqlite");
      const withoutStore = (one: FlowNode): FlowNode =>
        one.id === "listener" ? { ...one, storeFile, allowVolatile } : one;
      await load([...flow().map(withoutStore), ...placed([read])]);
      await until(() => statusOf("server").text === `:${port} not durable`, "it says so");
      assert.equal(statusOf("server").fill, fill);
      const events = catcher("events");
      dialIn();
      await events.next(({ payload }) => payload.event === "associated", "associated meter");
      const result = catcher("result");
      node("relay").receive({ payload: { meterSerialNumber: SERIAL, action: "disconnect" } });
      const { payload } = await result.next();
      assert.equal(payload.outcome, outcome, JSON.stringify(payload));
      if (!allowVolatile) assert.equal((payload.error as { code: string }).code, "STORE_UNAVAILABLE");
      node("read").receive({ payload: { meterSerialNumber: SERIAL, obisCode: "1-0:1.8.0.255" } });
      assert.equal((await result.next()).payload.outcome, "read");
    });

  it("a disabled node's waiting command ends once, told when the node is enabled again; the others stay", async () => {
    await load(flow());
    await meter();
    await meters?.stop();
    await until(() => /0 meters$/.test(statusOf("server").text ?? ""), "the meter is away");
    node("token").receive({ payload: { meterSerialNumber: SERIAL, token: TOKEN, commandId: "c" } });
    await until(() => statusOf("token").text === "1 running", "it waits");
    const before = await isOpen(port);
    const without = flow().map((one) => (one.id === "token" ? { ...one, d: true } : one));
    await deploy(without, "nodes");
    assert.deepEqual([helper.getNode("token"), before, await isOpen(port)], [null, true, true]);
    await meter();
    const result = catcher("result");
    node("relay").receive({ payload: { meterSerialNumber: SERIAL, action: "disconnect" } });
    assert.equal((await result.next()).payload.outcome, "disconnected");
    assert.equal(result.all.length, 1);
    await deploy(flow(), "nodes");
    const again = catcher("result");
    const { payload } = await again.next(
      ({ payload: { commandId } }) => commandId === "c",
      "the token's result",
    );
    assert.deepEqual([payload.outcome, payload.recovered], ["accepted", true]);
    assert.equal(ledger.credits(SERIAL).length, 1);
  });

  it("messages that wait for a meter are bounded: beyond the bound each is refused at once, and each has its one result", async () => {
    await load(flow());
    await meter();
    await meters?.stop();
    await until(() => /0 meters$/.test(statusOf("server").text ?? ""), "the meter is away");
    const result = catcher("result");
    for (let i = 0; i < 130; i += 1)
      node("token").receive({
        payload: {
          meterSerialNumber: SERIAL,
          token: TOKEN.slice(0, 17) + String(100 + i),
          commandId: `c${i}`,
          ttl: 4,
        },
      });
    await until(() => result.all.length === 130, "each has a result");
    assert.equal(new Set(result.all.map(({ payload }) => payload.commandId)).size, 130);
    const ended = (outcome: string, code: string): number =>
      result.all.filter(
        ({ payload: { outcome: was, error } }) =>
          was === outcome && (error as { code: string }).code === code,
      ).length;
    assert.deepEqual([ended("not-sent", "QUEUE_FULL"), ended("expired", "COMMAND_EXPIRED")], [30, 100]);
  });

  it("a disabled tab closes the port, an enabled one opens it", async () => {
    await load(flow());
    await until(() => statusOf("server").fill === "green", "listens");
    await helper.setFlows(
      flow().map((one) => (one.id === "tab" ? { ...one, disabled: true } : one)),
      "flows",
    );
    const end = Date.now() + 5_000;
    while (await isOpen(port)) assert.ok(Date.now() < end, "nobody is left");
    await deploy(flow(), "flows");
    assert.equal(await isOpen(port), true);
  });

  it("flows that are stopped leave nothing behind, and start again", async () => {
    await load(flow());
    await meter();
    await meters?.stop();
    await until(() => /0 meters$/.test(statusOf("server").text ?? ""), "the meter is away");
    node("token").receive({ payload: { meterSerialNumber: SERIAL, token: TOKEN } });
    await until(() => statusOf("token").text === "1 running", "it waits");
    const busy = left();
    await runtime().stopFlows();
    const idle = left();
    assert.ok(idle.servers < busy.servers);
    assert.equal(await isOpen(port), false, "the port is free as soon as the flows have stopped");
    for (let round = 0; round < 3; round += 1) {
      await runtime().startFlows();
      await until(() => statusOf("server").fill === "green", "listens again");
      await runtime().stopFlows();
    }
    const after = left();
    assert.equal(after.servers, idle.servers);
    assert.equal(after.workers, idle.workers);
    assert.ok(after.timers <= idle.timers + 1, `${after.timers} timers, ${idle.timers} before`);
    assert.equal(after.listeners, idle.listeners);
    await runtime().startFlows();
    await until(() => statusOf("server").fill === "green", "listens again");
  });

  function left(): { servers: number; workers: number; timers: number; listeners: number } {
    const resources = process.getActiveResourcesInfo();
    const count = (name: string): number => resources.filter((resource) => resource === name).length;
    return {
      servers: count("TCPServerWrap"),
      workers: count("MessagePort"),
      timers: count("Timeout"),
      listeners: events().listenerCount("flows:started"),
    };
  }
});
