import { strict as assert } from "node:assert";
import { createServer } from "node:net";
import { dialectByName } from "../../src/meter-types/dialects/index.js";
import { type MeterType } from "../../src/meter-types/meter-type.js";
import { presets } from "../../src/meter-types/presets.js";
import { Listener } from "../../src/gateway/listener.js";
import { type SimulatedMeterOptions } from "../../src/simulator/meter-options.js";
import { Bench, type DialledIn, shortTimes, until } from "./bench.js";

const quick: MeterType = {
  ...presets.hexcell,
  association: { ...presets.hexcell.association, responseTimeoutMs: 400, interRequestMs: 0 },
};
const hexcell = dialectByName("hexcell-login");
assert.ok(hexcell);
const dialect = hexcell;
const bad = "46000755036";
const good = "46000755037";

/** A meter that misbehaves beside one that does not. */
async function beside(
  faults: SimulatedMeterOptions["faults"],
  test: (bench: Bench, meter: DialledIn) => Promise<void>,
): Promise<void> {
  const bench = await new Bench({ defaultMeterType: quick }).open();
  try {
    const meter = await bench.dialIn({ serial: bad, meterType: quick, dialect });
    await bench.dialIn({ serial: good, meterType: quick, dialect, seed: 8 });
    await bench.event("associated", bad);
    await bench.event("associated", good);
    meter.tell({ type: "faults", faults: faults ?? {} });
    const trouble = test(bench, meter);
    const other = await bench.run("read-meter", { meterSerialNumber: good, obisCode: "1-0:1.8.0.255" });
    assert.equal(other.outcome, "read", JSON.stringify(other));
    await trouble;
    assert.equal(
      (await bench.run("read-meter", { meterSerialNumber: good, obisCode: "1-0:1.8.0.255" })).outcome,
      "read",
    );
  } finally {
    await bench.close();
  }
}

const energy = { meterSerialNumber: bad, obisCode: "1-0:1.8.0.255" };

describe("gateway: meters that misbehave", () => {
  it("a meter that goes silent: RESPONSE_TIMEOUT, and its link is closed", () =>
    beside({ silent: true }, async (bench) => {
      const result = await bench.run("read-meter", energy);
      assert.equal(result.outcome, "failed", JSON.stringify(result));
      assert.equal(result.error?.code, "RESPONSE_TIMEOUT");
      await bench.event("disconnected", bad);
      assert.equal((await bench.run("read-meter", energy)).error?.code, "METER_OFFLINE");
    }));

  it("a meter that hangs up: LINK_LOST", () =>
    beside({ hangUp: "before-effect" }, async (bench) => {
      const result = await bench.run("read-meter", energy);
      assert.equal(result.outcome, "failed", JSON.stringify(result));
      assert.equal(result.error?.code, "LINK_LOST");
    }));

  it("an answer to another request is no answer", () =>
    beside({ wrongInvokeId: true }, async (bench, meter) => {
      const result = await bench.run("read-meter", energy);
      assert.equal(result.error?.code, "RESPONSE_TIMEOUT", JSON.stringify(result));
      meter.tell({ type: "faults", faults: {} });
      if (bench.listener.registry.find(bad)?.online === true)
        assert.equal((await bench.run("read-meter", energy)).outcome, "read");
    }));

  it("noise before an answer: the link recovers or is closed, and the result says which", () =>
    beside({ noiseOctets: 5 }, async (bench, meter) => {
      const result = await bench.run("read-meter", energy);
      assert.ok(
        result.outcome === "read" || result.error?.code === "RESPONSE_TIMEOUT",
        JSON.stringify(result),
      );
      meter.tell({ type: "faults", faults: {} });
      await until(
        () =>
          bench.listener.registry.find(bad)?.online !== true ||
          bench.listener.registry.find(bad)?.associated === true,
        "recovered or closed",
      );
    }));

  it("a code that the meter refuses spoils no other", () =>
    beside({ answerErrors: [{ obis: "1-0:32.7.0.255", result: "hardware-fault" }] }, async (bench) => {
      const result = await bench.run("read-meter", {
        meterSerialNumber: bad,
        obisCodes: ["1-0:1.8.0.255", "1-0:32.7.0.255", "0-0:96.1.0.255"],
      });
      assert.equal(result.outcome, "partial", JSON.stringify(result));
      assert.deepEqual(
        result.readings?.map((reading) => reading.error?.code),
        [undefined, "SERVICE_REFUSED", undefined],
      );
    }));

  it("a password the meter refuses: the link stays, the command says why", async () => {
    const wrong: MeterType = {
      ...presets.standard,
      name: "wrong",
      association: { ...quick.association, clientSap: 9 },
      preset: "hexcell",
      serial: quick.serial,
    };
    const bench = await new Bench({ defaultMeterType: wrong }).open();
    try {
      await bench.dialIn({ serial: bad, meterType: quick, dialect });
      await bench.event("identified", bad);
      const result = await bench.run("remote-control", { meterSerialNumber: bad, action: "disconnect" });
      assert.equal(result.outcome, "not-sent", JSON.stringify(result));
      assert.equal(result.success, false);
      assert.ok(result.error);
    } finally {
      await bench.close();
    }
  });

  it("rubbish and other protocols are shown the door; meters are not", async () => {
    const bench = await new Bench({ defaultMeterType: quick, times: { probeTimeoutMs: 200 } }).open();
    try {
      const terminal = await bench.connect();
      terminal.write(Uint8Array.of(0x68, 0x10, 0x10, 0x68, 0xc9));
      const rubbish = await bench.connect();
      rubbish.write(new Uint8Array(3_000).fill(0x5a));
      await until(
        () => bench.meterEvents.filter((event) => event.event === "disconnected").length === 2,
        "both gone",
      );
      await bench.dialIn({ serial: good, meterType: quick, dialect });
      await bench.event("associated", good);
      assert.equal(bench.listener.state.links, 1);
    } finally {
      await bench.close();
    }
  });
});

describe("gateway: the listener", () => {
  it("unknown and offline meters, expired commands, full queues: final results, nothing sent", async () => {
    const bench = await new Bench({ defaultMeterType: quick, maxCommandsPerMeter: 2 }).open();
    try {
      assert.equal((await bench.run("read-meter", energy)).error?.code, "METER_UNKNOWN");
      const meter = await bench.dialIn({ serial: bad, meterType: quick, dialect, faults: { delayMs: 30 } });
      await bench.event("associated", bad);
      const expired = await bench.run("remote-control", {
        ...energy,
        action: "connect",
        expiresAt: 1_000_000_000,
      });
      assert.equal(expired.outcome, "expired");
      const many = await Promise.all(Array.from({ length: 4 }, () => bench.run("read-meter", energy)));
      assert.deepEqual(
        many.map((result) => result.error?.code),
        [undefined, undefined, undefined, "QUEUE_FULL"],
      );
      meter.hangUp();
      await bench.event("disconnected", bad);
      const offline = await bench.run("remote-control", { meterSerialNumber: bad, action: "connect" });
      assert.equal(offline.error?.code, "METER_OFFLINE");
      assert.equal(offline.outcome, "not-sent");
      assert.equal(offline.meterSerialNumber, bad);
    } finally {
      await bench.close();
    }
  });

  it("relay before token before read", async () => {
    const bench = await new Bench({ defaultMeterType: quick }).open();
    try {
      await bench.dialIn({ serial: bad, meterType: quick, dialect, faults: { delayMs: 20 } });
      await bench.event("associated", bad);
      const order: string[] = [];
      const note = (name: string) => () => void order.push(name);
      await Promise.all([
        bench.run("read-meter", energy).then(note("first read")),
        bench.run("read-meter", energy).then(note("read")),
        bench.run("remote-load", { ...energy, token: "12345678901234567890" }).then(note("token")),
        bench.run("remote-control", { ...energy, action: "disconnect" }).then(note("relay")),
      ]);
      assert.deepEqual(order, ["first read", "relay", "token", "read"]);
    } finally {
      await bench.close();
    }
  });

  it("waits for a taken port and opens it when it is free", async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, "127.0.0.1", resolve));
    const address = blocker.address();
    assert.ok(address !== null && typeof address === "object");
    const listener = new Listener({ port: address.port, host: "127.0.0.1", times: shortTimes });
    listener.start();
    try {
      await until(() => listener.state.phase === "retrying", "the port is taken");
      assert.equal(listener.state.error?.code, "PORT_IN_USE");
      await new Promise((resolve) => blocker.close(resolve));
      await until(() => listener.state.phase === "listening", "the port is free");
      assert.equal(listener.state.error, undefined);
    } finally {
      await listener.close();
      blocker.close();
    }
  });

  it("close() ends links and gives waiting commands their result; the port is free", async () => {
    const bench = await new Bench({ defaultMeterType: quick }).open();
    const { port } = bench.listener.state;
    await bench.dialIn({ serial: bad, meterType: quick, dialect, faults: { delayMs: 5_000 } });
    await bench.event("identified", bad);
    const running = bench.run("read-meter", energy);
    const waiting = bench.run("remote-control", { ...energy, action: "connect" });
    await bench.close();
    assert.equal((await waiting).error?.code, "LISTENER_CLOSED");
    assert.equal((await running).success, false);
    const again = createServer();
    await new Promise<void>((resolve, reject) => {
      again.once("error", reject);
      again.listen(port, "127.0.0.1", resolve);
    });
    again.close();
    const late = await bench.run("read-meter", energy);
    assert.ok(late.error?.code === "LISTENER_CLOSED" || late.error?.code === "METER_OFFLINE");
  });

  it("a backend's record id finds its meter once bound; a record of another meter is ambiguous", async () => {
    const bench = await new Bench({ defaultMeterType: quick, requireRegistration: true }).open();
    try {
      await bench.dialIn({ serial: bad, meterType: quick, dialect });
      await bench.dialIn({ serial: good, meterType: quick, dialect });
      await bench.event("associated", bad);
      await bench.event("associated", good);
      assert.equal((await bench.run("read-meter", energy)).error?.code, "METER_UNREGISTERED");
      const record = "65f0c0ffee65f0c0ffee65f0";
      bench.listener.registry.bind(bad, { backendId: record });
      assert.equal((await bench.event("registered", bad)).backendId, record);
      bench.listener.registry.bind(good, { reason: "no such meter" });
      assert.equal((await bench.event("unknown-to-backend", good)).reason, "no such meter");
      const result = await bench.run("read-meter", { meterId: record, obisCode: "1-0:1.8.0.255" });
      assert.equal(result.outcome, "read", JSON.stringify(result));
      assert.equal(result.meterSerialNumber, bad);
      const ambiguous = await bench.run("read-meter", {
        meterSerialNumber: good,
        meterId: record,
        obisCode: "1-0:1.8.0",
      });
      assert.equal(ambiguous.error?.code, "AMBIGUOUS_METER");
      // The twelve digits of the login name the same meter as the eleven on its label.
      assert.equal(bench.listener.registry.normalise("046000755036"), bad);
    } finally {
      await bench.close();
    }
  });
});
