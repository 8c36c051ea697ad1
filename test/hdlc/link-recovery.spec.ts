import assert from "node:assert/strict";
import fc from "fast-check";
import { fromHex } from "../../src/bytes/hex.js";
import { type LinkEvent } from "../../src/core/link.js";
import { controlFromOctet, type HdlcControl } from "../../src/hdlc/control.js";
import { decodeHdlcFrame, encodeHdlcFrame } from "../../src/hdlc/frame.js";
import { HdlcLink } from "../../src/hdlc/link.js";
import { type Wire } from "../support/pair.js";
import { seededRandom } from "../support/chop.js";
import {
  apdu,
  apdus,
  client,
  connect,
  controls,
  endings,
  type LinkPair,
  linkPair,
  serve,
  server,
} from "./link-pair.js";
import { workedFrames } from "./worked-frames.js";

const small = { maxInfoTransmit: 128, maxInfoReceive: 128, responseTimeoutMs: 1_000 };

function lose(direction: "a>b" | "b>a", ...indexes: number[]): Wire {
  return (chunk, which, index) => (which === direction && indexes.includes(index) ? [] : [chunk]);
}

/** A primary whose peer is played by the test. */
function scripted(options = {}): {
  link: HdlcLink;
  answer: (control: HdlcControl, info?: Uint8Array) => void;
  sent: () => HdlcControl[];
} {
  const link = new HdlcLink({ station: "primary", client, server, ...small, ...options });
  const answer = (control: HdlcControl, information?: Uint8Array): void =>
    link.receive(
      0,
      encodeHdlcFrame({
        segmented: false,
        destination: client,
        source: server,
        control,
        ...(information === undefined ? {} : { information }),
      }),
    );
  const sent = (): HdlcControl[] => {
    const all: HdlcControl[] = [];
    for (let bytes = link.pollTransmit(); bytes !== undefined; bytes = link.pollTransmit())
      all.push(decodeHdlcFrame(bytes).control);
    return all;
  };
  link.send(0, { type: "connect" });
  answer({ type: "UA", pollFinal: true });
  sent();
  return { link, answer, sent };
}

function events(link: HdlcLink): LinkEvent[] {
  const all: LinkEvent[] = [];
  for (let event = link.pollEvent(); event !== undefined; event = link.pollEvent()) all.push(event);
  return all;
}

function exchange(pair: LinkPair, request: Uint8Array, answer: Uint8Array): void {
  serve(pair, () => answer);
  pair.sendA({ type: "apdu", bytes: request });
}

describe("HDLC link: lost, repeated and damaged frames", () => {
  it("repeats a lost request with the same N(S)", () => {
    const pair = connect(linkPair(small));
    pair.wire = lose("a>b", 1);
    exchange(pair, apdu(10), apdu(20));
    assert.deepEqual(apdus(pair.eventsA), []);
    pair.advance(1_000);
    assert.deepEqual(controls(pair).slice(2), [
      "a>b I(S=0 R=0 P/F)",
      "a>b I(S=0 R=0 P/F)",
      "b>a I(S=0 R=1 P/F)",
    ]);
    assert.deepEqual(apdus(pair.eventsA), [apdu(20)]);
    assert.deepEqual(apdus(pair.eventsB), [apdu(10)]);
  });

  it("has a lost answer repeated, without handing the request on twice", () => {
    const pair = connect(linkPair(small));
    pair.wire = lose("b>a", 1);
    exchange(pair, apdu(10), apdu(20));
    pair.advance(1_000);
    assert.deepEqual(apdus(pair.eventsA), [apdu(20)]);
    assert.deepEqual(apdus(pair.eventsB), [apdu(10)]);
    pair.sendA({ type: "apdu", bytes: apdu(11) });
    assert.equal(apdus(pair.eventsA).length, 2);
  });

  it("fetches a lost segment again by repeating RR", () => {
    const pair = connect(linkPair(small));
    pair.wire = lose("b>a", 2);
    exchange(pair, apdu(10), apdu(300));
    pair.advance(1_000);
    assert.deepEqual(apdus(pair.eventsA), [apdu(300)]);
  });

  it("takes an answer that comes late, after the request was repeated, only once", () => {
    const { link, answer, sent } = scripted();
    const reply = (sendSequence: number): HdlcControl => ({
      type: "I",
      sendSequence,
      receiveSequence: sendSequence + 1,
      pollFinal: true,
    });
    link.send(0, { type: "apdu", bytes: apdu(5) });
    link.handleTimeout(1_000);
    assert.equal(sent().length, 2);
    answer(reply(0), apdu(6));
    link.send(1_001, { type: "apdu", bytes: apdu(7) });
    assert.equal(sent().length, 1);
    // The answer to the repetition: it must not be taken for a refusal of the new request.
    answer(reply(0), apdu(6));
    assert.deepEqual(sent(), []);
    answer(reply(1), apdu(8));
    assert.deepEqual(apdus(events(link)), [apdu(6), apdu(8)]);
    assert.equal(link.nextTimeout(), undefined);
  });

  it("answers RR when the same request comes again before the application has answered", () => {
    const pair = connect(linkPair(small));
    pair.sendA({ type: "apdu", bytes: apdu(5) });
    pair.advance(1_000);
    assert.deepEqual(controls(pair).slice(-2), ["a>b I(S=0 R=0 P/F)", "b>a RR(R=1 P/F)"]);
    pair.sendB({ type: "apdu", bytes: apdu(6) });
    assert.deepEqual(apdus(pair.eventsA), [], "the answer waits for its turn");
    pair.advance(500);
    assert.deepEqual(apdus(pair.eventsA), [apdu(6)]);
    assert.deepEqual(apdus(pair.eventsB), [apdu(5)]);
  });

  it("stops polling for an answer that never comes, and stays connected", () => {
    const pair = connect(linkPair({ ...small, retries: 1 }));
    pair.sendA({ type: "apdu", bytes: apdu(5) });
    pair.advance(60_000);
    const frames = controls(pair).length;
    assert.ok(frames < 20);
    assert.deepEqual(endings(pair.eventsA), []);
    pair.advance(60_000);
    assert.equal(controls(pair).length, frames);
    serve(pair, () => apdu(9));
    pair.sendA({ type: "apdu", bytes: apdu(6) });
    assert.deepEqual(apdus(pair.eventsA), [apdu(9)]);
  });

  it("gives up after the retries, with the time-out as reason, and connects again", () => {
    const pair = connect(linkPair({ ...small, retries: 2 }));
    pair.wire = () => [];
    pair.sendA({ type: "apdu", bytes: apdu(5) });
    pair.advance(3_000);
    assert.deepEqual(endings(pair.eventsA), ["timeout RESPONSE_TIMEOUT"]);
    assert.equal(controls(pair).length, 5);
    pair.wire = (chunk) => [chunk];
    connect(pair);
    exchange(pair, apdu(7), apdu(8));
    assert.deepEqual(apdus(pair.eventsA), [apdu(8)]);
    assert.match(controls(pair).at(-1) as string, /S=0 R=1/);
  });

  it("sends the rest of a window again from the frame that was lost", () => {
    const windows = { ...small, windowTransmit: 4, windowReceive: 4 };
    const pair = connect(linkPair(windows));
    pair.wire = lose("a>b", 2);
    exchange(pair, apdu(500), apdu(3));
    assert.deepEqual(apdus(pair.eventsB), [apdu(500)]);
    assert.deepEqual(apdus(pair.eventsA), [apdu(3)]);
    assert.deepEqual(controls(pair, "a>b").slice(1), [
      "I(S=0 R=0)",
      "I(S=1 R=0)",
      "I(S=2 R=0)",
      "I(S=3 R=0 P/F)",
      "I(S=1 R=0)",
      "I(S=2 R=0)",
      "I(S=3 R=0 P/F)",
    ]);
    assert.equal(pair.now, 0, "the acknowledgement told, no timer was needed");
  });

  it("polls a busy peer with RR until it is ready", () => {
    const { link, answer, sent } = scripted();
    link.send(0, { type: "apdu", bytes: apdu(300) });
    sent();
    answer({ type: "RNR", receiveSequence: 1, pollFinal: true });
    assert.deepEqual(sent(), [], "not at once");
    link.handleTimeout(link.nextTimeout() as number);
    assert.deepEqual(sent(), [{ type: "RR", receiveSequence: 0, pollFinal: true }]);
    answer({ type: "RNR", receiveSequence: 1, pollFinal: true });
    link.handleTimeout(link.nextTimeout() as number);
    assert.equal(sent()[0]?.type, "RR");
    answer({ type: "RR", receiveSequence: 1, pollFinal: true });
    const next = sent();
    assert.ok(next[0]?.type === "I");
    assert.equal(next[0].sendSequence, 1);
  });

  it("does not poll a busy peer for ever", () => {
    const { link, answer, sent } = scripted({ retries: 1 });
    link.send(0, { type: "apdu", bytes: apdu(300) });
    let polls = 0;
    answer({ type: "RNR", receiveSequence: 1, pollFinal: true });
    while (link.nextTimeout() !== undefined && polls < 1_000) {
      polls += 1;
      const now = link.nextTimeout() as number;
      link.handleTimeout(now);
      for (const control of sent())
        if (control.type === "RR")
          link.receive(
            now,
            encodeHdlcFrame({
              segmented: false,
              destination: client,
              source: server,
              control: { type: "RNR", receiveSequence: 1, pollFinal: true },
            }),
          );
    }
    assert.ok(polls < 20);
    assert.deepEqual(endings(events(link)), ["timeout RESPONSE_TIMEOUT"]);
  });

  it("sends again from where REJ says", () => {
    const { link, answer, sent } = scripted();
    link.send(0, { type: "apdu", bytes: apdu(5) });
    sent();
    answer({ type: "REJ", receiveSequence: 0, pollFinal: true });
    const again = sent();
    assert.ok(again[0]?.type === "I");
    assert.equal(again[0].sendSequence, 0);
  });

  it("does not answer a peer that acknowledges nothing for ever", () => {
    const { link, answer, sent } = scripted();
    link.send(0, { type: "apdu", bytes: apdu(5) });
    let rounds = 0;
    while (sent().length > 0 && rounds < 100) {
      rounds += 1;
      answer({ type: "RR", receiveSequence: 0, pollFinal: true });
    }
    assert.ok(rounds < 20);
  });

  it("disconnects on FRMR with the reason, and a new connect works", () => {
    const { link, answer, sent } = scripted();
    link.send(0, { type: "apdu", bytes: apdu(5) });
    sent();
    answer({ type: "FRMR", pollFinal: true }, fromHex("540010"));
    assert.deepEqual(sent(), [{ type: "DISC", pollFinal: true }]);
    answer({ type: "UA", pollFinal: true });
    const last = events(link).at(-1);
    assert.ok(last?.type === "disconnected");
    assert.equal(last.reason, "protocol-error");
    assert.equal(last.error?.code, "FRAME_REJECTED");
    assert.match(last.error?.message ?? "", /bad receive number: I\(S=2 R=2 P\/F\)/);
    link.send(0, { type: "connect" });
    answer({ type: "UA", pollFinal: true });
    assert.equal(events(link).at(-1)?.type, "connected");
  });

  it("tells of FRMR also when DISC is not answered", () => {
    const { link, answer, sent } = scripted();
    answer({ type: "FRMR", pollFinal: true }, fromHex("540010"));
    link.handleTimeout(1_000);
    assert.equal(sent().length, 1, "one try");
    assert.deepEqual(endings(events(link)), ["protocol-error FRAME_REJECTED"]);
  });

  it("ends a connection the peer has forgotten (DM)", () => {
    const { link, answer } = scripted();
    link.send(0, { type: "apdu", bytes: apdu(5) });
    answer({ type: "DM", pollFinal: true });
    assert.deepEqual(endings(events(link)), ["peer LINK_REFUSED"]);
  });

  it("rejects an impossible N(R) as a secondary, until SNRM or DISC", () => {
    const pair = connect(linkPair(small));
    const wrong = fromHex(workedFrames.getClock);
    pair.b.receive(0, wrong);
    pair.b.receive(0, wrong);
    pair.settle();
    assert.deepEqual(controls(pair, "b>a").slice(1, 3), ["FRMR P/F", "FRMR P/F"]);
    assert.deepEqual(endings(pair.eventsA), ["protocol-error FRAME_REJECTED"]);
    connect(pair);
    exchange(pair, apdu(5), apdu(6));
    assert.deepEqual(apdus(pair.eventsA), [apdu(6)]);
  });

  it("rejects an unknown control field as a secondary", () => {
    const pair = connect(linkPair(small));
    const frame = { segmented: false, destination: server, source: client };
    pair.b.receive(0, encodeHdlcFrame({ ...frame, control: controlFromOctet(0xbf) }));
    pair.settle();
    assert.deepEqual(endings(pair.eventsA), ["protocol-error FRAME_REJECTED"]);
  });

  it("gives a silent connection up after the inactivity time", () => {
    const pair = connect(linkPair(small, {}, { inactivityTimeoutMs: 5_000 }));
    pair.advance(4_000);
    exchange(pair, apdu(5), apdu(6));
    pair.advance(4_999);
    assert.deepEqual(endings(pair.eventsB), []);
    pair.advance(1);
    assert.deepEqual(endings(pair.eventsB), ["timeout RESPONSE_TIMEOUT"]);
  });

  it("gives an unfinished frame up after its time, so that what follows is heard", () => {
    const { link, answer } = scripted({ interOctetTimeoutMs: 500 });
    link.send(0, { type: "apdu", bytes: apdu(5) });
    link.receive(0, fromHex(workedFrames.aare).subarray(0, 20));
    link.handleTimeout(500);
    answer({ type: "I", sendSequence: 0, receiveSequence: 1, pollFinal: true }, apdu(6));
    assert.deepEqual(apdus(events(link)), [apdu(6)]);
  });

  for (const window of [1, 3, 7])
    it(`brings every APDU through a bad line, each once and in order (window ${window})`, () => {
      fc.assert(
        fc.property(fc.nat(), (seed) => {
          const random = seededRandom(seed);
          const pair = linkPair({ ...small, windowTransmit: window, windowReceive: window, retries: 30 });
          connect(pair);
          pair.wire = (chunk) => {
            const chance = random();
            if (chance < 0.1) return [];
            if (chance < 0.2) return [chunk, chunk];
            if (chance < 0.3) {
              const damaged = chunk.slice();
              const at = Math.floor(random() * damaged.length);
              damaged[at] = (damaged[at] as number) ^ (1 << Math.floor(random() * 8));
              return [damaged];
            }
            if (chance < 0.4) return [apdu(Math.floor(random() * 20), seed), chunk];
            return [chunk];
          };
          serve(pair, (request) => apdu(request.length * 2));
          const sizes = [10, 400, 900, 127];
          for (const [i, size] of sizes.entries()) {
            pair.sendA({ type: "apdu", bytes: apdu(size) });
            for (let waits = 0; waits < 300 && apdus(pair.eventsA).length <= i; waits++) pair.advance(1_000);
          }
          assert.deepEqual(endings(pair.eventsA), []);
          assert.deepEqual(
            apdus(pair.eventsB),
            sizes.map((size) => apdu(size)),
          );
          assert.deepEqual(
            apdus(pair.eventsA),
            sizes.map((size) => apdu(size * 2)),
          );
        }),
        { numRuns: 40 },
      );
    });
});
