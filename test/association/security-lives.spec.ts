/** Secured associations in unusual moments: swapped roles, a release before the fourth pass, a peer that is silent. */
import assert from "node:assert/strict";
import { type SecurityOptions } from "../../src/association/index.js";
import { type SecuritySuite } from "../../src/security/index.js";
import { type SessionPair } from "../support/session-pair.js";
import { fromHex } from "../../src/bytes/hex.js";
import { Secret } from "../../src/core/secret.js";
import { alter, both, get, HEADER, securedPair, security, told } from "./secured.js";

function reversed(suite: SecuritySuite = 0, more: Partial<SecurityOptions> = {}): SessionPair {
  const pair = securedPair({
    mechanism: "hls-gmac",
    client: security("client", suite, { protection: both, ...more }),
    server: security("server", suite, { protection: both, ...more }),
  });
  pair.sendA({ type: "associate" });
  pair.sendA({ type: "reverse" });
  pair.sendB({ type: "reverse" });
  const provide = pair.onEventA;
  pair.onEventA = (event) => {
    provide(event);
    if (event.type === "indication")
      pair.a.send(pair.now, { type: "respond", id: event.id, response: pair.store.answer(event.request) });
  };
  pair.eventsB.length = 0;
  return pair;
}

describe("secured associations", () => {
  it("cipher over the reverse link too", () => {
    const pair = reversed();
    pair.sendB(get);
    assert.deepEqual(told(pair.eventsB), ["response"]);
    const [asked, answered] = pair.sent.slice(-2).map(({ bytes }) => bytes[HEADER]);
    assert.deepEqual([asked, answered], [0xc8, 0xcc]);
  });

  it("go over the reverse link in the form they were opened in", () => {
    for (const [more, tag] of [
      [{ form: "general-ciphering", keyTransport: "one-pass" }, 0xdd],
      [{ form: "general-ciphering", keyTransport: "wrapped" }, 0xdd],
      [{ form: "general", signing: "outside" }, 0xdf],
    ] as const) {
      const pair = reversed(1, more);
      pair.sendB(get);
      pair.sendB({ ...get, id: 2 });
      assert.deepEqual(told(pair.eventsB), ["response", "response"]);
      assert.deepEqual(
        pair.sent.slice(-4).map(({ bytes }) => bytes[HEADER]),
        [tag, tag, tag, tag],
      );
    }
  });

  it("end over the reverse link when the answer comes in clear or was altered", () => {
    for (const change of [
      () => fromHex("C40141000600000001"),
      (apdu: Uint8Array) => apdu.map((octet, i) => (i === apdu.length - 1 ? octet ^ 1 : octet)),
    ]) {
      const pair = reversed();
      alter(pair, "a>b", change);
      pair.sendB(get);
      assert.match(told(pair.eventsB)[0] as string, /^failed 1 SECURITY_(UNPROTECTED|TAG)$/);
      assert.throws(() => pair.sendB({ ...get, id: 2 }), { code: "NOT_ASSOCIATED" });
    }
  });

  it("released before the fourth pass: the attempt fails, and the release goes on", () => {
    const pair = securedPair({ mechanism: "hls-md5" });
    pair.wire = (chunk) => (chunk[HEADER] === 0xc3 ? [] : [chunk]);
    pair.sendA({ type: "associate" });
    pair.sendA({ type: "release" });
    assert.deepEqual(told(pair.eventsA), ["failed LINK_LOST", "released"]);
  });

  it("begun anew before the fourth pass", () => {
    const pair = securedPair({ mechanism: "hls-md5" });
    pair.wire = (chunk) => (chunk[HEADER] === 0xc3 ? [] : [chunk]);
    pair.sendA({ type: "associate" });
    pair.wire = (chunk) => [chunk];
    pair.sendA({ type: "associate" });
    assert.deepEqual(told(pair.eventsA), ["associated"]);
  });

  it("fail when the fourth pass does not come", () => {
    const pair = securedPair({ mechanism: "hls-md5" });
    pair.wire = (chunk) => (chunk[HEADER] === 0xc3 ? [] : [chunk]);
    pair.sendA({ type: "associate" });
    pair.advance(10_000);
    assert.deepEqual(told(pair.eventsA), ["failed RESPONSE_TIMEOUT", "closed RESPONSE_TIMEOUT"]);
  });

  it("tell the breach, not the silence after it, when HDLC does not answer the DISC", () => {
    const pair = securedPair({
      mechanism: "hls-md5",
      framing: "hdlc",
      clientSecret: new Secret(Uint8Array.of(1)),
    });
    const DISC = 0x53;
    pair.wire = (chunk) => (chunk[5] === DISC ? [] : [chunk]);
    pair.sendA({ type: "associate" });
    pair.advance(120_000);
    assert.deepEqual(told(pair.eventsA), ["failed AUTHENTICATION_FAILED", "closed AUTHENTICATION_FAILED"]);
  });
});
