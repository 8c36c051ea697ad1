/** Invocation counters of sessions that cipher: learnt, reserved ahead, never used twice; and the end of their associations. */
import assert from "node:assert/strict";
import { type SessionEvent } from "../../src/association/index.js";
import { data } from "../../src/axdr/index.js";
import { fromHex, toHex } from "../../src/bytes/hex.js";
import { ReceivedCounters } from "../../src/security/index.js";
import { type SessionPair } from "../support/session-pair.js";
import { alter, associated, ciphered, clientTitle, get, HEADER, told } from "./secured.js";

describe("invocation counters of sessions", () => {
  it("learn once from a meter that has seen higher ones, and try again once", () => {
    const received = new ReceivedCounters();
    received.accept(clientTitle, "unicast", "apdu", 5_000);
    const pair = ciphered({}, { received });
    pair.sendA({ type: "associate" });
    assert.deepEqual(told(pair.eventsA), ["associated"]);
    const aarqs = pair.sent.filter(({ bytes }) => bytes[HEADER] === 0x60).map(({ bytes }) => toHex(bytes));
    assert.equal(aarqs.length, 2);
    assert.match(aarqs[1] as string, /211F300000138A/);
    pair.sendA(get);
    assert.deepEqual(told(pair.eventsA), ["associated", "response"]);
  });

  it("give up when the second try is too low again", () => {
    const pair = ciphered();
    alter(pair, "b>a", () => fromHex("D8010600001000"));
    pair.sendA({ type: "associate" });
    assert.equal(pair.sent.filter(({ direction }) => direction === "a>b").length, 2);
    assert.deepEqual(told(pair.eventsA), ["failed SECURITY_COUNTER_LOW"]);
  });

  it("don't believe a counter near the end", () => {
    const pair = ciphered();
    alter(pair, "b>a", () => fromHex("D80106FFFFFFF0"));
    pair.sendA({ type: "associate" });
    assert.equal(told(pair.eventsA)[0], "failed SECURITY_COUNTER_SPENT");
  });

  it("repeat a GET after a step back, and never a SET", () => {
    const refuse = (pair: SessionPair): void => {
      let once = true;
      alter(pair, "b>a", (apdu) => {
        if (!once) return apdu;
        once = false;
        return fromHex("D8010600002000");
      });
    };
    const reading = associated();
    refuse(reading);
    reading.sendA(get);
    assert.deepEqual(told(reading.eventsA), ["response"]);
    const writing = associated();
    refuse(writing);
    const { items } = get.request;
    writing.sendA({
      type: "request",
      id: 3,
      request: { type: "set", items: [{ ...items[0], data: data.unsigned(1) }] },
    });
    assert.deepEqual(told(writing.eventsA), ["failed 3 SECURITY_COUNTER_LOW"]);
    assert.equal(told(writing.eventsB).filter((event) => event === "indication").length, 1);
  });

  it("ask for the next block ahead of need, wait for it, and never use a number twice", () => {
    const pair = ciphered({ counterBlock: 8 });
    const provide = pair.onEventA;
    const held: SessionEvent[] = [];
    pair.onEventA = (event) =>
      held.length > 0 && event.type === "needCounters" ? void held.push(event) : provide(event);
    associated(pair);
    held.push({ type: "released" });
    for (let id = 1; id <= 20; id++) pair.sendA({ ...get, id });
    const answered = () => told(pair.eventsA).filter((event) => event === "response").length;
    assert.ok(answered() < 20, "went on without counters");
    pair.onEventA = provide;
    provide(held[1] as SessionEvent);
    pair.settle();
    assert.equal(answered(), 20);
    const counters = pair.sent
      .filter(({ direction, bytes }) => direction === "a>b" && bytes[HEADER] === 0xc8)
      .map(({ bytes }) => toHex(bytes).slice(22, 30));
    assert.equal(counters.length, 20);
    assert.deepEqual([...new Set(counters)].sort(), counters);
  });

  it("go on over a new association of the same session", () => {
    const pair = associated();
    pair.sendA({ type: "associate" });
    pair.sendA(get);
    assert.deepEqual(told(pair.eventsA), ["associated", "response"]);
  });
});

describe("releases of ciphered associations", () => {
  for (const protectedRelease of [true, false])
    it(protectedRelease ? "are protected" : "can be in clear", () => {
      const pair = associated(ciphered({ protectedRelease }));
      pair.sendA({ type: "release" });
      assert.deepEqual(told(pair.eventsA), ["released"]);
      assert.deepEqual(told(pair.eventsB), ["released"]);
      const apdus = pair.sent.map(({ bytes }) => toHex(bytes.slice(HEADER)));
      const [rlrq, rlre] = apdus.slice(-2) as [string, string];
      assert.match(rlrq, protectedRelease ? /^62.*0421211F30/ : /^6203800100$/);
      assert.match(rlre, protectedRelease ? /^63.*281F30/ : /^6303800100$/);
    });
});
