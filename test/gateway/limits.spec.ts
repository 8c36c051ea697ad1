/** Every limit of a listener shown to bite, and meters unaffected by what bites strangers. */
import { strict as assert } from "node:assert";
import { connect as connectTls } from "node:tls";
import { fromHex } from "../../src/bytes/hex.js";
import { listenerLimits, settled } from "../../src/core/limits.js";
import { Secret } from "../../src/core/secret.js";
import { type CommandResult } from "../../src/gateway/messages.js";
import { type LogEvent } from "../../src/gateway/events.js";
import { Gate } from "../../src/gateway/gate.js";
import { LogLines } from "../../src/gateway/log-lines.js";
import { Newcomers } from "../../src/gateway/newcomers.js";
import { Listener } from "../../src/gateway/listener.js";
import { type ListenerOptions, resolveOptions } from "../../src/gateway/options.js";
import { hexcellLogin } from "../../src/meter-types/dialects/index.js";
import { type MeterType } from "../../src/meter-types/meter-type.js";
import { presets } from "../../src/meter-types/presets.js";
import { type ByteChannel } from "../../src/transport/channel.js";
import { FakeClock } from "../support/fake-clock.js";
import { makeAuthority } from "../support/certificates.js";
import { Bench, until } from "./bench.js";

const serial = "46000755036";
const quick: MeterType = {
  ...presets.hexcell,
  association: { ...presets.hexcell.association, responseTimeoutMs: 300, interRequestMs: 0 },
};
const meterOptions = { serial, meterType: quick, dialect: hexcellLogin };
/** What its modem sends first. */
const loginFrame = hexcellLogin.build?.(serial.padStart(12, "0")) ?? new Uint8Array();
const energy = { meterSerialNumber: serial, obisCode: "1-0:1.8.0.255" };

/** A link that never says anything by itself, and whether the gateway has ended it. */
async function stranger(bench: Bench): Promise<ByteChannel & { over: boolean }> {
  const channel = Object.assign(await bench.connect(), { over: false });
  channel.onData(() => undefined);
  channel.onClose(() => (channel.over = true));
  return channel;
}

async function on<T>(bench: Bench, run: () => Promise<T>): Promise<T> {
  await bench.open();
  try {
    return await run();
  } finally {
    await bench.close();
  }
}

describe("limits of a listener", () => {
  it("have defaults within their bounds, and refuse what is beyond", () => {
    const { maxLinks, identifyMs, acceptsPerSecond } = resolveOptions({ maxLinks: 7 });
    assert.deepEqual([maxLinks, identifyMs, acceptsPerSecond], [7, 120_000, 1_000]);
    for (const [name, { value, min, max }] of Object.entries(listenerLimits)) {
      assert.ok(min <= value && value <= max, name);
      for (const bad of [min - 1, max + 1, 1.5, Number.NaN])
        assert.throws(() => resolveOptions({ [name]: bad }), { code: "FIELD_INVALID", field: name });
    }
    assert.equal(settled(listenerLimits, { frameMs: 250 }).frameMs, 250);
  });

  it("links: the one that has been silent for longest makes room, a meter never does", () => {
    const times = { silenceMs: 60_000 };
    const bench = new Bench({ defaultMeterType: quick, maxLinks: 3, times });
    return on(bench, async () => {
      await bench.dialIn(meterOptions);
      await bench.event("associated", serial);
      const oldest = await stranger(bench);
      await until(() => bench.listener.state.links === 2, "the first stranger");
      const older = await stranger(bench);
      await until(() => bench.listener.state.links === 3, "the second");
      const newest = await stranger(bench);
      await until(() => oldest.over, "the oldest goes");
      const other = { ...meterOptions, serial: "46000755037" };
      await bench.dialIn(other);
      await bench.event("associated", other.serial);
      await until(() => older.over, "then the next");
      assert.equal(newest.over, false);
      assert.equal((await bench.run("read-meter", energy)).outcome, "read");
      await bench.dialIn({ ...meterOptions, serial: "46000755038" });
      await bench.event("associated", "46000755038");
      // Now all are meters: the next one is refused.
      const late = await stranger(bench);
      await until(() => late.over, "the last is refused");
      assert.equal(bench.listener.counters.refusedFor.links, 1);
      assert.equal(bench.listener.registry.list().filter(({ online }) => online).length, 3);
    });
  });

  it("links: after strangers, those who never prove the number they show", () => {
    const newcomers = new Newcomers<string>(100, 1_000);
    for (const link of ["meter", "liar", "late", "stranger"]) newcomers.arrived(link);
    newcomers.identified("meter", 0);
    newcomers.associated("meter");
    newcomers.identified("liar", 10);
    newcomers.identified("late", 20);
    assert.equal(newcomers.leastKnown(30), "stranger");
    newcomers.ended("stranger");
    assert.equal(newcomers.leastKnown(1_009), undefined, "each has its time");
    assert.equal(newcomers.leastKnown(1_010), "liar");
    newcomers.ended("liar");
    newcomers.associated("late");
    assert.equal(newcomers.leastKnown(99_999), undefined);
  });

  it("links of one address and dial-ins a second reach the port", () => {
    const bench = new Bench({ maxLinksPerAddress: 1, acceptsPerSecond: 1, times: { silenceMs: 60_000 } });
    return on(bench, async () => {
      for (let n = 0; n < 12; n++) await stranger(bench);
      const { counters } = bench.listener;
      await until(() => bench.listener.counters.refused >= 10, "what is too much is refused");
      assert.equal(counters.maxLinks, 20_000);
      assert.ok(bench.listener.counters.refusedFor["address-links"] >= 9);
      assert.ok(bench.listener.counters.refusedFor.rate >= 1);
      assert.ok(
        bench.logs.some(({ text }) => /127\.0\.0\.1 was refused: too many links from one/.test(text)),
      );
    });
  });

  it("the time to identify ends who drips octets that mean nothing", () => {
    const bench = new Bench({ defaultMeterType: quick, identifyMs: 400, times: { silenceMs: 60_000 } });
    return on(bench, async () => {
      const dripping = await stranger(bench);
      await until(() => {
        dripping.write(Uint8Array.of(0x41));
        return dripping.over;
      }, "it is ended");
      await until(() => bench.meterEvents.length > 0, "it is told");
      assert.match(bench.meterEvents[0]?.reason ?? "", /no serial number in time/);
    });
  });

  it("octets of a stranger are bounded, those of a meter are not", () => {
    const bench = new Bench({ defaultMeterType: quick, maxStrangerBytes: 600, times: { silenceMs: 60_000 } });
    return on(bench, async () => {
      await bench.dialIn(meterOptions);
      await bench.event("associated", serial);
      const loud = await stranger(bench);
      for (let n = 0; n < 10; n++) loud.write(new Uint8Array(61).fill(0x41));
      await until(() => loud.over, "the stranger is ended");
      assert.match(bench.meterEvents.find(({ event }) => event === "disconnected")?.reason ?? "", /too much/);
      for (let n = 0; n < 5; n++) assert.equal((await bench.run("read-meter", energy)).outcome, "read");
      assert.equal(bench.listener.registry.find(serial)?.online, true);
    });
  });

  it("a frame is bounded by what it announces, before its octets come", () => {
    const bench = new Bench({ maxFrameBytes: 1_000, times: { silenceMs: 60_000 } });
    return on(bench, async () => {
      const wide = await stranger(bench);
      wide.write(fromHex("0001 0001 0010 FFFF C0"));
      await until(() => wide.over, "a wrapper PDU that is too long");
      const long = await stranger(bench);
      long.write(fromHex("7E A5 00 02 03"));
      await until(() => long.over, "an HDLC frame that is too long");
      assert.equal(
        bench.logs.filter(({ text }) => /octets was announced; 1000 are taken/.test(text)).length,
        2,
      );
    });
  });

  it("a frame is bounded in time, however it drips, also on a meter's link", () => {
    const bench = new Bench({ defaultMeterType: quick, frameMs: 300, times: { silenceMs: 60_000 } });
    return on(bench, async () => {
      const slow = await stranger(bench);
      // The login of a meter, so that nothing else bounds the link; then a PDU of 256 octets, one by one.
      slow.write(loginFrame);
      slow.write(fromHex("0001 0001 0010 0100"));
      await until(() => {
        slow.write(Uint8Array.of(0));
        return slow.over;
      }, "it is ended");
      assert.ok(bench.logs.some(({ text }) => /not whole/.test(text)));
      const meter = await bench.dialIn({ ...meterOptions, serial: "46000755037" });
      await bench.event("associated", "46000755037");
      await new Promise((resolve) => setTimeout(resolve, 400));
      meter.tell({ type: "heartbeat" });
      const read = await bench.run("read-meter", { ...energy, meterSerialNumber: "46000755037" });
      assert.equal(read.outcome, "read", "whole frames start no clock that runs on");
    });
  });

  /** Reads what comes in many blocks. @param pauseMs before each piece that the meter sends */
  async function readLong(options: ListenerOptions, pauseMs: number): Promise<CommandResult> {
    const bench = new Bench({ defaultMeterType: quick, ...options });
    const connect = bench.connect.bind(bench);
    bench.connect = async () => {
      const channel = await connect();
      const write = channel.write.bind(channel);
      let last: Promise<unknown> = Promise.resolve();
      channel.write = (bytes) => {
        last = last
          .then(() => new Promise((resolve) => setTimeout(resolve, pauseMs)))
          .then(() => write(bytes));
      };
      return channel;
    };
    return on(bench, async () => {
      await bench.dialIn({ ...meterOptions, objects: "hexcell", maxPdu: 128 });
      await bench.event("associated", serial);
      const objectList = { obisCode: "0-0:40.0.0.255", classId: 15, attributeId: 2 };
      return bench.run("read-meter", { meterSerialNumber: serial, ...objectList });
    });
  }

  it("an APDU is bounded in octets, however many blocks it comes in", async () => {
    assert.equal((await readLong({}, 0)).outcome, "read");
    const { error, readings } = await readLong({ maxApduBytes: 1_024 }, 0);
    assert.equal((readings?.[0]?.error ?? error)?.code, "LIMIT_EXCEEDED");
  });

  it("a request is bounded in time, however steadily its blocks come", async () => {
    const { error, readings } = await readLong({ requestMs: 400 }, 30);
    assert.equal((readings?.[0]?.error ?? error)?.code, "RESPONSE_TIMEOUT");
  });

  it("commands are bounded in all, whichever meters they are for", () => {
    const bench = new Bench({ defaultMeterType: quick, maxCommands: 3 });
    return on(bench, async () => {
      const other = { ...energy, meterSerialNumber: "46000755037" };
      for (const one of [energy, other]) {
        await bench.dialIn({ ...meterOptions, serial: one.meterSerialNumber, faults: { delayMs: 50 } });
        await bench.event("associated", one.meterSerialNumber);
      }
      const results = await Promise.all(
        [energy, energy, energy, other, other, other].map((one) => bench.run("read-meter", one)),
      );
      const codes = results.map(({ error }) => error?.code);
      // One of each runs, three wait; what leaves the queue makes room again.
      assert.deepEqual(codes, [undefined, undefined, undefined, undefined, undefined, "QUEUE_FULL"]);
      assert.equal((await bench.run("read-meter", other)).outcome, "read");
    });
  });

  it("who waits to associate goes in by age, and commands by age before them", async () => {
    const gate = new Gate(1);
    const order: string[] = [];
    let release: () => void = () => undefined;
    const held = gate.run(
      () => new Promise<void>((resolve) => (release = resolve)),
      false,
      () => undefined,
    );
    const enter = (name: string, first: boolean): Promise<void> =>
      gate.run(
        () => {
          order.push(name);
          return Promise.resolve();
        },
        first,
        () => undefined,
      );
    const all = [enter("a", false), enter("x", true), enter("b", false), enter("y", true)];
    release();
    await Promise.all([held, ...all]);
    assert.deepEqual(order, ["x", "y", "a", "b"]);
  });

  it("strangers never take the turn of a meter, and heartbeats are answered while all turns are taken", () => {
    const bench = new Bench({
      defaultMeterType: quick,
      concurrentAssociations: 1,
      concurrentProbes: 1,
      times: { silenceMs: 20, probeTimeoutMs: 2_000, idleMs: 60_000 },
    });
    return on(bench, async () => {
      for (let n = 0; n < 20; n++) await stranger(bench);
      await until(
        () => bench.meterEvents.filter(({ event }) => event === "connected").length === 20,
        "all wait",
      );
      await bench.dialIn(meterOptions);
      await bench.event("associated", serial);
      assert.equal((await bench.run("read-meter", energy)).outcome, "read");
      // One that says who it is and then nothing holds the only turn; the next one's heartbeat is answered all the same.
      const mute = await bench.dialIn({ ...meterOptions, serial: "46000755037", faults: { silent: true } });
      const next = await bench.dialIn({ ...meterOptions, serial: "46000755038" });
      next.tell({ type: "heartbeat" });
      await until(() => (next.received().match(/8E310101C117/g) ?? []).length >= 2, "both are answered");
      await bench.event("associated", "46000755038");
      mute.hangUp();
    });
  });

  it("reads of meters go on while strangers come, stay, talk and go", () => {
    const bench = new Bench({ defaultMeterType: quick, maxLinks: 40, times: { silenceMs: 50 } });
    return on(bench, async () => {
      await bench.dialIn(meterOptions);
      await bench.event("associated", serial);
      let reads = 0;
      const flood = (async () => {
        for (let n = 0; n < 200; n++) {
          const one = await stranger(bench);
          if (n % 3 === 0) one.write(fromHex("16 03 01 02 00 01 00 01 FC 03 03"));
          if (n % 3 === 1) one.write(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"));
        }
      })();
      for (; reads < 20; reads++) assert.equal((await bench.run("read-meter", energy)).outcome, "read");
      await flood;
      assert.equal((await bench.run("read-meter", energy)).outcome, "read");
      assert.equal(bench.listener.registry.find(serial)?.generation, 1, "it never lost its link");
      assert.ok(bench.listener.state.links <= 40);
      assert.ok(bench.logs.some(({ text }) => /does not speak DLMS \(TLS\)/.test(text)));
      assert.ok(bench.logs.some(({ text }) => /does not speak DLMS \(HTTP\)/.test(text)));
    });
  });
});

describe("log lines", () => {
  const entry = (text: string): LogEvent => ({ level: "warn", text, at: "" });

  it("are written at a bounded rate, and what is left out is counted", () => {
    const clock = new FakeClock();
    const written: string[] = [];
    const lines = new LogLines(2, clock, ({ text }) => written.push(text));
    for (let n = 0; n < 100; n++) lines.say(entry(`stranger ${n}`), true);
    lines.say(entry("a meter"), false);
    assert.equal(written.length, 21);
    assert.equal(written.at(-1), "a meter", "strangers leave room for meters");
    clock.advance(10_000);
    assert.match(written.at(-1) ?? "", /^80 log lines about links without a serial number were left out/);
    lines.say(entry("later"), true);
    assert.equal(written.at(-1), "later");
    for (let n = 0; n < 30; n++) lines.say(entry("more"), true);
    lines.close();
    assert.match(written.at(-1) ?? "", /^11 log lines/);
    assert.deepEqual([lines.swallowed, clock.pending], [91, 0]);
  });

  it("of a listener are bounded as well", () => {
    const bench = new Bench({ logLinesPerSecond: 1, maxLinksPerAddress: 1, times: { silenceMs: 60_000 } });
    return on(bench, async () => {
      for (let n = 0; n < 30; n++) await stranger(bench);
      await until(() => bench.listener.counters.refused === 29, "all but one are refused");
      assert.ok(bench.logs.filter(({ text }) => text.includes("was refused")).length <= 25);
      await bench.listener.close();
      assert.match(bench.logs.at(-1)?.text ?? "", /log lines about links without a serial number/);
    });
  });
});

describe("access to a listener", () => {
  it("is refused by list before anything is read, and counted", () => {
    const bench = new Bench({ access: { deny: ["127.0.0.0/8"] } });
    return on(bench, async () => {
      const denied = await stranger(bench);
      await until(() => denied.over, "it is closed");
      const { accepted, refusedFor } = bench.listener.counters;
      assert.deepEqual([accepted, refusedFor.list], [0, 1]);
      assert.match(
        bench.logs.at(-1)?.text ?? "",
        /127\.0\.0\.1 was refused: not among those who may connect/,
      );
    });
  });

  it("says what is wrong with lists and certificate before anything is opened", () => {
    const refuses = (options: ListenerOptions, code: string, field?: string): void =>
      assert.throws(() => new Listener(options), { code, field });
    refuses({ access: { allow: ["everybody"] } }, "FIELD_INVALID", "allow");
    refuses({ proxies: ["10.0.0.0/99"] }, "FIELD_INVALID", "proxies");
    refuses({ tls: { cert: "", key: new Secret("") } }, "TLS_UNUSABLE", undefined);
  });

  it("by TLS: a meter's login is answered, and who shows no certificate is not heard", () => {
    const authority = makeAuthority();
    const { cert, key } = authority.issue("gateway");
    const ca = authority.cert;
    const bench = new Bench({
      tls: { cert, key: new Secret(key), ca, requireClientCertificate: true },
      times: { silenceMs: 60_000 },
    });
    return on(bench, async () => {
      const { port } = bench.listener.state;
      const meter = connectTls({ host: "127.0.0.1", port, ca, ...authority.issue("meter") });
      const plain = await stranger(bench);
      try {
        let answer = "";
        meter.on("error", () => meter.destroy());
        meter.on("data", (bytes: Buffer) => (answer += bytes.toString("hex").toUpperCase()));
        meter.write(loginFrame);
        await until(() => answer.startsWith("8E310101C117"), "the login is answered");
        await bench.event("identified", serial);
        plain.write(loginFrame);
        await until(() => plain.over, "the other one is closed");
        assert.equal(bench.listener.counters.refusedFor.tls, 1);
      } finally {
        meter.destroy();
      }
    });
  });
});
