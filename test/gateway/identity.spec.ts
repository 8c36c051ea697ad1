import { strict as assert } from "node:assert";
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

describe("gateway: who is who", () => {
  it("two live links with one serial number: conflict, no state change, until one is gone", async () => {
    const bench = await new Bench({ defaultMeterType: quick }).open();
    try {
      const first = await bench.dialIn({ serial, meterType: quick, dialect });
      await bench.event("associated", serial);
      const second = await bench.dialIn({ serial, meterType: quick, dialect });
      await bench.event("identity-conflict", serial);
      assert.equal(bench.listener.registry.find(serial)?.conflict, true);
      assert.equal(bench.listener.registry.find(serial)?.generation, 1);
      const before = first.received().length;
      const refused = await bench.run("remote-control", { meterSerialNumber: serial, action: "disconnect" });
      assert.equal(refused.error?.code, "IDENTITY_CONFLICT");
      assert.equal(refused.outcome, "not-sent");
      assert.equal(first.received().length, before);
      assert.equal(
        (await bench.run("read-meter", { meterSerialNumber: serial, obisCode: "1-0:1.8.0.255" })).outcome,
        "read",
      );
      // Nothing but the answer to its login went to the parked link.
      assert.equal(second.received(), "8E310101C117");
      first.hangUp();
      await until(() => bench.listener.registry.find(serial)?.generation === 2, "the parked link takes over");
      await until(() => bench.listener.registry.find(serial)?.associated === true, "it associates");
      const done = await bench.run("remote-control", { meterSerialNumber: serial, action: "disconnect" });
      assert.equal(done.outcome, "disconnected", JSON.stringify(done));
    } finally {
      await bench.close();
    }
  });

  it("a silent old link is replaced by the meter's new one, with a new generation", async () => {
    const bench = await new Bench({ defaultMeterType: quick }).open();
    try {
      const old = await bench.dialIn({ serial, meterType: quick, dialect });
      await bench.event("associated", serial);
      old.tell({ type: "faults", faults: { silent: true } });
      const fresh = await bench.dialIn({ serial, meterType: quick, dialect });
      const replaced = await bench.event("replaced", serial);
      assert.equal(replaced.generation, 1);
      await until(() => bench.listener.registry.find(serial)?.generation === 2, "the new link is live");
      const result = await bench.run("remote-control", { meterSerialNumber: serial, action: "disconnect" });
      assert.equal(result.outcome, "disconnected", JSON.stringify(result));
      assert.match(fresh.received(), /46000060030AFF01010F00/);
      assert.doesNotMatch(old.received(), /46000060030AFF01010F00/);
      assert.equal(bench.listener.state.links, 1);
    } finally {
      await bench.close();
    }
  });

  it("a meter that is another than its login says: IDENTITY_MISMATCH before anything is switched", async () => {
    const bench = await new Bench({ defaultMeterType: quick }).open();
    try {
      const login = dialect.build?.("045000111222");
      assert.ok(login);
      const impostor = await bench.dialIn({ serial, meterType: quick, dialect, login });
      await bench.event("associated", "45000111222");
      const result = await bench.run("remote-control", {
        meterSerialNumber: "45000111222",
        action: "disconnect",
      });
      assert.equal(result.error?.code, "IDENTITY_MISMATCH", JSON.stringify(result));
      assert.equal(result.outcome, "not-sent");
      assert.doesNotMatch(impostor.received(), /46000060030AFF/);
      await until(() => bench.listener.state.links === 0, "the link is ended");
    } finally {
      await bench.close();
    }
  });

  it("with readSerialPublicly the secret is not sent to a meter of another name", async () => {
    const careful: MeterType = { ...quick, association: { ...quick.association, readSerialPublicly: true } };
    const bench = await new Bench({ defaultMeterType: careful }).open();
    try {
      const login = dialect.build?.("045000111222");
      assert.ok(login);
      const impostor = await bench.dialIn({ serial, meterType: careful, dialect, login });
      await bench.event("disconnected", "45000111222");
      assert.ok(!impostor.received().includes("3030303030303030"), "the password stays here");
    } finally {
      await bench.close();
    }
  });

  it("a login after our probe wins", async () => {
    const bench = await new Bench({
      defaultMeterType: presets.standard,
      times: { silenceMs: 50, probeTimeoutMs: 5_000 },
    }).open();
    try {
      const channel = await bench.connect();
      const got: string[] = [];
      channel.onData((bytes) => got.push(Buffer.from(bytes).toString("hex").toUpperCase()));
      await until(() => got.join("").startsWith("0001001000010"), "the probe");
      const login = dialect.build?.("046000755036");
      assert.ok(login);
      channel.write(login);
      const event = await bench.event("identified", serial);
      assert.equal(event.dialect, "hexcell-login");
      assert.equal(event.meterType, "hexcell");
      await until(() => got.join("").includes("8E310101C117"), "the login is answered");
      await until(() => got.join("").includes("3030303030303030"), "the meter type's own association");
    } finally {
      await bench.close();
    }
  });

  it("heartbeats are answered at any time and do not disturb what the link is at", async () => {
    const bench = await new Bench({ defaultMeterType: quick }).open();
    try {
      const meter = await bench.dialIn({ serial, meterType: quick, dialect, faults: { delayMs: 60 } });
      await bench.event("associated", serial);
      const read = bench.run("read-meter", {
        meterSerialNumber: serial,
        obisCodes: ["1-0:1.8.0.255", "1-0:32.7.0.255"],
      });
      for (let i = 0; i < 5; i++) {
        meter.tell({ type: "heartbeat" });
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert.equal((await read).outcome, "read");
      await until(
        () => (meter.received().match(/8E310101C117/g) ?? []).length === 6,
        "every heartbeat is answered",
      );
    } finally {
      await bench.close();
    }
  });

  it("a half-open link is dropped after its idle time, and only then", async () => {
    const bench = await new Bench({ defaultMeterType: quick, times: { idleMs: 400 } }).open();
    try {
      const meter = await bench.dialIn({ serial, meterType: quick, dialect });
      await bench.event("associated", serial);
      meter.tell({ type: "faults", faults: { silent: true } });
      const gone = await bench.event("disconnected", serial);
      assert.match(gone.reason ?? "", /too long/);
      const result = await bench.run("read-meter", { meterSerialNumber: serial, obisCode: "1-0:1.8.0.255" });
      assert.equal(result.error?.code, "METER_OFFLINE");
    } finally {
      await bench.close();
    }
  });
});
