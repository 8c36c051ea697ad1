/** Pushes under general-glo without an association: opened with the keys of whoever has the system title. */
import { strict as assert } from "node:assert";
import { data } from "../../src/axdr/index.js";
import { concatBytes, fromHex, toHex } from "../../src/bytes/hex.js";
import { protect, type SecurityKeys, staticKeyStore } from "../../src/security/index.js";
import { encodeApdu } from "../../src/xdlms/index.js";
import { dialectByName, type Dialect } from "../../src/meter-types/dialects/index.js";
import { presets } from "../../src/meter-types/presets.js";
import { Bench, until } from "./bench.js";
import { cipheredType, key, keys, OwnStore } from "./ciphered.js";

const serial = "37000000101";
const title = fromHex("4D45540000000077");
const both = { authenticated: true, encrypted: true };

/** A wrapper PDU with a push of one value, under general-glo-ciphering. */
function push(value: number, counter: number, used: SecurityKeys = keys): Uint8Array {
  const apdu = encodeApdu({
    type: "data-notification",
    longInvoke: {
      invokeId: counter,
      selfDescriptive: false,
      breakOnError: false,
      confirmed: false,
      highPriority: false,
    },
    body: data.structure([data.octetString(fromHex("0100010800FF")), data.doubleLongUnsigned(value)]),
  });
  const sealed = protect(apdu, {
    suite: 0,
    keys: used,
    form: { type: "general-glo-ciphering" },
    protection: both,
    systemTitle: title,
    counter,
  });
  return concatBytes(Uint8Array.of(0, 1, 0, 1, 0, 1, sealed.length >> 8, sealed.length & 0xff), sealed);
}

describe("gateway: ciphered pushes", () => {
  let store: OwnStore;
  let on: Bench;
  beforeEach(() => (store = new OwnStore()));
  afterEach(async () => {
    await on.close();
    await store.remove();
  });

  async function open(): Promise<void> {
    on = await new Bench(
      { defaultMeterType: cipheredType({ keys: {} }, { responseTimeoutMs: 300 }) },
      { store: store.open, keys: staticKeyStore([{ meterSerialNumber: serial, systemTitle: title, keys }]) },
    ).open();
  }

  function told(): unknown[] {
    return on.notifications.map(({ meterSerialNumber, readings }) => [meterSerialNumber, readings[0]?.value]);
  }

  it("are opened, and the directory says whose they are; what is repeated, older or forged is dropped and told", async () => {
    await open();
    const channel = await on.connect();
    channel.write(push(111, 5));
    await on.event("identified", serial);
    await until(() => on.notifications.length === 1, "the first push");
    channel.write(push(222, 6));
    await until(() => on.notifications.length === 2, "the second push");
    channel.write(push(333, 6));
    channel.write(push(444, 4));
    channel.write(push(555, 7, { ...keys, unicast: key(0x01) }));
    channel.write(push(666, 8));
    await until(() => on.notifications.length === 3, "the last push");
    assert.deepEqual(told(), [
      [serial, 111],
      [serial, 222],
      [serial, 666],
    ]);
    const refused = on.logs.filter(({ text }) => /was not opened/.test(text)).map(({ text }) => text);
    assert.equal(refused.length, 3, JSON.stringify(on.logs));
    assert.match(refused[2] as string, /tag does not match|keys or system titles differ/);
    assert.ok(
      !JSON.stringify([on.logs, on.notifications])
        .toUpperCase()
        .includes(toHex(keys.unicast?.reveal() as Uint8Array)),
    );
  });

  it("of simulated meters are protected too, the one that comes before any association as well", async () => {
    on = await new Bench(
      { defaultMeterType: cipheredType({}, { responseTimeoutMs: 2_000 }, presets.standard) },
      { store: store.open },
    ).open();
    const dialect = dialectByName("push") as Dialect;
    const sent: string[] = [];
    const meter = await on.dialIn({
      serial,
      meterType: cipheredType({}, {}, presets.standard),
      dialect,
      trace: ({ layer, direction, bytes }) => {
        if (layer === "wrapper" && direction === "out" && bytes !== undefined) sent.push(toHex(bytes));
      },
    });
    await until(() => on.notifications.length > 0, "the first push");
    await on.event("associated", serial);
    // Their counters go on: a number used twice, or a lower one, would be taken for a repetition.
    meter.tell({ type: "push" });
    await until(() => on.notifications.length > 1, "another push");
    await on.run("remote-control", { meterSerialNumber: serial, action: "disconnect" });
    meter.tell({ type: "push" });
    await until(() => on.notifications.length > 2, "a third push");
    assert.ok(on.notifications.every(({ meterSerialNumber }) => meterSerialNumber === serial));
    assert.ok((on.notifications[0]?.readings.length ?? 0) > 0);
    assert.match(sent[0] as string, /DB0853494D/);
    assert.ok(!sent.some((hex) => hex.includes("0100010800FF")), "a code of the push in clear");
  });

  it("that were taken are remembered over a restart", async () => {
    await open();
    (await on.connect()).write(push(111, 5));
    await until(() => on.notifications.length === 1, "the first push");
    await on.close();
    await store.close();
    await open();
    const channel = await on.connect();
    channel.write(push(111, 5));
    await on.event("identified", serial);
    channel.write(push(222, 6));
    await until(() => on.notifications.length === 1, "the second push");
    assert.deepEqual(told(), [[serial, 222]]);
  });
});
