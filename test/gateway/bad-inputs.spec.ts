/**
 * Every bad input of docs/errors.md, one by one: the code and the field it promises, a sentence that names the field,
 * and no octet to a meter. Real sockets, a simulated Hexcell meter.
 */
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { type AddressInfo } from "node:net";
import { errorTable } from "../../src/core/errors.js";
import { Secret } from "../../src/core/secret.js";
import { parseCommand, refuse, type CommandResult } from "../../src/gateway/messages.js";
import { HesBridge, type HesStatus } from "../../src/hes/bridge.js";
import { dialectByName, type Dialect } from "../../src/meter-types/dialects/index.js";
import { type MeterType } from "../../src/meter-types/meter-type.js";
import { presets } from "../../src/meter-types/presets.js";
import { type Faults } from "../../src/simulator/faults.js";
import { badInputs, OFFLINE, ONLINE, type BadInput } from "../../src/tools/bad-inputs.js";
import { startDemoBackend } from "../../src/tools/demo/backend.js";
import { errorsPage } from "../../src/tools/docs-errors.js";
import { Bench, until, type DialledIn } from "./bench.js";

const online = "46000000001";
const offline = "46000000003";
/** Hexcell with a short patience, so that silence is over soon. */
const quick: MeterType = {
  ...presets.hexcell,
  association: { ...presets.hexcell.association, responseTimeoutMs: 400, interRequestMs: 0 },
};

function withSerials(payload: unknown): unknown {
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) return payload;
  const place = (value: unknown): unknown =>
    value === ONLINE ? online : value === OFFLINE ? offline : value;
  return Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, place(value)]));
}

/** As a node does it: parse, execute, and for input that never became a command the refusal. */
async function run(bench: Bench, { command, payload }: BadInput): Promise<CommandResult> {
  const name = command ?? "read-meter";
  const filled = withSerials(payload);
  try {
    return await bench.listener.execute(parseCommand(name, filled));
  } catch (error) {
    return refuse(name, filled, error);
  }
}

const faults: Readonly<Record<NonNullable<BadInput["meter"]>, Faults>> = {
  refuses: { answerErrors: [{ obis: "1-0:1.8.0.255", result: "read-write-denied" }] },
  silent: { silent: true },
  "hangs-up": { hangUp: "before-effect" },
  noise: { noiseOctets: 40, dropRate: 1 },
  "answers-another-request": { wrongInvokeId: true },
};

describe("bad input", () => {
  let bench: Bench;
  let meter: DialledIn;
  let bystander: DialledIn;
  const dialect = dialectByName("hexcell-login") as Dialect;

  before(async () => {
    bench = await new Bench({ defaultMeterType: quick }).open();
    meter = await bench.dialIn({ serial: online, meterType: quick, dialect });
    bystander = await bench.dialIn({ serial: "46000000005", meterType: quick, dialect });
    const gone = await bench.dialIn({ serial: offline, meterType: quick, dialect });
    for (const serial of [online, offline, "46000000005"]) await bench.event("associated", serial);
    gone.hangUp();
    await bench.event("disconnected", offline);
  });

  after(() => bench.close());

  for (const bad of badInputs.filter((entry) => entry.command !== undefined))
    it(bad.input, async () => {
      const before = meter.received() + bystander.received();
      const result = await run(bench, bad);
      assert.equal(result.success, false);
      assert.equal(result.command, bad.command);
      assert.ok(["invalid", "not-sent", "expired"].includes(result.outcome), result.outcome);
      assert.equal(result.error?.code, bad.code);
      if (bad.field !== undefined && bad.code !== "METER_UNKNOWN" && bad.code !== "METER_OFFLINE") {
        assert.equal(result.error.field, bad.field);
        assert.ok(result.error.message.includes(bad.field.replace(/\[.*$/, "")), result.error.message);
      }
      assert.ok(result.error.message.length < 300, "a sentence, not an echo of the input");
      assert.doesNotMatch(JSON.stringify(result), /1234567890123456789/, "no token in a result");
      assert.equal(meter.received() + bystander.received(), before, "a meter got octets");
    });

  for (const bad of badInputs.filter((entry) => entry.meter !== undefined))
    it(`${bad.input}: the right code, other meters unaffected, the meter served again`, async () => {
      const serial = `4600000001${Object.keys(faults).indexOf(bad.meter as string)}`;
      const faulty = await bench.dialIn({ serial, meterType: quick, dialect });
      await bench.event("associated", serial);
      faulty.tell({ type: "faults", faults: faults[bad.meter as NonNullable<BadInput["meter"]>] });
      const [result, other] = await Promise.all([
        bench.run("read-meter", { meterSerialNumber: serial, obisCode: "1-0:1.8.0.255" }),
        bench.run("read-meter", { meterSerialNumber: "46000000005", obisCode: "1-0:1.8.0.255" }),
      ]);
      assert.equal(result.success, false);
      assert.equal(result.error?.code, bad.code, JSON.stringify(result.error));
      assert.equal(other.success, true, "the bystander is read meanwhile");
      faulty.tell({ type: "faults", faults: {} });
      if (bench.listener.registry.find(serial)?.online !== true) await bench.reconnect(faulty);
      await until(() => bench.listener.registry.find(serial)?.online === true, "the meter is back");
      const again = await bench.run("read-meter", { meterSerialNumber: serial, obisCode: "1-0:1.8.0.255" });
      assert.equal(again.success, true, JSON.stringify(again.error));
    });

  it("port in use: said with its number, retried, and open once it is free", async () => {
    const blocker = createServer();
    await new Promise<void>((done) => blocker.listen(0, "127.0.0.1", done));
    const { port } = blocker.address() as AddressInfo;
    const second = new Bench({ port });
    second.listener.start();
    await until(() => second.listener.state.error !== undefined, "the listener tells");
    assert.equal(second.listener.state.error?.code, "PORT_IN_USE");
    assert.match(second.listener.state.error.message, new RegExp(String(port)));
    await new Promise((done) => blocker.close(done));
    await until(() => second.listener.state.phase === "listening", "the listener opens by itself");
    await second.close();
  });

  it("backend away: status with a code, connected without a redeploy once it is there", async () => {
    const backend = await startDemoBackend({ port: 0 });
    const { port } = backend;
    await backend.close();
    const states: HesStatus[] = [];
    const bridge = new HesBridge(
      { url: `http://127.0.0.1:${port}`, apiUrl: "", times: { reconnectMinMs: 50, reconnectMaxMs: 100 } },
      bench.listener,
    );
    bridge.on("status", (status) => states.push(status));
    bridge.start();
    await until(() => states.some(({ error }) => error?.code === "BACKEND_UNREACHABLE"), "the bridge tells");
    const back = await startDemoBackend({ port });
    await until(() => states.at(-1)?.phase === "connected", "the bridge connects by itself");
    await bridge.stop();
    await back.close();
  });

  it("wrong login: status with a code, and no password in a log line", async () => {
    const backend = await startDemoBackend({ port: 0, login: "plain" });
    const password = "not-the-right-one";
    const told: unknown[] = [];
    const bridge = new HesBridge(
      { url: backend.url, apiUrl: backend.apiUrl, username: "demo", password: new Secret(password) },
      bench.listener,
    );
    bridge.on("status", (status) => told.push(status));
    bridge.on("log", (line) => told.push(line));
    bridge.start();
    await until(() => JSON.stringify(told).includes("BACKEND_LOGIN"), "the bridge tells");
    assert.ok(!JSON.stringify(told).includes(password));
    await bridge.stop();
    await backend.close();
  });

  it("the documented table is what the code says, and every code has words", () => {
    assert.ok(errorsPage.isCurrent(), "run `npm run docs:errors`");
    for (const [code, { short, text }] of Object.entries(errorTable)) {
      assert.ok(short.length > 0 && short.length <= 20, `${code}: "${short}" for the status dot`);
      assert.match(text, /\.$/, code);
    }
  });
});
