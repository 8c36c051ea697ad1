/** Notifications in both directions of the association and without one; those that ask for it are confirmed. */
import assert from "node:assert/strict";
import { type Notification, type SessionEvent } from "../../src/association/index.js";
import { data } from "../../src/axdr/index.js";
import { fromHex, toHex } from "../../src/bytes/hex.js";
import { limits } from "../../src/core/limits.js";
import { SessionPair } from "../support/session-pair.js";
import { associated, ciphered } from "./secured.js";
import { Scripted, told } from "./scripted.js";

const longInvoke = {
  invokeId: 0x123456,
  breakOnError: false,
  selfDescriptive: false,
  confirmed: true,
  highPriority: false,
};
const push = (confirmed: boolean): Notification => ({
  type: "data-notification",
  longInvoke: { ...longInvoke, confirmed },
  body: data.unsigned(7),
});
const event: Notification = {
  type: "event-notification",
  attribute: { classId: 1, instanceId: fromHex("0000600B00FF"), attributeId: 2 },
  value: data.unsigned(1),
};
const PUSH = "0F40123456" + "00" + "1107";
const CONFIRM = "1040123456" + "00";

const notes = (events: readonly SessionEvent[]): string[] =>
  events.map(({ type }) => type).filter((type) => type.startsWith("notification"));

describe("notifications", () => {
  for (const framing of ["wrapper", "hdlc"] as const)
    for (const when of ["in an association", "without one"] as const)
      it(`${framing}, ${when}: a push that asks for it is confirmed, another and an event are not`, () => {
        const pair = new SessionPair({ framing });
        if (when === "in an association") pair.sendA({ type: "associate" });
        pair.eventsA.length = 0;
        for (const notification of [push(true), push(false), event])
          pair.sendB({ type: "notify", notification });
        assert.deepEqual(
          pair.eventsA.map((told) => told.type === "notification" && told.notification),
          [push(true), push(false), event],
        );
        const confirmed = pair.eventsB.flatMap((told) =>
          told.type === "notification-confirmed" ? [told.longInvoke] : [],
        );
        assert.deepEqual(confirmed, [longInvoke]);
      });

  it("under ciphering the confirmation is ciphered too", () => {
    const pair = associated(ciphered());
    pair.sent.length = 0;
    pair.sendB({ type: "notify", notification: push(true) });
    assert.deepEqual(notes(pair.eventsA), ["notification"]);
    assert.deepEqual(notes(pair.eventsB), ["notification-confirmed"]);
    assert.deepEqual(
      pair.sent.map(({ bytes }) => bytes[8]),
      [0xdb, 0xdb],
    );
  });

  it("a push to another wPort is confirmed from there", () => {
    const client = Scripted.associated();
    client.session.receive(0, fromHex("0001" + "0001" + "0066" + "0008" + PUSH));
    const bytes = client.session.pollTransmit();
    assert.equal(toHex(bytes ?? new Uint8Array(0)), "0001" + "0066" + "0001" + "0006" + CONFIRM);
    assert.deepEqual(told(client.events()), ["notification"]);
  });

  it("comes between request and answer without disturbing them", () => {
    const client = Scripted.associated();
    const attribute = { classId: 1, instanceId: new Uint8Array(6), attributeId: 2 };
    client.do({ type: "request", id: 1, request: { type: "get", items: [{ attribute }] } });
    client.heard();
    client.say(PUSH, "C40141001105");
    assert.deepEqual(client.heard(), [CONFIRM]);
    assert.deepEqual(told(client.events()), ["notification", "response 1"]);
  });

  it("more pushes than can be confirmed at once are all told, and the session lives", () => {
    const client = Scripted.associated();
    client.say(...Array<string>(limits.linkQueueApdus + 10).fill(PUSH));
    assert.equal(client.heard().length, limits.linkQueueApdus);
    assert.equal(notes(client.events()).length, limits.linkQueueApdus + 10);
    client.say(PUSH);
    assert.deepEqual(client.heard(), [CONFIRM]);
  });

  it("a confirmation of nothing changes nothing", () => {
    const server = Scripted.associatedServer();
    server.say(CONFIRM, "C001C100010000600100FF0200");
    assert.deepEqual(told(server.events()), ["notification-confirmed", "indication 1"]);
    assert.deepEqual(server.heard(), []);
  });
});
