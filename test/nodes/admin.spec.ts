/** The admin API behind the meters sidebar and the test buttons, in a real runtime with simulated meters. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import helper from "node-red-node-test-helper";
import admin from "../../nodes/admin/admin.js";
import { TOPIC } from "../../nodes/admin/bell.js";
import { routes } from "../../nodes/admin/http.js";
import { Traces } from "../../nodes/admin/traces.js";
import { startDemoBackend } from "../../src/tools/demo/backend.js";
import { type Listener, type TraceEntry } from "../../src/index.js";
import { type FlowNode, freePort, load, until, useNodeRed } from "../support/flow.js";

type Body = Record<string, unknown>;
interface View extends Body {
  readonly id: string;
  readonly phase: string;
  readonly counters?: { readonly links: number };
  readonly changes?: { readonly revision: number; readonly meters: Body[]; readonly more: boolean };
}
interface Report {
  readonly ok: boolean;
  readonly steps: { step: string; state: string; facts: Body; error?: Body; frames?: Body[] }[];
}

const serial = "46000000001";

function flow(port: number): FlowNode[] {
  return [
    { id: "type", type: "dlms-meter-type", name: "hexcell", preset: "hexcell" },
    {
      id: "in",
      type: "dlms-listener",
      name: "incoming",
      port: String(port),
      host: "127.0.0.1",
      meterType: "type",
    },
    { id: "unused", type: "dlms-listener", name: "nobody uses it", port: "4999" },
    { id: "broken", type: "dlms-listener", name: "cannot work", port: "${NOT_SET_ANYWHERE}" },
    { id: "server", type: "dlms-meter-server", listener: "in", wires: [[], []] },
    { id: "user", type: "dlms-meter-server", listener: "broken", wires: [[], []] },
    {
      id: "sim",
      type: "dlms-simulator",

      mode: "dial",
      host: "127.0.0.1",
      port: String(port),
      count: "1",
      dialect: "hexcell-login",
      serial,
      wires: [[]],
    },
  ];
}

async function get(path: string): Promise<Body> {
  const { body } = (await helper.request().get(`/dlms-gateway${path}`)) as { body: Body };
  return body;
}

function post(path: string, body: object = {}): Promise<{ status: number; body: Body }> {
  return helper.request().post(`/dlms-gateway${path}`).send(body);
}

async function fleet(have = ""): Promise<View[]> {
  return (await get(`/fleet?have=${encodeURIComponent(have)}`))["listeners"] as View[];
}

async function startedWithMeter(): Promise<number> {
  const port = await freePort();
  await load(flow(port), {}, [admin]);
  let found = false;
  await until(() => {
    void fleet().then((listeners) => {
      const meter = listeners.find(({ id }) => id === "in")?.changes?.meters[0];
      found = meter?.["associated"] === true;
    });
    return found;
  }, "the meter associates");
  return port;
}

const shown = ({ steps }: Report): string[] => steps.map(({ step, state }) => `${step} ${state}`);

describe("admin API: the fleet", () => {
  useNodeRed();

  it("tells every deployed listener, then changes only", async () => {
    await startedWithMeter();
    const all = await fleet();
    assert.deepEqual(all.map(({ id, phase }) => `${id} ${phase}`).sort(), [
      "broken unusable",
      "in listening",
      "unused unused",
    ]);
    assert.match(JSON.stringify(all.find(({ id }) => id === "broken")?.["error"]), /NOT_SET_ANYWHERE/);
    const open = all.find(({ id }) => id === "in");
    assert.equal(open?.counters?.links, 1, JSON.stringify(open));
    assert.equal(open.changes?.meters[0]?.["meterSerialNumber"], serial);
    const { revision } = open.changes;
    const later = await fleet(JSON.stringify({ in: [revision] }));
    assert.ok((later.find(({ id }) => id === "in")?.changes?.meters.length ?? 9) <= 1);
    const about = await get("/about");
    assert.match(String(about["version"]), /^\d+\.\d+\.\d+/);
    assert.ok("METER_OFFLINE" in (about["errors"] as object));
    assert.ok("refused" in (await get("/fleet?have=%7B")));
  });

  it("rings only while somebody asks, at most once for each change", async () => {
    const rung: Body[] = [];
    const { events } = helper as unknown as { events?: never; _events: NodeJS.EventEmitter } & {
      events?: never;
    };
    assert.equal(events, undefined);
    const bus = (helper as unknown as { _events: NodeJS.EventEmitter })._events;
    const hear = (event: { topic: string; data: Body }): void => {
      if (event.topic === TOPIC) rung.push(event.data);
    };
    bus.on("comms", hear);
    try {
      await startedWithMeter();
      await until(() => rung.length > 0, "news");
      assert.deepEqual(Object.keys(rung[0]?.["listeners"] as object).sort(), ["broken", "in", "unused"]);
      assert.ok(!JSON.stringify(rung).includes(serial), "no meter is named on the common channel");
    } finally {
      bus.off("comms", hear);
    }
  });

  it("reads now, shows objects and values, disconnects", async () => {
    await startedWithMeter();
    const meter = `/listeners/in/meters/${serial}`;
    const read = await post(`${meter}/read`);
    assert.equal(read.body["outcome"], "read", JSON.stringify(read.body));
    const one = await post(`${meter}/read`, { items: [{ obisCode: "1-0:1.8.0.255", attributeId: 2 }] });
    assert.equal((one.body["readings"] as Body[])[0]?.["unit"], "Wh");
    const wrong = await post(`${meter}/read`, { items: [{ obisCode: "nonsense" }] });
    assert.equal((wrong.body["refused"] as Body)["code"], "OBIS_INVALID");
    assert.equal((await get(`${meter}/objects`))["source"], "type");
    const listed = (await post(`${meter}/objects`)).body;
    assert.equal(listed["source"], "meter");
    assert.ok(
      (listed["objects"] as Body[]).some(({ obis, unit }) => obis === "1-0:1.8.0.255" && unit === "Wh"),
    );
    assert.equal((await get(`${meter}/objects`))["source"], "meter");
    const found = (await get("/meters?q=460"))["meters"] as Body[];
    assert.deepEqual(
      found.map((meter) => [meter["listener"], meter["serial"], meter["meterType"], meter["hasList"]]),
      [["in", serial, "hexcell", true]],
    );
    assert.equal(listed["preset"], "hexcell");
    assert.equal(((await get("/meters?listener=in&q=460"))["meters"] as Body[]).length, 1);
    const refused = (await get("/meters?listener=unused"))["refused"] as Body;
    assert.match(String(refused["message"]), /No enabled node uses this listener/);
    assert.deepEqual((await post(`${meter}/disconnect`)).body, { disconnected: true });
  });

  it("traces while it is watched, and says what it cannot find", async () => {
    await startedWithMeter();
    const meter = `/listeners/in/meters/${serial}`;
    assert.deepEqual((await post(`${meter}/trace`)).body, { entries: [], missed: 0, last: 0 });
    await post(`${meter}/read`);
    const page = (await post(`${meter}/trace`, { after: 0 })).body as unknown as {
      entries: Body[];
      last: number;
    };
    assert.ok(page.entries.length > 3 && page.last === page.entries.length);
    assert.ok(page.entries.some(({ summary }) => String(summary).startsWith("get-request")));
    const rest = (await post(`${meter}/trace`, { after: page.last })).body;
    assert.deepEqual(rest["entries"], []);
    await post(`${meter}/trace/end`);
    await post(`${meter}/read`);
    assert.equal((await post(`${meter}/trace`)).body["last"], 0);
    const unknown = await post("/listeners/in/meters/999/trace");
    assert.equal((unknown.body["refused"] as Body)["code"], "METER_UNKNOWN");
    for (const id of ["unused", "nowhere", "broken"]) {
      const refused = await post(`/listeners/${id}/meters/${serial}/read`);
      assert.equal((refused.body["refused"] as Body)["code"], "NOT_CONFIGURED", id);
    }
  });
});

describe("admin API: test buttons", () => {
  useNodeRed();

  it("listener: free, its own, another listener's, another program's, unusable", async () => {
    const port = await startedWithMeter();
    const ask = async (body: object): Promise<Report> =>
      (await post("/test/listener", body)).body as unknown as Report;
    const host = "127.0.0.1";
    assert.deepEqual(shown(await ask({ id: "in", config: { host, port: String(port) } })), ["port-own ok"]);
    const other = await ask({ id: "new", config: { host, port: String(port) } });
    assert.deepEqual(shown(other), ["port-free failed"]);
    assert.match(String(other.steps[0]?.error?.["message"]), /listener incoming has/);
    assert.deepEqual(shown(await ask({ id: "new", config: { host, port: String(await freePort()) } })), [
      "port-free ok",
    ]);
    const server = createServer().listen(0, host);
    await new Promise((listening) => server.once("listening", listening));
    const taken = await ask({ config: { host, port: String((server.address() as AddressInfo).port) } });
    assert.equal(taken.steps[0]?.error?.["code"], "PORT_IN_USE");
    await new Promise((closed) => server.close(closed));
    const unset = await ask({ config: { port: "${NOT_SET_ANYWHERE}" } });
    assert.match(String(unset.steps[0]?.error?.["message"]), /NOT_SET_ANYWHERE, which is not set/);
    assert.deepEqual(shown(await ask({ config: { port: "99999" } })), ["settings failed"]);
  });

  it("backend: the draft in the dialog, not what is deployed", async () => {
    await load([], {}, [admin]);
    const demo = await startDemoBackend({ port: 0 });
    try {
      const { body } = await post("/test/backend", { config: { url: demo.url, apiUrl: demo.apiUrl } });
      assert.deepEqual(shown(body as unknown as Report), [
        "rest ok",
        "login skipped",
        "meters ok",
        "socket ok",
      ]);
      const half = await post("/test/backend", { config: { url: demo.url }, credentials: { username: "x" } });
      const report = half.body as unknown as Report;
      assert.deepEqual(shown(report), ["settings failed"]);
      assert.equal(report.steps[0]?.error?.["field"], "password");
    } finally {
      await demo.close();
    }
  });

  it("meter type: step by step with frames; a wrong password is told as such and never shown", async () => {
    await startedWithMeter();
    const good = (await post("/test/meter-type", {
      listener: "in",
      serial,
      id: "type",
      config: { preset: "hexcell", name: "draft" },
    })) as unknown as { body: Report };
    assert.deepEqual(shown(good.body), ["link ok", "release ok", "associate ok", "serial ok", "restore ok"]);
    assert.ok((good.body.steps[2]?.frames ?? []).length >= 2);
    const bad = (await post("/test/meter-type", {
      listener: "in",
      serial,
      config: { preset: "hexcell" },
      credentials: { secret: "wrong-password" },
    })) as unknown as { body: Report };
    assert.equal(bad.body.ok, false);
    assert.ok(shown(bad.body).includes("associate failed"));
    assert.ok(
      !JSON.stringify(bad.body).includes(Buffer.from("wrong-password").toString("hex").toUpperCase()),
    );
    const gone = (await post("/test/meter-type", { listener: "in", serial: "1", config: {} })) as unknown as {
      body: Report;
    };
    assert.equal(gone.body.steps[0]?.error?.["code"], "METER_OFFLINE");
  });

  it("runs once at a time", async () => {
    await load([], {}, [admin]);
    const server = createServer(() => undefined).listen(0, "127.0.0.1");
    // Long enough that both are under way.
    server.on("connection", (socket) => setTimeout(() => socket.destroy(), 700));
    await new Promise((listening) => server.once("listening", listening));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const draft = { id: "b", config: { url, noRest: true } };
      const answers = await Promise.all([post("/test/backend", draft), post("/test/backend", draft)]);
      const refused = answers.filter(({ body }) => "refused" in body);
      assert.equal(refused.length, 1);
      assert.equal((refused[0]?.body["refused"] as Body)["code"], "TEST_RUNNING");
    } finally {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    }
  });
});

describe("admin API: its frame", () => {
  it("asks for a permission on every route, and for `write` wherever something is sent", () => {
    const asked = new Map<string, string>();
    let permission = "";
    const note = (method: string) => (path: string) => asked.set(`${method} ${path}`, permission);
    admin({
      auth: { needsPermission: (wanted: string) => (permission = wanted) },
      httpAdmin: { get: note("get"), post: note("post") },
      comms: { publish: () => undefined },
      settings: {},
    } as never);
    assert.ok(asked.size >= 11);
    for (const [route, wanted] of asked) {
      const sends = /\/test\/|\/read$|\/disconnect$|^post .*\/objects$/.test(route);
      assert.equal(wanted, sends ? "dlms-gateway.write" : "dlms-gateway.read", route);
    }
  });

  it("gives up on what takes too long, in words", async () => {
    let answered: Body | undefined;
    let handler = (_request: object, _response: object): void => undefined;
    const add = routes({
      auth: { needsPermission: () => undefined },
      httpAdmin: { get: (_path: string, _auth: unknown, given: typeof handler) => (handler = given) },
    } as never);
    add("get", "/x", { permission: "read", timeoutMs: 20 }, () => new Promise(() => undefined));
    await new Promise<void>((done) => {
      const response = {
        on: () => undefined,
        writableEnded: false,
        set: () => response,
        json: (body: Body) => {
          answered = body;
          done();
        },
      };
      handler({ params: {}, query: {}, body: undefined }, response);
    });
    assert.equal((answered?.["refused"] as Body)["code"], "RESPONSE_TIMEOUT");
  });

  it("bounds traces: in length, in number, in time", async () => {
    const hearers = new Map<string, (entry: TraceEntry) => void>();
    let stopped = 0;
    const listener = {
      watch: (serial: string, hear: (entry: TraceEntry) => void) => {
        hearers.set(serial, hear);
        return () => stopped++;
      },
    } as unknown as Listener;
    const traces = new Traces(50);
    traces.read("l", listener, "1", "a", 0);
    const entry: TraceEntry = {
      at: "",
      linkId: "1",
      direction: "in",
      octets: 1,
      summary: "",
      hex: "00",
      table: "",
    };
    for (let i = 0; i < 1_000; i++) hearers.get("1")?.(entry);
    const page = traces.read("l", listener, "1", "b", 10);
    assert.deepEqual([page.entries.length, page.missed, page.last], [300, 690, 1_000]);
    for (let i = 2; i <= 20; i++) traces.read("l", listener, String(i), "a", 0);
    traces.end("l", "1", "a");
    assert.equal(stopped, 0, "the other editor still watches");
    assert.throws(() => traces.read("l", listener, "21", "a", 0), { code: "LIMIT_EXCEEDED" });
    await until(() => stopped === 20, "traces end by themselves");
    assert.deepEqual(traces.places, {});
  });
});
