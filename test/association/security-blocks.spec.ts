/**
 * Blocks that carry ciphered APDUs, spoilt on their way to the client: lost, repeated, renumbered, altered, too many, one
 * inside the other. What is only out of order fails the request, what is not genuine ends the association.
 */
import assert from "node:assert/strict";
import { supportedConformance } from "../../src/association/index.js";
import { fromHex } from "../../src/bytes/hex.js";
import { limits } from "../../src/core/limits.js";
import { type Apdu, decodeApdu, encodeApdu } from "../../src/xdlms/index.js";
import { encodeWrapperPdu } from "../../src/wrapper/index.js";
import { type SessionPair } from "../support/session-pair.js";
import {
  alter,
  associated,
  both,
  flipped,
  get,
  HEADER,
  securedPair,
  security,
  text,
  told,
} from "./secured.js";

type Block = Extract<Apdu, { type: "general-block-transfer" }>;

const getText = {
  ...get,
  request: {
    type: "get",
    items: [{ attribute: { classId: 1, instanceId: fromHex("0000600105FF"), attributeId: 2 } }],
  },
} as const;

function open(protect: "whole" | "each" = "whole"): SessionPair {
  const common = { maxReceivePdu: 160, generalBlocks: { protect } };
  return associated(
    securedPair({
      mechanism: "hls-gmac",
      client: security("client", 0, { protection: both }),
      server: security("server", 0, { protection: both }),
      conformance: new Set([...supportedConformance, "general-block-transfer", "general-protection"]),
      ...common,
    }),
  );
}

function blockOf(apdu: Uint8Array): Block | undefined {
  const decoded = apdu[0] === 0xe0 ? decodeApdu(apdu) : undefined;
  return decoded?.type === "general-block-transfer" && decoded.blockData.length > 0 ? decoded : undefined;
}

/** What becomes of the server's blocks. */
function spoil(pair: SessionPair, fate: (block: Block, apdu: Uint8Array) => Uint8Array): void {
  alter(pair, "b>a", (apdu) => {
    const block = blockOf(apdu);
    return block === undefined ? apdu : fate(block, apdu);
  });
}

/** Loses blocks of the server. */
function lose(pair: SessionPair, lost: (block: Block) => boolean): void {
  pair.wire = (chunk, way) => {
    const block = way === "b>a" ? blockOf(chunk.subarray(HEADER)) : undefined;
    return block !== undefined && lost(block) ? [] : [chunk];
  };
}

describe("blocks of ciphered APDUs", () => {
  it(`carry ${text.obis} in several`, () => {
    const pair = open();
    pair.sendA(getText);
    assert.deepEqual(told(pair.eventsA), ["response"]);
    const blocks = pair.sent.flatMap(({ bytes }) => blockOf(bytes.subarray(HEADER)) ?? []);
    assert.deepEqual(
      blocks.map(({ blockNumber }) => blockNumber),
      [1, 2, 3, 4],
    );
  });

  it("one that is lost is asked for again", () => {
    const pair = open();
    let once = true;
    lose(pair, ({ blockNumber }) => {
      const now = once && blockNumber === 2;
      if (now) once = false;
      return now;
    });
    pair.sendA(getText);
    pair.advance(60_000);
    assert.deepEqual(told(pair.eventsA), ["response"]);
  });

  it("one that is always lost: RESPONSE_TIMEOUT", () => {
    const pair = open();
    lose(pair, ({ blockNumber }) => blockNumber === 2);
    pair.sendA(getText);
    pair.advance(600_000);
    assert.deepEqual(told(pair.eventsA).slice(0, 1), ["failed 1 RESPONSE_TIMEOUT"]);
  });

  it("one that comes twice is taken once", () => {
    const pair = open();
    pair.wire = (chunk, way) => (way === "b>a" && blockOf(chunk.subarray(HEADER)) ? [chunk, chunk] : [chunk]);
    pair.sendA(getText);
    pair.advance(60_000);
    assert.deepEqual(
      told(pair.eventsA).filter((event) => event !== "noise"),
      ["response"],
    );
  });

  const spoilt: readonly (readonly [string, (block: Block, apdu: Uint8Array) => Uint8Array, string])[] = [
    [
      "renumbered far ahead",
      (block) => encodeApdu({ ...block, blockNumber: block.blockNumber === 2 ? 200 : block.blockNumber }),
      "failed 1 BLOCK_SEQUENCE",
    ],
    [
      "that comes again with other octets",
      (block) =>
        encodeApdu(
          block.blockNumber === 2 ? { ...block, blockNumber: 1, blockData: fromHex("00") } : { ...block },
        ),
      "failed 1 BLOCK_SEQUENCE",
    ],
    [
      "numbered 0",
      (block) => encodeApdu({ ...block, blockNumber: block.blockNumber === 2 ? 0 : block.blockNumber }),
      "failed 1 BLOCK_SEQUENCE",
    ],
    [
      "with an octet altered",
      (block, apdu) => (block.blockNumber === 2 ? flipped(apdu, apdu.length - 1) : apdu),
      "failed 1 SECURITY_TAG,closed SECURITY_TAG",
    ],
    [
      "whose content is in clear",
      (block) => encodeApdu({ ...block, lastBlock: true, blockData: fromHex("C4014200" + "0600000001") }),
      "failed 1 SECURITY_UNPROTECTED,closed SECURITY_UNPROTECTED",
    ],
    [
      "cut",
      (block, apdu) => (block.blockNumber === 2 ? apdu.subarray(0, -4) : apdu),
      "failed 1 SECURITY_UNPROTECTED,closed SECURITY_UNPROTECTED",
    ],
  ];
  for (const [what, fate, expected] of spoilt)
    it(`one ${what}: ${expected}`, () => {
      const pair = open();
      spoil(pair, fate);
      pair.sendA(getText);
      pair.advance(600_000);
      assert.equal(
        told(pair.eventsA)
          .filter((event) => event !== "noise")
          .join(),
        expected,
      );
    });

  it("more than one APDU may have: LIMIT_EXCEEDED, memory stays", () => {
    const pair = open();
    const before = process.memoryUsage().arrayBuffers;
    pair.wire = () => [];
    pair.sendA(getText);
    const failed = () => told(pair.eventsA).some((event) => event.startsWith("failed"));
    let number = 0;
    while (!failed() && number < 100) {
      number += 1;
      const apdu = encodeApdu({
        type: "general-block-transfer",
        lastBlock: false,
        streaming: false,
        window: 1,
        blockNumber: number,
        blockNumberAck: number,
        blockData: new Uint8Array(60_000),
      });
      pair.a.receive(pair.now, encodeWrapperPdu({ source: 1, destination: 16, apdu }));
      pair.settle();
    }
    assert.equal(told(pair.eventsA)[0], "failed 1 LIMIT_EXCEEDED");
    assert.equal(number, Math.ceil(limits.apduBytes / 60_000));
    assert.ok(process.memoryUsage().arrayBuffers - before < 32_000_000);
  });

  it("inside blocks inside blocks come to an end", () => {
    const pair = open();
    const wrap = (blockData: Uint8Array): Uint8Array =>
      encodeApdu({
        type: "general-block-transfer",
        lastBlock: true,
        streaming: false,
        window: 1,
        blockNumber: 1,
        blockNumberAck: 0,
        blockData,
      });
    alter(pair, "b>a", (apdu) => {
      let nested = apdu;
      for (let i = 0; i < 1_000; i++) nested = wrap(nested);
      return nested;
    });
    pair.sendA(get);
    pair.advance(600_000);
    assert.match(
      told(pair.eventsA).join(),
      /^failed 1 (SECURITY_UNPROTECTED|UNEXPECTED_APDU|LIMIT_EXCEEDED)/,
    );
  });
});
