import assert from "node:assert/strict";
import { DlmsError } from "../../src/core/errors.js";
import { BoundedQueue } from "../../src/core/queue.js";

describe("bounded queue", () => {
  it("gives things back in order, however many have passed through", () => {
    const queue = new BoundedQueue<number>(100, "numbers");
    const taken: (number | undefined)[] = [];
    for (let i = 0; i < 1_000; i++) {
      queue.push(i);
      queue.push(i + 0.5);
      taken.push(queue.shift());
      if (i % 2 === 1) taken.push(queue.shift(), queue.shift());
      assert.ok(queue.length <= 2);
    }
    while (queue.length > 0) taken.push(queue.shift());
    const numbers = taken.filter((value) => value !== undefined);
    assert.equal(numbers.length, 2_000);
    assert.deepEqual(
      numbers,
      [...numbers].sort((a, b) => a - b),
    );
    assert.equal(queue.shift(), undefined);
  });

  it("refuses more than its bound, naming what it holds", () => {
    const queue = new BoundedQueue<number>(2, "numbers");
    queue.push(1);
    queue.push(2);
    assert.ok(queue.full);
    assert.throws(
      () => queue.push(3),
      (error) =>
        error instanceof DlmsError && error.code === "LIMIT_EXCEEDED" && /2 numbers/.test(error.message),
    );
    queue.clear();
    queue.push(4);
    assert.equal(queue.shift(), 4);
  });
});
