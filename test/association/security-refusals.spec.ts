/**
 * What secured associations refuse, on either side: keys, titles and suites that differ, altered, cut, repeated and
 * unprotected messages, challenges echoed, answers wrong. Each names whose fault it is, and the association is over.
 */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { data } from "../../src/axdr/index.js";
import { fromHex, toHex } from "../../src/bytes/hex.js";
import { Secret } from "../../src/core/secret.js";
import { type SessionPair } from "../support/session-pair.js";
import {
  alter,
  associated,
  both,
  ciphered,
  clientTitle,
  flipped,
  get,
  HEADER,
  securedPair,
  security,
  serverTitle,
  told,
} from "./secured.js";

describe("secured associations refuse to open", () => {
  const otherKey = new Secret(new Uint8Array(16).fill(9));
  const { keys } = security("client");
  const rows: readonly (readonly [string, SessionPair, string, string])[] = [
    [
      "with another encryption key",
      ciphered({ keys: { ...keys, unicast: otherKey } }),
      "SECURITY_REFUSED",
      "SECURITY_TAG",
    ],
    [
      "with another authentication key",
      ciphered({ keys: { ...keys, authentication: otherKey } }),
      "SECURITY_REFUSED",
      "SECURITY_TAG",
    ],
    [
      "with another suite",
      securedPair({
        mechanism: "none",
        client: security("client", 1, { protection: both }),
        server: security("server", 0, { protection: both }),
      }),
      "SECURITY_REFUSED",
      "SECURITY_SUITE",
    ],
    [
      "when the client shows another title than the server expects",
      ciphered({}, { peerSystemTitle: serverTitle }),
      "ASSOCIATION_REJECTED",
      "",
    ],
    [
      "when the server shows another title than the client expects",
      ciphered({ peerSystemTitle: clientTitle }),
      "SECURITY_TITLE",
      "",
    ],
    [
      "when only the server wants to cipher",
      securedPair({
        mechanism: "hls-gmac",
        client: security("client"),
        server: security("server", 0, { protection: both }),
      }),
      "ASSOCIATION_REJECTED",
      "",
    ],
    [
      "when the client does less than is demanded",
      ciphered({ protection: { authenticated: false, encrypted: true }, demand: both }),
      "SECURITY_REFUSED",
      "SECURITY_UNPROTECTED",
    ],
  ];
  for (const [name, pair, client, server] of rows)
    it(name, () => {
      pair.sendA({ type: "associate" });
      assert.equal(told(pair.eventsA)[0], `failed ${client}`);
      assert.deepEqual(told(pair.eventsB), server === "" ? [] : [`failed ${server}`]);
      assert.throws(() => pair.sendA(get));
      assert.ok(!inspect([pair.eventsA, pair.eventsB], { depth: 9 }).includes("0001020304"));
    });

  for (const mechanism of ["hls", "hls-md5", "hls-sha1", "hls-sha256"] as const)
    it(`over ${mechanism} with another secret, and answers nothing`, () => {
      const pair = securedPair({
        mechanism,
        clientSecret: new Secret(Uint8Array.of(1, 2, 3)),
        client: security("client"),
        server: security("server"),
      });
      pair.sendA({ type: "associate" });
      assert.equal(told(pair.eventsA)[0], "failed AUTHENTICATION_FAILED");
      assert.deepEqual(told(pair.eventsB).slice(0, 1), ["failed SECURITY_ANSWER"]);
    });

  it("when the meter echoes our challenge", () => {
    const pair = securedPair({ mechanism: "hls-md5" });
    let ctos = "";
    pair.wire = (chunk, way) => {
      const hex = toHex(chunk);
      const at = hex.indexOf(way === "a>b" ? "AC128010" : "AA128010") + 8;
      if (way === "a>b") ctos = hex.slice(at, at + 32);
      return [way === "a>b" || at < 8 ? chunk : fromHex(hex.slice(0, at) + ctos + hex.slice(at + 32))];
    };
    pair.sendA({ type: "associate" });
    assert.deepEqual(told(pair.eventsA), ["failed SECURITY_CHALLENGE", "closed SECURITY_CHALLENGE"]);
  });

  it("when the server's random source gives the client's challenge", () => {
    const pair = securedPair({ mechanism: "hls-md5" });
    pair.random = (octets) => new Uint8Array(octets).fill(5);
    pair.sendA({ type: "associate" });
    assert.deepEqual(told(pair.eventsA), ["failed AUTHENTICATION_FAILED"]);
    assert.deepEqual(told(pair.eventsB), ["failed SECURITY_CHALLENGE"]);
  });

  it("when the meter accepts without a challenge", () => {
    const pair = securedPair({ mechanism: "hls-md5" });
    const accepted = "6129A109060760857405080101A203020100A305A103020100BE10040E0800065F1F040000181D02000007";
    alter(pair, "b>a", (apdu) => (apdu[0] === 0x61 ? fromHex(accepted) : apdu));
    pair.sendA({ type: "associate" });
    assert.equal(told(pair.eventsA)[0], "failed SECURITY_CHALLENGE");
  });

  it("when the meter's fourth pass is wrong or missing", () => {
    for (const change of [
      (apdu: Uint8Array) => flipped(apdu, apdu.length - 1),
      () => fromHex("C70141000000"),
    ].map((spoil) => (apdu: Uint8Array) => (apdu[0] === 0xc7 ? spoil(apdu) : apdu))) {
      const pair = securedPair({ mechanism: "hls-md5" });
      alter(pair, "b>a", change);
      pair.sendA({ type: "associate" });
      assert.ok(!told(pair.eventsA).includes("associated"));
      assert.match(told(pair.eventsA)[0] as string, /^failed (SECURITY_ANSWER|DECODE|UNEXPECTED_APDU)$/);
      assert.match(told(pair.eventsA)[1] as string, /^closed /);
    }
  });

  it("when nobody gives challenge or counters: nothing is sent, and time runs out", () => {
    for (const mechanism of ["hls-md5", "none"] as const) {
      const pair = ciphered({}, {}, mechanism);
      pair.onEventA = () => undefined;
      pair.sendA({ type: "associate" });
      assert.deepEqual(pair.sent, []);
      pair.advance(10_000);
      assert.deepEqual(told(pair.eventsA), ["failed RESPONSE_TIMEOUT"]);
    }
  });

  it("before the third pass: requests are refused", () => {
    const pair = securedPair({ mechanism: "hls-md5" });
    alter(pair, "a>b", (apdu) => (apdu[0] === 0xc3 ? fromHex("C001C100030100010800FF0200") : apdu));
    pair.sendA({ type: "associate" });
    assert.deepEqual(told(pair.eventsA)[0], "failed SERVICE_EXCEPTION");
    assert.ok(!told(pair.eventsB).includes("indication"));
  });
});

describe("ciphered associations", () => {
  it("end when any octet of an answer was altered", () => {
    const probe = associated();
    probe.sendA(get);
    const answer = (probe.sent[probe.sent.length - 1] as { bytes: Uint8Array }).bytes.slice(HEADER);
    for (let at = 0; at < answer.length; at++) {
      const pair = associated();
      alter(pair, "b>a", (apdu) => flipped(apdu, at));
      pair.sendA(get);
      const events = told(pair.eventsA);
      assert.ok(!events.includes("response"), `octet ${at}`);
      assert.match(events[0] as string, /^failed 1 (SECURITY_\w+|DECODE)$/, `octet ${at}`);
      assert.equal(events[1], (events[0] as string).replace("failed 1", "closed"));
    }
  });

  it("end when an answer was cut", () => {
    for (const octets of [1, 2, 5, 12, 20]) {
      const pair = associated();
      alter(pair, "b>a", (apdu) => apdu.subarray(0, octets));
      pair.sendA(get);
      assert.match(told(pair.eventsA).join(), /^failed 1 \w+,closed \w+$/);
    }
  });

  it("end when an answer comes a second time", () => {
    const pair = associated();
    pair.sendA(get);
    const { bytes } = pair.sent[pair.sent.length - 1] as { bytes: Uint8Array };
    pair.wire = (chunk, way) => (way === "a>b" ? [] : [chunk]);
    pair.sendA({ ...get, id: 2 });
    pair.a.receive(pair.now, bytes);
    pair.settle();
    assert.deepEqual(told(pair.eventsA), [
      "response",
      "failed 2 SECURITY_COUNTER",
      "closed SECURITY_COUNTER",
    ]);
  });

  it("end when an answer comes in clear", () => {
    const pair = associated();
    alter(pair, "b>a", () => fromHex("C4014200" + "0600000001"));
    pair.sendA(get);
    assert.deepEqual(told(pair.eventsA), ["failed 1 SECURITY_UNPROTECTED", "closed SECURITY_UNPROTECTED"]);
  });

  it("take an exception in clear as a failure and go on", () => {
    const pair = associated();
    alter(pair, "b>a", () => fromHex("D80102"));
    pair.sendA(get);
    pair.wire = (chunk) => [chunk];
    pair.sendA({ ...get, id: 2 });
    assert.deepEqual(told(pair.eventsA), ["failed 1 SERVICE_EXCEPTION", "response"]);
  });

  it("don't hear what comes in clear and answers nothing", () => {
    const pair = associated();
    pair.a.receive(pair.now, fromHex("000100010010000B" + "0F00000001000600000007"));
    pair.settle();
    assert.deepEqual(told(pair.eventsA), ["noise"]);
  });

  it("hear a protected push", () => {
    const pair = associated();
    const body = data.structure([data.unsigned(7)]);
    const longInvoke = {
      invokeId: 1,
      selfDescriptive: false,
      processingOption: false,
      confirmed: false,
      highPriority: false,
    };
    pair.sendB({
      type: "notify",
      notification: { type: "data-notification", longInvoke, body } as never,
    });
    assert.deepEqual(told(pair.eventsA), ["notification"]);
    assert.equal((pair.sent[pair.sent.length - 1] as { bytes: Uint8Array }).bytes[HEADER], 0xdb);
  });

  it("of a server: a request in clear is refused and not carried out", () => {
    const pair = associated();
    alter(pair, "a>b", () => fromHex("C001C100030100010800FF0200"));
    pair.sendA(get);
    assert.deepEqual(told(pair.eventsB), []);
    assert.deepEqual(told(pair.eventsA), ["failed 1 SERVICE_EXCEPTION"]);
  });

  it("of a server: a request that comes a second time is not carried out again", () => {
    const pair = associated();
    pair.sendA(get);
    const request = pair.sent[pair.sent.length - 2] as { bytes: Uint8Array };
    pair.b.receive(pair.now, request.bytes);
    pair.settle();
    assert.deepEqual(told(pair.eventsB), ["indication"]);
  });

  it("of a server end when a request was altered", () => {
    const pair = associated();
    alter(pair, "a>b", (apdu) => flipped(apdu, apdu.length - 1));
    pair.sendA(get);
    assert.deepEqual(told(pair.eventsB), ["failed SECURITY_TAG"]);
    assert.deepEqual(told(pair.eventsA), ["failed 1 SECURITY_REFUSED"]);
    pair.wire = (chunk) => [chunk];
    pair.sendA({ ...get, id: 2 });
    assert.ok(!told(pair.eventsB).includes("indication"));
  });
});
