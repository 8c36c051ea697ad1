/** When a listener's port is open, who holds it open, and what happens to those who cannot have it. */
import assert from "node:assert/strict";
import { createServer } from "node:net";
import helper from "node-red-node-test-helper";
import { catcher, freePort, isOpen, load, node, statusOf, until, useNodeRed } from "../support/flow.js";

const listening = (id: string): Promise<void> =>
  until(() => statusOf(id).fill === "green", `${id} listens, but shows ${JSON.stringify(statusOf(id))}`);

/** The deploy itself shows that nobody comes back; the port goes right after it. */
async function closed(port: number): Promise<void> {
  const end = Date.now() + 5_000;
  while (await isOpen(port)) assert.ok(Date.now() < end, "nobody is left, and the port is open");
}

async function redeploy(flow: readonly object[], type: "full" | "nodes" = "nodes"): Promise<void> {
  await helper.setFlows(flow as never, type);
}

describe("listener's life", () => {
  useNodeRed();

  it("a config node that nobody names opens nothing", async () => {
    const port = await freePort();
    await load([{ id: "listener", type: "dlms-listener", port: String(port), host: "127.0.0.1" }]);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(await isOpen(port), false);
  });

  it("opens with the first node, is shared, closes with the last; the port is free at once", async () => {
    const port = await freePort();
    const listener = { id: "listener", type: "dlms-listener", port: String(port), host: "127.0.0.1" };
    const tab = { id: "tab", type: "tab", label: "t" };
    const server = {
      id: "server",
      type: "dlms-meter-server",
      z: "tab",
      listener: "listener",
      wires: [[], []],
    };
    const read = { id: "read", type: "dlms-read", z: "tab", listener: "listener", wires: [[], []] };
    await load([tab, listener, server, read]);
    await listening("server");
    assert.deepEqual(statusOf("server"), { fill: "green", shape: "dot", text: `:${port} · 0 meters` });
    assert.equal(await isOpen(port), true);

    await redeploy([tab, listener, read]);
    assert.equal(await isOpen(port), true, "one node is left");
    await redeploy([tab, listener]);
    await closed(port);
    await redeploy([tab, listener, server]);
    await listening("server");
    assert.equal(await isOpen(port), true, "opened again");
  });

  it("a full redeploy opens the same port again", async () => {
    const port = await freePort();
    const flow = [
      { id: "tab", type: "tab", label: "t" },
      { id: "listener", type: "dlms-listener", port: String(port), host: "127.0.0.1" },
      { id: "server", type: "dlms-meter-server", z: "tab", listener: "listener", wires: [[], []] },
    ];
    await load(flow);
    for (let round = 0; round < 3; round += 1) {
      await listening("server");
      await redeploy(flow, "full");
    }
    await listening("server");
  });

  it("a taken port is said, and taken over as soon as it is free", async () => {
    const port = await freePort();
    const other = createServer().listen(port, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    await load([
      { id: "listener", type: "dlms-listener", port: String(port), host: "127.0.0.1" },
      { id: "server", type: "dlms-meter-server", listener: "listener", wires: [[], []] },
    ]);
    await until(() => statusOf("server").fill === "red", "the taken port is shown");
    assert.deepEqual(statusOf("server"), { fill: "red", shape: "ring", text: `:${port} port in use` });
    await new Promise((resolve) => other.close(resolve));
    await listening("server");
  });

  it("port and host come from the environment when the fields are empty", async () => {
    const port = await freePort();
    const before = { port: process.env["DLMS_PORT"], host: process.env["GATEWAY_HOST"] };
    process.env["DLMS_PORT"] = String(port);
    process.env["GATEWAY_HOST"] = "127.0.0.1";
    try {
      await load([
        { id: "listener", type: "dlms-listener", port: "", host: "" },
        { id: "server", type: "dlms-meter-server", listener: "listener", wires: [[], []] },
      ]);
      await listening("server");
      assert.equal(statusOf("server").text, `:${port} · 0 meters`);
    } finally {
      for (const [name, value] of [
        ["DLMS_PORT", before.port],
        ["GATEWAY_HOST", before.host],
      ] as const) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
  });

  for (const [what, listener, field] of [
    ["a variable that is not set", { port: "${NO_SUCH_PORT}" }, "port"],
    ["a port that is none", { port: "70000" }, "port"],
    ["a rule without a condition", { port: "4000", ruleType1: "type", rules: [] }, "rule 1"],
    [
      "a dialect that does not compile",
      { port: "4000", patterns: '[{"name":"x","match":{"regex":"("}}]' },
      "match.regex",
    ],
    ["dialects that are no JSON", { port: "4000", patterns: "[" }, "patterns"],
    ["an unusable meter type", { port: "4000", meterType: "broken" }, "clientSap"],
    ["no listener at all", undefined, "listener"],
  ] as const) {
    it(`${what}: status names the field, each input still has its result, and Catch hears of it`, async () => {
      await load([
        { id: "tab", type: "tab", label: "t" },
        { id: "type", type: "dlms-meter-type", preset: "standard" },
        { id: "broken", type: "dlms-meter-type", preset: "standard", clientSap: "-1" },
        ...(listener ? [{ id: "listener", type: "dlms-listener", host: "127.0.0.1", ...listener }] : []),
        { id: "relay", type: "dlms-relay", z: "tab", listener: "listener", wires: [["result"]] },
        { id: "server", type: "dlms-meter-server", z: "tab", listener: "listener", wires: [["answer"], []] },
        { id: "result", type: "helper", z: "tab" },
        { id: "answer", type: "helper", z: "tab" },
        { id: "on-error", type: "catch", z: "tab", scope: ["relay"], wires: [["caught"]] },
        { id: "caught", type: "helper", z: "tab" },
      ]);
      const result = catcher("result");
      const answer = catcher("answer");
      const caught = catcher("caught");
      assert.equal(statusOf("relay").fill, "red");
      node("relay").receive({ payload: { meterSerialNumber: "1", action: "connect", commandId: "c" } });
      const { payload } = await result.next();
      assert.equal(payload.success, false);
      assert.equal(payload.outcome, "not-sent");
      assert.equal(payload.commandId, "c");
      assert.equal((payload.error as { field: string }).field, field, JSON.stringify(payload.error));
      await caught.next();
      node("server").receive({ payload: "list" });
      assert.equal((await answer.next()).payload.outcome, "not-sent");
    });
  }

  it("a meter type without a password of its own says that it uses the published one", async () => {
    await load(
      [
        { id: "open", type: "dlms-meter-type", preset: "hexcell" },
        { id: "own", type: "dlms-meter-type", preset: "hexcell" },
      ],
      { own: { secret: "12345678" } },
    );
    assert.deepEqual(statusOf("open"), { fill: "yellow", shape: "ring", text: "default password" });
    assert.deepEqual(statusOf("own"), {});
  });
});
