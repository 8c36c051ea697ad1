import assert from "node:assert/strict";
import { type HesOptions } from "../../src/hes/options.js";
import { backendKinds, startDemoBackend, type DemoBackend } from "../../src/tools/demo/backend.js";
import { startBridge, until, type Rig } from "./fakes.js";

const serial = "45000000017";
const other = "45000000025";
const records = [serial, other].map((meterNumber) => ({
  meterNumber,
  brand: "hexcell",
  model: "HX",
  area: "a",
  meterType: "prepaid",
}));

describe("hes requests in the backend's other words", () => {
  let backend: DemoBackend;
  let rig: Rig;

  async function start(options: Partial<HesOptions> = {}, flow = true): Promise<string> {
    backend = await startDemoBackend({ port: 0, ...backendKinds.real, login: "none", records });
    rig = startBridge(
      { url: backend.url, apiUrl: backend.apiUrl, socketMode: "per-meter", ...options },
      flow,
    );
    for (const number of [serial, other]) rig.listener.dialIn(number);
    await until("rooms", () => backend.listeners(serial) > 0 && backend.listeners(other) > 0);
    return rig.listener.meters.get(serial)?.backendId ?? "";
  }
  const post = async (path: string, body: unknown): Promise<number> => {
    const headers = { "content-type": "application/json" };
    return (await fetch(`${backend.apiUrl}${path}`, { method: "POST", headers, body: JSON.stringify(body) }))
      .status;
  };
  const settingsHanded = (): Record<string, unknown>[] =>
    rig.others
      .filter(([name]) => name === "meter-write-settings")
      .map(([, payload]) => payload as Record<string, unknown>);
  const finish = (commandId: unknown, success: boolean): void =>
    void rig.bridge.submit({
      command: "meter-write-settings",
      commandId,
      success,
      outcome: success ? "written" : "failed",
    });

  afterEach(async () => {
    await rig.bridge.stop();
    await backend.close();
  });

  it("meter-read-request is a read whose codes are left to the flow", async () => {
    await start({}, false);
    assert.equal(await post(`/meters/${serial}/read`, {}), 200);
    const { name, payload } = await until("command", () => rig.handed[0]);
    const { commandId } = payload;
    assert.deepEqual(
      { name, payload },
      { name: "read-meter", payload: { requestedBy: "demo", meterSerialNumber: serial, commandId } },
    );
    void rig.bridge.submit({
      command: "read-meter",
      commandId,
      success: true,
      outcome: "read",
      readings: [],
    });
    const result = await until("result", () => backend.results()[0]);
    assert.deepEqual(
      [result["meterSerialNumber"], result["command"], result["requestedBy"]],
      [serial, "read-meter", "demo"],
    );
  });

  it("settings that a user sends again because of the backend's error are written once", async () => {
    await start({}, false);
    const wish = { settings: { limit: 5, tariff: { a: 1, b: 2 } }, metadata: { why: "x" } };
    const same = { metadata: { why: "x" }, settings: { tariff: { b: 2, a: 1 }, limit: 5 } };
    assert.equal(await post(`/meters/${serial}/settings`, wish), 500);
    const command = await until("settings", () => settingsHanded()[0]);
    assert.deepEqual(command, {
      ...wish,
      requestedBy: "demo",
      meterSerialNumber: serial,
      commandId: command["commandId"],
    });
    await post(`/meters/${serial}/settings`, same);
    await post(`/meters/${other}/settings`, wish);
    await until("the other meter's", () => settingsHanded().length === 2);
    finish(command["commandId"], true);
    const result = await until("result", () => backend.results()[0]);
    assert.deepEqual(
      [result["command"], result["success"], result["outcome"], result["meterSerialNumber"]],
      ["meter-write-settings", true, "written", serial],
    );
    // Ended well: told again, not written again.
    await post(`/meters/${serial}/settings`, wish);
    await until("result again", () => backend.results().length === 2);
    assert.deepEqual(backend.results()[1], result);
    assert.equal(settingsHanded().length, 2);
    // Other settings in between: the first ones are news again.
    await post(`/meters/${serial}/settings`, { settings: { limit: 6 } });
    await until("other settings", () => settingsHanded().length === 3);
    await post(`/meters/${serial}/settings`, wish);
    await until("the first ones again", () => settingsHanded().length === 4);
    assert.equal(rig.handed.length, 0);
  });

  it("settings that failed, and settings with ids of their own, are new commands", async () => {
    await start({}, false);
    const payload = { settings: { limit: 5 }, metadata: {}, meterSerialNumber: serial };
    backend.emit("meter-write-settings", payload);
    const first = await until("settings", () => settingsHanded()[0]);
    finish(first["commandId"], false);
    await until("result", () => backend.results().length === 1);
    backend.emit("meter-write-settings", payload);
    await until("again", () => settingsHanded().length === 2);
    backend.emit("meter-write-settings", { ...payload, commandId: "own" });
    const third = await until("own id", () => settingsHanded()[2]);
    assert.equal(third["commandId"], "own");
    assert.equal(rig.bridge.status.pending, 2);
  });

  const wrong: [string, unknown, string, string][] = [
    ["no settings", {}, "FIELD_INVALID", "settings"],
    ["settings a text", { settings: "limit=5" }, "FIELD_INVALID", "settings"],
    ["settings of 1 MB", { settings: { a: "9".repeat(1_000_000) } }, "LIMIT_EXCEEDED", "settings"],
    ["settings nested deeply", { settings: deep(40) }, "LIMIT_EXCEEDED", "settings"],
  ];
  for (const [name, payload, code, field] of wrong) {
    it(`refuses ${name} with one result`, async () => {
      await start({}, false);
      backend.emit("meter-write-settings", { ...(payload as object), meterSerialNumber: serial });
      const result = await until("result", () => backend.results()[0]);
      const error = result["error"] as { code: string; field: string };
      assert.deepEqual(
        [result["command"], result["outcome"], error.code, error.field],
        ["meter-write-settings", "invalid", code, field],
      );
      assert.deepEqual(settingsHanded(), []);
    });
  }

  it("settings that nobody answers end as unknown", async () => {
    await start({ resultTimeoutMs: { "meter-write-settings": 30 } }, false);
    await post(`/meters/${serial}/settings`, { settings: {} });
    const result = await until("result", () => backend.results()[0]);
    assert.deepEqual([result["outcome"], result["success"]], ["unknown", false]);
  });

  describe("of newer backends", () => {
    it("dlms-read and dlms-read-profile are reads, answered on the record's own event", async () => {
      const id = await start();
      backend.emitTo(serial, "dlms-read", { obisCode: "1-0:1.8.0.255", classId: 3, attributeId: 2 });
      await until("read", () => rig.handed.length === 1);
      backend.emitTo(serial, "dlms-read-profile", {
        obisCode: "1-0:99.1.0.255",
        startDate: "2026-01-01T00:00:00.000Z",
        endDate: "2026-01-02T00:00:00.000Z",
      });
      await until("replies", () => backend.unknownEvents().length === 2);
      const [[readName, read], [profileName, profile]] = backend.unknownEvents() as [
        [string, Record<string, unknown>],
        [string, Record<string, unknown>],
      ];
      assert.equal(readName, `dlms-response-${id}`);
      assert.deepEqual(
        [read["success"], read["value"], read["unit"], read["error"]],
        [true, 1234.5, "kWh", null],
      );
      assert.equal(profileName, `dlms-profile-response-${id}`);
      const { commandId, ...rest } = profile;
      assert.equal(typeof commandId, "string");
      assert.deepEqual(rest, {
        success: true,
        meterSerialNumber: serial,
        outcome: "read",
        obisCode: "1-0:99.1.0.255",
        value: [{ timestamp: "2026-01-01T00:00:00.000Z", "1-0:1.8.0.255": 5 }],
        columns: [],
        error: null,
      });
      assert.deepEqual(
        rig.handed.map(({ name }) => name),
        ["read-meter", "read-profile"],
      );
      const { payload } = rig.handed[1] ?? {};
      assert.deepEqual(
        [payload?.["obisCode"], payload?.["from"], payload?.["to"], payload?.["meterSerialNumber"]],
        ["1-0:99.1.0.255", "2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z", serial],
      );
    });

    const zone = { obisCode: "0-0:1.0.0.255", classId: 8, attributeId: 3, value: -180 };

    it("dlms-write is a write, answered on the record's own event and with a result", async () => {
      const id = await start();
      backend.emitTo(serial, "dlms-write", { ...zone, dataType: "INT16" });
      const [name, answer] = (await until("reply", () => backend.unknownEvents()[0])) as [
        string,
        Record<string, unknown>,
      ];
      const { commandId } = answer;
      assert.equal(name, `dlms-write-response-${id}`);
      assert.deepEqual(answer, {
        ...{ success: true, commandId, meterSerialNumber: serial, outcome: "written" },
        ...{ obisCode: zone.obisCode, classId: 8, attributeId: 3, error: null },
      });
      assert.deepEqual(rig.handed, [
        { name: "write-meter", payload: { ...zone, type: "long", meterSerialNumber: serial, commandId } },
      ]);
      const result = await until("result", () => backend.results()[0]);
      assert.deepEqual(
        [result["command"], result["commandId"], result["meterId"], result["status"]],
        ["write-meter", commandId, id, "success"],
      );
    });

    it("the same dlms-write once more, while it is open and after it went well, is the same one", async () => {
      await start({}, false);
      backend.emitTo(serial, "dlms-write", zone);
      const first = await until("write", () => rig.handed[0]);
      // A little apart: the same words at the same moment over several sockets are one command anyway.
      await new Promise((resolve) => setTimeout(resolve, 120));
      backend.emitTo(serial, "dlms-write", zone);
      backend.emitTo(serial, "dlms-write", { ...zone, value: -120 });
      await until("the other value", () => rig.handed.length === 2);
      assert.equal(rig.bridge.status.pending, 2);
      assert.deepEqual(
        rig.handed.map(({ payload }) => payload["value"]),
        [-180, -120],
      );
      const { commandId } = rig.handed[1]?.payload ?? {};
      assert.notEqual(commandId, first.payload["commandId"]);
      void rig.bridge.submit({ command: "write-meter", commandId, success: true, outcome: "written" });
      await until("result", () => backend.results().length === 1);
      backend.emitTo(serial, "dlms-write", { ...zone, value: -120 });
      await until("result again", () => backend.results().length === 2);
      assert.deepEqual(backend.results()[1], backend.results()[0]);
      await until("both replies", () => backend.unknownEvents().length === 2);
      assert.equal(rig.handed.length, 2);
    });

    const wrongWrites: [string, unknown, string, string][] = [
      ["no value", { ...zone, value: undefined }, "FIELD_INVALID", "value"],
      ["no object", { value: 1 }, "OBIS_REQUIRED", "obisCode"],
      ["a type that is none", { ...zone, data_type: "string" }, "FIELD_INVALID", "type"],
      ["a value that does not fit its type", { ...zone, dataType: "uint8" }, "FIELD_INVALID", "value"],
    ];
    for (const [what, payload, code, field] of wrongWrites)
      it(`refuses a dlms-write with ${what}, where it was asked and with a result`, async () => {
        const id = await start();
        backend.emitTo(serial, "dlms-write", payload);
        const [name, answer] = (await until("reply", () => backend.unknownEvents()[0])) as [
          string,
          Record<string, unknown>,
        ];
        assert.deepEqual(
          [name, answer["success"], answer["outcome"], answer["code"]],
          [`dlms-write-response-${id}`, false, "invalid", code],
        );
        const result = await until("result", () => backend.results()[0]);
        assert.equal((result["error"] as { field?: string }).field, field);
        assert.deepEqual(rig.handed, []);
      });

    it("a failed read says so where it was asked", async () => {
      await start();
      rig.listener.meters.get(serial)!.online = false;
      backend.emitTo(serial, "dlms-read", { obisCode: "1-0:1.8.0.255" });
      const [, answer] = (await until("reply", () => backend.unknownEvents()[0])) as [
        string,
        Record<string, unknown>,
      ];
      assert.deepEqual([answer["success"], answer["value"], answer["code"]], [false, null, "METER_OFFLINE"]);
    });
  });
});

function deep(levels: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i += 1) value = { value };
  return value;
}
