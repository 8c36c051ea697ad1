/** What bridges leave in the store when they go for good, and two bridges where only one can work. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HesBridge } from "../../src/hes/bridge.js";
import { type CommandResult } from "../../src/gateway/messages.js";
import { startDemoBackend, type DemoBackend } from "../../src/tools/demo/backend.js";
import { meter, serial, token, tokensSent } from "../gateway/journal/fixture.js";
import { quickTimes, until } from "./fakes.js";
import { Life, type LifeOptions } from "./life.js";

const ackMs = 5_000;

describe("hes bridges that are gone, or too many", () => {
  let backend: DemoBackend;
  let told: Record<string, unknown>[] = [];
  let lives: Life[] = [];
  let folder = "";

  const start = (port: number): Promise<DemoBackend> =>
    startDemoBackend({
      port,
      acks: true,
      confirms: true,
      onResult: (payload) => told.push(payload as Record<string, unknown>),
    });
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "dlms-left-"));
    told = [];
    backend = await start(0);
  });
  afterEach(async () => {
    await Promise.all(lives.map((life) => life.stop()));
    lives = [];
    await backend.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function live(options: LifeOptions): Promise<Life> {
    const life = new Life(join(folder, "store.sqlite"), backend.url, { orphanMs: 100, ...options });
    lives.push(life);
    await life.start();
    await until("the store", () => life.journal.status.phase === "open");
    await until("connection", () => life.bridge.status.phase === "connected" && backend.gateways > 0);
    return life;
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
  async function waiting(life: Life): Promise<number> {
    const { result, reading, event } = await (await life.journal.store()).outboxCounts();
    return result.count + reading.count + event.count;
  }
  async function emptied(life: Life): Promise<void> {
    while ((await waiting(life)) > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  /** A gateway that has one result and one reading for a backend that is away, and one command open. */
  async function leavesBehind(): Promise<void> {
    const old = await live({ owner: "deleted", flow: false });
    await backend.offer("remote-load", load({ commandId: "ended", ttl: 1 }), ackMs);
    await backend.offer("remote-load", load({ commandId: "open", token: token.replace(/^1/, "2") }), ackMs);
    await until("both handed", () => old.handed.length === 2);
    const { port } = backend;
    await backend.close();
    await until("loss", () => old.bridge.status.phase === "away");
    await until("one has expired", () => old.bridge.status.pending === 1);
    await old.bridge.submit({ meterSerialNumber: serial, obisCode: "1-0:1.8.0.255", value: 41 });
    await end(old);
    backend = await start(port);
  }

  it("a flow imported anew takes up what its predecessor had for the same backend, open commands included", async () => {
    await leavesBehind();
    const next = await live({ owner: "new", gone: ["deleted"] });
    await until("the open one is handed again", () => next.handed.length === 1);
    assert.equal(next.handed[0]?.payload.commandId, "open");
    const dialled = await next.bench.dialIn(meter);
    await until("both results", () => told.length === 2);
    await emptied(next);
    assert.deepEqual(outcomes().sort(), [
      ["ended", "expired"],
      ["open", "accepted"],
    ]);
    assert.deepEqual(
      backend.updates().flatMap(({ type, value }) => (type === "reading" ? [value] : [])),
      [41],
    );
    assert.equal(tokensSent(dialled), 1);
  });

  it("leaves alone what belongs to a bridge that is there, whatever listener it has", async () => {
    await leavesBehind();
    const other = await live({ owner: "other" });
    const own = await live({ owner: "deleted", flow: false });
    await until("the open one is its own's", () =>
      own.handed.some(({ payload }) => payload.commandId === "open"),
    );
    await new Promise((resolve) => setTimeout(resolve, 250));
    assert.deepEqual(other.handed, []);
  });

  it("results for a backend that no bridge serves any more leave at the listener, once somebody is there to take them", async () => {
    await leavesBehind();
    const elsewhere = await startDemoBackend({ port: 0 });
    try {
      const options = { owner: "new", gone: ["deleted"], bridge: { url: elsewhere.url } };
      const next = new Life(join(folder, "store.sqlite"), backend.url, { orphanMs: 50, ...options });
      lives.push(next);
      await next.start();
      const logs: string[] = [];
      next.journal.on("log", ({ text }) => logs.push(text));
      await until("it says so", () => logs.some((text) => text.includes(backend.url)));
      assert.equal((await (await next.journal.store()).outboxCounts()).result.count, 1);
      const orphans: CommandResult[] = [];
      next.journal.on("orphan-result", (result) => orphans.push(result));
      await until("the orphan", () => orphans.length === 1);
      assert.deepEqual([orphans[0]?.commandId, orphans[0]?.outcome], ["ended", "expired"]);
      while ((await (await next.journal.store()).outboxCounts()).result.count > 0)
        await new Promise((resolve) => setTimeout(resolve, 10));
      assert.equal(
        (await (await next.journal.store()).outboxCounts()).reading.count,
        1,
        "readings wait their time",
      );
      assert.deepEqual(told, []);
      assert.equal(elsewhere.results().length, 0);
      assert.equal(orphans.length, 1);
    } finally {
      await Promise.all(lives.splice(0).map((life) => life.stop()));
      await elsewhere.close();
    }
  });

  it("of two for one backend and listener the first works; the second says so, passes on, and takes over", async () => {
    const life = await live({});
    const second = new HesBridge({ url: backend.url, apiUrl: "", times: quickTimes }, life.bench.listener, {
      journal: life.journal,
    });
    const handed: unknown[] = [];
    second.on("command", (_name, payload) => handed.push(payload.commandId));
    try {
      second.start();
      assert.equal(second.status.phase, "away");
      assert.equal(second.status.error?.code, "BRIDGE_DUPLICATE");
      await backend.offer("remote-load", load({ ttl: 0.5 }), ackMs);
      await second.submit({ meterSerialNumber: serial, obisCode: "1-0:1.8.0.255", value: 7 });
      await until("the result", () => told.length > 0);
      await until("the reading", () => backend.updates().some(({ value }) => value === 7));
      await emptied(life);
      assert.deepEqual([outcomes(), handed, backend.gateways], [[["c-1", "expired"]], [], 1]);
      await life.bridge.stop();
      await until("it takes over", () => second.status.phase === "connected");
      await backend.offer("remote-load", load({ commandId: "c-2", ttl: 0.5 }), ackMs);
      await until("its result", () => told.length === 2);
      assert.deepEqual([outcomes()[1], handed], [["c-2", "expired"], ["c-2"]]);
    } finally {
      await second.stop();
    }
  });
});
