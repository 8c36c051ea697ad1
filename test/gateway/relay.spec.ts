import { strict as assert } from "node:assert";
import { dialectByName } from "../../src/meter-types/dialects/index.js";
import { type MeterType } from "../../src/meter-types/meter-type.js";
import { presets } from "../../src/meter-types/presets.js";
import { type SimulatedMeterOptions } from "../../src/simulator/meter-options.js";
import { Bench, type DialledIn } from "./bench.js";

const serial = "46000755036";

/** A request APDU with any invoke id and priority in its third octet. */
function apdu(hex: string): RegExp {
  const digits = hex.replace(/\s/g, "");
  return new RegExp(`${digits.slice(0, 4)}..${digits.slice(6)}`);
}

const disconnectApdu = apdu("C3 01 C1 00 46 00 00 60 03 0A FF 01 01 0F 00");
const reconnectApdu = apdu("C3 01 C1 00 46 00 00 60 03 0A FF 02 01 0F 00");

async function withMeter(
  options: Partial<SimulatedMeterOptions>,
  test: (bench: Bench, meter: DialledIn) => Promise<void>,
): Promise<void> {
  const bench = await new Bench().open();
  try {
    const dialect = dialectByName("hexcell-login");
    assert.ok(dialect);
    const meter = await bench.dialIn({ serial, meterType: presets.hexcell, dialect, ...options });
    await bench.event("associated", serial);
    await test(bench, meter);
  } finally {
    await bench.close();
  }
}

describe("gateway: the relay", () => {
  it("disconnects and reconnects with the requests of the Blue Book, verified by read-back", () =>
    withMeter({}, async (bench, meter) => {
      const off = await bench.run("remote-control", {
        meterSerialNumber: serial,
        action: "disconnect",
        note: "kept",
      });
      assert.equal(off.outcome, "disconnected", JSON.stringify(off));
      assert.equal(off.success, true);
      assert.equal(off.note, "kept");
      assert.match(meter.received(), disconnectApdu);
      assert.doesNotMatch(meter.received(), reconnectApdu);
      const on = await bench.run("remote-control", { meterSerialNumber: serial, action: "connect" });
      assert.equal(on.outcome, "connected", JSON.stringify(on));
      assert.match(meter.received(), reconnectApdu);
      assert.deepEqual(
        bench.ledger.relayChanges(serial).map((change) => change.cause),
        ["remote", "remote"],
      );
    }));

  it("waits for a relay that travels", () =>
    withMeter({ relayDelayMs: 600 }, async (bench) => {
      const result = await bench.run("remote-control", { meterSerialNumber: serial, action: "disconnect" });
      assert.equal(result.outcome, "disconnected", JSON.stringify(result));
    }));

  it("tells armed from connected where the customer has to press a button (mode 1)", () =>
    withMeter({ controlMode: 1 }, async (bench) => {
      await bench.run("remote-control", { meterSerialNumber: serial, action: "disconnect" });
      const result = await bench.run("remote-control", { meterSerialNumber: serial, action: "connect" });
      assert.equal(result.outcome, "armed", JSON.stringify(result));
      assert.equal(result.success, false);
    }));

  it("says no-effect where the relay never switches (mode 0), and tries nothing else", () =>
    withMeter({ controlMode: 0 }, async (bench, meter) => {
      const result = await bench.run("remote-control", { meterSerialNumber: serial, action: "disconnect" });
      assert.equal(result.outcome, "no-effect", JSON.stringify(result));
      assert.equal(result.success, false);
      assert.match(result.error?.message ?? "", /control mode 0/);
      assert.doesNotMatch(meter.received(), reconnectApdu);
      assert.equal(meter.received().match(new RegExp(disconnectApdu, "g"))?.length, 1);
    }));

  it("reports a refusal with the meter's answer", () =>
    withMeter(
      { faults: { answerErrors: [{ obis: "0-0:96.3.10.255", member: 1, result: "read-write-denied" }] } },
      async (bench) => {
        const result = await bench.run("remote-control", { meterSerialNumber: serial, action: "disconnect" });
        assert.equal(result.outcome, "refused", JSON.stringify(result));
        assert.equal(result.error?.code, "ACCESS_DENIED");
      },
    ));

  it("is unknown when the meter hangs up at the request, and is not repeated", () =>
    withMeter({ faults: { hangUp: "after-effect", hangUpOn: "action" } }, async (bench, meter) => {
      const result = await bench.run("remote-control", { meterSerialNumber: serial, action: "disconnect" });
      assert.equal(result.outcome, "unknown", JSON.stringify(result));
      assert.equal(result.error?.code, "LINK_LOST");
      assert.equal(meter.received().match(new RegExp(disconnectApdu, "g"))?.length, 1);
    }));

  it("is proved by the state when the answer itself was for another request", async () => {
    const meterType: MeterType = {
      ...presets.hexcell,
      association: { ...presets.hexcell.association, responseTimeoutMs: 500, interRequestMs: 0 },
    };
    const bench = await new Bench({ defaultMeterType: meterType }).open();
    try {
      const dialect = dialectByName("hexcell-login");
      assert.ok(dialect);
      const meter = await bench.dialIn({ serial, meterType, dialect, relayDelayMs: 0 });
      await bench.event("associated", serial);
      // The first command also proves the meter's identity, so that the second begins with the action.
      await bench.run("remote-control", { meterSerialNumber: serial, action: "disconnect" });
      meter.tell({ type: "faults", faults: { wrongInvokeId: true } });
      bench.listener.on("progress", ({ status }) => {
        if (status === "verifying") meter.tell({ type: "faults", faults: {} });
      });
      const result = await bench.run("remote-control", { meterSerialNumber: serial, action: "connect" });
      assert.equal(result.outcome, "connected", JSON.stringify(result));
      assert.equal(meter.received().match(new RegExp(reconnectApdu, "g"))?.length, 1);
    } finally {
      await bench.close();
    }
  });

  it("keeps only the newest waiting word about the relay", () =>
    withMeter({ faults: { delayMs: 100 } }, async (bench) => {
      const first = bench.run("remote-control", { meterSerialNumber: serial, action: "disconnect" });
      const second = bench.run("remote-control", { meterSerialNumber: serial, action: "connect" });
      const third = bench.run("remote-control", { meterSerialNumber: serial, action: "disconnect" });
      assert.equal((await second).outcome, "superseded");
      assert.equal((await second).error?.code, "COMMAND_SUPERSEDED");
      assert.equal((await first).outcome, "disconnected");
      assert.equal((await third).outcome, "disconnected");
    }));
});
