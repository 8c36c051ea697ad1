/** What a listener tells those who look after its meters: activity, changes, counts, traces, object lists. */
import assert from "node:assert/strict";
import { Secret } from "../../src/core/secret.js";
import { readMeterObjects } from "../../src/gateway/meter-objects.js";
import { MeterRegistry } from "../../src/gateway/registry.js";
import { tryMeterType } from "../../src/gateway/try-meter-type.js";
import { tryPort } from "../../src/gateway/try-port.js";
import { type TraceEntry } from "../../src/gateway/watches.js";
import { dialectByName } from "../../src/meter-types/dialects/index.js";
import { presets } from "../../src/meter-types/presets.js";
import { Bench, until } from "./bench.js";

const serial = "46000755036";
const token = "12345678901234567890";
const hexcell = dialectByName("hexcell-login");
assert.ok(hexcell);
const meterOptions = { serial, meterType: presets.hexcell, dialect: hexcell };

const never = (): AbortSignal => new AbortController().signal;
const text = (entries: readonly TraceEntry[]): string =>
  entries.map(({ hex, table, summary }) => `${summary}\n${hex.replaceAll(" ", "")}\n${table}`).join("\n");

async function withMeter(use: (bench: Bench) => Promise<void>): Promise<void> {
  const bench = await new Bench({ defaultMeterType: presets.hexcell }).open();
  try {
    await bench.dialIn(meterOptions);
    await bench.event("associated", serial);
    await use(bench);
  } finally {
    await bench.close();
  }
}

describe("gateway: what is noted of meters", () => {
  it("keeps what went well last, what failed last, and the octets", () =>
    withMeter(async (bench) => {
      const { registry } = bench.listener;
      const before = registry.find(serial);
      assert.equal(before?.lastSuccess?.what, "associate");
      assert.ok(before.linkSince !== undefined && before.octetsReceived > 50 && before.octetsSent > 50);
      await bench.run("read-meter", { meterSerialNumber: serial, obisCode: "1-0:1.8.0.255" });
      await bench.run("read-meter", { meterSerialNumber: serial, obisCode: "1-0:99.99.99.255", classId: 3 });
      const after = registry.find(serial);
      assert.equal(after?.lastSuccess?.what, "read-meter");
      assert.equal(after.lastError?.what, "read-meter");
      assert.equal(after.lastError.code, "OBJECT_UNDEFINED");
      assert.deepEqual([after.commands, after.failures], [2, 1]);
      assert.ok(after.octetsSent > before.octetsSent);
      const counters = bench.listener.counters;
      assert.deepEqual(
        [counters.links, counters.accepted, counters.commands, counters.failures],
        [1, 1, 2, 1],
      );
      assert.equal(counters.octetsReceived, after.octetsReceived);
      bench.listener.disconnect(serial);
      await bench.event("disconnected", serial);
      assert.equal(registry.find(serial)?.linkSince, undefined);
      assert.equal(bench.listener.counters.ended, 1);
    }));

  it("counts a link beyond the limit as refused", async () => {
    const bench = await new Bench({ maxLinks: 1 }).open();
    try {
      await bench.dialIn(meterOptions);
      await bench.event("associated", serial);
      await bench.connect();
      await until(() => bench.listener.counters.refused === 1, "the refusal");
      assert.equal(bench.listener.counters.refusedFor.links, 1);
    } finally {
      await bench.close();
    }
  });

  it("tells changes by revision, in pages, and starts over for who comes from too far back", () => {
    const registry = new MeterRegistry<object>({
      describe: () => ({ id: "1", associated: false }),
      queued: () => 0,
      bound: () => undefined,
      zeroLengths: [],
    });
    for (let i = 0; i < 25; i++) registry.open(`M${i}`, 0);
    const seen: string[] = [];
    let page = registry.changes(0, 10);
    assert.equal(page.complete, true);
    for (;;) {
      seen.push(...page.meters.map(({ meterSerialNumber }) => meterSerialNumber));
      if (!page.more) break;
      page = registry.changes(page.revision, 10, page.asOf);
    }
    assert.equal(new Set(seen).size, 25);
    assert.deepEqual(registry.changes(page.revision, 10).meters, []);
    registry.bind("M3", { backendId: "x" });
    const next = registry.changes(page.revision, 10);
    assert.deepEqual([next.complete, next.meters.map((meter) => meter.backendId)], [false, ["x"]]);
    // A listener that was made anew has counted less.
    assert.equal(registry.changes(99_999, 10).complete, true);
  });
});

describe("gateway: watching a meter", () => {
  it("tells nothing to nobody, then every frame with its layers, then nothing again", () =>
    withMeter(async (bench) => {
      const heard: TraceEntry[] = [];
      const stop = bench.listener.watch(serial, (entry) => heard.push(entry));
      await bench.run("read-meter", { meterSerialNumber: serial, obisCode: "1-0:1.8.0.255" });
      const summaries = heard.map(({ direction, summary }) => `${direction} ${summary}`);
      assert.ok(
        summaries.some((line) => /^out get-request .*class 3 1-0:1\.8\.0\.255 attribute 2/.test(line)),
        summaries.join("\n"),
      );
      assert.ok(summaries.some((line) => line.startsWith("in get-response")));
      assert.ok(summaries.includes("note read-meter begins") && summaries.includes("note read-meter: read"));
      assert.ok(heard.every(({ hex, direction }) => direction === "note" || /^[0-9A-F]{2} /.test(hex)));
      stop();
      const count = heard.length;
      await bench.run("read-meter", { meterSerialNumber: serial, obisCode: "1-0:1.8.0.255" });
      assert.equal(heard.length, count);
    }));

  it("tells a dial-in from its first octet, and shows neither password nor token", async () => {
    const bench = await new Bench({ defaultMeterType: presets.hexcell }).open();
    try {
      const heard: TraceEntry[] = [];
      bench.listener.watch(serial, (entry) => heard.push(entry));
      const meter = await bench.dialIn(meterOptions);
      await bench.event("associated", serial);
      const result = await bench.run("remote-load", { meterSerialNumber: serial, token });
      assert.equal(result.outcome, "accepted", JSON.stringify(result));
      assert.equal(heard[0]?.summary, "login or heartbeat: hexcell-login");
      assert.ok(heard.some(({ summary }) => summary === "aarq"));
      const secret = presets.hexcell.association.secret?.reveal() ?? new Uint8Array(0);
      const password = Buffer.from(secret).toString("hex").toUpperCase();
      assert.ok(meter.received().includes(password) && meter.received().includes(token));
      const shown = text(heard);
      assert.ok(!shown.includes(password) && !shown.includes(token) && !shown.includes(token.slice(0, 12)));
      assert.match(shown, /••/);
    } finally {
      await bench.close();
    }
  });
});

describe("gateway: asking a meter from the outside", () => {
  it("reads its object list with access rights", () =>
    withMeter(async (bench) => {
      const objects = await readMeterObjects(bench.listener, serial, never());
      const energy = objects.find(({ obis }) => obis === "1-0:1.8.0.255");
      assert.equal(energy?.classId, 3);
      assert.ok(energy.attributes.some(({ id, read }) => id === 2 && read));
      await assert.rejects(readMeterObjects(bench.listener, "1", never()), { code: "METER_OFFLINE" });
      await assert.rejects(readMeterObjects(bench.listener, serial, AbortSignal.abort()), {
        code: "METER_BUSY",
      });
    }));

  it("tries a meter type step by step, and the meter has its own association afterwards", () =>
    withMeter(async (bench) => {
      const { steps, ok } = await tryMeterType(bench.listener, {
        serial,
        meterType: presets.hexcell,
        signal: never(),
      });
      assert.deepEqual(
        steps.map(({ step, state }) => `${step} ${state}`),
        ["link ok", "release ok", "associate ok", "serial ok", "restore ok"],
        JSON.stringify(steps, null, 1),
      );
      assert.ok(ok);
      const frames = steps.find(({ step }) => step === "associate")?.frames ?? [];
      assert.deepEqual(frames.map(({ direction, summary }) => `${direction} ${summary}`).slice(0, 2), [
        "out aarq",
        "in aare",
      ]);
      const read = await bench.run("read-meter", { meterSerialNumber: serial, obisCode: "1-0:1.8.0.255" });
      assert.equal(read.outcome, "read");
    }));

  it("says at which step and why settings do not work, and what they were tried on still works", () =>
    withMeter(async (bench) => {
      const wrong = {
        ...presets.hexcell,
        name: "wrong",
        association: {
          ...presets.hexcell.association,
          secret: new Secret(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)),
        },
      };
      const report = await tryMeterType(bench.listener, { serial, meterType: wrong, signal: never() });
      const failed = report.steps.filter(({ state }) => state === "failed");
      assert.equal(report.ok, false);
      assert.deepEqual(
        failed.map(({ step }) => step),
        ["associate"],
        JSON.stringify(report, null, 1),
      );
      assert.match(failed[0]?.error?.code ?? "", /^(AUTH|ASSOC)/);
      assert.ok(!JSON.stringify(report).includes("0102030405060708"));
      const read = await bench.run("read-meter", { meterSerialNumber: serial, obisCode: "1-0:1.8.0.255" });
      assert.equal(read.outcome, "read");
      assert.equal(bench.listener.registry.find(serial)?.meterType, presets.hexcell.name);
      const offline = await tryMeterType(bench.listener, { serial: "1", meterType: wrong, signal: never() });
      assert.equal(offline.steps[0]?.error?.code, "METER_OFFLINE");
      const late = await tryMeterType(bench.listener, {
        serial,
        meterType: wrong,
        signal: AbortSignal.abort(),
      });
      assert.equal(late.steps.at(-1)?.error?.code, "METER_BUSY");
    }));

  it("says whether a port is free", async () => {
    const bench = await new Bench().open();
    const { port } = bench.listener.state;
    try {
      const taken = await tryPort({ host: "127.0.0.1", port });
      assert.equal(taken.steps[0]?.error?.code, "PORT_IN_USE");
      const elsewhere = await tryPort({ host: "192.0.2.1", port });
      assert.equal(elsewhere.steps[0]?.error?.code, "LISTEN_FAILED");
    } finally {
      await bench.close();
    }
    assert.equal((await tryPort({ host: "127.0.0.1", port })).ok, true);
  });
});
