/** General block transfer with a peer that breaks its rules: blocks lost for good, renumbered, changed, without end. */
import assert from "node:assert/strict";
import { type SessionEvent, supportedConformance } from "../../src/association/index.js";
import { data } from "../../src/axdr/index.js";
import { fromHex } from "../../src/bytes/hex.js";
import { limits } from "../../src/core/limits.js";
import { HdlcLink } from "../../src/hdlc/index.js";
import { Session } from "../../src/association/index.js";
import { pushedBlocks } from "../hdlc/worked-frames.js";
import { readConversation } from "../support/conversation.js";
import { ciphered, get } from "./secured.js";
import { Scripted, told } from "./scripted.js";

const conformance = new Set([...supportedConformance, "general-block-transfer" as const]);
/** get, set, action, blocks of their own and general ones; server PDU 64 octets. */
const AARE = "6129A109060760857405080101A203020100A305A103020100BE10040E0800065F1F0400203E1D00400007";
const AARQ = "601DA109060760857405080101BE10040E01000000065F1F0400203E1D0040";
/** Request 1 of a client is answered with an octet-string of two octets, cut after five. */
const FIRST = "E00000010000" + "05" + "C401410009";
const SECOND = "E08000020001" + "03" + "02AABB";

const hex = (value: number, octets: number): string =>
  value
    .toString(16)
    .toUpperCase()
    .padStart(2 * octets, "0");
const block = (control: number, number: number, payload: string, ack = 0): string =>
  `E0${hex(control, 1)}${hex(number, 2)}${hex(ack, 2)}${hex(payload.length / 2, 1)}${payload}`;

function asking(window = 1): Scripted {
  const client = Scripted.associated({ conformance, generalBlocks: { window } }, AARE);
  client.do(get);
  client.heard();
  return client;
}

function longSet(): Scripted {
  const client = Scripted.associated({ conformance }, AARE);
  const attribute = { classId: 1, instanceId: new Uint8Array(6), attributeId: 2 };
  const items = [{ attribute, data: data.octetString(new Uint8Array(150)) }];
  client.do({ type: "request", id: 1, request: { type: "set", items } });
  return client;
}

describe("general block transfer, a peer at fault", () => {
  it("reads an answer in blocks and acknowledges all but the last", () => {
    const client = asking();
    client.say(FIRST);
    assert.deepEqual(client.heard(), ["E0810001000100"]);
    client.say(SECOND);
    assert.deepEqual(told(client.events()), ["response 1"]);
    assert.deepEqual(client.heard(), []);
  });

  it("takes an empty last block as the end", () => {
    const client = asking();
    client.say(block(0x00, 1, "C401410009" + "02AABB"), "E0800002000100");
    assert.deepEqual(told(client.events()), ["response 1"]);
  });

  it("takes an answer that goes on counting where the acknowledgements of the request ended", () => {
    const client = longSet();
    client.say("E0000001000100", "E0000002000200", "E0000003000300");
    client.say(block(0x80, 4, "C5014100", 4));
    assert.deepEqual(told(client.events()), ["response 1"]);
  });

  const broken: readonly (readonly [string, readonly string[], string])[] = [
    [
      "a block that begins anew with other octets",
      [FIRST, block(0x00, 2, "02"), block(0x00, 1, "C401")],
      "BLOCK_SEQUENCE",
    ],
    ["a block number far ahead", [FIRST, block(0x00, 66, "00")], "BLOCK_SEQUENCE"],
    ["a block number 0 after the first", [FIRST, block(0x00, 0, "00")], "BLOCK_SEQUENCE"],
    ["blocks that begin at 0", [block(0x00, 0, "C4014100")], "BLOCK_SEQUENCE"],
    ["an APDU inside that is no answer", [block(0x80, 1, "C001410001")], "RESPONSE_TIMEOUT"],
    ["octets inside that do not decode", [block(0x80, 1, "C40141000903AABB")], "DECODE"],
    ["a block transfer inside a block transfer", [block(0x80, 1, SECOND)], "UNEXPECTED_APDU"],
    ["a block cut short", ["E0000001000005C401"], "DECODE"],
    ["silence after the first block", [FIRST], "RESPONSE_TIMEOUT"],
  ];
  for (const [what, said, code] of broken)
    it(`${what}: ${code}`, () => {
      const client = asking();
      client.say(...said);
      client.wait(60_000);
      assert.deepEqual(
        told(client.events()).filter((event) => !event.startsWith("noise")),
        [`failed 1 ${code}`],
      );
      // The association goes on.
      client.heard();
      client.do({ ...get, id: 2 });
      client.say("C4014200" + "0901FF");
      assert.deepEqual(told(client.events()), ["response 2"]);
    });

  it("asks twice for a block that does not come, then gives up in the time of the request", () => {
    const client = asking();
    client.say(FIRST);
    client.heard();
    client.wait(9_999);
    assert.deepEqual(client.heard(), ["E0810002000100", "E0810003000100"]);
    client.wait(1);
    assert.deepEqual(told(client.events()), ["failed 1 RESPONSE_TIMEOUT"]);
  });

  it("ends when the same block comes over and over", () => {
    const client = asking();
    client.say(FIRST);
    for (let i = 0; i <= limits.blockRepetitions; i++) client.say(FIRST);
    assert.deepEqual(told(client.events()), ["failed 1 BLOCK_SEQUENCE"]);
    assert.ok(client.heard().length < 5, "repetitions breed no acknowledgements");
  });

  it("ends when more octets come than an APDU may have, and keeps none", () => {
    const client = Scripted.associated({ conformance }, AARE);
    client.do(get);
    const payload = "00".repeat(60_000);
    const big = (n: number): string => `E040${hex(n, 2)}000082EA60${payload}`;
    let n = 0;
    const failed: SessionEvent[] = [];
    while (failed.length === 0 && n < 40) {
      client.say(big(++n));
      client.heard();
      failed.push(...client.events());
    }
    assert.deepEqual(told(failed), ["failed 1 LIMIT_EXCEEDED"]);
    assert.equal(n, Math.floor(limits.apduBytes / 60_000) + 1);
  });

  it("late blocks of a request that was given up do not disturb the next", () => {
    const client = asking();
    client.say(FIRST);
    client.wait(20_000);
    client.events();
    client.do({ ...get, id: 2 });
    client.say(SECOND, block(0x00, 70, "00"));
    client.say("C4014200" + "0901FF");
    assert.deepEqual(told(client.events()), ["response 2"]);
  });

  it("the recorded server that begins anew is given up, and its blocks are not answered for ever", () => {
    const { apdus } = readConversation("gxjcli-gxj_wrapper_gbt_w3");
    const hexes = apdus
      .filter(({ direction }) => direction === "s2c")
      .map(({ bytes }) => Buffer.from(bytes).toString("hex"));
    const client = asking(3);
    client.say(...hexes.slice(4));
    assert.deepEqual(
      told(client.events()).filter((event) => !event.startsWith("noise")),
      ["failed 1 BLOCK_SEQUENCE"],
    );
    assert.deepEqual(client.heard(), ["E0830001000100"]);
  });

  const acknowledgements: readonly (readonly [string, string, string])[] = [
    ["of a block that was never sent", "E0010001000900", "BLOCK_SEQUENCE"],
    ["by an exception", "D80103", "SERVICE_EXCEPTION"],
  ];
  for (const [what, said, code] of acknowledgements)
    it(`an acknowledgement ${what} ends the request: ${code}`, () => {
      const client = longSet();
      client.say(said);
      assert.deepEqual(told(client.events()), [`failed 1 ${code}`]);
    });

  it("an acknowledgement of the same block over and over makes us send no more than once, and ends in time", () => {
    const client = longSet();
    assert.equal(client.heard().length, 1);
    for (let i = 1; i <= 100; i++) client.say(`E001${hex(i, 2)}000000`);
    assert.equal(client.heard().length, 1);
    client.wait(10_000);
    assert.deepEqual(told(client.events()), ["failed 1 RESPONSE_TIMEOUT"]);
  });

  it("a peer that ends early with a plain answer is heard", () => {
    const client = longSet();
    client.say("C5014103");
    assert.deepEqual(told(client.events()), ["response 1"]);
  });

  it("a server refuses blocks that make no sense, and serves the next request", () => {
    for (const [said, refusal] of [
      [[block(0x00, 0, "C001")], "D80103"],
      [[block(0x01, 1, "C001"), block(0x01, 90, "C001")], "D80103"],
      [[block(0x80, 1, "E080000100000100")], "D80103"],
      [[block(0x80, 1, "C0014100")], "D80103"],
    ] as const) {
      const server = Scripted.associatedServer({ conformance }, AARQ);
      server.say(...said);
      assert.equal(server.heard().pop(), refusal);
      server.say("C001C100010000600100FF0200");
      assert.deepEqual(told(server.events()), ["indication 1"]);
    }
  });

  it("a server that never agreed to blocks takes none", () => {
    const server = Scripted.associatedServer();
    server.say(block(0x80, 1, "C001C100010000600100FF0200"));
    assert.deepEqual(server.heard(), ["D80102"]);
    assert.deepEqual(server.events(), []);
  });

  it("a server repeats its answer when the last block of the request comes again, and carries it out once", () => {
    const server = Scripted.associatedServer({ conformance }, AARQ);
    const request = "C001C100010000600100FF0200";
    server.say(block(0x01, 1, request.slice(0, 10)), block(0x81, 2, request.slice(10), 1));
    const [event] = server.events();
    assert.ok(event?.type === "indication");
    const result = { type: "data", data: data.unsigned(7) } as const;
    server.do({ type: "respond", id: event.id, response: { type: "get", results: [result] } });
    assert.deepEqual(server.heard(), ["E0010001000100", "C401C1001107"]);
    server.say(block(0x81, 2, request.slice(10), 1));
    assert.deepEqual(server.heard(), ["C401C1001107"]);
    assert.deepEqual(server.events(), []);
  });

  it("in a ciphered association clear blocks may only carry ciphered APDUs", () => {
    const pair = ciphered();
    pair.sendA({ type: "associate" });
    pair.eventsA.length = 0;
    pair.wire = (chunk, way) => (way === "a>b" ? [] : [chunk]);
    pair.sendA(get);
    const header = pair.sent
      .filter(({ direction }) => direction === "b>a")[0]
      ?.bytes.slice(0, 8) as Uint8Array;
    const apdu = fromHex(block(0x80, 1, "C4014100" + "1105"));
    header[7] = apdu.length;
    header[6] = 0;
    pair.a.receive(0, new Uint8Array([...header, ...apdu]));
    pair.settle();
    assert.deepEqual(
      pair.eventsA.flatMap((event) => (event.type === "failed" ? [event.error.code] : [])),
      ["SECURITY_UNPROTECTED"],
    );
  });
});

describe("general block transfer, notifications nobody asked for", () => {
  /** Three blocks in UI frames from an L+G E450; the LLC stands in the first alone. */
  const frames = pushedBlocks.map((frame) => fromHex(frame));

  function listening(): Session {
    const address = { upper: 16, octets: 1 } as const;
    const link = new HdlcLink({ station: "primary", client: address, server: { upper: 1, octets: 1 } });
    return new Session({ role: "client", link, client: { mechanism: "none" } });
  }

  function heard(session: Session, parts: readonly Uint8Array[]): SessionEvent[] {
    for (const part of parts) session.receive(0, part);
    const events: SessionEvent[] = [];
    for (let event = session.pollEvent(); event !== undefined; event = session.pollEvent())
      events.push(event);
    assert.equal(session.pollTransmit(), undefined, "a push is not answered");
    return events;
  }

  it("puts a captured push together", () => {
    const [event, ...rest] = heard(listening(), frames);
    assert.ok(event?.type === "notification" && "body" in event.notification);
    assert.deepEqual(rest, []);
    const { body, longInvoke } = event.notification;
    assert.equal(longInvoke.invokeId, 0x7c83d3);
    assert.ok(body.type === "structure" && body.value.length === 13);
    assert.deepEqual(body.value[12], data.enum(1));
  });

  it("tells of one that lost a block, and takes the next", () => {
    const [first, second, third] = frames as [Uint8Array, Uint8Array, Uint8Array];
    const session = listening();
    const events = heard(session, [first, third]);
    assert.deepEqual(told(events), ["noise BLOCK_SEQUENCE"]);
    assert.deepEqual(told(heard(session, [second])), ["noise BLOCK_SEQUENCE"]);
    assert.deepEqual(told(heard(session, frames)), ["notification"]);
  });
});
