/** The bridge node, and the shipped gateway flow from end to end: a backend, a meter, real sockets between them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import helper from "node-red-node-test-helper";
import { startDemoBackend, type DemoBackend } from "../../src/tools/demo/backend.js";
import {
  calls,
  catcher,
  coreNodes,
  freePort,
  load,
  node,
  statusOf,
  until,
  useNodeRed,
  type FlowNode,
} from "../support/flow.js";

const SERIAL = "45000000001";
const TOKEN = "12345678901234567890";

function gatewayFlow(): FlowNode[] {
  return JSON.parse(readFileSync(join(__dirname, "../../examples/gateway.json"), "utf8")) as FlowNode[];
}

/** Sets environment variables for one test and puts them back. */
async function withEnvironment(values: Record<string, string>, run: () => Promise<void>): Promise<void> {
  const before = Object.fromEntries(Object.keys(values).map((name) => [name, process.env[name]]));
  Object.assign(process.env, values);
  try {
    await run();
  } finally {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

describe("hes-socketio-bridge", () => {
  useNodeRed();
  let backend: DemoBackend | undefined;
  afterEach(async () => {
    await backend?.close();
    backend = undefined;
  });

  it("gives each command its output, takes results back, and says what it is", async () => {
    backend = await startDemoBackend({ port: 0 });
    const port = String(await freePort());
    await load([
      { id: "listener", type: "dlms-listener", port, host: "127.0.0.1" },
      { id: "hes", type: "hes-connection", url: backend.url },
      {
        id: "bridge",
        type: "hes-socketio-bridge",
        listener: "listener",
        connection: "hes",
        wires: [["load"], ["control"], ["read"], ["other"]],
      },
      ...["load", "control", "read", "other"].map((id) => ({ id, type: "helper" })),
    ]);
    await until(() => statusOf("bridge").fill === "green", "the bridge is online");
    assert.deepEqual(statusOf("bridge"), { fill: "green", shape: "dot", text: "online" });
    const caught = Object.fromEntries(["load", "control", "read", "other"].map((id) => [id, catcher(id)]));
    backend.emit("remote-load", { meterSerialNumber: SERIAL, token: TOKEN, amount: 5 });
    backend.emit("remote-control", { meterSerialNumber: SERIAL, action: "connect" });
    backend.emit("read-meter", { meterSerialNumber: SERIAL, obisCode: "1-0:1.8.0.255", commandId: "r-1" });
    backend.emit("new-alert", { text: "hot" });
    backend.emit("meter-write-settings", {
      meterSerialNumber: SERIAL,
      settings: { limit: 5 },
      requestId: "s-1",
    });
    backend.emit("remote-control", { action: "connect" });
    assert.equal((await caught.load?.next())?.payload.token, TOKEN);
    assert.equal((await caught.control?.next())?.payload.action, "connect");
    const read = await caught.read?.next();
    assert.equal(read?.payload.commandId, "r-1");
    assert.equal(read.topic, "read-meter");
    assert.deepEqual((await caught.other?.next(({ topic }) => topic === "new-alert"))?.payload, {
      text: "hot",
    });
    const settings = await caught.other?.next(({ topic }) => topic === "meter-write-settings");
    assert.deepEqual(settings?.payload, {
      meterSerialNumber: SERIAL,
      commandId: "s-1",
      requestId: "s-1",
      settings: { limit: 5 },
    });
    const refused = await caught.other?.next(({ topic }) => topic === "command-refused");
    assert.equal((refused?.payload as { outcome?: string }).outcome, "invalid");

    node("bridge").receive({
      payload: { ...read.payload, command: "read-meter", success: true, outcome: "read", readings: [] },
    });
    node("bridge").receive({
      payload: { command: "meter-write-settings", commandId: "s-1", success: true, outcome: "written" },
    });
    for (const id of ["r-1", "s-1"]) {
      await until(
        () => backend?.results().some(({ commandId }) => commandId === id) ?? false,
        `the result of ${id} arrives`,
      );
    }
  });

  it("of two with one backend and listener the first works; the second says so and takes over when it is deleted", async () => {
    backend = await startDemoBackend({ port: 0 });
    const port = String(await freePort());
    const bridge = (id: string): FlowNode => ({
      ...{ id, type: "hes-socketio-bridge", z: "tab", x: 1, y: 1 },
      ...{ listener: "listener", connection: "hes", wires: [["load"], [], [], []] },
    });
    const rest = [
      { id: "tab", type: "tab", label: "t" },
      { id: "listener", type: "dlms-listener", port, host: "127.0.0.1" },
      { id: "hes", type: "hes-connection", url: backend.url },
      { id: "load", type: "helper", z: "tab", x: 1, y: 1 },
    ];
    await load([...rest, bridge("one"), bridge("two")]);
    const fills = (): (string | undefined)[] => ["one", "two"].map((id) => statusOf(id).fill).sort();
    await until(() => fills().join() === "green,red", "one works, the other says so");
    const second = statusOf("one").fill === "green" ? "two" : "one";
    assert.deepEqual(statusOf(second), { fill: "red", shape: "ring", text: "second bridge" });
    const loads = catcher("load");
    backend.emit("remote-load", { meterSerialNumber: SERIAL, token: TOKEN, commandId: "c-1", ttl: 1 });
    await loads.next();
    const has = (id: string): boolean =>
      backend?.results().some(({ commandId }) => commandId === id) ?? false;
    await until(() => has("c-1"), "the result arrives");
    assert.equal(backend.gateways, 1);
    await helper.setFlows([...rest, bridge(second)] as never, "nodes");
    await until(() => statusOf(second).fill === "green", "it takes over");
    backend.emit("remote-load", { meterSerialNumber: SERIAL, token: TOKEN, commandId: "c-2", ttl: 1 });
    await until(() => has("c-2"), "its result arrives");
    assert.deepEqual(
      loads.all.map(({ payload }) => payload.commandId),
      ["c-1", "c-2"],
    );
  });

  it("answers the backend's DLMS calls at the port it was given, to who has the token", async () => {
    backend = await startDemoBackend({ port: 0 });
    const port = String(await freePort());
    const shimPort = String(await freePort());
    await load(
      [
        { id: "listener", type: "dlms-listener", port, host: "127.0.0.1" },
        { id: "hes", type: "hes-connection", url: backend.url, shimPort },
        {
          id: "bridge",
          type: "hes-socketio-bridge",
          listener: "listener",
          connection: "hes",
          wires: [[], [], [], []],
        },
      ],
      { hes: { shimToken: "hush-hush" } },
    );
    await until(() => statusOf("bridge").fill === "green", "the bridge is online");
    const ask = (token: string): Promise<Response> =>
      fetch(`http://127.0.0.1:${shimPort}/read`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
        body: JSON.stringify({ meter_number: SERIAL, obis_code: "1-0:1.8.0.255" }),
      });
    assert.equal((await ask("guessed")).status, 401);
    const answer = await ask("hush-hush");
    assert.equal(answer.status, 404);
    assert.equal(((await answer.json()) as { code: string }).code, "METER_UNKNOWN");
  });

  it("a payload it cannot send is an error of that message, and the bridge goes on", async () => {
    const port = String(await freePort());
    await load([
      { id: "tab", type: "tab", label: "t" },
      { id: "listener", type: "dlms-listener", port, host: "127.0.0.1" },
      { id: "hes", type: "hes-connection", url: `http://127.0.0.1:${await freePort()}`, noRest: true },
      {
        id: "bridge",
        type: "hes-socketio-bridge",
        z: "tab",
        listener: "listener",
        connection: "hes",
        wires: [[], [], [], []],
      },
      { id: "on-error", type: "catch", z: "tab", scope: ["bridge"], wires: [["caught"]] },
      { id: "caught", type: "helper", z: "tab" },
    ]);
    const caught = catcher("caught");
    node("bridge").receive({ payload: "nonsense" });
    const { error } = (await caught.next()) as unknown as { error: { message: string } };
    assert.match(error.message, /payload/);
    await until(() => statusOf("bridge").text === "backend away", "the absent backend is shown");
  });

  for (const [what, hes, field] of [
    ["a URL that is none", { url: "localhost:5000" }, "url"],
    ["a variable that is not set", { url: "${NO_SUCH_BACKEND}" }, "url"],
    ["life signs without REST", { url: "http://localhost:1", noRest: true, presence: "ingest" }, "presence"],
    ["a socket mode that is none", { url: "http://localhost:1", socketMode: "many" }, "socketMode"],
    ["a port that is none", { url: "http://localhost:1", shimPort: "70000" }, "shimPort"],
    ["records to create without an area", { url: "http://localhost:1", createMissing: true }, "area"],
  ] as const) {
    it(`${what} is named in the status, and to whoever sends a message`, async () => {
      await load([
        { id: "tab", type: "tab", label: "t" },
        { id: "on-error", type: "catch", z: "tab", scope: ["bridge"], wires: [["caught"]] },
        { id: "caught", type: "helper", z: "tab" },
        { id: "listener", type: "dlms-listener", port: String(await freePort()), host: "127.0.0.1" },
        { id: "hes", type: "hes-connection", ...hes },
        {
          id: "bridge",
          type: "hes-socketio-bridge",
          z: "tab",
          listener: "listener",
          connection: "hes",
          wires: [[], [], [], []],
        },
      ]);
      assert.deepEqual(statusOf("bridge"), { fill: "red", shape: "dot", text: `${field}: check` });
      const caught = catcher("caught");
      node("bridge").receive({ payload: {} });
      const { error } = (await caught.next()) as unknown as { error: { message: string } };
      assert.match(error.message, new RegExp(`: ${field} `));
    });
  }

  it("examples/gateway.json as it is: registers, reads, forwards, and runs every command", async () => {
    backend = await startDemoBackend({
      port: 0,
      records: [{ meterNumber: SERIAL, brand: "hexcell", model: "m", area: "a", meterType: "prepaid" }],
    });
    const running = backend;
    const environment = {
      DLMS_PORT: String(await freePort()),
      GATEWAY_HOST: "127.0.0.1",
      BACKEND_URL: running.url,
      BACKEND_API_URL: running.apiUrl,
    };
    await withEnvironment(environment, async () => {
      await load(gatewayFlow(), {}, coreNodes());
      const updates = (): Record<string, unknown>[] => running.updates();
      await until(() => updates().some(({ event }) => event === "registered"), "the meter is registered");
      await until(
        () => updates().filter(({ type }) => type === "reading").length >= 5,
        "the default codes are read and forwarded",
      );
      const reading = updates().find(({ obisCode }) => obisCode === "1-0:1.8.0.255");
      assert.equal(reading?.meterNumber, SERIAL);
      assert.equal(typeof reading.value, "number");

      const run = running.command.bind(running);
      const read = await run("read-meter", { meterNumber: SERIAL, obisCode: "1-0:32.7.0.255" });
      assert.equal(read.success, true, JSON.stringify(read));
      const off = await run("remote-control", { meterNumber: SERIAL, action: "disconnect" });
      assert.equal(off.outcome, "disconnected", JSON.stringify(off));
      const on = await run("remote-control", { meterNumber: SERIAL, action: "connect" });
      assert.equal(on.outcome, "connected", JSON.stringify(on));
      const loaded = await run("remote-load", { meterNumber: SERIAL, token: TOKEN });
      assert.equal(loaded.success, true, JSON.stringify(loaded));
      const of = { meterSerialNumber: SERIAL };
      running.emit("dlms-write", {
        ...of,
        obisCode: "0-0:1.0.0.255",
        attributeId: 3,
        value: 60,
        commandId: "w",
      });
      running.emit("dlms-read-profile", {
        ...of,
        startDate: new Date(Date.now() - 7_200_000),
        commandId: "p",
      });
      await until(() => running.results().length >= 6, "the write and the rows have results");
      const [written, rows] = ["w", "p"].map((id) => running.results().find((one) => one.commandId === id));
      assert.equal(written?.outcome, "written", JSON.stringify(written));
      assert.ok(Array.isArray(rows?.rows), JSON.stringify(rows));
      assert.equal(running.results().length, 6, "one result per command");
    });
  });

  it("examples/gateway.json without a backend: meters are read all the same, and nothing storms", async () => {
    const environment = {
      DLMS_PORT: String(await freePort()),
      GATEWAY_HOST: "127.0.0.1",
      BACKEND_URL: `http://127.0.0.1:${await freePort()}`,
      BACKEND_API_URL: `http://127.0.0.1:${await freePort()}/api`,
    };
    await withEnvironment(environment, async () => {
      const flow = gatewayFlow();
      const read = flow.find(({ type, codesFrom }) => type === "dlms-read" && codesFrom === "defaults");
      const inject = flow.find(({ type }) => type === "inject");
      assert.ok(read && inject);
      await load(flow, {}, coreNodes());
      await until(() => /^read ·/.test(statusOf(read.id).text ?? ""), "the meter is read");
      node(inject.id).receive({});
      await until(() => statusOf(read.id).fill === "green", "and again on the inject");
      const bridge = flow.find(({ type }) => type === "hes-socketio-bridge") as FlowNode;
      assert.ok(calls(bridge.id, "warn").length <= 3, JSON.stringify(calls(bridge.id, "warn")));
      assert.deepEqual(calls(bridge.id, "error"), []);
    });
  });
});
