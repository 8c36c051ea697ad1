import { strict as assert } from "node:assert";
import { dialectByName } from "../../src/meter-types/dialects/index.js";
import { presets } from "../../src/meter-types/presets.js";
import { DlmsError } from "../../src/core/errors.js";
import { Gate } from "../../src/gateway/gate.js";
import { Bench, until } from "./bench.js";

const serial = "46000755036";
const hexcell = dialectByName("hexcell-login");
const push = dialectByName("push");
assert.ok(hexcell && push);

describe("gateway: reads and notifications", () => {
  it("reads a profile with a range, the type's own objects, and every default code", async () => {
    const bench = await new Bench({ defaultMeterType: presets.hexcell }).open();
    try {
      const meter = await bench.dialIn({
        serial,
        meterType: presets.hexcell,
        dialect: hexcell,
        objects: "hexcell",
        epochAtZero: Date.UTC(2025, 5, 2, 12),
        startedAt: 0,
      });
      await bench.event("associated", serial);
      const codes = await bench.run("read-meter", {
        meterSerialNumber: serial,
        obisCodes: presets.hexcell.defaultCodes,
      });
      assert.equal(codes.outcome, "read", JSON.stringify(codes));
      assert.deepEqual(
        codes.readings?.map((reading) => reading.unit),
        ["Wh", "V", "A", "Hz", "Wh"],
      );
      const profile = await bench.run("read-meter", {
        meterSerialNumber: serial,
        obisCode: "1-0:99.1.0.255",
        from: "2025-06-02T08:00:00Z",
        to: "2025-06-02T10:00:00Z",
      });
      assert.equal(profile.outcome, "read", JSON.stringify(profile).slice(0, 500));
      assert.equal(profile.readings?.[0]?.classId, 7);
      assert.ok(JSON.stringify(profile.readings?.[0]?.value).length > 20);
      assert.equal(meter.meter.phase, "associated");
    } finally {
      await bench.close();
    }
  });

  it("asks the meter's object list once for what nobody else knows, and says when even that does not help", async () => {
    const bench = await new Bench({ defaultMeterType: presets.hexcell }).open();
    try {
      const meter = await bench.dialIn({ serial, meterType: presets.hexcell, dialect: hexcell });
      await bench.event("associated", serial);
      for (let i = 0; i < 2; i++) {
        const result = await bench.run("read-meter", {
          meterSerialNumber: serial,
          obisCodes: ["0-0:200.201.202.203", "1-0:1.8.0.255"],
        });
        assert.equal(result.outcome, "partial", JSON.stringify(result));
        assert.equal(result.readings?.[0]?.error?.code, "CLASS_UNKNOWN");
        assert.equal(result.readings?.[1]?.error, undefined);
      }
      // GET of class 15, 0-0:40.0.0.255, attribute 2.
      assert.equal(meter.received().match(/000F0000280000FF02/g)?.length, 1);
    } finally {
      await bench.close();
    }
  });

  it("hands on a push as readings where its body describes itself, also between requests", async () => {
    const bench = await new Bench({ defaultMeterType: presets.standard }).open();
    try {
      const meter = await bench.dialIn({
        serial,
        meterType: presets.standard,
        dialect: push,
        framing: "hdlc",
      });
      await bench.event("associated", serial);
      await until(() => bench.notifications.length === 1, "the first push");
      assert.equal(bench.notifications[0]?.kind, "data-notification");
      meter.tell({ type: "push" });
      await until(() => bench.notifications.length === 2, "the second push");
      const [, second] = bench.notifications;
      assert.equal(second?.meterSerialNumber, serial);
      assert.ok((second?.readings.length ?? 0) > 0, JSON.stringify(second));
      assert.ok(second?.readings.every((reading) => /^\d+-\d+:/.test(reading.obisCode)));
    } finally {
      await bench.close();
    }
  });

  it("alarms come in as event notifications", async () => {
    const bench = await new Bench({ defaultMeterType: presets.hexcell }).open();
    try {
      await bench.dialIn({ serial, meterType: presets.hexcell, dialect: hexcell, alarms: true });
      await bench.event("associated", serial);
      await bench.run("remote-control", { meterSerialNumber: serial, action: "disconnect" });
      await until(() => bench.notifications.some(({ kind }) => kind === "event-notification"), "the alarm");
    } finally {
      await bench.close();
    }
  });

  it("many meters at once: all come in, few associate at a time", async () => {
    const bench = await new Bench({ defaultMeterType: presets.hexcell, concurrentAssociations: 2 }).open();
    try {
      const serials = Array.from({ length: 30 }, (_, i) => `4600075${String(i).padStart(4, "0")}`);
      await Promise.all(
        serials.map((one, i) =>
          bench.dialIn({ serial: one, meterType: presets.hexcell, dialect: hexcell, seed: i }),
        ),
      );
      await until(
        () => bench.listener.registry.list().filter((meter) => meter.associated).length === 30,
        "all associated",
      );
      const results = await Promise.all(
        serials.map((one) => bench.run("read-meter", { meterSerialNumber: one, obisCode: "0-0:96.1.0.255" })),
      );
      assert.ok(results.every((result) => result.outcome === "read"));
    } finally {
      await bench.close();
    }
  });

  it("the gate lets so many through, urgent ones first, and sends waiting ones away when it closes", async () => {
    const gate = new Gate(1);
    const order: string[] = [];
    let release: () => void = () => undefined;
    const first = gate.run(
      () => new Promise<void>((resolve) => (release = resolve)),
      false,
      () => undefined,
    );
    const enter = (name: string, urgent: boolean): Promise<void> =>
      gate.run(
        () => {
          order.push(name);
          return Promise.resolve();
        },
        urgent,
        () => undefined,
      );
    const waiting = [enter("b", false), enter("a", true)];
    release();
    await Promise.all([first, ...waiting]);
    assert.deepEqual(order, ["a", "b"]);
    const held = gate.run(
      () => new Promise<void>((resolve) => (release = resolve)),
      false,
      () => undefined,
    );
    const refused = assert.rejects(enter("c", false), (caught) => caught instanceof DlmsError);
    gate.close(new DlmsError("LISTENER_CLOSED"));
    await refused;
    release();
    await held;
  });
});
