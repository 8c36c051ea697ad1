/**
 * dlms-write, -action, -load-profile, -clock and -firmware through their examples and on their own, against a simulated
 * meter over TCP: one final result each, bad input named by field, nothing from a node without its listener.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type NodeAPI } from "node-red";
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
  type Message,
} from "../support/flow.js";

const SERIAL = "45000000021";
const CLOCK = "0-0:1.0.0.255";
const root = join(__dirname, "../..");

/** The function node, for the example that makes an image. */
// eslint-disable-next-line @typescript-eslint/no-require-imports -- the runtime's own file, which has no types
const functionNode = require("@node-red/nodes/core/function/10-function.js") as (RED: NodeAPI) => void;

interface Example {
  /** Presses the Inject button of this name and gives what the debug node of the result would show. */
  readonly press: (name: string) => Promise<Message["payload"]>;
  readonly main: FlowNode;
  readonly rows: ReturnType<typeof catcher> | undefined;
}

/** An example as it is imported, its port aside, with catchers in the places of its debug nodes. */
async function example(name: string): Promise<Example> {
  const port = String(await freePort());
  const flow = JSON.parse(readFileSync(join(root, "examples", `${name}.json`), "utf8")) as FlowNode[];
  const own = flow.map((entry): FlowNode => {
    if (entry.type === "dlms-listener") return { ...entry, port, host: "127.0.0.1" };
    if (entry.type === "dlms-simulator") return { ...entry, port, host: "127.0.0.1" };
    return entry.type === "debug" ? { ...entry, type: "helper" } : entry;
  });
  const listener = own.find(({ type }) => type === "dlms-listener")?.id;
  const watch: FlowNode[] = [
    { id: "watch", type: "dlms-meter-server", listener, wires: [["meters"], []] },
    { id: "meters", type: "helper" },
  ];
  await load([...own, ...watch], {}, [...coreNodes(), functionNode]);
  await catcher("meters").next(({ payload }) => payload.event === "identified", "identified meter");
  const byName = (wanted: string): string => {
    const found = own.find((entry) => entry["name"] === wanted && entry.type !== "comment");
    assert.ok(found, `${wanted} in ${name}.json`);
    return found.id;
  };
  const results = catcher(byName("result"));
  return {
    main: own.find(({ type }) => type === name) as FlowNode,
    rows: own.some((entry) => entry["name"] === "rows") ? catcher(byName("rows")) : undefined,
    press: async (button) => {
      node(byName(button)).receive({});
      return (await results.next()).payload;
    },
  };
}

describe("the examples of writes, methods, profiles, clocks and firmware", () => {
  useNodeRed();

  it("dlms-write.json", async () => {
    const { press } = await example("dlms-write");
    for (const button of ["30 minutes", "60 minutes", "two at once"]) {
      const result = await press(button);
      assert.equal(result.outcome, "written", `${button}: ${JSON.stringify(result)}`);
    }
    const wrong = await press("wrong type");
    assert.deepEqual(
      [wrong.outcome, (wrong.error as { field: string }).field],
      ["invalid", "value"],
      JSON.stringify(wrong),
    );
  });

  it("dlms-action.json", async () => {
    const { press } = await example("dlms-action");
    for (const button of ["shift by a minute", "back by a minute", "adjust to minute"]) {
      const result = await press(button);
      assert.equal(result.outcome, "done", `${button}: ${JSON.stringify(result)}`);
    }
  });

  it("dlms-load-profile.json", async () => {
    const { press, rows } = await example("dlms-load-profile");
    assert.ok(rows);
    const last = await press("last rows");
    assert.equal(last.outcome, "read", JSON.stringify(last).slice(0, 300));
    assert.equal((last.rows as unknown[]).length, 4);
    for (let index = 0; index < 4; index++) {
      const msg = (await rows.next()) as Message & { parts: Record<string, unknown> };
      assert.equal(msg.payload.meterSerialNumber, "45000000013");
      assert.match(String(msg.payload.timestamp), /^\d{4}-\d\d-\d\dT/);
      assert.equal(typeof msg.payload["1-0:1.8.0.255"], "number");
      const { count, index: at, type, len } = msg.parts;
      assert.deepEqual([count, at, type, len], [4, index, "array", 1]);
    }
    assert.equal(((await press("last 12 rows")).rows as unknown[]).length, 12);
    assert.equal(((await press("entries 1 to 3")).rows as unknown[]).length, 3);
  });

  it("dlms-clock.json", async () => {
    const { press } = await example("dlms-clock");
    const read = await press("read");
    assert.equal(read.outcome, "read", JSON.stringify(read));
    assert.match(String((read.clock as { time: string }).time), /^\d{4}-/);
    assert.ok(["in-time", "off"].includes(String((await press("compare")).outcome)));
    assert.equal((await press("set")).outcome, "set");
    assert.equal((await press("set if 60 s off")).outcome, "in-time");
  });

  it("dlms-firmware.json; the status shows how far it is", async () => {
    const { press, main } = await example("dlms-firmware");
    const done = await press("an image");
    assert.equal(done.outcome, "activated", JSON.stringify(done));
    const texts = calls(main.id, "status").map(([status]) => (status as { text?: string }).text ?? "");
    assert.ok(texts.includes("transferring 50 %"), texts.join());
    assert.ok(texts.includes("verifying"), texts.join());
    assert.match(statusOf(main.id).text ?? "", /^activated · /);
    const status = await press("status");
    assert.deepEqual(
      [status.outcome, (status.firmware as { status: string }).status],
      ["read", "activation-successful"],
    );
  });
});

describe("nodes for writes, methods, profiles, clocks and firmware", () => {
  useNodeRed();
  const listener = "listener";
  const folders: string[] = [];
  after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

  /** A meter that dials in, and the nodes under test wired to `result` and `rows`. */
  async function bench(...nodes: Omit<FlowNode, "id">[]): Promise<ReturnType<typeof catcher>> {
    const port = String(await freePort());
    await load([
      { id: listener, type: "dlms-listener", port, host: "127.0.0.1", offline: "fail" },
      { id: "server", type: "dlms-meter-server", listener, wires: [["meters"], []] },
      { id: "meters", type: "helper" },
      { id: "sim", type: "dlms-simulator", preset: "hexcell", serial: SERIAL, port, wires: [["did"]] },
      { id: "did", type: "helper" },
      { id: "result", type: "helper" },
      { id: "rows", type: "helper" },
      ...nodes.map((entry) => ({
        id: String(entry.type).slice(5),
        listener,
        meter: SERIAL,
        meterFrom: "str",
        wires: [["result"], ["rows"]],
        ...entry,
      })),
    ] as FlowNode[]);
    await catcher("meters").next(({ payload }) => payload.event === "identified", "identified meter");
    return catcher("result");
  }

  it("a plain payload is the value of a write; the message's fields go before the node's own", async () => {
    const write = { type: "dlms-write", obisCode: CLOCK, attributeId: "3", dataType: "long" };
    const result = await bench(write, { ...write, id: "own", value: "-30", valueFrom: "num" });
    node("write").receive({ _msgid: "m", payload: -90, topic: "mine" });
    const msg = await result.next();
    assert.deepEqual([msg._msgid, msg.topic], ["m", "mine"]);
    assert.equal(msg.payload.outcome, "written", JSON.stringify(msg.payload));
    assert.equal(msg.payload.command, "write-meter");
    node("write").receive({ payload: { value: true, attributeId: 8, type: "boolean", note: "kept" } });
    const other = (await result.next()).payload;
    assert.deepEqual([other.outcome, other.note], ["written", "kept"]);
    node("own").receive({ payload: 1_700_000_000_000 });
    const own = (await result.next()).payload;
    assert.equal(own.outcome, "written", JSON.stringify(own));
    assert.match(statusOf("own").text ?? "", /^written · /);
  });

  it("rows come in one message, or so many per message with parts for a Join", async () => {
    const profile = { type: "dlms-load-profile", choose: "last", last: "5" };
    const result = await bench(profile, { ...profile, id: "by-two", rowsPerMessage: "2" });
    const rows = catcher("rows");
    node("load-profile").receive({ payload: "", topic: "t" });
    await result.next();
    const whole = await rows.next();
    assert.equal(whole.topic, "t");
    assert.equal((whole.payload as unknown as unknown[]).length, 5);
    assert.equal("parts" in whole, false);
    node("by-two").receive({ payload: {} });
    await result.next();
    const sizes: number[] = [];
    const ids = new Set<unknown>();
    for (let index = 0; index < 3; index++) {
      const msg = (await rows.next()) as Message & { parts: { id: string; index: number; count: number } };
      assert.deepEqual([msg.parts.index, msg.parts.count], [index, 3]);
      ids.add(msg.parts.id);
      sizes.push((msg.payload as unknown as unknown[]).length);
    }
    assert.deepEqual([sizes, ids.size], [[2, 2, 1], 1]);
    node("load-profile").receive({ payload: { from: new Date(Date.now() - 7_200_000).toISOString() } });
    const period = (await result.next()).payload;
    assert.equal(period.outcome, "read", JSON.stringify(period).slice(0, 300));
    node("load-profile").receive({ payload: { obisCode: "1-0:99.77.0.255" } });
    assert.equal((await result.next()).payload.outcome, "failed");
    assert.equal(rows.all.length, 5, "a failed read gives no rows");
  });

  it("an image comes from a file, too, whose name it bears", async () => {
    const folder = mkdtempSync(join(tmpdir(), "dlms-image-"));
    folders.push(folder);
    const file = join(folder, "FW-9.bin");
    writeFileSync(file, new Uint8Array(1_500).fill(3));
    const result = await bench(
      { type: "dlms-firmware", file, fileFrom: "str", actionFrom: "transfer", identifierFrom: "str" },
      { type: "dlms-firmware", id: "second", actionFrom: "activate" },
    );
    node("firmware").receive({ payload: 0 });
    const done = (await result.next()).payload;
    assert.equal(done.outcome, "verified", JSON.stringify(done));
    const { toActivate, total } = done.firmware as {
      toActivate: { identification: string }[];
      total: number;
    };
    assert.equal(total, 3);
    assert.equal(toActivate[0]?.identification, Buffer.from("FW-9").toString("hex").toUpperCase());
    node("second").receive({ payload: "" });
    assert.equal((await result.next()).payload.outcome, "activated");
  });

  it("bad input: one result each that names the field, done, and the meter is asked nothing", async () => {
    const result = await bench(
      { type: "dlms-write", valueFrom: "payload", obisCode: CLOCK },
      { type: "dlms-action" },
      { type: "dlms-load-profile" },
      { type: "dlms-clock", actionFrom: "payload" },
      { type: "dlms-firmware", identifierFrom: "str" },
    );
    const did = catcher("did");
    const cases: readonly (readonly [string, unknown, string, string])[] = [
      ["write", {}, "FIELD_INVALID", "value"],
      ["write", { value: 1, type: "number" }, "FIELD_INVALID", "type"],
      ["write", { value: 999, type: "unsigned" }, "FIELD_INVALID", "value"],
      ["write", { obisCode: "clock", value: 1 }, "OBIS_INVALID", "obisCode"],
      ["write", { items: [{ obisCode: CLOCK }] }, "FIELD_INVALID", "items[0].value"],
      ["write", { value: 1, meterId: "a", _id: "b" }, "AMBIGUOUS_METER", "_id"],
      ["action", { obisCode: CLOCK }, "FIELD_INVALID", "methodId"],
      ["action", { methodId: 1 }, "OBIS_REQUIRED", "obisCode"],
      ["load-profile", { last: "many" }, "FIELD_INVALID", "last"],
      ["load-profile", { from: "2026-02-01", to: "2026-01-01" }, "FIELD_INVALID", "from"],
      ["load-profile", ["1-0:99.1.0.255"], "FIELD_INVALID", "payload"],
      ["clock", "wind", "ACTION_INVALID", "action"],
      ["clock", { action: "set", toleranceSeconds: "soon" }, "FIELD_INVALID", "toleranceSeconds"],
      ["firmware", { action: "update" }, "FIELD_INVALID", "image"],
      ["firmware", Buffer.from("image"), "FIELD_INVALID", "identifier"],
      ["firmware", { file: "/nowhere/at/all.bin" }, "FIELD_INVALID", "file"],
      ["firmware", { file: 7 }, "FIELD_INVALID", "file"],
    ];
    for (const [id, payload, code, field] of cases) {
      node(id).receive({ payload });
      const got = (await result.next()).payload;
      const error = got.error as { code: string; field: string; message: string };
      const shown = `${id} ${JSON.stringify(payload)}: ${JSON.stringify(got)}`;
      assert.deepEqual([got.success, error.code, error.field], [false, code, field], shown);
      assert.equal(got.outcome, "invalid", shown);
    }
    assert.equal(result.all.length, cases.length, "exactly one result each");
    assert.deepEqual(
      did.all.filter(({ payload }) => payload.event === "request"),
      [],
    );
  });

  it("without its listener a node says so, fails the message, and the result is there all the same", async () => {
    const types = ["dlms-write", "dlms-action", "dlms-load-profile", "dlms-clock", "dlms-firmware"];
    await load([
      { id: "result", type: "helper" },
      { id: "off", type: "dlms-listener", port: String(await freePort()), d: true },
      ...types.map((type): FlowNode => ({
        id: type.slice(5),
        type,
        listener: "off",
        wires: [["result"], []],
      })),
    ]);
    const result = catcher("result");
    for (const type of types.map((name) => name.slice(5))) {
      assert.equal(statusOf(type).fill, "red", type);
      node(type).receive({ payload: { meterSerialNumber: SERIAL, action: "read" } });
      const { payload } = await result.next();
      assert.equal(payload.outcome, "not-sent", JSON.stringify(payload));
      assert.equal((payload.error as { field: string }).field, "listener");
      await until(() => calls(type, "error").length > 0, `${type} tells its error`);
    }
  });
});
