/** A command runs on the meter it was meant for, or on none: clones, strangers, half-open links, reused addresses. */
import { strict as assert } from "node:assert";
import { connect, type Socket } from "node:net";
import { AddressHistory } from "../../src/gateway/address-history.js";
import { dialectByName } from "../../src/meter-types/dialects/index.js";
import { type MeterType } from "../../src/meter-types/meter-type.js";
import { presets } from "../../src/meter-types/presets.js";
import { Bench, until } from "./bench.js";

const serial = "46000755036";
const quick: MeterType = {
  ...presets.hexcell,
  association: { ...presets.hexcell.association, responseTimeoutMs: 300, interRequestMs: 0 },
};
const hexcell = dialectByName("hexcell-login");
assert.ok(hexcell);
const dialect = hexcell;
const LOGIN_ANSWER = "8E310101C117";
const PASSWORD = "3030303030303030";
const off = { meterSerialNumber: serial, action: "disconnect" };

function login(id = serial.padStart(12, "0")): Uint8Array {
  const frame = dialect.build?.(id);
  assert.ok(frame);
  return frame;
}

async function withBench(
  test: (bench: Bench) => Promise<void>,
  options: ConstructorParameters<typeof Bench>[0] = {},
): Promise<void> {
  const bench = await new Bench({ defaultMeterType: quick, ...options }).open();
  try {
    await test(bench);
  } finally {
    await bench.close();
  }
}

/** A link from another address of this machine that logs in and says no more. */
async function from(bench: Bench, localAddress: string): Promise<Socket> {
  const before = bench.meterEvents.length;
  const socket = connect({ host: "127.0.0.1", port: bench.listener.state.port, localAddress });
  socket.on("error", () => undefined);
  socket.write(login());
  await until(
    () => bench.meterEvents.slice(before).some(({ event }) => event === "identified"),
    `a login from ${localAddress}`,
  );
  return socket;
}

async function gone(bench: Bench, socket: Socket): Promise<void> {
  socket.destroy();
  await until(() => bench.listener.state.links === 0, "the link is gone");
}

describe("gateway: the right meter or none", () => {
  it("one serial number that goes back and forth between addresses: CLONED_SERIAL, and nothing is switched", () =>
    withBench(async (bench) => {
      for (const [i, address] of [
        "127.0.0.2",
        "127.0.0.3",
        "127.0.0.2",
        "127.0.0.3",
        "127.0.0.2",
      ].entries()) {
        await gone(bench, await from(bench, address));
        assert.ok(
          !bench.meterEvents.some(({ event }) => event === "cloned-serial"),
          `not after ${i} changes`,
        );
      }
      await gone(bench, await from(bench, "127.0.0.3"));
      const alarm = await bench.event("cloned-serial", serial);
      assert.equal(alarm.code, "CLONED_SERIAL");
      bench.meterEvents.length = 0;
      const meter = await bench.dialIn({ serial, meterType: quick, dialect });
      await bench.event("associated", serial);
      const refused = await bench.run("remote-control", off);
      assert.equal(refused.error?.code, "CLONED_SERIAL", JSON.stringify(refused));
      assert.equal(refused.outcome, "not-sent");
      assert.doesNotMatch(meter.received(), /46000060030AFF/);
      const read = await bench.run("read-meter", { meterSerialNumber: serial, obisCode: "1-0:1.8.0.255" });
      assert.equal(read.outcome, "read");
    }));

  it("a meter that roams is none, and an alarm ends ten minutes after the last change", () => {
    const roaming = new AddressHistory();
    for (let i = 0; i < 50; i++) assert.equal(roaming.arrived(`10.0.0.${i}`, i * 1_000), false);
    const slow = new AddressHistory();
    for (let i = 0; i < 50; i++) assert.equal(slow.arrived(`10.0.0.${i % 2}`, i * 200_000), false);
    const cloned = new AddressHistory();
    const raised = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => cloned.arrived(`10.0.0.${i % 2}`, i));
    assert.deepEqual(raised, [false, false, false, false, false, true, false, false]);
    assert.equal(cloned.isAlarmed(7 + 599_999), true);
    assert.equal(cloned.isAlarmed(7 + 600_000), false);
    assert.equal(cloned.arrived("10.0.0.1", 8), false, "the same address is no change");
  });

  it("a stranger with the number of a live meter gets no command and no password", () =>
    withBench(async (bench) => {
      const meter = await bench.dialIn({ serial, meterType: quick, dialect });
      await bench.event("associated", serial);
      const stranger = await bench.dialIn({ serial, meterType: quick, dialect });
      const event = await bench.event("identity-conflict", serial);
      assert.equal(event.code, "IDENTITY_CONFLICT");
      const clock = { meterSerialNumber: serial, obisCode: "0-0:1.0.0.255" };
      const results = await Promise.all([
        bench.run("remote-control", off),
        bench.run("remote-load", { meterSerialNumber: serial, token: "12345678901234567890" }),
        bench.run("write-meter", { ...clock, attributeId: 3, value: 0 }),
        bench.run("call-method", { ...clock, methodId: 3 }),
        bench.run("meter-clock", { ...clock, action: "set" }),
        bench.run("meter-firmware", { ...clock, image: new Uint8Array(4), identifier: "FW" }),
        bench.run("read-meter", { meterSerialNumber: serial, obisCode: "1-0:1.8.0.255" }),
        bench.run("meter-clock", { ...clock, action: "read" }),
      ]);
      assert.deepEqual(
        results.map(({ outcome, error }) => error?.code ?? outcome),
        [...Array<string>(6).fill("IDENTITY_CONFLICT"), "read", "read"],
      );
      stranger.tell({ type: "heartbeat" });
      await until(() => stranger.received().length === 2 * LOGIN_ANSWER.length, "its heartbeat is answered");
      assert.equal(stranger.received(), LOGIN_ANSWER + LOGIN_ANSWER);
      assert.match(meter.received(), new RegExp(PASSWORD));
      assert.equal(bench.listener.registry.find(serial)?.generation, 1);
    }));

  it("of those that wait for a live meter's place only the newest stays", () =>
    withBench(async (bench) => {
      await bench.dialIn({ serial, meterType: quick, dialect });
      await bench.event("associated", serial);
      const first = await bench.dialIn({ serial, meterType: quick, dialect });
      await bench.event("identity-conflict", serial);
      await bench.dialIn({ serial, meterType: quick, dialect });
      await first.closed;
      assert.equal(bench.meterEvents.find(({ event }) => event === "disconnected")?.code, "LINK_REPLACED");
      assert.equal(bench.listener.state.links, 2);
    }));

  it("a meter whose old link is half open is back within 15 s, with the times as shipped", async function () {
    this.timeout(40_000);
    await withBench(
      async (bench) => {
        const old = await bench.dialIn({ serial, meterType: presets.hexcell, dialect });
        await bench.event("associated", serial);
        old.tell({ type: "faults", faults: { silent: true } });
        const began = Date.now();
        await bench.dialIn({ serial, meterType: presets.hexcell, dialect });
        // A second attempt of a meter that got no answer to its first must not keep it out any longer.
        await bench.dialIn({ serial, meterType: presets.hexcell, dialect });
        await until(() => bench.listener.registry.find(serial)?.generation === 2, "the new link is live");
        await until(() => bench.listener.registry.find(serial)?.associated === true, "it is associated");
        assert.ok(Date.now() - began < 15_000);
        assert.equal(bench.listener.registry.find(serial)?.conflict, false);
      },
      { defaultMeterType: presets.hexcell, times: { conflictProbeMs: 10_000 } },
    );
  });

  it("a replaced link is told by its code, and what it still sends counts for nothing", () =>
    withBench(async (bench) => {
      const old = await from(bench, "127.0.0.1");
      const meter = await bench.dialIn({ serial, meterType: quick, dialect });
      const replaced = await bench.event("replaced", serial);
      assert.deepEqual([replaced.code, replaced.generation], ["LINK_REPLACED", 1]);
      await until(
        () => bench.listener.registry.find(serial)?.associated === true,
        "the new link is associated",
      );
      const before = bench.meterEvents.length;
      // The old modem wakes up and sends what it had kept.
      old.write(login());
      old.write(login("045000111222"));
      const result = await bench.run("remote-control", off);
      assert.equal(result.outcome, "disconnected", JSON.stringify(result));
      assert.match(meter.received(), /46000060030AFF01010F00/);
      assert.equal(bench.meterEvents.length, before);
      assert.equal(bench.listener.registry.find(serial)?.generation, 2);
      assert.equal(bench.listener.state.links, 1);
      old.destroy();
    }));

  it("a link on which another meter suddenly speaks is ended, whatever runs over it", () =>
    withBench(async (bench) => {
      const meter = await bench.dialIn({ serial, meterType: quick, dialect, faults: { delayMs: 200 } });
      await bench.event("associated", serial);
      const channel = await bench.connect();
      channel.write(login("045000111222"));
      await bench.event("identified", "45000111222");
      channel.write(login());
      const ended = await bench.event("disconnected", "45000111222");
      assert.equal(ended.code, "IDENTITY_CHANGED");
      assert.equal(bench.listener.registry.find(serial)?.online, true);
      assert.equal(bench.listener.registry.find(serial)?.conflict, false);
      assert.ok(meter.received().length > 0);
    }));

  it("an address that another meter had before means nothing", () =>
    withBench(async (bench) => {
      const first = await bench.dialIn({ serial, meterType: quick, dialect });
      await bench.event("associated", serial);
      first.hangUp();
      await bench.event("disconnected", serial);
      const second = await bench.dialIn({ serial: "45000111222", meterType: quick, dialect });
      await bench.event("associated", "45000111222");
      const result = await bench.run("remote-control", off);
      assert.equal(result.error?.code, "METER_OFFLINE", JSON.stringify(result));
      assert.doesNotMatch(second.received(), /46000060030AFF/);
    }));
});
