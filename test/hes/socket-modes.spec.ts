import assert from "node:assert/strict";
import { Secret } from "../../src/core/secret.js";
import { type HesOptions, type SocketMode } from "../../src/hes/options.js";
import {
  backendKinds,
  startDemoBackend,
  type DemoBackend,
  type DemoBackendOptions,
  type DemoResult,
} from "../../src/tools/demo/backend.js";
import { startBridge, until, type Rig } from "./fakes.js";

const first = "45000000017";
const second = "45000000025";
const third = "45000000033";
const token = "12345678901234567890";
const records = [first, second, third].map((meterNumber) => ({
  meterNumber,
  brand: "hexcell",
  model: "HX",
  area: "a",
  meterType: "prepaid",
}));
const users = { gate: "s3cret-Word" };
const login = { username: "gate", password: new Secret("s3cret-Word") };

describe("hes socket modes", () => {
  let backend: DemoBackend;
  let rigs: Rig[] = [];

  async function backendWith(options: Partial<DemoBackendOptions>): Promise<void> {
    backend = await startDemoBackend({ port: 0, users, records, resultTimeoutMs: 3_000, ...options });
  }
  function bridge(options: Partial<HesOptions> = {}, flow = true): Rig {
    const rig = startBridge({ url: backend.url, apiUrl: backend.apiUrl, ...login, ...options }, flow);
    rigs.push(rig);
    return rig;
  }
  async function dialIn(rig: Rig, ...serials: string[]): Promise<void> {
    for (const serial of serials) rig.listener.dialIn(serial);
    for (const serial of serials) {
      await until(`record of ${serial}`, () => rig.listener.meters.get(serial)?.backendId);
    }
    await until("connection", () => rig.bridge.status.phase === "connected");
  }
  const heard = (...serials: string[]): Promise<true> =>
    until("rooms joined", () => serials.every((serial) => backend.listeners(serial) > 0));
  const switchOff = (meterNumber: string): Promise<DemoResult> =>
    backend.command("remote-control", { meterNumber, action: "disconnect" });
  const codeOf = (result: unknown): string => (result as { error: { code: string } }).error.code;

  afterEach(async () => {
    await Promise.all(rigs.map((rig) => rig.bridge.stop()));
    rigs = [];
    await backend.close();
  });

  const combinations: [keyof typeof backendKinds, SocketMode][] = [
    ["readme", "shared"],
    ["readme", "per-meter"],
    ["readme", "auto"],
    ["original", "shared"],
    ["original", "per-meter"],
    ["original", "auto"],
    ["patched", "shared"],
    ["patched", "per-meter"],
    ["patched", "auto"],
    ["real", "per-meter"],
  ];
  for (const [kind, socketMode] of combinations) {
    it(`runs each command once, on its own meter: ${kind} backend, ${socketMode}`, async () => {
      await backendWith(backendKinds[kind]);
      const rig = bridge({ socketMode });
      await dialIn(rig, first, second, third);
      if (kind === "patched" || socketMode === "per-meter") await heard(first, second, third);
      for (const meterNumber of [second, first, third]) {
        const load = await backend.command("remote-load", { meterNumber, token, amount: 5 });
        const off = await switchOff(meterNumber);
        assert.deepEqual([load.success, load["outcome"], off["outcome"]], [true, "accepted", "disconnected"]);
        assert.deepEqual([load["meterSerialNumber"], off["meterSerialNumber"]], [meterNumber, meterNumber]);
      }
      // A copy that came over another socket would have been handed on by now, or held back for this long.
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert.deepEqual(
        rig.handed.map(({ payload }) => payload["meterSerialNumber"]),
        [second, second, first, first, third, third],
      );
      assert.equal(backend.results().length, 6);
      assert.equal(rig.bridge.status.sockets.mode, socketMode === "per-meter" ? "per-meter" : "shared");
      assert.equal(backend.gateways, 1);
      assert.equal(backend.sockets, socketMode === "per-meter" ? 4 : 1);
      assert.doesNotMatch(JSON.stringify([rig.logs, rig.states]), /s3cret|1234567890/);
    });
  }

  it("shared, a real backend: one meter is meant, of two none is, and the refusal says why", async () => {
    await backendWith(backendKinds.real);
    const rig = bridge({ socketMode: "shared" });
    await dialIn(rig, first);
    await heard(first);
    assert.equal((await switchOff(first)).success, true);
    await dialIn(rig, second);
    await heard(second);
    backend.emitTo(second, "remote-load", { token, amount: 5, requestedBy: "ada" });
    const refused = await until("refusal", () => backend.results().find(({ success }) => !success));
    assert.deepEqual(
      [refused["outcome"], codeOf(refused), refused["meterSerialNumber"]],
      ["invalid", "AMBIGUOUS_METER", null],
    );
    assert.deepEqual(
      rig.others.map(([name]) => name),
      ["command-refused"],
    );
    // A room cannot be left: a meter that has gone still receives there.
    rig.listener.hangUp(second);
    backend.emitTo(second, "remote-control", { action: "connect" });
    await until("second refusal", () => backend.results().filter(({ success }) => !success).length === 2);
    assert.equal(rig.handed.length, 1);
    assert.equal(rig.bridge.status.sockets.mode, "shared");
  });

  it("auto: the first command without an id is refused, from then on each meter has its socket", async () => {
    await backendWith(backendKinds.real);
    const rig = bridge({ socketMode: "auto" });
    await dialIn(rig, first, second);
    await heard(first, second);
    assert.equal(backend.sockets, 1);
    backend.emitTo(first, "remote-control", { action: "disconnect", requestedBy: "ada" });
    await until("refusal", () => backend.results().some((result) => codeOf(result) === "AMBIGUOUS_METER"));
    await until("sockets", () => backend.sockets === 3 && rig.bridge.status.sockets.up === 2);
    await heard(first, second);
    assert.deepEqual([backend.listeners(first), backend.listeners(second)], [1, 1]);
    // The user tries again at once, with the very same words.
    backend.emitTo(first, "remote-control", { action: "disconnect", requestedBy: "ada" });
    backend.emitTo(second, "remote-control", { action: "disconnect", requestedBy: "ada" });
    await until("results", () => backend.results().length === 3);
    assert.deepEqual(
      rig.handed.map(({ payload }) => [payload["meterSerialNumber"], payload["requestedBy"]]).sort(),
      [
        [first, "ada"],
        [second, "ada"],
      ],
    );
    assert.ok(rig.logs.some((line) => /each meter gets a socket/.test(line)));
  });

  it("auto: with one meter in its room the command runs, and the lesson is learnt all the same", async () => {
    await backendWith(backendKinds.real);
    const rig = bridge();
    await dialIn(rig, first);
    await heard(first);
    assert.equal((await switchOff(first)).success, true);
    await until("mode", () => rig.bridge.status.sockets.mode === "per-meter");
    await until("own socket", () => rig.bridge.status.sockets.up === 1);
    await heard(first);
    assert.equal((await switchOff(first)).success, true);
    assert.equal(rig.handed.length, 2);
  });

  it("per meter: what everybody gets without an id runs on nobody", async () => {
    await backendWith(backendKinds.real);
    const rig = bridge({ socketMode: "per-meter" });
    await dialIn(rig, first, second);
    await heard(first, second);
    backend.emit("remote-control", { action: "disconnect" });
    const refused = await until("refusal", () => backend.results()[0]);
    assert.equal(codeOf(refused), "METER_REQUIRED");
    assert.equal((await switchOff(second)).success, true);
    assert.deepEqual(
      rig.handed.map(({ payload }) => payload["meterSerialNumber"]),
      [second],
    );
    assert.equal(backend.results().length, 2);
  });

  it("per meter: a command in one meter's room that names another runs on neither", async () => {
    await backendWith(backendKinds.patched);
    const rig = bridge({ socketMode: "per-meter" });
    await dialIn(rig, first, second);
    await heard(first, second);
    backend.emitTo(first, "remote-control", {
      meterSerialNumber: second,
      action: "disconnect",
      commandId: "c",
    });
    const refused = await until("refusal", () => backend.results()[0]);
    assert.deepEqual([codeOf(refused), refused["commandId"]], ["AMBIGUOUS_METER", "c"]);
    assert.equal(rig.handed.length, 0);
  });

  it("per meter: the same command twice over one socket is two, with one id it is one", async () => {
    await backendWith(backendKinds.real);
    const rig = bridge({ socketMode: "per-meter" });
    await dialIn(rig, first);
    await heard(first);
    for (let i = 0; i < 2; i += 1) backend.emitTo(first, "remote-control", { action: "connect" });
    await until("both", () => rig.handed.length === 2);
    for (let i = 0; i < 2; i += 1)
      backend.emitTo(first, "remote-control", { action: "connect", requestId: "r-1" });
    await until("answers", () => backend.results().length === 4);
    assert.equal(rig.handed.length, 3);
  });

  it("joins again after every reconnect, and leaves with the meter", async () => {
    await backendWith(backendKinds.real);
    const rig = bridge({ socketMode: "per-meter" });
    await dialIn(rig, first, second);
    await heard(first, second);
    for (let round = 0; round < 3; round += 1) {
      backend.dropGateways();
      await until("sockets gone", () => backend.sockets === 0 || backend.listeners(first) === 0);
      await heard(first, second);
      assert.equal((await switchOff(second)).success, true);
    }
    const { port } = backend;
    await backend.close();
    await until("loss", () => rig.bridge.status.phase === "away");
    await backendWith({ ...backendKinds.real, port, records });
    await until(
      "rooms of the new records",
      () => backend.listeners(first) === 1 && backend.listeners(second) === 1,
    );
    rig.listener.hangUp(first);
    await until("socket closed", () => backend.listeners(first) === 0 && backend.sockets === 2);
    assert.equal((await switchOff(first))["outcome"], "not-sent");
    await rig.bridge.stop();
    await until("all gone", () => backend.sockets === 0);
  });

  it("shared: joins the rooms again after a reconnect", async () => {
    await backendWith(backendKinds.patched);
    const rig = bridge({ socketMode: "shared" });
    await dialIn(rig, first, second);
    await heard(first, second);
    backend.dropGateways();
    await until("sockets gone", () => backend.listeners(first) === 0);
    await heard(first, second);
    assert.equal((await switchOff(first)).success, true);
    assert.equal(rig.bridge.status.sockets.rooms, 2);
  });

  it("never more sockets than the cap; a meter beyond it gets the next free one, and it is said", async () => {
    await backendWith(backendKinds.real);
    const rig = bridge({ socketMode: "per-meter", maxMeterSockets: 2 });
    await dialIn(rig, first, second, third);
    await heard(first, second);
    const { up, withoutSocket } = rig.bridge.status.sockets;
    assert.deepEqual([up, withoutSocket, backend.sockets], [2, 1, 3]);
    assert.equal(rig.logs.filter((line) => /All 2 sockets are taken/.test(line)).length, 1);
    rig.listener.hangUp(first);
    await heard(third);
    assert.equal(rig.bridge.status.sockets.withoutSocket, 0);
    assert.equal((await switchOff(third)).success, true);
  });

  it("a refused token on a meter's socket is renewed", async () => {
    await backendWith({ ...backendKinds.patched });
    const rig = bridge({ socketMode: "per-meter" });
    await dialIn(rig, first);
    await heard(first);
    backend.expireTokens();
    backend.dropGateways();
    await until("gone", () => backend.listeners(first) === 0);
    await heard(first);
    assert.equal((await switchOff(first)).success, true);
  });

  it("sends again what a confirming backend did not confirm, and nothing to one that never does", async () => {
    await backendWith({ ...backendKinds.readme, confirms: true });
    const rig = bridge();
    await dialIn(rig, first);
    assert.equal((await switchOff(first)).success, true);
    await until("confirmed", () => rig.bridge.status.waitingResults === 0);
    void rig.bridge.submit({ meterSerialNumber: first, obisCode: "1-0:1.8.0.255", value: 1 });
    await until("confirmed", () => rig.bridge.status.waitingReadings === 0);
    assert.equal(backend.results().length, 1);
  });
});
