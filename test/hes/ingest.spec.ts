import assert from "node:assert/strict";
import { type MeterReading } from "../../src/gateway/messages.js";
import { Ingest, type IngestOptions } from "../../src/hes/ingest.js";
import { startDemoBackend, type DemoBackend } from "../../src/tools/demo/backend.js";
import { FakeClock } from "../support/fake-clock.js";
import { startBridge, until, type Rig } from "./fakes.js";

type Body = Readonly<Record<string, unknown>>;
const reading = (serial: string, n: number, value: unknown = n): MeterReading =>
  ({
    meterSerialNumber: serial,
    obisCode: `1-0:${n}.8.0.255`,
    classId: 3,
    attributeId: 2,
    value,
    valueType: "double-long-unsigned",
    unit: "kWh",
    scaler: -2,
    timestamp: "2026-01-01T00:00:05.000Z",
  }) as MeterReading;

describe("ingest", () => {
  let clock: FakeClock;
  let bodies: Body[];
  let answer: (body: Body) => number;
  let drops: [number, string][];
  let states: (string | undefined)[];
  let known: Set<string>;
  function ingest(options: Partial<IngestOptions> = {}): Ingest {
    clock = new FakeClock();
    bodies = [];
    drops = [];
    states = [];
    known = new Set(["1", "2", "3"]);
    answer = () => 200;
    return new Ingest(
      {
        presenceMs: undefined,
        gatherMs: 1_000,
        retryMinMs: 1_000,
        retryMaxMs: 60_000,
        readings: 1_000,
        ...options,
      },
      {
        post: (body) => {
          bodies.push(body);
          const status = answer(body);
          return status === 0
            ? Promise.reject(new Error("away"))
            : Promise.resolve({ status, json: undefined });
        },
        hasRecord: (serial) => known.has(serial),
        clock,
        random: () => 0.5,
        onDrop: (dropped, reason) => drops.push([dropped, reason]),
        onState: (error) => states.push(error?.code),
      },
    );
  }
  const sizes = (): number[] =>
    bodies.map(({ obisReadings }) => (Array.isArray(obisReadings) ? obisReadings.length : 0));

  it("gathers a meter's readings into one call, zeros and texts included, failed ones left out", async () => {
    const box = ingest();
    box.reading(reading("1", 1, 0));
    box.reading(reading("1", 2, "12345678901234567890"));
    box.reading({ ...reading("1", 3), error: { code: "ACCESS_DENIED", message: "", retry: "never" } });
    box.reading(reading("1", 4, [{ row: 1 }]));
    // The same once more, within a result this time.
    box.reading(reading("1", 1, 0));
    assert.equal(box.counts.waiting, 2);
    await clock.advanceAsync(1_000);
    const same = {
      dataType: "double-long-unsigned",
      classId: 3,
      attributeId: 2,
      unit: "kWh",
      quality: "good",
    };
    assert.deepEqual(bodies, [
      {
        meterNumber: "1",
        timestamp: "2026-01-01T00:00:05.000Z",
        obisReadings: [
          { ...same, obisCode: "1-0:1.8.0.255", value: 0 },
          { ...same, obisCode: "1-0:2.8.0.255", value: "12345678901234567890" },
        ],
      },
    ]);
    assert.equal(box.counts.waiting, 0);
    await clock.advanceAsync(10_000);
    assert.equal(clock.pending, 0);
  });

  it("keeps calls below the backend's limit, and minutes apart", async () => {
    const box = ingest({ readings: 10_000 });
    for (let n = 0; n < 500; n += 1) box.reading(reading("1", n));
    for (let n = 0; n < 40; n += 1) box.reading(reading("2", n, "9".repeat(4_000)));
    box.reading({ ...reading("3", 1), timestamp: "2026-01-01T00:00:05Z" });
    box.reading({ ...reading("3", 1), timestamp: "2026-01-01T01:00:05Z" });
    await clock.advanceAsync(60_000);
    assert.ok(bodies.every((body) => JSON.stringify(body).length < 100_000));
    assert.equal(
      sizes().reduce((sum, size) => sum + size, 0),
      542,
    );
    const third = bodies.filter(({ meterNumber }) => meterNumber === "3").map(({ timestamp }) => timestamp);
    assert.deepEqual(third, ["2026-01-01T00:00:05Z", "2026-01-01T01:00:05Z"]);
  });

  it("waits for the record, and drops what the backend has no record for", async () => {
    const box = ingest();
    box.reading(reading("9", 1));
    await clock.advanceAsync(60_000);
    assert.deepEqual([bodies.length, box.counts.waiting], [0, 1]);
    known.add("9");
    answer = () => 404;
    await clock.advanceAsync(2_000);
    assert.deepEqual([bodies.length, box.counts], [1, { waiting: 0, dropped: 1 }]);
    assert.match(drops[0]?.[1] ?? "", /404/);
  });

  it("tries again with growing waits while the backend is away, one call at a time, and loses nothing", async () => {
    const box = ingest();
    for (const serial of known) box.reading(reading(serial, 1));
    answer = () => (bodies.length % 2 === 0 ? 0 : 503);
    await clock.advanceAsync(120_000);
    const tries = bodies.length;
    assert.ok(tries >= 5 && tries <= 12, `${tries} calls in two minutes`);
    assert.deepEqual([states, box.counts.waiting], [["BACKEND_ERROR"], 3]);
    answer = () => 200;
    await clock.advanceAsync(120_000);
    assert.deepEqual([box.counts, states], [{ waiting: 0, dropped: 0 }, ["BACKEND_ERROR", undefined]]);
    assert.equal(bodies.length, tries + 3);
  });

  it("is bounded: the oldest go first and are counted", async () => {
    const box = ingest({ readings: 10 });
    answer = () => 0;
    for (let n = 0; n < 25; n += 1) {
      box.reading({ ...reading("1", 1), timestamp: new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString() });
    }
    assert.deepEqual(box.counts, { waiting: 10, dropped: 15 });
    await clock.advanceAsync(5_000);
    assert.deepEqual(box.counts, { waiting: 10, dropped: 15 });
    answer = () => 200;
    await clock.advanceAsync(60_000);
    assert.equal(bodies.at(-10)?.["timestamp"], "2026-01-01T00:15:00.000Z");
  });

  it("one life sign per online meter and interval, none where readings went, none when offline", async () => {
    const box = ingest({ presenceMs: 240_000 });
    for (const serial of known) box.online(serial);
    box.reading(reading("2", 1));
    await clock.advanceAsync(20_000);
    assert.deepEqual(
      bodies.map(({ meterNumber, obisReadings }) => [meterNumber, obisReadings !== undefined]),
      [
        ["2", true],
        ["1", false],
        ["3", false],
      ],
    );
    assert.deepEqual(bodies[1], { meterNumber: "1" });
    box.offline("3");
    await clock.advanceAsync(3_600_000);
    const signs = bodies.filter(({ meterNumber }) => meterNumber === "1").length;
    assert.ok(signs >= 13 && signs <= 17, `${signs} life signs in an hour`);
    assert.equal(bodies.filter(({ meterNumber }) => meterNumber === "3").length, 1);
    for (const serial of known) box.offline(serial);
    await clock.advanceAsync(10_000);
    assert.equal(clock.pending, 0);
  });

  describe("in the bridge", () => {
    let backend: DemoBackend;
    let rig: Rig;
    const serial = "45000000017";
    const record = { meterNumber: serial, brand: "b", model: "m", area: "a", meterType: "prepaid" };
    const ingested = (): number =>
      backend.requests().filter((line) => line === "POST /api/meters/data-ingestion").length;
    afterEach(async () => {
      await rig.bridge.stop();
      await backend.close();
    });

    it("readings of the flow are kept by the backend, alone and within results", async () => {
      backend = await startDemoBackend({ port: 0, records: [record] });
      rig = startBridge({ url: backend.url, apiUrl: backend.apiUrl, ingestReadings: true });
      rig.listener.dialIn(serial);
      await until("record", () => rig.listener.meters.get(serial)?.backendId);
      void rig.bridge.submit(reading(serial, 1, 0));
      await backend.command("read-meter", { meterNumber: serial, obisCode: "1-0:32.7.0.255" });
      await until("calls", () => ingested() > 0 && rig.bridge.status.ingest?.waiting === 0);
      const [meter] = backend.meters();
      assert.equal(meter?.readings["1-0:1.8.0.255"]?.value, 0);
    });

    for (const [presence, updates, calls] of [
      ["off", 0, false],
      ["socket", 1, false],
      ["ingest", 1, true],
    ] as const) {
      it(`presence ${presence}`, async () => {
        backend = await startDemoBackend({ port: 0, records: [record] });
        const times = { presenceMs: 100 };
        rig = startBridge({ url: backend.url, apiUrl: backend.apiUrl, presence, times });
        rig.listener.dialIn(serial);
        await until("record", () => rig.listener.meters.get(serial)?.backendId);
        await until("connection", () => rig.bridge.status.phase === "connected");
        if (calls) await until("life sign", () => ingested() > 0);
        if (updates > 0) await until("update", () => backend.updates().length >= updates);
        void rig.bridge.submit(reading(serial, 1));
        await until("reading", () => backend.updates().some(({ type }) => type === "reading"));
        assert.equal(
          backend.updates().some(({ type }) => type === "status"),
          updates > 0,
        );
        if (!calls) assert.equal(ingested(), 0);
      });
    }

    it("needs REST, and says which field asks for it", async () => {
      backend = await startDemoBackend({ port: 0 });
      rig = startBridge({ url: backend.url, apiUrl: "" });
      for (const [options, field] of [
        [{ presence: "ingest" }, "presence"],
        [{ ingestReadings: true }, "ingestReadings"],
      ] as const) {
        assert.throws(() => startBridge({ url: backend.url, apiUrl: "", ...options }), {
          code: "NOT_CONFIGURED",
          field,
        });
      }
    });
  });
});
