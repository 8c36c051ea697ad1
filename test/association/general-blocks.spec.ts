/** General block transfer between our two ends: every window, both directions, under and over protection, on a wire that loses and repeats. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type GeneralBlockOptions, supportedConformance } from "../../src/association/index.js";
import { data, type Data } from "../../src/axdr/index.js";
import { toHex } from "../../src/bytes/hex.js";
import { decodeApdu } from "../../src/xdlms/index.js";
import { SessionPair, type SessionPairOptions } from "../support/session-pair.js";
import { both, HEADER, secret, security } from "./secured.js";

const conformance = new Set([
  ...supportedConformance,
  "general-block-transfer" as const,
  "general-protection" as const,
  "access" as const,
]);

const text = { classId: 1, obis: "0-0:96.1.5.255", attributeId: 2 };
const octets = (length: number): Data =>
  data.octetString(Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 0xff));

interface Setting extends Pick<SessionPairOptions, "framing" | "information"> {
  readonly clientBlocks?: GeneralBlockOptions;
  readonly serverBlocks?: GeneralBlockOptions;
  readonly pdu?: number;
  readonly ciphered?: boolean;
  readonly blockTransfer?: "general" | "service-specific";
}

function pairOf(setting: Setting = {}): SessionPair {
  const { clientBlocks = {}, serverBlocks = {}, pdu = 64, ciphered = false, blockTransfer } = setting;
  const mechanism = ciphered ? "hls-gmac" : "none";
  const secured = (role: "client" | "server") =>
    ciphered ? { security: security(role, 0, { protection: both }), secret } : {};
  const preference = blockTransfer === undefined ? {} : { blockTransfer };
  const pair = new SessionPair({
    framing: setting.framing ?? "wrapper",
    ...(setting.information === undefined ? {} : { information: setting.information }),
    clientOptions: {
      mechanism,
      ...secured("client"),
      ...preference,
      conformance,
      maxReceivePdu: pdu,
      generalBlocks: clientBlocks,
    },
    serverOptions: {
      accept: [{ mechanism, ...secured("server") }],
      ...preference,
      conformance,
      maxReceivePdu: pdu,
      generalBlocks: serverBlocks,
    },
  });
  pair.sendA({ type: "associate" });
  pair.store.put(1, text.obis, 2, octets(700));
  pair.store.methods.set("9/0-0:10.0.1.255/1", (parameters = data.null()) => ({
    result: "success",
    returnParameters: { type: "data", data: parameters },
  }));
  assert.ok(pair.eventsA.some(({ type }) => type === "associated"));
  return pair;
}

/** A wire that shows general blocks, in clear, and what becomes of each. */
function onBlocks(
  pair: SessionPair,
  fate: (block: ReturnType<typeof blockIn> & object, direction: string) => number,
): void {
  pair.wire = (chunk, direction) => {
    const block = blockIn(chunk);
    return Array<Uint8Array>(block === undefined ? 1 : fate(block, direction)).fill(chunk);
  };
}

function blockIn(chunk: Uint8Array) {
  if (chunk[HEADER] !== 0xe0) return undefined;
  const apdu = decodeApdu(chunk.subarray(HEADER));
  return apdu.type === "general-block-transfer" ? apdu : undefined;
}

function blocksSent(pair: SessionPair, direction: "a>b" | "b>a") {
  return pair.sent.flatMap((sent) => {
    const block = sent.direction === direction ? blockIn(sent.bytes) : undefined;
    return block === undefined ? [] : [block];
  });
}

/** Reads, writes and acts with values that need many blocks, and looks at what came of it. */
async function exercise(pair: SessionPair, length = 700): Promise<void> {
  const client = pair.client();
  assert.deepEqual(await client.get(text), octets(700));
  await client.set(text, octets(length));
  assert.deepEqual(pair.store.attributes.get(`1/${text.obis}/2`), octets(length));
  const method = { classId: 9, obis: "0-0:10.0.1.255", methodId: 1 };
  assert.deepEqual(await client.action(method, octets(length)), octets(length));
}

/** Lets time pass until the promise is settled. */
async function eventually<T>(pair: SessionPair, promise: Promise<T>): Promise<T> {
  let open = true;
  const settled = promise.finally(() => (open = false));
  settled.catch(() => undefined);
  for (let turn = 0; open && turn < 4_000; turn++) {
    await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    if (open) pair.advance(500);
  }
  return settled;
}

describe("general block transfer", () => {
  for (const framing of ["wrapper", "hdlc"] as const)
    for (const ciphered of [false, true])
      for (const protect of ciphered ? (["whole", "each"] as const) : (["whole"] as const))
        for (const window of [1, 2, 5, 63])
          it(`${framing}, ${ciphered ? `ciphered, ${protect} protected` : "clear"}, window ${window}: reads, writes and acts`, async () => {
            const blocks = { window, protect };
            const pair = pairOf({
              framing,
              information: 128,
              ciphered,
              pdu: 160,
              clientBlocks: blocks,
              serverBlocks: blocks,
            });
            await eventually(pair, exercise(pair));
            if (framing === "hdlc" || protect === "each") return;
            assert.ok(blocksSent(pair, "a>b").length > 5);
            assert.ok(blocksSent(pair, "b>a").length > 5);
          });

  it("keeps every block within the peer's PDU, and numbers, windows and acknowledgements as the standard has them", async () => {
    const pair = pairOf({ clientBlocks: { window: 3 }, serverBlocks: { window: 2 } });
    await pair.client().get(text);
    const told = blocksSent(pair, "b>a").map(
      ({ blockNumber, streaming, lastBlock }) =>
        `${blockNumber}${streaming ? "s" : ""}${lastBlock ? "L" : ""}`,
    );
    // One block until the client has said how many it takes, then three at a time.
    assert.deepEqual(told, ["1", "2s", "3s", "4", "5s", "6s", "7", "8s", "9s", "10", "11s", "12s", "13L"]);
    assert.deepEqual(
      blocksSent(pair, "a>b").map(({ blockNumber, blockNumberAck }) => [blockNumber, blockNumberAck]),
      [
        [1, 1],
        [2, 4],
        [3, 7],
        [4, 10],
      ],
    );
    for (const { bytes } of pair.sent) assert.ok(bytes.length - HEADER <= 64 || bytes[HEADER] === 0x60);
  });

  it("carries a ciphered APDU in clear blocks, or blocks that are ciphered one by one; the client does as its server", async () => {
    for (const protect of ["whole", "each"] as const) {
      const pair = pairOf({ ciphered: true, pdu: 200, serverBlocks: { protect } });
      await eventually(pair, pair.client().get(text));
      const tags = new Set(pair.sent.slice(4).map(({ bytes }) => toHex(bytes.subarray(HEADER, HEADER + 1))));
      assert.deepEqual([...tags].sort(), protect === "whole" ? ["DB", "E0"] : ["DB"]);
    }
  });

  it("leaves GET, SET and ACTION to their own blocks where that is preferred", async () => {
    const pair = pairOf({ blockTransfer: "service-specific" });
    await eventually(pair, exercise(pair));
    assert.equal(blocksSent(pair, "a>b").length + blocksSent(pair, "b>a").length, 0);
  });

  it("carries ACCESS, which has no blocks of its own, whatever is preferred", () => {
    for (const blockTransfer of ["general", "service-specific"] as const) {
      const pair = pairOf({ blockTransfer });
      const attribute = { classId: 1, instanceId: Uint8Array.of(0, 0, 96, 1, 5, 255), attributeId: 2 };
      const items = [
        { service: "get" as const, attribute },
        { service: "set" as const, attribute, data: octets(300) },
      ];
      pair.sendA({ type: "request", id: 5, request: { type: "access", items } });
      const event = pair.eventsA[pair.eventsA.length - 1];
      assert.ok(event?.type === "response");
      assert.deepEqual(event.response.results, [
        { service: "get", result: { type: "data", data: octets(700) } },
        { service: "set", result: "success" },
      ]);
    }
  });

  it("streams a long notification without acknowledgement", () => {
    const pair = pairOf();
    const notification = {
      type: "data-notification",
      longInvoke: {
        invokeId: 1,
        breakOnError: false,
        selfDescriptive: false,
        confirmed: false,
        highPriority: false,
      },
      body: octets(400),
    } as const;
    pair.sendB({ type: "notify", notification });
    const heard = pair.eventsA.flatMap((event) =>
      event.type === "notification" ? [event.notification] : [],
    );
    assert.deepEqual(heard, [notification]);
    assert.equal(blocksSent(pair, "a>b").length, 0);
    const sent = blocksSent(pair, "b>a");
    assert.ok(
      sent.every(({ streaming, blockNumberAck, window }) => streaming && blockNumberAck + window === 0),
    );
  });

  it("works over the reverse link, both ways", () => {
    const pair = pairOf({ framing: "hdlc" });
    pair.b.send(pair.now, { type: "reverse" });
    pair.a.send(pair.now, { type: "reverse" });
    pair.settle();
    pair.onEventA = (event) => {
      if (event.type === "indication")
        pair.a.send(pair.now, { type: "respond", id: event.id, response: pair.store.answer(event.request) });
    };
    const attribute = { classId: 1, instanceId: Uint8Array.of(0, 0, 96, 1, 5, 255), attributeId: 2 };
    pair.sendB({
      type: "request",
      id: 1,
      request: { type: "set", items: [{ attribute, data: octets(300) }] },
    });
    pair.advance(1_000);
    pair.sendB({ type: "request", id: 2, request: { type: "get", items: [{ attribute }] } });
    pair.advance(1_000);
    const responses = pair.eventsB.flatMap((event) =>
      event.type === "response" ? [event.response.results] : [],
    );
    assert.deepEqual(responses, [["success"], [{ type: "data", data: octets(300) }]]);
  });

  it("asks at once for what got lost in a window", async () => {
    const pair = pairOf({ clientBlocks: { window: 4 } });
    const lost = new Set([3, 8]);
    onBlocks(pair, ({ blockNumber }, direction) => (direction === "b>a" && lost.delete(blockNumber) ? 0 : 1));
    // Time stands still: no timer helps.
    assert.deepEqual(await pair.client().get(text), octets(700));
    assert.equal(lost.size, 0);
  });

  it("gets on after a lost acknowledgement, a lost last block and a lost answer", async () => {
    const pair = pairOf({ clientBlocks: { window: 4 }, serverBlocks: { window: 4 } });
    const client = pair.client();
    let acknowledgements = 0;
    onBlocks(pair, ({ blockData, lastBlock }, direction) => {
      if (direction === "a>b" && blockData.length === 0) return ++acknowledgements === 2 ? 0 : 1;
      return direction === "b>a" && lastBlock && acknowledgements < 6 ? 0 : 1;
    });
    assert.deepEqual(await eventually(pair, client.get(text)), octets(700));

    let lastBlocks = 0;
    onBlocks(pair, ({ lastBlock, blockData }) =>
      lastBlock && blockData.length > 0 && ++lastBlocks === 1 ? 0 : 1,
    );
    await eventually(pair, client.set(text, octets(333)));
    assert.equal(lastBlocks, 2);

    let answers = 0;
    pair.wire = (chunk) => (chunk[HEADER] === 0xc5 && ++answers === 1 ? [] : [chunk]);
    await eventually(pair, client.set(text, octets(334)));
    assert.equal(answers, 2, "the answer comes again for the repeated last block");
    assert.deepEqual(pair.store.attributes.get(`1/${text.obis}/2`), octets(334));
  });

  it("carries out a request once, however often its blocks come", async () => {
    const pair = pairOf({ serverBlocks: { window: 3 } });
    let calls = 0;
    pair.store.methods.set("9/0-0:10.0.1.255/1", () => {
      calls += 1;
      return { result: "success", returnParameters: { type: "data", data: octets(500) } };
    });
    onBlocks(pair, ({ blockNumber }) => (blockNumber > 1 ? 3 : 1));
    const method = { classId: 9, obis: "0-0:10.0.1.255", methodId: 1 };
    assert.deepEqual(await eventually(pair, pair.client().action(method, octets(400))), octets(500));
    assert.equal(calls, 1);
  });

  it("whatever gets lost or comes twice, with whatever windows: what arrives is what was sent", async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          windows: fc.tuple(fc.integer({ min: 1, max: 63 }), fc.integer({ min: 1, max: 63 })),
          length: fc.integer({ min: 60, max: 3_000 }),
          pdu: fc.integer({ min: 64, max: 400 }),
          protect: fc.constantFrom("none", "whole", "each"),
          seed: fc.integer({ min: 1, max: 0x7fff_ffff }),
          // In a hundred.
          lost: fc.integer({ min: 0, max: 30 }),
          repeated: fc.integer({ min: 0, max: 30 }),
        }),
        async ({ windows, length, pdu, protect, seed, lost, repeated }) => {
          const blocks = protect === "none" ? {} : { protect: protect };
          const pair = pairOf({
            ciphered: protect !== "none",
            pdu,
            clientBlocks: { window: windows[0], retries: 20, ...blocks },
            serverBlocks: { window: windows[1], ...blocks },
          });
          let state = seed;
          const fate = (): number => {
            state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
            const drawn = (state >> 8) % 100;
            if (drawn < lost) return 0;
            return drawn < lost + repeated ? 2 : 1;
          };
          if (protect === "each") {
            // A ciphered block that comes twice is a replay, which ends the association: these only get lost.
            const begun = new Set<string>();
            pair.wire = (chunk, direction) => {
              if (begun.has(direction) && fate() === 0) return [];
              begun.add(direction);
              return [chunk];
            };
          } else
            onBlocks(pair, ({ blockNumber }, direction) =>
              // Nobody can tell that the first block of an answer got lost.
              direction === "b>a" && blockNumber === 1 ? 1 : fate(),
            );
          pair.store.put(1, text.obis, 2, octets(length));
          const client = pair.client();
          assert.deepEqual(await eventually(pair, client.get(text)), octets(length));
          if (protect === "each") return;
          await eventually(pair, client.set(text, octets(length + 1)));
          assert.deepEqual(pair.store.attributes.get(`1/${text.obis}/2`), octets(length + 1));
        },
      ),
      { numRuns: 120 },
    );
  });
});
