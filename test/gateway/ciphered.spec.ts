/** Meters that authenticate and cipher, dialling in over real sockets: commands, counters, and every kind of misfit. */
import { strict as assert } from "node:assert";
import { inspect } from "node:util";
import { toHex } from "../../src/bytes/hex.js";
import { dialectByName } from "../../src/meter-types/dialects/index.js";
import { type MeterType } from "../../src/meter-types/meter-type.js";
import { presets } from "../../src/meter-types/presets.js";
import { fingerprintOf, ReceivedCounters } from "../../src/security/index.js";
import { securityOf } from "../../src/simulator/meter-secrets.js";
import { MemoryCounters } from "../../src/transport/outside.js";
import { Bench, type DialledIn, until } from "./bench.js";
import { cipheredType, countersIn, key, keys, OwnStore, password } from "./ciphered.js";

const serial = "46000755036";
const token = "12345678901234567890";

function dialect(name: string): NonNullable<ReturnType<typeof dialectByName>> {
  const found = dialectByName(name);
  assert.ok(found, name);
  return found;
}

describe("gateway: ciphered meters", () => {
  let store: OwnStore;
  beforeEach(() => (store = new OwnStore()));
  afterEach(() => store.remove());

  async function bench(meterType: MeterType): Promise<Bench> {
    return new Bench({ defaultMeterType: meterType }, { store: store.open }).open();
  }

  async function commands(on: Bench): Promise<void> {
    const read = await on.run("read-meter", { meterSerialNumber: serial, obisCode: "1-0:1.8.0.255" });
    assert.equal(read.outcome, "read", JSON.stringify(read));
    const off = await on.run("remote-control", { meterSerialNumber: serial, action: "disconnect" });
    assert.equal(off.outcome, "disconnected", JSON.stringify(off));
    const load = await on.run("remote-load", { meterSerialNumber: serial, token });
    assert.ok(load.success, JSON.stringify(load));
    assert.equal(on.ledger.credits(serial).length, 1);
  }

  const rows: readonly (readonly [string, string, MeterType])[] = [
    ["hexcell-login", "HLS-GMAC, glo", cipheredType({ form: "service-specific" })],
    ["hexcell-login", "HLS-GMAC, dedicated key", cipheredType({ keySet: "dedicated" })],
    ["plain-hdlc", "HLS-GMAC, glo", cipheredType({}, {}, presets.standard)],
    ["plain-wrapper", "LLS, ciphered", cipheredType({}, { mechanism: "lls" }, presets.standard)],
    [
      "plain-hdlc",
      "HLS-SHA256, authenticated",
      cipheredType({ mode: "authenticated" }, { mechanism: "hls-sha256" }, presets.standard),
    ],
    [
      "hexcell-login",
      "HLS-GMAC, suite 2",
      cipheredType({ suite: 2, keys: { unicast: key(1, 32), authentication: key(99, 32) } }),
    ],
    [
      "hexcell-login",
      "HLS-GMAC, general-ciphering, a key for each message",
      cipheredType({ form: "general-ciphering", keyTransport: "wrapped" }),
    ],
    ["hexcell-login", "HLS-MD5 in clear", cipheredType({ mode: "none" }, { mechanism: "hls-md5" })],
  ];
  for (const [way, name, meterType] of rows)
    it(`${way}, ${name}: reads, switches, loads a token; no secret shows`, async () => {
      const on = await bench(meterType);
      try {
        const meter = await on.dialIn({ serial, meterType, dialect: dialect(way) });
        await on.event("associated", serial);
        await commands(on);
        const isCiphered = meterType.association.security?.mode === "authenticated-encrypted";
        const clear = /46000060030AFF02/.test(meter.received());
        assert.equal(clear, !isCiphered, "the relay's state is read in clear only without encryption");
        const wire = meter.received() + meter.sent();
        const told = inspect([on.meterEvents, on.logs, on.notifications, meter.events], { depth: 9 });
        const { security, mechanism } = meterType.association;
        for (const secret of [security?.keys.unicast, security?.keys.authentication])
          assert.ok(!wire.includes(toHex(secret?.reveal() ?? new Uint8Array(0)) || "-"));
        assert.ok(!told.includes(password));
        if (mechanism !== "lls")
          assert.ok(!wire.includes(toHex(Uint8Array.from(password, (c) => c.charCodeAt(0)))));
      } finally {
        await on.close();
      }
    });

  for (const framing of ["hdlc", "wrapper"] as const)
    it(`reverse link over ${framing}: the meter's ciphered AARQ is let in and it is asked under ciphering`, async () => {
      const meterType = { ...cipheredType({}, { clientSap: 16 }, presets.readme), allowReverse: true };
      const on = await bench(meterType);
      try {
        const meter = await on.dialIn({ serial, meterType, dialect: dialect("meter-initiated"), framing });
        await on.event("associated", serial);
        const off = await on.run("remote-control", { meterSerialNumber: serial, action: "disconnect" });
        assert.equal(off.outcome, "disconnected", JSON.stringify(off));
        assert.ok(!/0046000060030AFF/.test(meter.received()), "a request went out in clear");
      } finally {
        await on.close();
      }
    });

  it("reverse link: another key is not let in, and the link ends", async () => {
    const meterType = cipheredType({}, { clientSap: 16 }, presets.readme);
    const on = await bench(meterType);
    try {
      const other = cipheredType({ keys: { ...keys, unicast: key(3) } }, { clientSap: 16 }, presets.readme);
      await on.dialIn({ serial, meterType: other, dialect: dialect("meter-initiated"), framing: "wrapper" });
      await until(() => on.meterEvents.some(({ event }) => event === "disconnected"), "the link ends");
      assert.equal(on.meterEvents.find(({ event }) => event === "disconnected")?.code, "SECURITY_TAG");
    } finally {
      await on.close();
    }
  });

  const misfits: readonly (readonly [string, MeterType, string])[] = [
    ["another encryption key", cipheredType({ keys: { ...keys, unicast: key(3) } }), "SECURITY_REFUSED"],
    [
      "another authentication key",
      cipheredType({ keys: { ...keys, authentication: key(3) } }),
      "SECURITY_REFUSED",
    ],
    [
      "another title of ours",
      cipheredType({ clientSystemTitle: new Uint8Array(8).fill(0x47) }),
      "ASSOCIATION_REJECTED",
    ],
    [
      "another title of the meter",
      cipheredType({ meterSystemTitle: new Uint8Array(8).fill(0x4d) }),
      "SECURITY_TITLE",
    ],
    ["no key", cipheredType({ keys: {} }), "SECURITY_KEY_MISSING"],
    ["less protection than the meter wants", cipheredType({ mode: "authenticated" }), "SECURITY_REFUSED"],
  ];
  for (const [name, ours, code] of misfits)
    it(`${name} ends in ${code}, without an association`, async () => {
      const on = await bench(ours);
      try {
        const theirs = cipheredType();
        const meter = await on.dialIn({
          serial,
          meterType: theirs,
          dialect: dialect("hexcell-login"),
          security: { ...securityOf(theirs, serial), mechanism: "hls-gmac" },
        });
        await on.event("identified", serial);
        const read = await on.run("read-meter", { meterSerialNumber: serial, obisCode: "1-0:1.8.0.255" });
        assert.equal(read.error?.code, code, JSON.stringify(read));
        assert.equal(meter.meter.phase === "associated", false);
        const told = JSON.stringify([read, on.logs, on.meterEvents]);
        for (const secret of [keys.unicast, ours.association.security?.keys.unicast])
          if (secret !== undefined) assert.ok(!told.toUpperCase().includes(toHex(secret.reveal())));
      } finally {
        await on.close();
      }
    });

  it("without anything that keeps counters nothing is ciphered", async () => {
    const meterType = cipheredType();
    const on = await new Bench({ defaultMeterType: meterType }).open();
    try {
      await on.dialIn({ serial, meterType, dialect: dialect("hexcell-login") });
      await on.event("identified", serial);
      const read = await on.run("read-meter", { meterSerialNumber: serial, obisCode: "1-0:1.8.0.255" });
      assert.equal(read.error?.code, "SECURITY_KEY_MISSING", JSON.stringify(read));
    } finally {
      await on.close();
    }
  });
});

describe("gateway: invocation counters of ciphered meters", () => {
  let store: OwnStore;
  beforeEach(() => (store = new OwnStore()));
  afterEach(() => store.remove());

  async function life(
    meterType: MeterType,
    run: (on: Bench, meter: DialledIn) => Promise<void>,
    theirs: Partial<Parameters<Bench["dialIn"]>[0]> = {},
    counted = 1,
  ): Promise<DialledIn> {
    const on = await new Bench({ defaultMeterType: meterType }, { store: store.open }).open();
    try {
      const meter = await on.dialIn(
        { serial, meterType, dialect: dialect("hexcell-login"), ...theirs },
        new MemoryCounters(counted),
      );
      await on.event("identified", serial);
      await run(on, meter);
      return meter;
    } finally {
      await on.close();
      await store.close();
    }
  }

  const reads = async (on: Bench): Promise<void> => {
    const read = await on.run("read-meter", { meterSerialNumber: serial, obisCode: "1-0:1.8.0.255" });
    assert.equal(read.outcome, "read", JSON.stringify(read));
  };

  it("after a restart the next is above every one ever sent, though the meter tells nothing", async () => {
    const meterType = cipheredType({ counterObis: undefined });
    const first = countersIn((await life(meterType, reads)).received());
    const second = countersIn((await life(meterType, reads, {}, 10_000)).received());
    assert.ok(first.length >= 2 && second.length >= 2, JSON.stringify([first, second]));
    assert.deepEqual(
      [...first, ...second],
      [...new Set([...first, ...second])].sort((a, b) => a - b),
    );
  });

  it("the meter's own is learnt by the public client before the first ciphered message, and ours goes on above", async () => {
    const meterType = cipheredType();
    const seen = securityOf(meterType, serial);
    assert.ok(seen?.options);
    const received = new ReceivedCounters();
    received.accept(
      meterType.association.security?.clientSystemTitle as Uint8Array,
      "unicast",
      "apdu",
      70_000,
    );
    const meter = await life(meterType, reads, {
      security: { ...seen, options: { ...seen.options, received } },
    });
    const counters = countersIn(meter.received());
    assert.equal(counters[0], 70_001);
    // Without a step back there was one AARQ only that was ciphered.
    assert.equal(meter.received().match(/60[0-9A-F]{2}A1090607608574050801 ?03/g)?.length, 1);
  });

  it("one that the meter finds too low is learnt from its refusal, once", async () => {
    const meterType = cipheredType({ counterObis: undefined });
    const seen = securityOf(meterType, serial);
    assert.ok(seen?.options);
    const received = new ReceivedCounters();
    received.accept(
      meterType.association.security?.clientSystemTitle as Uint8Array,
      "unicast",
      "apdu",
      9_000,
    );
    const meter = await life(meterType, reads, {
      security: { ...seen, options: { ...seen.options, received } },
    });
    const counters = countersIn(meter.received());
    assert.equal(counters[0], 1);
    assert.ok((counters[1] ?? 0) > 9_000, JSON.stringify(counters));
  });

  it("received ones are remembered over a restart: what a meter says again is refused", async () => {
    const meterType = cipheredType();
    const meter = await life(meterType, reads);
    const rows = Object.entries(await (await store.open()).counters("rx/"));
    assert.ok(
      rows.some(([name, counter]) => /\/unicast\/apdu$/.test(name) && counter > 0),
      JSON.stringify(rows),
    );
    await store.close();
    // The same meter without its memory counts from 1 again: everything it says is old.
    await life(meterType, async (on) => {
      const read = await on.run("read-meter", { meterSerialNumber: serial, obisCode: "1-0:1.8.0.255" });
      assert.equal(read.error?.code, "SECURITY_COUNTER", JSON.stringify(read));
      assert.equal(on.listener.registry.find(serial)?.associated ?? false, false);
    });
    assert.ok(meter.sent().length > 0);
  });

  it("the end of the numbers is told before it comes", async () => {
    const meterType = cipheredType({ counterObis: undefined });
    const { clientSystemTitle, keys: own } = meterType.association.security ?? {};
    assert.ok(own?.unicast && clientSystemTitle);
    await (
      await store.open()
    ).reserveCounter(`tx/${fingerprintOf(own.unicast, clientSystemTitle)}`, 0xfffff000, 1);
    const alarms: string[] = [];
    const on = await new Bench({ defaultMeterType: meterType }, { store: store.open }).open();
    try {
      on.listener.on("alarm", ({ event, code }) => alarms.push(`${event} ${code}`));
      await on.dialIn({ serial, meterType, dialect: dialect("hexcell-login") });
      await on.event("associated", serial);
      await reads(on);
      assert.deepEqual(alarms, ["counter-near-end SECURITY_COUNTER_SPENT"]);
    } finally {
      await on.close();
    }
  });
});
