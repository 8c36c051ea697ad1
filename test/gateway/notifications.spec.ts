/** A push that comes before its meter is identified is handed on under the meter's serial number, not before. */
import assert from "node:assert/strict";
import { data } from "../../src/axdr/index.js";
import { fromHex } from "../../src/bytes/hex.js";
import { HeldNotifications } from "../../src/gateway/held-notifications.js";
import { type NotificationEvent } from "../../src/gateway/events.js";
import { readNotification } from "../../src/gateway/notifications.js";
import { dialectByName, type Dialect } from "../../src/meter-types/dialects/index.js";
import { presets } from "../../src/meter-types/presets.js";
import { Bench, until } from "./bench.js";

const event = (linkId: string, at: string): NotificationEvent => ({
  linkId,
  at,
  kind: "data-notification",
  readings: [],
  body: null,
});

describe("notifications of links that are no meter's yet", () => {
  it("the push that identifies a meter carries its serial number, and comes after `identified`", async () => {
    const bench = await new Bench().open();
    try {
      const order: string[] = [];
      bench.listener.on("meter", ({ event: name }) => order.push(name));
      bench.listener.on("notification", () => order.push("notification"));
      const dialect = dialectByName("push") as Dialect;
      await bench.dialIn({ serial: "54000000005", meterType: presets.standard, dialect });
      await until(() => bench.notifications.length > 0, "the push is handed on");
      const [first] = bench.notifications;
      assert.equal(first?.meterSerialNumber, "54000000005");
      assert.ok((first?.readings.length ?? 0) > 0, "its readings too");
      assert.ok(order.indexOf("identified") < order.indexOf("notification"), order.join(" "));
    } finally {
      await bench.close();
    }
  });

  it("hands on in order, bounded, and says what it dropped", () => {
    const emitted: NotificationEvent[] = [];
    let dropped = 0;
    const held = new HeldNotifications<string>(
      (notification) => emitted.push(notification),
      () => dropped++,
    );
    for (let i = 0; i < 40; i++) held.hold("a", event("a", String(i)));
    held.hold("b", event("b", "x"));
    held.release("a", "46000000001");
    assert.deepEqual(
      emitted.map(({ at }) => at),
      Array.from({ length: 32 }, (_, i) => String(i + 8)),
    );
    assert.ok(emitted.every(({ meterSerialNumber }) => meterSerialNumber === "46000000001"));
    assert.equal(dropped, 8);
    held.discard("b");
    held.release("b", "46000000002");
    assert.equal(emitted.length, 32, "what was discarded never comes");
    assert.equal(dropped, 9);
  });

  it("a link that never named a meter hands on without a serial number", () => {
    const emitted: NotificationEvent[] = [];
    const held = new HeldNotifications<string>(
      (notification) => emitted.push(notification),
      () => assert.fail("nothing is dropped"),
    );
    held.hold("a", event("a", "1"));
    held.release("a");
    assert.equal(emitted.length, 1);
    assert.equal(emitted[0]?.meterSerialNumber, undefined);
  });
});

describe("what a notification says", () => {
  const longInvoke = {
    invokeId: 1,
    selfDescriptive: false,
    breakOnError: false,
    confirmed: false,
    highPriority: false,
  };
  const body = data.structure([
    data.structure([data.octetString(fromHex("0100010800FF")), data.doubleLongUnsigned(7)]),
  ]);
  const push = { type: "data-notification", longInvoke, body } as const;

  it("is marked, and so is every reading in it, when nobody vouches for it", () => {
    const told = readNotification({ ...push, unauthenticated: true });
    assert.equal(told.unauthenticated, true);
    assert.deepEqual(
      told.readings.map(({ obisCode, value, unauthenticated }) => [obisCode, value, unauthenticated]),
      [["1-0:1.8.0.255", 7, true]],
    );
    assert.ok(!JSON.stringify(readNotification(push)).includes("unauthenticated"));
  });
});
