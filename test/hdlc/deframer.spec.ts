import assert from "node:assert/strict";
import fc from "fast-check";
import { concatBytes, fromHex, toHex } from "../../src/bytes/hex.js";
import { HdlcDeframer, type HdlcDeframerItem } from "../../src/hdlc/deframer.js";
import { byteByByte, type Chop, randomly, whole } from "../support/chop.js";
import { recordings } from "./vectors.js";
import { capturedFrames, pushedBlocks, segmentedPush, workedFrames } from "./worked-frames.js";

const all = [
  ...Object.values(workedFrames),
  ...Object.values(capturedFrames),
  ...segmentedPush,
  ...pushedBlocks,
].map((hex) => fromHex(hex));

/** All of a stream, its end included: what is unfinished then is given up. */
function feed(bytes: Uint8Array, chop: Chop): HdlcDeframerItem[] {
  const deframer = new HdlcDeframer();
  const items = chop(bytes).flatMap((chunk) => deframer.push(chunk));
  while (deframer.incomplete) items.push(...deframer.abandon());
  return items;
}

function frames(items: readonly HdlcDeframerItem[]): string[] {
  return items.flatMap((item) => (item.type === "frame" ? [toHex(item.bytes)] : []));
}

function noise(items: readonly HdlcDeframerItem[]): string {
  return items.map((item) => (item.type === "noise" ? toHex(item.bytes) : "")).join("");
}

const chops: Readonly<Record<string, Chop>> = { whole, byteByByte, randomly: randomly(7, 12) };

describe("HDLC deframer", () => {
  for (const [name, chop] of Object.entries(chops)) {
    it(`finds every frame of a stream cut ${name}`, () => {
      const items = feed(concatBytes(...all), chop);
      assert.deepEqual(
        frames(items),
        all.map((bytes) => toHex(bytes)),
      );
      assert.equal(noise(items), "");
    });

    it(`takes one flag as the end of a frame and the start of the next, cut ${name}`, () => {
      const shared = concatBytes(...all.map((bytes, i) => (i === 0 ? bytes : bytes.subarray(1))));
      assert.deepEqual(
        frames(feed(shared, chop)),
        all.map((bytes) => toHex(bytes)),
      );
    });

    it(`finds the frames again after noise before, between and behind, cut ${name}`, () => {
      fc.assert(
        fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 4, maxLength: 4 }), (gaps) => {
          // A start of frame inside the noise may swallow what follows until it is found out; so that the test has
          // one answer, the noise holds no flag here. Flags in noise have their own test below.
          const quiet = gaps.map((gap) => gap.map((octet) => (octet === 0x7e ? 0x55 : octet)));
          const some = all.slice(8, 11);
          const parts = quiet.flatMap((gap, i) => (i < some.length ? [gap, some[i] as Uint8Array] : [gap]));
          const items = feed(concatBytes(...parts), chop);
          assert.deepEqual(
            frames(items),
            some.map((bytes) => toHex(bytes)),
          );
          assert.equal(noise(items), toHex(concatBytes(...quiet)));
        }),
        { numRuns: 50 },
      );
    });
  }

  it("is not misled by flags inside frames", () => {
    const recording = recordings("hdlc").find(({ name }) => name === "dcosem-gxc_hdlc_7e_inside_frame");
    assert.ok(recording !== undefined);
    const stream = recording.chunks.map(({ bytes }) => bytes);
    assert.ok(stream.some((bytes) => bytes.subarray(1, -1).includes(0x7e)));
    for (const chop of Object.values(chops))
      assert.deepEqual(
        frames(feed(concatBytes(...stream), chop)),
        stream.map((bytes) => toHex(bytes)),
      );
  });

  it("gives up a false start by its header check, long before its length has arrived", () => {
    const falseStart = fromHex("7E A7 FF 03 21 93 00 00");
    const real = fromHex(workedFrames.aare);
    const items = feed(concatBytes(falseStart, real), whole);
    assert.deepEqual(frames(items), [toHex(real)]);
    assert.equal(noise(items), toHex(falseStart));
  });

  it("finds a frame that begins inside a truncated one", () => {
    const cut = fromHex(workedFrames.aare).subarray(0, 30);
    const real = fromHex(workedFrames.aarq);
    assert.deepEqual(frames(feed(concatBytes(cut, real), byteByByte)), [toHex(real)]);
  });

  it("waits for the rest of a frame until told to give it up", () => {
    const deframer = new HdlcDeframer();
    const cut = fromHex(workedFrames.aare).subarray(0, 40);
    const short = fromHex(workedFrames.ua);
    assert.deepEqual(deframer.push(concatBytes(cut, short)), []);
    assert.ok(deframer.incomplete);
    assert.deepEqual(frames(deframer.abandon()), [toHex(short)]);
    assert.ok(!deframer.incomplete);
  });

  it("drops a frame with a wrong check and reports its octets", () => {
    const bad = fromHex(workedFrames.aarq);
    bad[20] = (bad[20] as number) ^ 0x40;
    const items = feed(concatBytes(bad, fromHex(workedFrames.ua)), whole);
    assert.deepEqual(frames(items), [toHex(fromHex(workedFrames.ua))]);
    assert.match(
      items
        .filter((item) => item.type === "noise")
        .map((item) => item.reason)
        .join(),
      /wrong FCS/,
    );
  });

  it("never throws and accounts for every octet, whatever comes", () => {
    const likely = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.constantFrom(...all),
      fc.constantFrom(...all).chain((bytes) => fc.nat(bytes.length).map((n) => bytes.subarray(0, n))),
      fc.constant(Uint8Array.of(0x7e, 0xa0)),
    );
    fc.assert(
      fc.property(fc.array(likely, { maxLength: 12 }), (parts) => {
        const deframer = new HdlcDeframer();
        const stream = concatBytes(...parts);
        const items = parts.flatMap((part) => deframer.push(part));
        while (deframer.incomplete) items.push(...deframer.abandon());
        for (const item of items) {
          // What is reported was there; flags may be shared, so they are left out of the comparison.
          const octets = toHex(item.bytes.subarray(1, -1));
          assert.ok(toHex(stream).includes(octets));
        }
        const once = new HdlcDeframer();
        const again = once.push(stream);
        while (once.incomplete) again.push(...once.abandon());
        assert.deepEqual(frames(again), frames(items));
      }),
      { numRuns: 300 },
    );
  });
});
