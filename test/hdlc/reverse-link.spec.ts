import assert from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes/hex.js";
import { DlmsError } from "../../src/core/errors.js";
import { decodeHdlcFrame } from "../../src/hdlc/frame.js";
import { apdu, apdus, connect, controls, endings, type LinkPair, linkPair } from "./link-pair.js";
import { workedFrames } from "./worked-frames.js";

const aarq = fromHex(workedFrames.aarq).subarray(11, -3);
const aare = fromHex(workedFrames.aare).subarray(11, -3);

/** The meter (`a`, primary) connects and associates; the gateway (`b`) answers and then asks. */
function reversed(options = {}): LinkPair {
  const pair = linkPair(
    { maxInfoTransmit: 128, maxInfoReceive: 128, responseTimeoutMs: 1_000, ...options },
    {},
    { acceptAnyAddress: true },
  );
  pair.onEventB = (event) => {
    if (event.type !== "apdu") return;
    pair.b.send(pair.now, { type: "apdu", bytes: aare });
    pair.b.send(pair.now, { type: "reverse" });
  };
  pair.onEventA = (event) => {
    if (event.type === "apdu") pair.a.send(pair.now, { type: "reverse" });
  };
  connect(pair);
  pair.sendA({ type: "apdu", bytes: aarq });
  pair.onEventB = () => undefined;
  pair.onEventA = (event) => {
    if (event.type === "apdu") pair.a.send(pair.now, { type: "apdu", bytes: apdu(event.bytes.length * 3) });
  };
  pair.eventsA.length = pair.eventsB.length = pair.sent.length = 0;
  return pair;
}

describe("reverse link", () => {
  it("lets the former secondary ask: numbering, addresses and LLC as defined", () => {
    const pair = reversed();
    pair.sendB({ type: "apdu", bytes: apdu(10) });
    assert.deepEqual(controls(pair), ["b>a I(S=1 R=1 P/F)", "a>b I(S=1 R=2 P/F)"]);
    const [request, answer] = pair.sent.map(({ bytes }) => decodeHdlcFrame(bytes));
    assert.deepEqual(request?.source, { upper: 1, octets: 1 }, "the meter's own server address");
    assert.deepEqual(request?.destination, { upper: 16, octets: 1 });
    assert.equal(toHex(request?.information?.subarray(0, 3) as Uint8Array), "E6E600");
    assert.equal(toHex(answer?.information?.subarray(0, 3) as Uint8Array), "E6E700");
    assert.deepEqual(apdus(pair.eventsA), [apdu(10)]);
    assert.deepEqual(apdus(pair.eventsB), [apdu(30)]);
  });

  for (const window of [1, 3, 7])
    it(`carries segmented requests and answers, window ${window}`, () => {
      const pair = reversed({ windowTransmit: window, windowReceive: window });
      for (const size of [10, 300, 1_500]) pair.sendB({ type: "apdu", bytes: apdu(size) });
      assert.deepEqual(apdus(pair.eventsA), [apdu(10), apdu(300), apdu(1_500)]);
      assert.deepEqual(apdus(pair.eventsB), [apdu(30), apdu(900), apdu(4_500)]);
      assert.equal(pair.now, 0);
    });

  it("works when the first request arrives together with the AARE, before the meter has swapped its role", () => {
    const pair = linkPair({ responseTimeoutMs: 1_000 }, {}, { acceptAnyAddress: true });
    pair.onEventB = (event) => {
      if (event.type !== "apdu" || toHex(event.bytes) !== toHex(aarq)) return;
      pair.b.send(pair.now, { type: "apdu", bytes: aare });
      pair.b.send(pair.now, { type: "reverse" });
      pair.b.send(pair.now, { type: "apdu", bytes: apdu(10) });
    };
    let first = true;
    pair.onEventA = (event) => {
      if (event.type !== "apdu") return;
      if (first) pair.a.send(pair.now, { type: "reverse" });
      else pair.a.send(pair.now, { type: "apdu", bytes: apdu(20) });
      first = false;
    };
    // Both I-frames in one piece, as TCP is free to deliver them.
    const held: Uint8Array[] = [];
    pair.wire = (chunk, direction, index) => {
      if (direction === "a>b" || index === 0) return [chunk];
      held.push(chunk);
      return held.length < 2 ? [] : [Uint8Array.of(...held.splice(0).flatMap((part) => [...part]))];
    };
    connect(pair);
    pair.sendA({ type: "apdu", bytes: aarq });
    pair.wire = (chunk) => [chunk];
    pair.settle();
    assert.deepEqual(apdus(pair.eventsA), [aare, apdu(10)]);
    assert.deepEqual(apdus(pair.eventsB), [aarq, apdu(20)]);
    assert.equal(pair.now, 0);
  });

  it("repeats a lost request and takes over a lost answer, as any asking station", () => {
    const pair = reversed();
    let lost = 0;
    pair.wire = (chunk) => (lost++ < 1 ? [] : [chunk]);
    pair.sendB({ type: "apdu", bytes: apdu(10) });
    pair.advance(1_000);
    assert.deepEqual(apdus(pair.eventsB), [apdu(30)]);
    lost = -1;
    pair.wire = (chunk) => (lost++ === 0 ? [] : [chunk]);
    pair.sendB({ type: "apdu", bytes: apdu(11) });
    pair.advance(1_000);
    assert.deepEqual(apdus(pair.eventsB), [apdu(30), apdu(33)]);
    assert.deepEqual(apdus(pair.eventsA), [apdu(10), apdu(11)]);
  });

  it("sends a lost AARE again when the meter repeats its AARQ", () => {
    const pair = linkPair({ responseTimeoutMs: 1_000 }, {}, { acceptAnyAddress: true });
    pair.onEventB = (event) => {
      if (event.type !== "apdu" || toHex(event.bytes) !== toHex(aarq)) return;
      pair.b.send(pair.now, { type: "apdu", bytes: aare });
      pair.b.send(pair.now, { type: "reverse" });
    };
    let associated = false;
    pair.onEventA = (event) => {
      if (event.type !== "apdu") return;
      pair.a.send(pair.now, associated ? { type: "apdu", bytes: apdu(20) } : { type: "reverse" });
      associated = true;
    };
    pair.wire = (chunk, direction, index) => (direction === "b>a" && index === 1 ? [] : [chunk]);
    connect(pair);
    pair.sendA({ type: "apdu", bytes: aarq });
    assert.deepEqual(apdus(pair.eventsA), []);
    pair.sendB({ type: "apdu", bytes: apdu(10) });
    pair.advance(5_000);
    assert.deepEqual(apdus(pair.eventsA), [aare, apdu(10)]);
    assert.deepEqual(apdus(pair.eventsB), [aarq, apdu(20)]);
    assert.deepEqual(endings(pair.eventsB), []);
  });

  it("is refused while something is under way", () => {
    const pair = connect(linkPair());
    pair.wire = () => [];
    pair.sendA({ type: "apdu", bytes: apdu(5) });
    assert.throws(
      () => pair.a.send(0, { type: "reverse" }),
      (error) => error instanceof DlmsError && error.code === "LOCAL_PROTOCOL",
    );
  });

  it("ends by DISC from either side; both are then what they were before", () => {
    const byGateway = reversed();
    byGateway.sendB({ type: "disconnect" });
    assert.deepEqual(controls(byGateway), ["b>a DISC P/F", "a>b UA P/F"]);
    assert.deepEqual(endings(byGateway.eventsB), ["requested -"]);
    assert.deepEqual(endings(byGateway.eventsA), ["peer -"]);
    const byMeter = reversed();
    byMeter.sendA({ type: "disconnect" });
    assert.deepEqual(controls(byMeter), ["a>b DISC P/F", "b>a UA P/F"]);
    for (const pair of [byGateway, byMeter]) {
      pair.eventsA.length = pair.sent.length = 0;
      connect(pair);
      assert.deepEqual(controls(pair), ["a>b SNRM P/F", "b>a UA P/F"]);
      assert.equal(pair.eventsA[0]?.type, "connected");
    }
  });

  it("starts over when the meter sends SNRM again", () => {
    const pair = reversed();
    pair.sendB({ type: "apdu", bytes: apdu(10) });
    pair.b.receive(pair.now, fromHex(workedFrames.snrm));
    pair.settle();
    assert.equal(pair.eventsB.at(-1)?.type, "connected");
    assert.throws(() => pair.b.send(pair.now, { type: "connect" }), /secondary HDLC link is connected/);
  });
});
