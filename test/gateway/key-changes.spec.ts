/** Keys, secrets and policies changed through the gateway: old and new kept until the meter has shown the new ones. */
import { strict as assert } from "node:assert";
import { toHex } from "../../src/bytes/hex.js";
import { Secret } from "../../src/core/secret.js";
import { type SecurityChange } from "../../src/gateway/security/change.js";
import { KeyChanges } from "../../src/gateway/security/key-changes.js";
import { dialectByName } from "../../src/meter-types/dialects/index.js";
import { type MeterType } from "../../src/meter-types/meter-type.js";
import { secretsOf } from "../../src/simulator/meter-secrets.js";
import { Bench, type DialledIn } from "./bench.js";
import { cipheredType, key, keys, OwnStore, password } from "./ciphered.js";

const serial = "46000755036";
const login = dialectByName("hexcell-login");
assert.ok(login);
const newUnicast = key(0x77);
const newSecret = new Secret(Uint8Array.from("another secret!!", (letter) => letter.charCodeAt(0)));

describe("gateway: changes of keys and secrets", () => {
  let store: OwnStore;
  let benches: Bench[];
  beforeEach(() => {
    store = new OwnStore();
    benches = [];
  });
  afterEach(async () => {
    for (const bench of benches) await bench.close();
    await store.remove();
  });

  async function begin(meterType: MeterType, theirs = meterType): Promise<{ on: Bench; meter: DialledIn }> {
    const on = await new Bench({ defaultMeterType: meterType }, { store: store.open }).open();
    benches.push(on);
    const meter = await on.dialIn({ serial, meterType: theirs, dialect: login as NonNullable<typeof login> });
    await on.event("associated", serial);
    return { on, meter };
  }

  async function reads(on: Bench): Promise<void> {
    const read = await on.run("read-meter", { meterSerialNumber: serial, obisCode: "1-0:1.8.0.255" });
    assert.equal(read.outcome, "read", JSON.stringify(read));
  }

  /** The same meter comes to another life of the gateway. */
  async function again(meterType: MeterType, { meter, counters }: DialledIn): Promise<Bench> {
    for (const bench of benches.splice(0)) await bench.close();
    await store.close();
    const on = await new Bench({ defaultMeterType: meterType }, { store: store.open }).open();
    benches.push(on);
    await on.reconnect({ meter, counters, closed: Promise.resolve() } as unknown as DialledIn);
    await on.event("associated", serial);
    return on;
  }

  function unicastOf(meter: DialledIn): string {
    return toHex(secretsOf(meter.meter.state)?.rule.security?.keys.unicast?.reveal() as Uint8Array);
  }

  it("a new encryption key holds at once, over a restart, and when the type knows it", async () => {
    const meterType = cipheredType();
    const { on, meter } = await begin(meterType);
    assert.equal(
      await on.listener.changeSecurity(serial, { type: "keys", keys: { unicast: newUnicast } }),
      "changed",
    );
    assert.equal(unicastOf(meter), toHex(newUnicast.reveal()));
    await reads(on);
    const next = await again(meterType, meter);
    await reads(next);
    assert.deepEqual(Object.keys(await (await store.open()).kept("keys/")), [`keys/${serial}`]);
    const known = cipheredType({ keys: { ...keys, unicast: newUnicast } });
    const last = await again(known, meter);
    await reads(last);
    assert.deepEqual(await (await store.open()).kept("keys/"), {});
  });

  it("neither wire, store, logs nor events show a new key or secret", async () => {
    const { on, meter } = await begin(cipheredType({}, { mechanism: "hls-sha256" }));
    await on.listener.changeSecurity(serial, { type: "keys", keys: { unicast: newUnicast } });
    await on.listener.changeSecurity(serial, { type: "secret", secret: newSecret });
    await reads(on);
    const hex = [newUnicast, newSecret, keys.unicast].map((one) => toHex((one as Secret).reveal()));
    const wire = meter.received() + meter.sent();
    const kept = JSON.stringify(await (await store.open()).kept("keys/"));
    assert.match(kept, /sealed:/);
    const told = JSON.stringify([on.logs, on.meterEvents]).toUpperCase();
    for (const text of hex)
      for (const place of [wire, kept.toUpperCase(), told]) assert.ok(!place.includes(text));
  });

  it("refused, nothing has changed and nothing is kept", async () => {
    // The meter's master key is another one than ours.
    const ours = cipheredType({ keys: { ...keys, master: key(0x01) } });
    const { on, meter } = await begin(ours, cipheredType());
    const before = unicastOf(meter);
    await assert.rejects(
      on.listener.changeSecurity(serial, { type: "keys", keys: { unicast: newUnicast } }),
      { code: "ACCESS_DENIED" },
    );
    assert.deepEqual(await (await store.open()).kept("keys/"), {});
    assert.equal(unicastOf(meter), before);
    await reads(on);
  });

  it("the answer lost, both are kept and the meter's word decides", async () => {
    const meterType = cipheredType();
    const { on, meter } = await begin(meterType);
    meter.tell({ type: "faults", faults: { hangUp: "after-effect", hangUpOn: "action" } });
    assert.equal(
      await on.listener.changeSecurity(serial, { type: "keys", keys: { unicast: newUnicast } }),
      "offered",
    );
    const kept = await (await store.open()).kept("keys/");
    assert.equal(Object.keys(kept).length, 1);
    assert.equal(unicastOf(meter), toHex(newUnicast.reveal()));
    const next = await again(meterType, meter);
    await reads(next);
    const { proved, offered } = await new KeyChanges(store.open).find(serial, {
      keys,
      secret: meterType.association.secret,
    });
    assert.ok(proved !== undefined && offered === undefined);
  });

  it("offered to a meter that never got it, the old key still lets us in", async () => {
    const meterType = cipheredType();
    const { on, meter } = await begin(meterType);
    const usual = { keys, secret: meterType.association.secret };
    await new KeyChanges(store.open).offer(serial, usual, { keys: { unicast: newUnicast } });
    await reads(on);
    const next = await again(meterType, meter);
    await reads(next);
    assert.ok((await new KeyChanges(store.open).find(serial, usual)).offered !== undefined);
    assert.equal(await next.listener.changeSecurity(serial, { type: "forget" }), "changed");
    assert.deepEqual(await (await store.open()).kept("keys/"), {});
  });

  const secrets: readonly (readonly [string, MeterType, string])[] = [
    ["the secret of HLS", cipheredType({}, { mechanism: "hls-sha256" }), "changed"],
    ["the password of LLS", cipheredType({}, { mechanism: "lls" }), "changed"],
  ];
  for (const [name, meterType, outcome] of secrets)
    it(`${name} is changed inside the ciphered association, and holds from the next on`, async () => {
      const { on, meter } = await begin(meterType);
      assert.equal(await on.listener.changeSecurity(serial, { type: "secret", secret: newSecret }), outcome);
      assert.equal(
        toHex(secretsOf(meter.meter.state)?.rule.secret?.reveal() as Uint8Array),
        toHex(newSecret.reveal()),
      );
      await reads(on);
      await reads(await again(meterType, meter));
    });

  it("a secret does not travel in clear unless that is said", async () => {
    const meterType = cipheredType({ mode: "none" }, { mechanism: "hls-md5" });
    const { on, meter } = await begin(meterType);
    const change: SecurityChange = { type: "secret", secret: newSecret };
    await assert.rejects(on.listener.changeSecurity(serial, change), { code: "SECURITY_UNPROTECTED" });
    assert.ok(!meter.received().includes(toHex(newSecret.reveal())));
    assert.equal(
      toHex(secretsOf(meter.meter.state)?.rule.secret?.reveal() as Uint8Array),
      toHex(Uint8Array.from(password, (c) => c.charCodeAt(0))),
    );
    assert.equal(await on.listener.changeSecurity(serial, { ...change, inClear: true }), "changed");
    await reads(on);
  });

  it("the policy is raised, not lowered; without a master key nothing is sent", async () => {
    const { on } = await begin(cipheredType());
    assert.equal(await on.listener.changeSecurity(serial, { type: "policy", policy: 0x6c }), "changed");
    await assert.rejects(on.listener.changeSecurity(serial, { type: "policy", policy: 0x24 }), {
      code: "ACCESS_DENIED",
    });
  });

  it("without a master key nothing is sent", async () => {
    const { unicast, authentication } = keys as Required<typeof keys>;
    const { on, meter } = await begin(cipheredType({ keys: { unicast, authentication } }), cipheredType());
    const before = meter.received().length;
    await assert.rejects(
      on.listener.changeSecurity(serial, { type: "keys", keys: { unicast: newUnicast } }),
      { code: "SECURITY_KEY_MISSING" },
    );
    // The serial number was read, no more.
    assert.ok(meter.received().length - before < 300);
    assert.deepEqual(await (await store.open()).kept("keys/"), {});
  });
});
