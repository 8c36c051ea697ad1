/** The bridge with a journal: what it accepted, and what it has for the backend, outlives it and the backend. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DlmsError } from "../../src/core/errors.js";
import { type StoreUse } from "../../src/store/index.js";
import { startDemoBackend, type DemoBackend, type DemoBackendOptions } from "../../src/tools/demo/backend.js";
import { meter, serial, token, tokensSent } from "../gateway/journal/fixture.js";
import { until } from "./fakes.js";
import { Life, type LifeOptions } from "./life.js";

const ackMs = 5_000;
const record = { meterNumber: serial, brand: "b", model: "m", area: "a", meterType: "prepaid" };

describe("hes bridge with a journal", () => {
  let backend: DemoBackend;
  let told: Record<string, unknown>[] = [];
  let lives: Life[] = [];
  let folder: string;
  let file: string;

  async function backendWith(options: Partial<DemoBackendOptions> = {}): Promise<void> {
    backend = await startDemoBackend({
      port: 0,
      acks: true,
      confirms: true,
      records: [record],
      onResult: (payload) => told.push(payload as Record<string, unknown>),
      ...options,
    });
  }
  async function live(options?: LifeOptions): Promise<Life> {
    const life = new Life(file, backend.url, options);
    lives.push(life);
    await life.start();
    return life;
  }
  async function connected(life: Life): Promise<void> {
    await until("connection", () => life.bridge.status.phase === "connected" && backend.gateways > 0);
  }
  async function end(life: Life): Promise<void> {
    lives = lives.filter((other) => other !== life);
    await life.stop();
  }
  const load = (more: object = {}): Record<string, unknown> => ({
    meterSerialNumber: serial,
    token,
    commandId: "c-1",
    ...more,
  });
  const outcomes = (): unknown[] => told.map(({ commandId, outcome }) => [commandId, outcome]);
  const emptied = async (life: Life): Promise<void> => {
    while ((await waiting(life)) > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  const waiting = async (life: Life): Promise<number> => {
    const { result, reading, event } = await (await life.journal.store()).outboxCounts();
    return result.count + reading.count + event.count;
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "dlms-bridge-"));
    file = join(folder, "store.sqlite");
    told = [];
  });
  afterEach(async () => {
    await Promise.all(lives.map((life) => life.stop()));
    lives = [];
    await backend.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("a command is recorded, acknowledged, run once, and its one result told; a repetition is answered", async () => {
    await backendWith();
    const life = await live();
    const dialled = await life.bench.dialIn(meter);
    await life.bench.event("associated", serial);
    await connected(life);
    assert.deepEqual(await backend.offer("remote-load", load(), ackMs), { accepted: true, commandId: "c-1" });
    await until("result", () => told.length > 0);
    await emptied(life);
    assert.deepEqual(outcomes(), [["c-1", "accepted"]]);
    assert.equal(told[0]?.status, "success");
    assert.equal(await waiting(life), 0);
    // Once more, in other words so that it is not taken for a copy of the same event.
    const again = await backend.offer("remote-load", load({ note: "again" }), ackMs);
    assert.deepEqual(again, { accepted: true, commandId: "c-1" });
    await until("answer", () => told.length === 2);
    assert.deepEqual([tokensSent(dialled), life.handed.length], [1, 1]);
    const other = load({ token: token.replace(/^1/, "2") });
    assert.deepEqual(await backend.offer("remote-load", other, ackMs), {
      accepted: false,
      code: "COMMAND_CONFLICT",
    });
    assert.deepEqual(
      life.others.map(([name]) => name).filter((name) => name === "late-result"),
      [],
    );
  });

  it("connect, disconnect, connect within a second without ids ends connected, each with one result", async () => {
    await backendWith({ acks: false });
    const life = await live();
    await life.bench.dialIn(meter);
    await life.bench.event("associated", serial);
    await connected(life);
    const off = { meterSerialNumber: serial, action: "disconnect" };
    backend.emit("remote-control", off);
    await until("off", () => told.length === 1);
    // A little apart: the same words at the same moment over several sockets are one command.
    for (const action of ["connect", "disconnect", "connect"]) {
      backend.emit("remote-control", { meterSerialNumber: serial, action });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await until("all results", () => told.length === 4);
    await emptied(life);
    assert.equal(told.length, 4);
    assert.equal(new Set(told.map(({ commandId }) => commandId)).size, 4);
    assert.deepEqual([told.at(-1)?.outcome, told.at(-1)?.action], ["connected", "connect"]);
    for (const { success, outcome } of told.slice(1, 3))
      assert.ok(outcome === "superseded" || success === true, String(outcome));
    assert.equal(life.bench.ledger.relayChanges(serial).at(-1)?.state, 1);
  });

  it("a backend that acknowledges and dies gets nothing a second time", async () => {
    await backendWith();
    const life = await live({ flow: false });
    await until("the store", () => life.journal.status.phase === "open");
    await connected(life);
    await backend.offer("remote-load", load({ ttl: 0.5 }), ackMs);
    await until("told", () => told.length === 1);
    await emptied(life);
    const { port } = backend;
    await backend.close();
    await until("loss", () => life.bridge.status.phase === "away");
    await life.bridge.submit({ meterSerialNumber: serial, obisCode: "1-0:1.8.0.255", value: 5 });
    await backendWith({ port });
    await until("what came meanwhile", () => backend.updates().some(({ value }) => value === 5));
    assert.deepEqual(outcomes(), [["c-1", "expired"]]);
  });

  it("hands what has no result to the flow again after a restart, in order, and tells its result", async () => {
    await backendWith();
    const first = await live({ flow: false });
    await connected(first);
    for (const commandId of ["c-1", "c-2"])
      await backend.offer(
        "remote-load",
        load({ commandId, note: 7, token: token.replace(/0$/, commandId.slice(2)) }),
        ackMs,
      );
    await until("both handed", () => first.handed.length === 2);
    const before = first.handed.map(({ payload }) => payload);
    await end(first);
    assert.deepEqual(outcomes(), []);
    const next = await live();
    await until("both again", () => next.handed.length === 2);
    assert.deepEqual(
      next.handed.map(({ payload }) => payload),
      before,
    );
    const dialled = await next.bench.dialIn(meter);
    await until("results", () => told.length === 2);
    assert.deepEqual(outcomes().sort(), [
      ["c-1", "accepted"],
      ["c-2", "accepted"],
    ]);
    assert.equal(told[0]?.note, 7);
    assert.equal(tokensSent(dialled), 2);
  });

  it("a result that the backend never got leaves in the next life", async () => {
    await backendWith();
    const first = await live({ flow: false });
    await connected(first);
    await backend.offer("remote-load", load({ ttl: 0.3 }), ackMs);
    const { port } = backend;
    await backend.close();
    await until("loss", () => first.bridge.status.phase === "away");
    await until("it expired", () => first.bridge.status.pending === 0);
    await until("it waits", () => first.bridge.status.waitingResults === 1);
    await end(first);
    await backendWith({ port });
    const next = await live();
    await until("result", () => told.length > 0);
    await until("nothing waits", () => next.bridge.status.waitingResults === 0);
    assert.deepEqual(outcomes(), [["c-1", "expired"]]);
    assert.equal(next.handed.length, 0);
  });

  it("a backend that dies before it acknowledges gets the results again, one that is silent gets each once", async () => {
    await backendWith({ confirms: false });
    const life = await live({ flow: false, bridge: { times: { ackMs: 60_000 } } });
    await connected(life);
    await backend.offer("remote-load", load({ ttl: 0.1 }), ackMs);
    await until("told", () => told.length === 1);
    const { port } = backend;
    await backend.close();
    await backendWith({ port });
    await until("told again", () => told.length === 2);
    await emptied(life);
    assert.deepEqual(outcomes(), [
      ["c-1", "expired"],
      ["c-1", "expired"],
    ]);

    await backend.close();
    told = [];
    await backendWith({ confirms: false });
    await end(life);
    const silent = await live({ flow: false, bridge: { times: { ackMs: 50 } } });
    await connected(silent);
    await backend.offer("remote-load", load({ commandId: "c-2", ttl: 0.1 }), ackMs);
    await until("believed", () => told.length === 1);
    await emptied(silent);
    backend.dropGateways();
    await until("loss", () => silent.bridge.status.phase === "away");
    await connected(silent);
    await end(silent);
    assert.deepEqual(outcomes(), [["c-2", "expired"]]);
  });

  it("readings of a long absence drain in order, over a restart", async () => {
    await backendWith();
    const { port } = backend;
    const first = await live();
    await backend.close();
    const count = 600;
    const stored = Array.from({ length: count }, async (_, value) => {
      const meterSerialNumber = value % 3 === 0 ? serial : "7";
      const timestamp = "2026-01-02T03:04:05.000Z";
      await first.bridge.submit({ meterSerialNumber, obisCode: "1-0:1.8.0.255", value, timestamp });
    });
    await Promise.all(stored);
    assert.equal(await waiting(first), count);
    await until("they are counted", () => first.bridge.status.waitingReadings === count);
    await end(first);
    await backendWith({ port });
    const next = await live();
    await until(
      "all of them",
      () => backend.updates().filter(({ type }) => type === "reading").length === count,
    );
    await until("nothing waits", () => next.bridge.status.waitingReadings === 0);
    const values = backend.updates().flatMap(({ type, value }) => (type === "reading" ? [value] : []));
    assert.deepEqual(
      values,
      Array.from({ length: count }, (_, value) => value),
    );
  });

  it("readings for data-ingestion wait for the meter's record, over a restart, and are kept once", async () => {
    await backendWith({ records: [] });
    const bridge = { apiUrl: backend.apiUrl, ingestReadings: true };
    const first = await live({ bridge });
    await first.bridge.submit({
      meterSerialNumber: serial,
      obisCode: "1-0:1.8.0.255",
      value: 41,
      unit: "kWh",
      timestamp: "2026-01-02T03:04:05.000Z",
    });
    await until("update", () => backend.updates().some(({ value }) => value === 41));
    await end(first);
    const { port } = backend;
    await backend.close();
    await backendWith({ port });
    const next = await live({ bridge });
    const posts = (): number => backend.requests().filter((line) => /data-ingestion/.test(line)).length;
    await next.bench.dialIn(meter);
    await until("kept", () => JSON.stringify(backend.meters()[0]?.readings ?? {}).includes("41"));
    await emptied(next);
    assert.equal(posts(), 1);
  });

  it("without a store what changes state is refused with a code and a result, and reads run", async () => {
    await backendWith();
    const life = await live({
      tamper: () => {
        throw new DlmsError("STORE_UNAVAILABLE");
      },
    });
    await life.bench.dialIn(meter);
    await life.bench.event("associated", serial);
    await connected(life);
    assert.deepEqual(await backend.offer("remote-load", load(), ackMs), {
      accepted: false,
      code: "STORE_UNAVAILABLE",
    });
    await until("refusal", () => told.length === 1);
    assert.deepEqual(outcomes(), [["c-1", "not-sent"]]);
    assert.deepEqual([life.handed.length, life.bridge.status.durable], [0, false]);
    const read = { meterSerialNumber: serial, obisCode: "1-0:1.8.0.255", commandId: "r-1" };
    assert.deepEqual(await backend.offer("read-meter", read, ackMs), { accepted: true, commandId: "r-1" });
    await until("read", () => told.length === 2);
    assert.deepEqual(outcomes()[1], ["r-1", "read"]);
  });

  it("a full store refuses new commands; readings and results still reach the backend", async () => {
    await backendWith();
    const full = (): Promise<never> => Promise.reject(new DlmsError("STORE_FULL"));
    const life = await live({
      tamper: (use) => Object.assign(Object.create(use) as StoreUse, { recordCommand: full, enqueue: full }),
    });
    await connected(life);
    assert.deepEqual(await backend.offer("remote-load", load(), ackMs), {
      accepted: false,
      code: "STORE_FULL",
    });
    // A read as well: a yes that does not outlive the process is no yes while the status says durable.
    const read = { meterSerialNumber: serial, obisCode: "1-0:1.8.0.255", commandId: "r-1" };
    assert.deepEqual(await backend.offer("read-meter", read, ackMs), { accepted: false, code: "STORE_FULL" });
    await life.bridge.submit({ meterSerialNumber: serial, obisCode: "1-0:1.8.0.255", value: 1 });
    await until("refusals", () => told.length === 2);
    await until("reading", () => backend.updates().some(({ value }) => value === 1));
    assert.equal(life.handed.length, 0);
  });

  it("a result that a damaged store does not take is told all the same", async () => {
    await backendWith();
    const damaged = (): Promise<never> => Promise.reject(new DlmsError("STORE_CORRUPT"));
    const life = await live({
      flow: false,
      tamper: (use) =>
        Object.assign(Object.create(use) as StoreUse, { finishCommand: damaged, enqueue: damaged }),
    });
    await connected(life);
    await backend.offer("remote-load", load({ ttl: 0.1 }), ackMs);
    await until("told", () => told.length === 1);
    assert.deepEqual(outcomes(), [["c-1", "expired"]]);
    assert.equal(life.bridge.status.pending, 0);
  });

  it("a result of a command that nobody recorded is passed on; a second one of a recorded command is not", async () => {
    await backendWith();
    const life = await live({ flow: false });
    await connected(life);
    const result = { command: "remote-load", success: true, outcome: "accepted", meterSerialNumber: serial };
    await life.bridge.submit({ ...result, commandId: "from-elsewhere" });
    await backend.offer("remote-load", load(), ackMs);
    await life.bridge.submit({ ...result, commandId: "c-1" });
    await life.bridge.submit({ ...result, commandId: "c-1" });
    await life.bridge.submit({ ...result, commandId: "c-1", success: false, outcome: "rejected" });
    await until("late", () => life.others.some(([name]) => name === "late-result"));
    await until("both", () => told.length === 2);
    await until("empty", () => life.bridge.status.waitingResults === 0);
    assert.deepEqual(outcomes(), [
      ["from-elsewhere", "accepted"],
      ["c-1", "accepted"],
    ]);
    assert.equal(life.bridge.status.pending, 0);
  });
});
