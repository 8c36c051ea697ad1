/** The backend's writes, by HTTP call and by event, on a gateway with a store and a simulated meter. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DlmsError } from "../../src/core/errors.js";
import { type StoreUse } from "../../src/store/index.js";
import { type SimulatedMeterOptions } from "../../src/simulator/meter-options.js";
import { startDemoBackend, type DemoBackend } from "../../src/tools/demo/backend.js";
import { systemClock } from "../../src/transport/clock.js";
import { type DialledIn } from "../gateway/bench.js";
import { meter, serial } from "../gateway/journal/fixture.js";
import { until } from "./fakes.js";
import { Life, type LifeOptions } from "./life.js";

type Body = Record<string, unknown>;

const CLOCK = "0-0:1.0.0.255";
const zone = { meter_number: serial, obis_code: CLOCK, class_id: 8, attribute_id: 3, value: -180 };
const rightClock = (): object => ({ epochAtZero: systemClock.epochMs() - systemClock.now() });
const WAIT_MS = 3_000;
const lost = { faults: { hangUp: "after-effect", hangUpOn: "set" } } as const;

function sets(dialled: DialledIn): string[] {
  return dialled.received().match(/C101..00080000010000FF0300.{4,6}/g) ?? [];
}

describe("writes of the backend", () => {
  let backend: DemoBackend;
  let told: Body[] = [];
  let lives: Life[] = [];
  let folder: string;

  async function live(options: LifeOptions = {}): Promise<Life> {
    const bridge = { shim: { port: 0, limits: { readMs: WAIT_MS } } };
    const life = new Life(join(folder, "store.sqlite"), backend.url, { bridge, ...options });
    lives.push(life);
    await life.start();
    await until("port", () => life.bridge.status.shimPort);
    await until("connection", () => life.bridge.status.phase === "connected" && backend.gateways > 0);
    return life;
  }
  async function online(
    options: Partial<SimulatedMeterOptions> = {},
    more: LifeOptions = {},
  ): Promise<[Life, DialledIn]> {
    const life = await live(more);
    const dialled = await life.bench.dialIn({ ...meter, ...options });
    await life.bench.event("associated", serial);
    return [life, dialled];
  }
  async function next(life: Life): Promise<Life> {
    lives = lives.filter((other) => other !== life);
    await life.stop();
    await until("the end", () => backend.gateways === 0);
    return live();
  }
  async function post(life: Life, path: string, body: Body): Promise<[number, Body, Body]> {
    const answer = await fetch(`http://127.0.0.1:${life.bridge.status.shimPort}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const json = (await answer.json()) as Body;
    return [answer.status, json, (json["data"] ?? {}) as Body];
  }
  const sends = async (life: Life, commandId: unknown): Promise<number | undefined> =>
    (await (await life.journal.store()).command(String(commandId)))?.sends;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "dlms-writes-"));
    told = [];
    backend = await startDemoBackend({
      port: 0,
      acks: true,
      confirms: true,
      records: [{ meterNumber: serial, brand: "b", model: "m", area: "a", meterType: "prepaid" }],
      onResult: (payload) => told.push(payload as Body),
    });
  });
  afterEach(async () => {
    await Promise.all(lives.map((life) => life.stop()));
    lives = [];
    await backend.close();
    rmSync(folder, { recursive: true, force: true });
  });

  describe("by HTTP call", () => {
    it("writes by the declared type, or by the type that is named, and records it", async () => {
      const [life, dialled] = await online();
      const [status, json, data] = await post(life, "/write", zone);
      const { commandId } = json;
      assert.equal(status, 200, JSON.stringify(json));
      assert.deepEqual(json, { success: true, meterNumber: serial, commandId, data });
      assert.deepEqual(data, {
        ...{ success: true, obisCode: CLOCK, classId: 8, attributeId: 3 },
        ...{ value: -180, outcome: "written", error: null },
      });
      const stored = await (await life.journal.store()).command(String(commandId));
      assert.deepEqual(
        [stored?.command, stored?.state, stored?.outcome, stored?.sends],
        ["write-meter", "done", "written", 1],
      );
      const named = { ...zone, value: "120", data_type: "INT16" };
      assert.equal((await post(life, "/write", named))[0], 200);
      const [first, second] = sets(dialled);
      assert.match(first ?? "", /10FF4C$/);
      assert.match(second ?? "", /100078$/);
      assert.deepEqual(told, [], "who asked has been told");
    });

    it("tells what the meter refuses, and what cannot be written before anything leaves", async () => {
      const [life, dialled] = await online();
      const unfit = { ...zone, value: 5, data_type: "uint8" };
      const [status, json, data] = await post(life, "/write", unfit);
      assert.deepEqual([status, json["success"], data["success"]], [200, false, false]);
      assert.deepEqual([data["outcome"], data["code"]], ["refused", "TYPE_UNMATCHED"]);
      assert.equal(sets(dialled).length, 1);
      const [bad, refused] = await post(life, "/write", { ...zone, value: "soon" });
      assert.deepEqual([bad, refused["code"], refused["field"]], [400, "FIELD_INVALID", "value"]);
      assert.equal(sets(dialled).length, 1);
    });

    it("sends nothing before the store has it on disk that it is about to", async () => {
      const full = (): Promise<never> => Promise.reject(new DlmsError("STORE_FULL"));
      const tamper = (use: StoreUse): StoreUse =>
        Object.assign(Object.create(use) as StoreUse, { markSending: full });
      const [life, dialled] = await online({}, { tamper });
      const [status, json] = await post(life, "/write", zone);
      assert.deepEqual([status, json["code"], json["outcome"]], [503, "STORE_FULL", "not-sent"]);
      assert.deepEqual(sets(dialled), []);
    });

    it("the same write again, while its outcome is open, joins it: sent once, and the retry is told", async () => {
      const [life, dialled] = await online(lost);
      const [status, json] = await post(life, "/write", zone);
      assert.deepEqual([status, json["code"]], [504, "RESPONSE_TIMEOUT"], JSON.stringify(json));
      assert.equal(life.bench.listener.registry.find(serial)?.online, false);
      const other = await post(life, "/write", { ...zone, value: 0 });
      assert.deepEqual(
        [other[0], other[1]["code"], other[1]["field"]],
        [503, "METER_OFFLINE", "meter_number"],
      );
      const again = post(life, "/write", zone);
      const same = post(life, "/write", zone);
      await life.bench.reconnect(dialled);
      for (const [code, { commandId }, data] of [await again, await same]) {
        assert.deepEqual([code, data["outcome"]], [200, "written"]);
        assert.equal(commandId, json["commandId"]);
      }
      assert.equal(await sends(life, json["commandId"]), 1);
    });

    it("the result of a write that nobody waits for any more goes to the backend; a retry gets it, too", async () => {
      const [life, dialled] = await online(lost);
      const [status, { commandId }] = await post(life, "/write", zone);
      assert.equal(status, 504);
      await life.bench.reconnect(dialled);
      const result = await until("result", () => told[0]);
      assert.deepEqual(
        [result["command"], result["commandId"], result["outcome"], result["meterSerialNumber"]],
        ["write-meter", commandId, "written", serial],
      );
      const [code, json] = await post(life, "/write", zone);
      assert.deepEqual([code, json["commandId"]], [200, commandId]);
      assert.equal(await sends(life, commandId), 1);
      assert.equal(told.length, 1);
    });

    it("a restart in between changes nothing of that", async () => {
      const [life, dialled] = await online(lost);
      const [, { commandId }] = await post(life, "/write", zone);
      const later = await next(life);
      const stranger = await post(later, "/write", { ...zone, meter_number: "99" });
      assert.deepEqual([stranger[0], stranger[1]["code"]], [404, "METER_UNKNOWN"]);
      const again = post(later, "/write", zone);
      await later.bench.reconnect(dialled);
      const [code, json, data] = await again;
      assert.deepEqual([code, json["commandId"], data["outcome"]], [200, commandId, "written"]);
      assert.equal(await sends(later, commandId), 1);
      await until("result", () => told.some((result) => result["commandId"] === commandId));
    });

    it("another value in between makes it a new one, whoever wrote that", async () => {
      const [life, dialled] = await online();
      const ids = new Set<unknown>();
      const write = async (value: number): Promise<void> => {
        const [status, { commandId }] = await post(life, "/write", { ...zone, value });
        assert.equal(status, 200);
        ids.add(commandId);
      };
      for (const value of [-180, -120, -180, -180]) await write(value);
      assert.deepEqual([ids.size, sets(dialled).length], [3, 3]);
      const own = { meterSerialNumber: serial, obisCode: CLOCK, attributeId: 3, value: 60 };
      assert.equal((await life.bench.run("write-meter", own)).outcome, "written");
      const { handed } = life;
      backend.emit("dlms-write", { ...own, value: 30 });
      await until("the event's", () => told.length === 1);
      assert.equal(handed.length, 1);
      await write(-180);
      assert.deepEqual([ids.size, sets(dialled).length], [4, 6]);
    });

    it("with an id of its caller's it is that command for good, and no other", async () => {
      const [life, dialled] = await online();
      const named = { ...zone, command_id: "w-1" };
      for (let i = 0; i < 2; i += 1) assert.equal((await post(life, "/write", named))[1]["commandId"], "w-1");
      assert.equal(sets(dialled).length, 1);
      const [status, json] = await post(life, "/write", { ...named, value: 0 });
      assert.deepEqual([status, json["code"], json["field"]], [409, "COMMAND_CONFLICT", "command_id"]);
    });

    it("reads the rows of a load profile in a period", async () => {
      const [life] = await online({ ...rightClock(), objects: "hexcell" });
      const start_date = new Date(Date.now() - 3 * 3_600_000).toISOString();
      const body = { meter_number: serial, start_date, end_date: new Date().toISOString() };
      const [status, json, data] = await post(life, "/load-profile", body);
      assert.equal(status, 200, JSON.stringify(json).slice(0, 500));
      const rows = data["value"] as Body[];
      assert.ok(rows.length >= 1 && rows.length === data["count"]);
      assert.ok(rows.every(({ timestamp }) => Date.parse(String(timestamp)) >= Date.parse(start_date)));
      assert.ok(Array.isArray(data["columns"]) && data["success"] === true && data["error"] === null);
      const [code, none, fault] = await post(life, "/load-profile", {
        ...body,
        obis_code: "1-0:99.77.0.255",
      });
      assert.deepEqual(
        [code, none["success"], fault["code"], fault["value"]],
        [200, false, "OBJECT_UNDEFINED", null],
      );
    });
  });

  describe("by event", () => {
    const write = { meterSerialNumber: serial, obisCode: CLOCK, classId: 8, attributeId: 3, value: -180 };
    const ackMs = 5_000;

    it("dlms-write sent again is one write, over a restart as well; other words are not", async () => {
      const [life, dialled] = await online();
      dialled.hangUp();
      await life.bench.event("disconnected", serial);
      const first = await backend.offer("dlms-write", write, ackMs);
      // In other words, so that it is not taken for a copy of the same event.
      const second = await backend.offer("dlms-write", { ...write, requestedBy: "again" }, ackMs);
      assert.deepEqual(second, first);
      assert.equal(life.handed.length, 1);
      const later = await next(life);
      await until("handed again", () => later.handed.length === 1);
      assert.deepEqual(await backend.offer("dlms-write", { ...write, requestedBy: "third" }, ackMs), first);
      const back = await later.bench.dialIn(meter);
      const result = await until("result", () => told[0]);
      assert.deepEqual([result["command"], result["outcome"]], ["write-meter", "written"]);
      assert.equal(sets(back).length, 1);
      // Ended well a moment ago: told again.
      assert.deepEqual(await backend.offer("dlms-write", { ...write, requestedBy: "fourth" }, ackMs), first);
      await until("told again", () => told.length === 2);
      assert.deepEqual([sets(back).length, later.handed.length], [1, 1]);
      const other = await backend.offer("dlms-write", { ...write, value: 0 }, ackMs);
      assert.notDeepEqual(other, first);
      await until("the other's result", () => told.length === 3);
      assert.equal(sets(back).length, 2);
    });

    it("one id for two writes is a conflict", async () => {
      const [life, dialled] = await online();
      const named = { ...write, commandId: "w-1" };
      assert.deepEqual(await backend.offer("dlms-write", named, ackMs), { accepted: true, commandId: "w-1" });
      assert.deepEqual(await backend.offer("dlms-write", { ...named, value: 5 }, ackMs), {
        accepted: false,
        code: "COMMAND_CONFLICT",
      });
      await until("results", () => told.length === 2);
      assert.deepEqual(told.map(({ outcome }) => outcome).sort(), ["invalid", "written"]);
      assert.deepEqual([life.handed.length, sets(dialled).length], [1, 1]);
    });

    it("dlms-read-profile gives rows, also where the answer is the result", async () => {
      const [life] = await online({ ...rightClock(), objects: "hexcell" });
      const startDate = new Date(Date.now() - 3 * 3_600_000).toISOString();
      backend.emit("dlms-read-profile", { meterSerialNumber: serial, startDate });
      const result = await until("result", () => told[0]);
      assert.deepEqual([result["command"], result["outcome"]], ["read-profile", "read"]);
      assert.ok((result["rows"] as unknown[]).length >= 1);
      assert.deepEqual(life.handed[0]?.payload["obisCode"], "1-0:99.1.0.255");
    });
  });
});
