import assert from "node:assert/strict";
import { systemClock } from "../../src/transport/clock.js";
import { memoryPair } from "../../src/transport/memory.js";
import { byteByByte } from "../support/chop.js";
import { FakeClock } from "../support/fake-clock.js";

describe("memory channels", () => {
  it("deliver copies, in order, as the chop cuts them", () => {
    const [a, b] = memoryPair({ chop: byteByByte });
    const heard: number[][] = [];
    b.onData((bytes) => heard.push([...bytes]));
    const mine = Uint8Array.of(1, 2);
    a.write(mine);
    a.write(Uint8Array.of(3));
    mine[0] = 9;
    assert.deepEqual(heard, [[1], [2], [3]]);
  });

  it("hold bytes back until somebody listens, and count them", () => {
    const [a, b] = memoryPair();
    a.write(Uint8Array.of(1, 2, 3));
    assert.equal(a.bufferedBytes, 3);
    const heard: Uint8Array[] = [];
    b.onData((bytes) => heard.push(bytes));
    assert.equal(heard.length, 1);
    assert.equal(a.bufferedBytes, 0);
  });

  it("deliver what was written before the end, tell both sides once, and take nothing more", () => {
    const [a, b] = memoryPair();
    const log: string[] = [];
    b.onData((bytes) => log.push(`data ${bytes.length}`));
    a.onClose(() => log.push("a closed"));
    b.onClose(() => log.push("b closed"));
    a.write(Uint8Array.of(1));
    a.close();
    b.destroy();
    a.write(Uint8Array.of(2));
    assert.deepEqual(log, ["data 1", "a closed", "b closed"]);
    let late = 0;
    a.onClose(() => (late += 1));
    assert.equal(late, 1);
  });
});

describe("clocks", () => {
  it("fire in order and not after being cancelled, when time is moved by hand", () => {
    const clock = new FakeClock(100);
    const log: number[] = [];
    clock.at(130, () => log.push(clock.now()));
    clock.at(110, () => {
      log.push(clock.now());
      clock.at(120, () => log.push(clock.now()));
    });
    const cancel = clock.at(115, () => log.push(-1));
    cancel();
    clock.advance(25);
    assert.deepEqual(log, [110, 120]);
    assert.equal(clock.now(), 125);
    clock.advance(5);
    assert.deepEqual(log, [110, 120, 130]);
  });

  it("do not fire before their time", async () => {
    const at = systemClock.now() + 3.5;
    const fired = await new Promise<number>((resolve) =>
      systemClock.at(at, () => resolve(systemClock.now())),
    );
    assert.ok(fired >= at);
  });

  it("can be cancelled, and wait longer than one timer can", () => {
    const cancel = systemClock.at(systemClock.now() + 2 ** 33, () => assert.fail("fired at once"));
    cancel();
  });
});
