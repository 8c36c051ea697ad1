import assert from "node:assert/strict";
import { decodeAll, inspectAll } from "../../src/bytes/codec.js";
import { fromHex, toHex } from "../../src/bytes/hex.js";
import { type TraceNode } from "../../src/bytes/inspect.js";
import { DecodeError, DlmsError } from "../../src/core/errors.js";
import { decodeHdlcFrame, encodeHdlcFrame, frameCodec } from "../../src/hdlc/frame.js";
import { describeRejection, encodeRejection } from "../../src/hdlc/rejection.js";
import { checkCodec } from "../support/check-codec.js";
import { recordings } from "./vectors.js";
import { capturedFrames, pushedBlocks, segmentedPush, workedFrames } from "./worked-frames.js";

describe("HDLC frame", () => {
  const frames = {
    ...workedFrames,
    ...capturedFrames,
    ...Object.fromEntries(segmentedPush.map((hex, i) => [`segmentedPush${i}`, hex])),
    ...Object.fromEntries(pushedBlocks.map((hex, i) => [`pushedBlocks${i}`, hex])),
  };
  for (const [name, hex] of Object.entries(frames))
    it(`decodes and re-encodes ${name}`, () => {
      const bytes = fromHex(hex);
      assert.equal(toHex(encodeHdlcFrame(decodeHdlcFrame(bytes))), toHex(bytes));
    });

  for (const { name, chunks } of recordings("hdlc"))
    it(`decodes and re-encodes every frame of ${name}`, () => {
      assert.ok(chunks.length > 0);
      for (const { bytes } of chunks) {
        const frame = decodeHdlcFrame(bytes);
        assert.equal(toHex(encodeHdlcFrame(frame)), toHex(bytes));
        assert.deepStrictEqual(inspectAll(frameCodec, bytes).value, frame);
      }
    });

  it("holds for random values and damaged octets", () => checkCodec(frameCodec));

  it("tells what a frame is", () => {
    assert.deepStrictEqual(decodeHdlcFrame(fromHex(workedFrames.snrmFourOctets)), {
      segmented: false,
      destination: { upper: 1, lower: 8964, octets: 4 },
      source: { upper: 1, octets: 1 },
      control: { type: "SNRM", pollFinal: true },
    });
    const push = decodeHdlcFrame(fromHex(segmentedPush[0]));
    assert.equal(push.segmented, true);
    assert.deepStrictEqual(push.control, { type: "UI", pollFinal: false });
    assert.deepStrictEqual(push.destination, { upper: 103, octets: 1 });
  });

  it("keeps an empty information field apart from none", () => {
    const frame = { ...decodeHdlcFrame(fromHex(workedFrames.ua)), information: new Uint8Array(0) };
    const bytes = encodeHdlcFrame(frame);
    assert.equal(bytes.length, 11);
    assert.deepStrictEqual(decodeHdlcFrame(bytes), frame);
  });

  it("shows each field to the inspector", () => {
    const { root } = inspectAll(frameCodec, fromHex(workedFrames.getClock));
    const leaves = root.children.map((node: TraceNode) => node.name);
    assert.deepEqual(leaves, [
      "flag",
      "format",
      "destination",
      "source",
      "control",
      "hcs",
      "information",
      "fcs",
      "flag",
    ]);
    assert.equal(root.children[4]?.text, "I(S=1 R=1 P/F)");
    assert.equal(root.children[1]?.text, "length 25");
  });

  it("says where a broken frame is broken", () => {
    const bytes = fromHex(workedFrames.aare);
    bytes[6] = (bytes[6] as number) ^ 1;
    assert.throws(
      () => decodeAll(frameCodec, bytes),
      (error) => error instanceof DecodeError && /wrong HCS/.test(error.message),
    );
    const short = fromHex("7E A0 06 03 21 93 7E");
    assert.throws(() => decodeHdlcFrame(short), /length 6 is below 7/);
  });

  it("refuses information that the length field cannot count", () => {
    const frame = decodeHdlcFrame(fromHex(workedFrames.aarq));
    assert.throws(
      () => encodeHdlcFrame({ ...frame, information: new Uint8Array(2041) }),
      (error) => error instanceof DlmsError && error.code === "FIELD_INVALID",
    );
    assert.equal(encodeHdlcFrame({ ...frame, information: new Uint8Array(2030) }).length, 2030 + 11);
  });

  it("explains a recorded FRMR", () => {
    const { information } = decodeHdlcFrame(fromHex(capturedFrames.frmr));
    assert.equal(describeRejection(information), "bad receive number: I(S=2 R=2 P/F) against S=0 R=0");
    assert.equal(
      toHex(
        encodeRejection({
          control: { type: "I", sendSequence: 2, receiveSequence: 2, pollFinal: true },
          sendState: 0,
          receiveState: 0,
          reasons: ["bad-receive-number"],
        }),
      ),
      "540010",
    );
    assert.equal(describeRejection(undefined), "no reason given");
    assert.equal(describeRejection(Uint8Array.of(1, 2)), "reason field 01 02");
  });
});
