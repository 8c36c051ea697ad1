import assert from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes/hex.js";
import { DlmsError } from "../../src/core/errors.js";
import { type HdlcAddress } from "../../src/hdlc/address.js";
import { decodeHdlcFrame, encodeHdlcFrame } from "../../src/hdlc/frame.js";
import { HdlcLink } from "../../src/hdlc/link.js";
import { byteByByte, whole } from "../support/chop.js";
import { apdu, apdus, client, connect, controls, endings, linkPair, serve, server } from "./link-pair.js";
import { capturedFrames, pushedBlocks, segmentedPush, workedFrames } from "./worked-frames.js";

function code(act: () => void): string {
  try {
    act();
  } catch (caught) {
    return caught instanceof DlmsError ? caught.code : String(caught);
  }
  return "none";
}

describe("HDLC link: opening and ending", () => {
  it("sends the worked SNRM and DISC", () => {
    const pair = linkPair();
    connect(pair);
    pair.sendA({ type: "disconnect" });
    assert.equal(toHex(pair.sent[0]?.bytes as Uint8Array, " "), workedFrames.snrmWithParameters);
    assert.equal(toHex(pair.sent[2]?.bytes as Uint8Array, " "), workedFrames.disc);
    assert.deepEqual(controls(pair), ["a>b SNRM P/F", "b>a UA P/F", "a>b DISC P/F", "b>a UA P/F"]);
    assert.deepEqual(endings(pair.eventsA), ["requested -"]);
    assert.deepEqual(endings(pair.eventsB), ["peer -"]);
  });

  it("answers a bare SNRM with the bare UA, and both take the defaults", () => {
    const pair = connect(linkPair({ bareSnrm: true }));
    assert.equal(toHex(pair.sent[0]?.bytes as Uint8Array, " "), workedFrames.snrm);
    assert.equal(toHex(pair.sent[1]?.bytes as Uint8Array, " "), workedFrames.ua);
    const defaults = { maxInfoTransmit: 128, maxInfoReceive: 128, windowTransmit: 1, windowReceive: 1 };
    const connected = { type: "connected", parameters: defaults, peer: { client: 16, server: 1 } };
    assert.deepEqual(pair.eventsA, [connected]);
    assert.deepEqual(pair.eventsB, [connected]);
  });

  it("lets each side's receiver bound the other's sender", () => {
    const pair = connect(
      linkPair(
        {},
        { maxInfoTransmit: 1000, maxInfoReceive: 300, windowTransmit: 5, windowReceive: 2 },
        { maxInfoTransmit: 2000, maxInfoReceive: 400, windowTransmit: 7, windowReceive: 3 },
      ),
    );
    const [a, b] = [pair.eventsA[0], pair.eventsB[0]];
    assert.ok(a?.type === "connected" && b?.type === "connected");
    assert.deepEqual(a.parameters, {
      maxInfoTransmit: 400,
      maxInfoReceive: 300,
      windowTransmit: 3,
      windowReceive: 2,
    });
    assert.deepEqual(b.parameters, {
      maxInfoTransmit: 300,
      maxInfoReceive: 400,
      windowTransmit: 2,
      windowReceive: 3,
    });
  });

  it("tries once more without parameters after DM, then gives up", () => {
    const link = new HdlcLink({ station: "primary", client, server });
    link.send(0, { type: "connect" });
    const sent = (): string => {
      const bytes = link.pollTransmit();
      return bytes === undefined ? "nothing" : toHex(bytes, " ");
    };
    assert.equal(sent(), workedFrames.snrmWithParameters);
    link.receive(1, fromHex(workedFrames.dm));
    assert.equal(sent(), workedFrames.snrm);
    link.receive(2, fromHex(workedFrames.dm));
    assert.equal(sent(), "nothing");
    const event = link.pollEvent();
    assert.ok(event?.type === "disconnected");
    assert.equal(event.reason, "refused");
    assert.equal(event.error?.code, "LINK_REFUSED");
    assert.equal(link.nextTimeout(), undefined);
    link.send(3, { type: "connect" });
    assert.equal(sent(), workedFrames.snrmWithParameters);
  });

  it("repeats SNRM and gives up in the end", () => {
    const pair = linkPair({ responseTimeoutMs: 1_000, retries: 2 });
    pair.wire = () => [];
    connect(pair);
    pair.advance(2_999);
    assert.deepEqual(endings(pair.eventsA), []);
    pair.advance(1);
    assert.deepEqual(controls(pair), ["a>b SNRM P/F", "a>b SNRM P/F", "a>b SNRM P/F"]);
    assert.deepEqual(endings(pair.eventsA), ["timeout RESPONSE_TIMEOUT"]);
  });

  it("is connected once although UA was lost and SNRM came twice", () => {
    const pair = linkPair({ responseTimeoutMs: 1_000 });
    pair.wire = (chunk, direction, index) => (direction === "b>a" && index === 0 ? [] : [chunk]);
    connect(pair);
    pair.advance(1_000);
    assert.deepEqual(
      [pair.eventsA, pair.eventsB].map((events) => events.map((event) => event.type)),
      [["connected"], ["connected"]],
    );
  });

  it("announces a new connection when SNRM comes after traffic, and numbers from zero again", () => {
    const pair = connect(linkPair());
    serve(pair, (request) => request);
    pair.sendA({ type: "apdu", bytes: apdu(5) });
    const again = linkPair().a;
    again.send(0, { type: "connect" });
    pair.b.receive(pair.now, again.pollTransmit() as Uint8Array);
    pair.settle();
    assert.deepEqual(
      pair.eventsB.map((event) => event.type),
      ["connected", "apdu", "connected"],
    );
    pair.b.receive(pair.now, fromHex(workedFrames.aarq));
    pair.settle();
    assert.match(controls(pair, "b>a").at(-1) as string, /^I\(S=0 R=1/);
  });

  it("refuses what the state does not allow, naming whose misuse it is", () => {
    const pair = linkPair();
    assert.equal(
      code(() => pair.a.send(0, { type: "apdu", bytes: apdu(3) })),
      "NOT_CONNECTED",
    );
    assert.equal(
      code(() => pair.a.send(0, { type: "reverse" })),
      "NOT_CONNECTED",
    );
    assert.equal(
      code(() => pair.b.send(0, { type: "connect" })),
      "LOCAL_PROTOCOL",
    );
    connect(pair);
    assert.equal(
      code(() => pair.a.send(0, { type: "connect" })),
      "LOCAL_PROTOCOL",
    );
    assert.equal(
      code(() => pair.a.send(0, { type: "apdu", bytes: new Uint8Array(0) })),
      "FIELD_INVALID",
    );
  });

  it("answers DM to whatever polls it while disconnected, and UA to no DISC then", () => {
    const pair = linkPair({ acceptAnyAddress: true });
    for (const frame of [workedFrames.disc, workedFrames.getClock, workedFrames.remoteDisconnect])
      pair.b.receive(0, fromHex(frame));
    pair.settle();
    assert.deepEqual(controls(pair, "b>a"), ["DM P/F", "DM P/F", "DM P/F"]);
    assert.equal(toHex(pair.sent[0]?.bytes as Uint8Array, " "), workedFrames.dm);
  });

  it("bounds the APDUs that wait", () => {
    const pair = connect(linkPair());
    pair.wire = () => [];
    for (let i = 0; i < 65; i++) pair.a.send(0, { type: "apdu", bytes: apdu(3) });
    assert.equal(
      code(() => pair.a.send(0, { type: "apdu", bytes: apdu(3) })),
      "LIMIT_EXCEEDED",
    );
  });
});

describe("HDLC link: traffic", () => {
  const addresses: Readonly<Record<string, HdlcAddress>> = {
    "1 octet": server,
    "2 octets": { upper: 1, lower: 17, octets: 2 },
    "4 octets": { upper: 1, lower: 8964, octets: 4 },
  };
  for (const window of [1, 2, 3, 4, 5, 6, 7])
    for (const size of [128, 2030])
      for (const [form, address] of Object.entries(addresses))
        for (const chop of [whole, byteByByte])
          it(`carries APDUs both ways: window ${window}, ${size} octets, ${form}, ${chop.name}`, () => {
            const pair = linkPair({
              server: address,
              windowTransmit: window,
              windowReceive: window,
              maxInfoTransmit: size,
              maxInfoReceive: size,
            });
            pair.wire = chop;
            connect(pair);
            const sizes = [1, size - 4, size - 3, size - 2, size * 3, size * 9 + 5];
            serve(pair, (request) => apdu(request.length + 1));
            const answered: number[] = [];
            for (const length of sizes) {
              pair.sendA({ type: "apdu", bytes: apdu(length) });
              answered.push(apdus(pair.eventsA).length);
            }
            assert.deepEqual(answered, [1, 2, 3, 4, 5, 6]);
            assert.deepEqual(
              apdus(pair.eventsB),
              sizes.map((length) => apdu(length)),
            );
            assert.deepEqual(
              apdus(pair.eventsA),
              sizes.map((length) => apdu(length + 1)),
            );
            assert.equal(pair.now, 0, "no timer was needed");
            const longest = Math.max(
              ...pair.sent.map(({ bytes }) => decodeHdlcFrame(bytes).information?.length ?? 0),
            );
            assert.equal(longest, size);
          });

  it("numbers and acknowledges as the worked frames do", () => {
    const pair = connect(linkPair());
    serve(pair, () => fromHex(workedFrames.aare).subarray(11, -3));
    pair.sendA({ type: "apdu", bytes: fromHex(workedFrames.aarq).subarray(11, -3) });
    pair.sendA({ type: "apdu", bytes: fromHex(workedFrames.getClock).subarray(11, -3) });
    const hex = pair.sent.map(({ bytes }) => toHex(bytes, " "));
    assert.equal(hex[2], workedFrames.aarq);
    assert.equal(hex[3], workedFrames.aare);
    assert.equal(hex[4], workedFrames.getClock);
  });

  it("puts LLC in the first segment only and acknowledges each segment with window 1", () => {
    const pair = connect(linkPair({ maxInfoTransmit: 128, maxInfoReceive: 128 }));
    serve(pair, () => apdu(300));
    pair.sendA({ type: "apdu", bytes: apdu(10) });
    assert.deepEqual(controls(pair).slice(2), [
      "a>b I(S=0 R=0 P/F)",
      "b>a I(S=0 R=1 P/F)",
      "a>b RR(R=1 P/F)",
      "b>a I(S=1 R=1 P/F)",
      "a>b RR(R=2 P/F)",
      "b>a I(S=2 R=1 P/F)",
    ]);
    const segments = pair.sent.slice(3).filter(({ direction }) => direction === "b>a");
    const heads = segments.map(({ bytes }) =>
      toHex(decodeHdlcFrame(bytes).information?.subarray(0, 3) as Uint8Array),
    );
    assert.equal(heads[0], "E6E700");
    assert.ok(!heads.slice(1).includes("E6E700"));
    assert.deepEqual(
      segments.map(({ bytes }) => decodeHdlcFrame(bytes).segmented),
      [true, true, false],
    );
  });

  it("sends a window in one turn and lets the last frame pass it", () => {
    const pair = connect(
      linkPair({ maxInfoTransmit: 128, maxInfoReceive: 128, windowTransmit: 3, windowReceive: 3 }),
    );
    pair.sendA({ type: "apdu", bytes: apdu(500) });
    assert.deepEqual(controls(pair).slice(2), [
      "a>b I(S=0 R=0)",
      "a>b I(S=1 R=0)",
      "a>b I(S=2 R=0 P/F)",
      "b>a RR(R=3 P/F)",
      "a>b I(S=3 R=0 P/F)",
    ]);
  });

  it("takes an answer without LLC, and one from another address form", () => {
    const link = new HdlcLink({ station: "primary", client, server: { upper: 1, lower: 17, octets: 2 } });
    link.send(0, { type: "connect" });
    const from = { upper: 1, lower: 17, octets: 4 } as const;
    const frame = { segmented: false, destination: client, source: from };
    link.receive(0, encodeHdlcFrame({ ...frame, control: { type: "UA", pollFinal: true } }));
    link.send(0, { type: "apdu", bytes: apdu(5) });
    link.receive(
      0,
      encodeHdlcFrame({
        ...frame,
        control: { type: "I", sendSequence: 0, receiveSequence: 1, pollFinal: true },
        information: Uint8Array.of(0xc4, 1, 0xc1, 1, 4),
      }),
    );
    const events = [link.pollEvent(), link.pollEvent()];
    assert.deepEqual(events[1], {
      type: "apdu",
      bytes: Uint8Array.of(0xc4, 1, 0xc1, 1, 4),
      unconfirmed: false,
      peer: { client: 16, server: 1, serverLower: 17 },
    });
  });

  it("ignores frames of other stations and says so", () => {
    const pair = connect(linkPair());
    pair.a.receive(0, fromHex(capturedFrames.flagInsideCheck));
    pair.settle();
    const event = pair.eventsA.at(-1);
    assert.ok(event?.type === "noise");
    assert.match(event.reason, /from 1\/3875 to 1$/);
  });

  it("learns both addresses from the SNRM and answers in their form", () => {
    const meter = { upper: 1, lower: 8964, octets: 4 } as const;
    const pair = linkPair({}, { client: { upper: 2, octets: 1 }, server: meter }, { acceptAnyAddress: true });
    connect(pair);
    serve(pair, (request) => request);
    pair.sendA({ type: "apdu", bytes: apdu(4) });
    assert.deepEqual(apdus(pair.eventsA), [apdu(4)]);
    assert.deepEqual(decodeHdlcFrame(pair.sent[1]?.bytes as Uint8Array).source, meter);
    assert.ok(pair.eventsB[0]?.type === "connected");
    assert.deepEqual(pair.eventsB[0].peer, { client: 2, server: 1, serverLower: 8964 });
  });

  it("ends with a LimitError when an answer has more segments than an APDU may have", () => {
    const pair = connect(linkPair({ maxInfoTransmit: 128, maxInfoReceive: 128 }, { maxApduBytes: 1_000 }));
    serve(pair, () => apdu(1_500));
    pair.sendA({ type: "apdu", bytes: apdu(4) });
    assert.deepEqual(endings(pair.eventsA), ["protocol-error LIMIT_EXCEEDED"]);
    assert.deepEqual(endings(pair.eventsB), ["peer -"], "the peer was told by DISC");
    assert.deepEqual(apdus(pair.eventsA), []);
  });

  it("ends a secondary the same way, and answers DM from then on", () => {
    const pair = connect(
      linkPair(
        { maxInfoTransmit: 128, maxInfoReceive: 128, responseTimeoutMs: 100 },
        {},
        { maxApduBytes: 1_000 },
      ),
    );
    pair.sendA({ type: "apdu", bytes: apdu(1_500) });
    pair.advance(100);
    assert.deepEqual(endings(pair.eventsB), ["protocol-error LIMIT_EXCEEDED"]);
    assert.deepEqual(endings(pair.eventsA), ["peer LINK_REFUSED"]);
  });
});

describe("HDLC link: unconfirmed frames", () => {
  it("puts a captured push in three segments together", () => {
    const link = new HdlcLink({ station: "primary", client, server });
    for (const hex of segmentedPush) link.receive(0, fromHex(hex));
    const event = link.pollEvent();
    assert.ok(event?.type === "apdu");
    assert.equal(event.unconfirmed, true);
    assert.deepEqual(event.peer, { client: 103, server: 1, serverLower: 17 });
    assert.match(toHex(event.bytes), /^0F0004022C0C07E50B02/);
    assert.match(toHex(event.bytes), /020309060101020802FF0600000BDE02020F00161E$/);
    assert.equal(link.pollEvent(), undefined);
  });

  it("takes pushed blocks whether they have LLC or not", () => {
    const link = new HdlcLink({ station: "primary", client, server });
    for (const hex of pushedBlocks) link.receive(0, fromHex(hex));
    const tags = [link.pollEvent(), link.pollEvent(), link.pollEvent()].map((event) =>
      event?.type === "apdu" ? toHex(event.bytes.subarray(0, 4)) : "none",
    );
    assert.deepEqual(tags, ["E0400001", "E0400002", "E0C00003"]);
  });

  it("pushes from a disconnected meter, segmented, final on the last frame only", () => {
    const pair = linkPair();
    pair.sendB({ type: "apdu", bytes: apdu(300), unconfirmed: true });
    assert.deepEqual(controls(pair, "b>a"), ["UI", "UI", "UI P/F"]);
    assert.deepEqual(pair.eventsA, [
      { type: "apdu", bytes: apdu(300), unconfirmed: true, peer: { client: 16, server: 1 } },
    ]);
  });

  it("does not disturb an exchange under way", () => {
    const pair = connect(linkPair({ maxInfoTransmit: 128, maxInfoReceive: 128 }));
    pair.onEventB = (event) => {
      if (event.type !== "apdu") return;
      pair.b.send(pair.now, { type: "apdu", bytes: apdu(200, 1), unconfirmed: true });
      pair.b.send(pair.now, { type: "apdu", bytes: apdu(300, 2) });
    };
    pair.sendA({ type: "apdu", bytes: apdu(4) });
    assert.deepEqual(apdus(pair.eventsA), [apdu(200, 1), apdu(300, 2)]);
  });
});
