import assert from "node:assert/strict";
import { concatBytes, fromHex, toHex } from "../../src/bytes/hex.js";
import { FrameCutter } from "../../src/inspect/index.js";

const hdlc = fromHex("7EA0070321930F017E");
const wrapper = fromHex("0001001000010003C001C1");

describe("frame cutter", () => {
  it("gives the same frames however the octets are cut up", () => {
    const all = concatBytes(hdlc, hdlc, wrapper, wrapper);
    for (let size = 1; size <= all.length; size++) {
      const cutter = new FrameCutter();
      const frames: string[] = [];
      for (let at = 0; at < all.length; at += size)
        frames.push(...cutter.push(0, all.subarray(at, at + size)).map((frame) => toHex(frame)));
      assert.deepEqual(
        frames,
        [toHex(hdlc), toHex(hdlc), toHex(wrapper), toHex(wrapper)],
        `pieces of ${size}`,
      );
    }
  });

  it("gives a frame without an opening flag of its own back whole", () => {
    const frames = new FrameCutter().push(0, concatBytes(hdlc, hdlc.subarray(1)));
    assert.deepEqual(
      frames.map((frame) => toHex(frame)),
      [toHex(hdlc), toHex(hdlc)],
    );
  });

  it("gives what begins no frame as it came, and an unfinished frame once the line is quiet", () => {
    const cutter = new FrameCutter();
    assert.deepEqual(cutter.push(0, fromHex("31323334")), [fromHex("31323334")]);
    assert.deepEqual(cutter.push(10, wrapper.subarray(0, 9)), []);
    assert.deepEqual(cutter.rest(1_000), []);
    assert.deepEqual(cutter.push(5_000, hdlc), [wrapper.subarray(0, 9), hdlc]);
    assert.deepEqual(cutter.rest(9_000), []);
  });
});
