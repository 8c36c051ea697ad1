import assert from "node:assert/strict";
import { Secret } from "../../src/core/secret.js";
import { type HesOptions } from "../../src/hes/options.js";
import { startDemoBackend, type DemoBackend, type DemoBackendOptions } from "../../src/tools/demo/backend.js";
import { startBridge, until, type Rig } from "./fakes.js";

const serial = "45000000017";
const token = "12345678901234567890";
const defaults = { area: "000000000000000000000001", brand: "hexcell", model: "demo", meterType: "prepaid" };
const record = { meterNumber: serial, brand: "hexcell", model: "HX", area: "a", meterType: "prepaid" };

describe("hes bridge with the demo backend", () => {
  let backend: DemoBackend;
  let rigs: Rig[] = [];

  async function backendWith(options: Partial<DemoBackendOptions>): Promise<void> {
    backend = await startDemoBackend({ port: 0, ...options });
  }
  function bridge(options: Partial<HesOptions> = {}, flow = true): Rig {
    const rig = startBridge({ url: backend.url, apiUrl: backend.apiUrl, ...options }, flow);
    rigs.push(rig);
    return rig;
  }
  const connected = ({ bridge: b }: Rig): Promise<true> =>
    until("connection", () => b.status.phase === "connected" && backend.gateways > 0);
  const registered = ({ listener }: Rig, number = serial): Promise<string> =>
    until("registration", () => listener.meters.get(number)?.backendId);

  afterEach(async () => {
    await Promise.all(rigs.map((rig) => rig.bridge.stop()));
    rigs = [];
    await backend.close();
  });

  for (const form of ["readme", "original", "both"] as const) {
    for (const acks of [false, true]) {
      for (const commandIds of [false, true]) {
        it(`runs all commands: form ${form}, acks ${acks}, command ids ${commandIds}`, async () => {
          await backendWith({ form, acks, commandIds, records: [record] });
          const rig = bridge();
          rig.listener.dialIn(serial);
          await connected(rig);
          const id = await registered(rig);
          const load = await backend.command("remote-load", { meterNumber: serial, token, amount: 5000 });
          const off = await backend.command("remote-control", { meterNumber: serial, action: "disconnect" });
          const on = await backend.command("remote-control", { meterNumber: serial, action: "connect" });
          const read = await backend.command("read-meter", {
            meterNumber: serial,
            obisCode: "1-0:1.8.0.255",
          });
          assert.deepEqual(
            [load, off, on, read].map(({ outcome, success }) => [outcome, success]),
            [
              ["accepted", true],
              ["disconnected", true],
              ["connected", true],
              ["read", true],
            ],
          );
          assert.deepEqual(rig.handed[0]?.payload, {
            meterSerialNumber: serial,
            commandId: load.commandId,
            token,
            amount: 5000,
          });
          for (const result of [load, off, on, read]) {
            assert.equal(result.meterId, id);
            assert.equal(result.meterNumber, serial);
            assert.equal(result.status, "success");
            assert.equal(result.attempts, 1);
            assert.ok(Date.parse(String(result.startedAt)) <= Date.parse(String(result.finishedAt)));
          }
          assert.deepEqual(off.dlms, { service: "ACTION", result: "success" });
          assert.equal(backend.results().length, 4);
          const ids = [load, off, on, read].map(({ commandId }) => ({ accepted: true, commandId }));
          assert.deepEqual(backend.acks(), acks ? ids : []);
          assert.equal(rig.bridge.status.pending, 0);
        });
      }
    }
  }

  it("understands every spelling of the id, zeros and numbers included", async () => {
    await backendWith({ records: [record, { ...record, meterNumber: "00017" }] });
    const rig = bridge();
    rig.listener.dialIn(serial);
    rig.listener.dialIn("00017");
    await connected(rig);
    const id = await registered(rig);
    await registered(rig, "00017");
    const spellings = [
      { meterSerialNumber: serial },
      { meterNumber: ` ${serial} ` },
      { serialNumber: Number(serial) },
      { meterId: id },
      { _id: id },
      { meterId: serial },
      { meterSerialNumber: id },
      { meterSerialNumber: serial, meterId: id, _id: null },
    ];
    spellings.forEach((spelling, i) =>
      backend.emit("remote-control", { ...spelling, action: "connect", requestId: `r${i}` }),
    );
    backend.emit("remote-control", { meterNumber: "00017", action: "connect", correlationId: "zeros" });
    await until("results", () => backend.results().length === spellings.length + 1);
    const results = backend.results();
    for (const [i] of spellings.entries()) {
      const result = results.find(({ commandId }) => commandId === `r${i}`);
      assert.equal(result?.success, true, JSON.stringify(result));
      assert.equal(result.meterSerialNumber, serial);
    }
    assert.equal(results.at(-1)?.meterSerialNumber, "00017");
  });

  const logins: [string, Partial<DemoBackendOptions>][] = [
    ["plain", { login: "plain" }],
    ["quick-relogin", { login: "passcode" }],
    ["passcode", { login: "passcode-only" }],
    ["plain, older look-up", { login: "plain", lookup: false }],
    ["plain, token in the handshake", { login: "plain", socketAuth: true }],
  ];
  for (const [name, options] of logins) {
    it(`logs in: ${name}`, async () => {
      await backendWith({ ...options, users: { gate: "s3cret-Word" }, records: [record] });
      const rig = bridge({ username: "gate", password: new Secret("s3cret-Word") });
      rig.listener.dialIn(serial);
      await connected(rig);
      await registered(rig);
      assert.equal(rig.bridge.status.login, "ok");
      assert.equal(rig.bridge.status.registration, "available");
      assert.doesNotMatch(JSON.stringify([rig.logs, rig.states, rig.others]), /s3cret|[0-9a-f]{48}/);
    });
  }

  it("renews an expired token once and goes on", async () => {
    await backendWith({
      login: "plain",
      users: { gate: "word" },
      records: [record, { ...record, meterNumber: "2" }],
    });
    const rig = bridge({ username: "gate", password: new Secret("word") });
    rig.listener.dialIn(serial);
    await registered(rig);
    backend.expireTokens();
    rig.listener.dialIn("2");
    await registered(rig, "2");
    assert.equal(backend.requests().filter((line) => line === "POST /api/auth/login").length, 2);
  });

  it("says a wrong login clearly, keeps trying, hides the password, and still runs commands by serial", async () => {
    await backendWith({ login: "plain", users: { gate: "right" }, records: [record] });
    const rig = bridge({ username: "gate", password: new Secret("wr0ng-Word") });
    rig.listener.dialIn(serial);
    await connected(rig);
    await until("refusal", () => rig.bridge.status.login === "refused");
    assert.equal(rig.bridge.status.error?.code, "BACKEND_LOGIN");
    await until("retries", () => backend.requests().filter((line) => /login/.test(line)).length >= 3);
    const lines = rig.logs.filter((line) =>
      /refused the login \(401\); check user name and password/.test(line),
    );
    assert.equal(lines.length, 1);
    const result = await backend.command("remote-control", { meterNumber: serial, action: "connect" });
    assert.equal(result.success, true);
    assert.equal(result.meterId, backend.meters()[0]?._id);
    assert.doesNotMatch(JSON.stringify([rig.logs, rig.states, rig.others, rig.handed]), /wr0ng/);
    assert.ok(rig.listener.bindings.every(([, outcome]) => "reason" in outcome && outcome.unavailable));
  });

  it("binds the exact, only record, never one that resembles it", async () => {
    const others = ["450000000170", "145000000017", "4500000001"].map((meterNumber) => ({
      ...record,
      meterNumber,
    }));
    await backendWith({ lookup: false, records: others });
    const rig = bridge({}, true);
    rig.listener.dialIn(serial);
    await until("answer", () => rig.listener.bindings.length > 0);
    assert.deepEqual(Object.keys(rig.listener.bindings[0]?.[1] ?? {}), ["reason"]);
    assert.equal(rig.listener.meters.get(serial)?.backendId, undefined);
    await until(
      "status",
      () => backend.meters().find((meter) => meter.meterNumber === serial)?.status === "online",
    );
  });

  it("creates a missing record when told to, and finds one that is made later", async () => {
    await backendWith({});
    const rig = bridge({ createMissing: defaults });
    rig.listener.dialIn(serial);
    const id = await registered(rig);
    const made = backend.meters().find((meter) => meter._id === id);
    assert.deepEqual([made?.meterNumber, made?.brand, made?.area], [serial, defaults.brand, defaults.area]);
    const second = bridge();
    second.listener.dialIn("777");
    await until("miss", () => second.listener.bindings.length === 1);
    const answer = await fetch(`${backend.apiUrl}/meters`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...record, meterNumber: "777" }),
    });
    assert.equal(answer.status, 201);
    await registered(second, "777");
  });

  it("a backend without REST is no error: registration unavailable, commands run", async () => {
    await backendWith({ rest: false });
    const rig = bridge();
    rig.listener.dialIn(serial);
    await connected(rig);
    await until("state", () => rig.bridge.status.registration === "unavailable");
    assert.equal(rig.bridge.status.error, undefined);
    await until("meter shown", () => backend.meters().length === 1);
    const result = await backend.command("read-meter", { meterNumber: serial, obisCode: "1-0:1.8.0.255" });
    assert.equal(result.outcome, "read");
  });

  it("with requireRegistration a meter without a record gets no command", async () => {
    await backendWith({});
    const rig = bridge({ requireRegistration: true });
    rig.listener.dialIn(serial);
    await connected(rig);
    await until("meter shown", () => backend.meters().length === 1);
    const result = await backend.command("remote-control", { meterNumber: serial, action: "connect" });
    assert.equal((result.error as { code: string }).code, "METER_UNREGISTERED");
    assert.equal(rig.handed.length, 0);
  });

  it("keeps results and readings while the backend is away and delivers them to its successor", async () => {
    await backendWith({ records: [record] });
    const rig = bridge({ createMissing: defaults }, false);
    rig.listener.dialIn(serial);
    await connected(rig);
    await registered(rig);
    backend.emit("remote-load", { meterSerialNumber: serial, token, commandId: "c-1" });
    await until("command", () => rig.handed.length === 1);
    const { port } = backend;
    await backend.close();
    await until("loss", () => rig.bridge.status.phase === "away");
    assert.equal(rig.bridge.status.error?.code, "BACKEND_UNREACHABLE");
    const at = "2026-01-02T03:04:05.000Z";
    void rig.bridge.submit({
      meterSerialNumber: serial,
      commandId: "c-1",
      command: "remote-load",
      success: true,
      outcome: "accepted",
      startedAt: at,
      finishedAt: at,
      attempts: 1,
    });
    void rig.bridge.submit({
      meterSerialNumber: serial,
      obisCode: "1-0:1.8.0.255",
      value: 7,
      unit: "kWh",
      raw: "0600",
    });
    assert.equal(rig.bridge.status.waitingResults, 1);
    await backendWith({ port });
    await until("result", () => backend.results().some(({ commandId }) => commandId === "c-1"));
    const update = await until("reading", () => backend.updates().find(({ type }) => type === "reading"));
    assert.deepEqual([update.value, update.unit, update.rawHex, update.status], [7, "kWh", "0600", "online"]);
    // The successor knew no meter: it was created again and bound to the new record.
    const id = await until(
      "new record",
      () => backend.meters().find(({ meterNumber }) => meterNumber === serial)?._id,
    );
    await until("binding", () => rig.listener.meters.get(serial)?.backendId === id);
    assert.equal(backend.results().length, 1);
    assert.deepEqual([rig.bridge.status.waitingResults, rig.bridge.status.waitingReadings], [0, 0]);
  });

  it("tells online, offline and the details of a meter, and ignores the echo of its own words", async () => {
    await backendWith({ records: [record] });
    const rig = bridge();
    await connected(rig);
    rig.listener.dialIn(serial);
    await until("online", () => backend.meters()[0]?.status === "online" && backend.updates().length > 0);
    rig.listener.hangUp(serial);
    await until("offline", () => backend.meters()[0]?.status === "offline");
    const [meter] = backend.meters();
    assert.deepEqual([meter?.dialect, meter?.meterType], ["hexcell-login", "hexcell"]);
    for (const update of backend.updates()) {
      assert.ok(update.status === "online" || update.status === "offline");
      assert.ok(!Number.isNaN(Date.parse(String(update.lastSeen))));
    }
    backend.emit("meter-status-change", { meterId: "x", status: "online", origin: "somebody else" });
    await until("foreign word", () => rig.others.length > 0);
    assert.deepEqual(
      rig.others.map(([name]) => name),
      ["meter-status-change"],
    );
  });

  it("lets go of everything when stopped", async () => {
    await backendWith({ records: [record] });
    const rig = bridge({}, false);
    rig.listener.dialIn(serial);
    await connected(rig);
    const result = backend.command("remote-control", { meterNumber: serial, action: "disconnect" });
    await until("command", () => rig.handed.length === 1);
    await rig.bridge.stop();
    assert.deepEqual([(await result).outcome, (await result).success], ["unknown", false]);
    await until("goodbye", () => backend.gateways === 0);
    assert.equal(rig.listener.listeners, 0);
    assert.equal(rig.bridge.status.phase, "stopped");
  });
});
