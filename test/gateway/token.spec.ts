import { strict as assert } from "node:assert";
import { dialectByName } from "../../src/meter-types/dialects/index.js";
import { type MeterType } from "../../src/meter-types/meter-type.js";
import { presets } from "../../src/meter-types/presets.js";
import { tokenRules } from "../../src/meter-types/token-rules.js";
import { type SimulatedMeterOptions } from "../../src/simulator/meter-options.js";
import { Bench, type DialledIn } from "./bench.js";

const serial = "46000755036";
const token = "12345678901234567890";

/** The request with any invoke id and priority. */
function apdu(hex: string): RegExp {
  const digits = hex.replace(/\s/g, "");
  return new RegExp(`${digits.slice(0, 4)}..${digits.slice(6)}`, "g");
}

const dataBcd = apdu("C1 01 C1 00 01 01 00 81 81 02 FF 02 00 09 0A 12 34 56 78 90 12 34 56 78 90");
const register = apdu(
  "C1 01 C1 00 03 00 00 13 01 00 FF 02 00 0A 14 31 32 33 34 35 36 37 38 39 30 31 32 33 34 35 36 37 38 39 30",
);
const gatewayBcd = apdu("C3 01 C1 00 73 00 00 13 28 00 FF 01 01 09 0A 12 34 56 78 90 12 34 56 78 90");
const gatewayAscii = apdu(
  "C3 01 C1 00 73 00 00 13 28 00 FF 01 01 09 14 31 32 33 34 35 36 37 38 39 30 31 32 33 34 35 36 37 38 39 30",
);
const credit = apdu("C3 01 C1 00 70 00 00 13 0A 00 FF 01 01 05 00 00 13 88");

async function withMeter(
  meterType: MeterType,
  options: Partial<SimulatedMeterOptions>,
  test: (bench: Bench, meter: DialledIn) => Promise<void>,
): Promise<void> {
  const bench = await new Bench({ defaultMeterType: meterType }).open();
  try {
    const dialect = dialectByName(meterType.preset === "hexcell" ? "hexcell-login" : "plain-wrapper");
    assert.ok(dialect);
    const meter = await bench.dialIn({ serial, meterType, dialect, ...options });
    await bench.event("associated", serial);
    await test(bench, meter);
  } finally {
    await bench.close();
  }
}

function times(meter: DialledIn, request: RegExp): number {
  return meter.received().match(request)?.length ?? 0;
}

const wrapped = { ...presets.standard.association, framing: "wrapper" as const };

describe("gateway: token loads", () => {
  it("data-bcd: written as packed BCD, accepted when the meter's log shows it, used the second time", () =>
    withMeter(presets.hexcell, { objects: "hexcell" }, async (bench, meter) => {
      const first = await bench.run("remote-load", {
        meterSerialNumber: serial,
        token: "1234-5678 9012-3456 7890",
        amount: 5000,
      });
      assert.equal(first.outcome, "accepted", JSON.stringify(first));
      assert.equal(times(meter, dataBcd), 1);
      const again = await bench.run("remote-load", { meterSerialNumber: serial, token });
      assert.equal(again.outcome, "used", JSON.stringify(again));
      assert.equal(again.success, false);
      assert.equal(bench.ledger.credits(serial).length, 1);
    }));

  it("data-bcd without a log: delivered-unverified", () =>
    withMeter(
      { ...presets.hexcell, tokenRule: tokenRules["data-bcd"] },
      { objects: "hexcell" },
      async (bench) => {
        const result = await bench.run("remote-load", { meterSerialNumber: serial, token });
        assert.equal(result.outcome, "delivered-unverified", JSON.stringify(result));
        assert.equal(result.success, true);
      },
    ));

  for (const [encoding, request] of [
    ["bcd", gatewayBcd],
    ["ascii", gatewayAscii],
  ] as const)
    it(`token-gateway, ${encoding}: polled until the meter has executed it; a used one is told by its bits`, () =>
      withMeter(
        {
          ...presets.standard,
          association: wrapped,
          tokenRule: { ...tokenRules["token-gateway"], encoding },
        },
        {},
        async (bench, meter) => {
          const first = await bench.run("remote-load", { meterSerialNumber: serial, token });
          assert.equal(first.outcome, "accepted", JSON.stringify(first));
          assert.equal(times(meter, request), 1);
          const again = await bench.run("remote-load", { meterSerialNumber: serial, token });
          assert.equal(again.outcome, "used", JSON.stringify(again));
          const old = await bench.run("remote-load", {
            meterSerialNumber: serial,
            token: "00000001111111111111",
          });
          assert.equal(old.outcome, "old", JSON.stringify(old));
          for (let i = 0; i < 3; i++) {
            const wrong = await bench.run("remote-load", {
              meterSerialNumber: serial,
              token: `0000000011111111111${i}`,
            });
            assert.equal(wrong.outcome, "rejected", JSON.stringify(wrong));
          }
          const locked = await bench.run("remote-load", {
            meterSerialNumber: serial,
            token: "22222222222222222222",
          });
          assert.equal(locked.outcome, "locked-out", JSON.stringify(locked));
          assert.equal(bench.ledger.credits(serial).length, 1);
        },
      ));

  it("register: a visible-string at the README's object", () =>
    withMeter({ ...presets.readme, association: wrapped }, {}, async (bench, meter) => {
      const result = await bench.run("remote-load", { meterSerialNumber: serial, token });
      assert.equal(result.outcome, "delivered-unverified", JSON.stringify(result));
      assert.equal(times(meter, register), 1);
      const again = await bench.run("remote-load", { meterSerialNumber: serial, token });
      assert.equal(again.outcome, "rejected", JSON.stringify(again));
    }));

  it("credit: the amount, only with one that fits", () =>
    withMeter(
      { ...presets.standard, association: wrapped, tokenRule: tokenRules.credit },
      {},
      async (bench, meter) => {
        const missing = await bench.run("remote-load", { meterSerialNumber: serial, token });
        assert.equal(missing.outcome, "invalid");
        assert.equal(missing.error?.field, "amount");
        assert.equal(times(meter, credit), 0);
        const result = await bench.run("remote-load", { meterSerialNumber: serial, token, amount: 5000 });
        assert.equal(result.outcome, "delivered-unverified", JSON.stringify(result));
        assert.equal(times(meter, credit), 1);
      },
    ));

  it("is unknown after a hang-up and not sent again; without a history, used is the meter's word and no success", () =>
    withMeter(
      { ...presets.standard, association: wrapped },
      { faults: { hangUp: "after-effect", hangUpOn: "action" } },
      async (bench, meter) => {
        const result = await bench.run("remote-load", { meterSerialNumber: serial, token });
        assert.equal(result.outcome, "unknown", JSON.stringify(result));
        assert.equal(times(meter, gatewayBcd), 1);
        assert.equal(bench.ledger.credits(serial).length, 1);
        await bench.event("disconnected", serial);
        bench.meterEvents.length = 0;
        // The meter comes back and knows the token.
        const channel = await bench.reconnect(meter);
        await bench.event("associated", serial);
        const again = await bench.run("remote-load", { meterSerialNumber: serial, token });
        assert.equal(again.outcome, "used", JSON.stringify(again));
        assert.equal(again.success, false);
        channel.destroy();
        assert.ok(!bench.logs.some((entry) => entry.text.includes(token)));
        assert.ok(!JSON.stringify([result, bench.meterEvents]).includes(token));
      },
    ));
});
