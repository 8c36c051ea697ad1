import { strict as assert } from "node:assert";
import { toHex } from "../../src/bytes/hex.js";
import { type Dialect, dialectByName, patternDialect } from "../../src/meter-types/dialects/index.js";
import { type MeterType } from "../../src/meter-types/meter-type.js";
import { presets } from "../../src/meter-types/presets.js";
import { Bench } from "./bench.js";

const pattern = patternDialect({
  name: "registration-packet",
  match: { hex: "AA 55 ?? ?? ?? ?? ?? ?? ?? ?? 0D" },
  id: { offset: 2, length: 8, coding: "ascii" },
  reply: "AA 55 {id} 06",
  framing: "wrapper",
  preset: "standard",
});

interface Case {
  readonly title: string;
  readonly dialect: Dialect;
  readonly meterType: MeterType;
  readonly serial: string;
  readonly framing?: "hdlc" | "wrapper";
  readonly seenAs?: string;
}

function named(name: string): Dialect {
  const dialect = dialectByName(name);
  assert.ok(dialect, name);
  return dialect;
}

const cases: readonly Case[] = [
  {
    title: "Hexcell login, BCD id",
    dialect: named("hexcell-login"),
    meterType: presets.hexcell,
    serial: "46000755036",
  },
  {
    title: "Hexing heartbeat, ASCII id",
    dialect: named("hexing-heartbeat"),
    meterType: presets.hexing,
    serial: "000391800016",
  },
  {
    title: "silent, wrapper",
    dialect: named("plain-wrapper"),
    meterType: presets.standard,
    serial: "00412345678",
  },
  { title: "silent, HDLC", dialect: named("plain-hdlc"), meterType: presets.standard, serial: "00412345679" },
  {
    title: "silent, undecided",
    dialect: named("silent"),
    meterType: presets.standard,
    serial: "412345680",
    seenAs: "plain-wrapper",
  },
  {
    title: "push, wrapper",
    dialect: named("push"),
    meterType: presets.standard,
    serial: "412345681",
    framing: "wrapper",
  },
  {
    title: "push, HDLC",
    dialect: named("push"),
    meterType: presets.standard,
    serial: "412345682",
    framing: "hdlc",
  },
  {
    title: "meter-initiated, wrapper",
    dialect: named("meter-initiated"),
    meterType: presets.readme,
    serial: "12345678",
    framing: "wrapper",
  },
  {
    title: "meter-initiated, HDLC",
    dialect: named("meter-initiated"),
    meterType: presets.readme,
    serial: "12345679",
    framing: "hdlc",
  },
  {
    title: "a pattern of the user",
    dialect: pattern,
    meterType: presets.standard,
    serial: "AB123456",
    seenAs: "registration-packet",
  },
];

describe("gateway: each dialect ends in a meter that answers a read", () => {
  for (const { title, dialect, meterType, serial, framing, seenAs } of cases)
    it(title, async () => {
      const bench = await new Bench({
        defaultMeterType: presets.standard,
        meterTypeRules: [{ dialect: "meter-initiated", meterType: presets.readme }],
        dialects: [pattern, ...["hexcell-login", "hexing-heartbeat", "ivy-login"].map(named)],
      }).open();
      try {
        const meter = await bench.dialIn({ serial, meterType, dialect, ...(framing ? { framing } : {}) });
        await bench.event("associated", serial);
        const view = bench.listener.registry.find(serial);
        assert.equal(view?.online, true);
        assert.equal(view?.dialect, seenAs ?? dialect.name);
        assert.equal(view?.meterType, meterType.name);
        const result = await bench.run("read-meter", {
          meterSerialNumber: serial,
          obisCodes: ["1-0:1.8.0.255", "0-0:96.1.0.255"],
        });
        assert.equal(result.outcome, "read", JSON.stringify(result));
        const [energy] = result.readings ?? [];
        assert.equal(energy?.unit, "Wh");
        assert.equal(energy?.meterSerialNumber, serial);
        assert.equal(typeof energy?.value, "number");
        const reply = dialect.reply?.({ source: 1 }, dialect.build?.(serial) ?? new Uint8Array());
        if (reply !== undefined) assert.ok(meter.received().startsWith(toHex(reply)), meter.received());
        assert.equal(bench.listener.state.meters, 1);
      } finally {
        await bench.close();
      }
    });
});
