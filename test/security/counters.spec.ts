/** Invocation counters: sent ones only grow and are reserved before use, received ones strictly increase. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type CounterRange, ReceivedCounters, SentCounter } from "../../src/security/index.js";
import { clientTitle, isCode, serverTitle } from "./fixtures.js";

const LAST = 0xffff_fffe;

/** What a durable store does: gives out numbers once, whatever happens to who asked. */
class Reservations {
  next = 0;
  reserve({ atLeast, count }: { readonly atLeast: number; readonly count: number }): CounterRange {
    const from = Math.max(this.next, atLeast);
    this.next = from + count;
    return { from, to: from + count - 1 };
  }
}

describe("sent counters", () => {
  it("asks once, ahead of need, and gives nothing that is not reserved", () => {
    const counter = new SentCounter({ key: "meter", blockSize: 8 });
    assert.throws(() => counter.take(), isCode("LOCAL_PROTOCOL"));
    assert.deepStrictEqual(counter.need(), { key: "meter", atLeast: 1, count: 8 });
    assert.equal(counter.need(), undefined);
    counter.provided({ from: 1, to: 8 });
    assert.equal(counter.need(), undefined);
    assert.deepStrictEqual(
      Array.from({ length: 6 }, () => counter.take()),
      [1, 2, 3, 4, 5, 6],
    );
    assert.deepStrictEqual(counter.need(), { key: "meter", atLeast: 9, count: 8 });
    counter.provided({ from: 20, to: 27 });
    assert.deepStrictEqual([counter.take(), counter.take(), counter.take()], [7, 8, 20]);
  });

  it("asks again after a reservation that could not be made", () => {
    const counter = new SentCounter({ key: "meter" });
    assert.ok(counter.need());
    counter.refused();
    assert.ok(counter.need());
  });

  it("learns from the peer and is never lowered", () => {
    const counter = new SentCounter({ key: "meter", blockSize: 10 });
    counter.provided({ from: 1, to: 10 });
    counter.learn(4);
    assert.equal(counter.take(), 5);
    counter.learn(2);
    assert.equal(counter.take(), 6);
    counter.learn(500);
    assert.equal(counter.remaining, 0);
    assert.deepStrictEqual(counter.need(), { key: "meter", atLeast: 501, count: 10 });
    counter.provided({ from: 501, to: 510 });
    assert.equal(counter.take(), 501);
  });

  it("does not believe a peer that would use up all that is left", () => {
    const counter = new SentCounter({ key: "meter" });
    for (const seen of [LAST, LAST - 1000, 0xffff_ffff])
      assert.throws(() => counter.learn(seen), isCode("SECURITY_COUNTER_SPENT"));
    assert.deepStrictEqual(counter.need(), { key: "meter", atLeast: 1, count: 100 });
  });

  it("warns before the end and stops at it, FFFFFFFF never sent", () => {
    const counter = new SentCounter({ key: "meter", blockSize: 4, alarmDistance: 10, atLeast: LAST - 20 });
    counter.provided({ from: LAST - 20, to: LAST - 11 });
    assert.equal(counter.nearEnd, false);
    counter.provided({ from: LAST - 10, to: LAST + 50 });
    const taken: number[] = [];
    while (counter.remaining > 0) taken.push(counter.take());
    assert.equal(counter.nearEnd, true);
    assert.equal(taken.at(-1), LAST);
    assert.equal(counter.spent, true);
    assert.equal(counter.need(), undefined);
    assert.throws(() => counter.take(), isCode("SECURITY_COUNTER_SPENT"));
  });

  it("refuses numbers that were given out before", () => {
    const counter = new SentCounter({ key: "meter" });
    counter.provided({ from: 1, to: 100 });
    assert.throws(() => counter.provided({ from: 50, to: 149 }), isCode("LOCAL_PROTOCOL"));
    assert.throws(() => counter.provided({ from: 5, to: 1 }), isCode("FIELD_INVALID"));
  });

  it("whatever is reserved, learnt, crashed and shared: no number twice, each above all before of its owner", () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("take" as const), who: fc.nat(1) }),
      fc.record({ kind: fc.constant("learn" as const), who: fc.nat(1), seen: fc.nat(400) }),
      fc.record({ kind: fc.constant("crash" as const), who: fc.nat(1) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const store = new Reservations();
        const make = () => new SentCounter({ key: "meter", blockSize: 5 });
        const owners = [make(), make()];
        const sent = new Set<number>();
        const highest = [-1, -1];
        for (const { who, ...what } of steps) {
          if (what.kind === "crash") {
            // The one who comes back is above everything ever reserved, hence ever sent.
            owners[who] = make();
            highest[who] = store.next - 1;
            continue;
          }
          const owner = owners[who] as SentCounter;
          if (what.kind === "learn") {
            owner.learn(what.seen);
            highest[who] = Math.max(highest[who] as number, what.seen);
            continue;
          }
          const need = owner.need();
          if (need !== undefined) owner.provided(store.reserve(need));
          const counter = owner.take();
          assert.ok(!sent.has(counter) && counter > (highest[who] as number));
          sent.add(counter);
          highest[who] = counter;
        }
      }),
    );
  });
});

describe("received counters", () => {
  it("strictly increase for each key and stream, gaps allowed", () => {
    const counters = new ReceivedCounters();
    counters.accept(serverTitle, "unicast", "apdu", 5);
    for (const old of [5, 4, 0])
      assert.throws(() => counters.accept(serverTitle, "unicast", "apdu", old), isCode("SECURITY_COUNTER"));
    counters.accept(serverTitle, "unicast", "apdu", 100);
    counters.accept(serverTitle, "unicast", "push", 1);
    counters.accept(serverTitle, "unicast", "gmac", 100);
    counters.accept(serverTitle, "broadcast", "apdu", 1);
    counters.accept(clientTitle, "unicast", "apdu", 1);
  });

  it("outlive a restart and start anew with a new key", () => {
    const before = new ReceivedCounters();
    before.accept(serverTitle, "unicast", "push", 7);
    before.accept(serverTitle, "dedicated", "apdu", 9);
    const after = new ReceivedCounters(
      JSON.parse(JSON.stringify(before.snapshot())) as Record<string, number>,
    );
    assert.throws(() => after.accept(serverTitle, "unicast", "push", 7), isCode("SECURITY_COUNTER"));
    after.forget(serverTitle, "unicast");
    after.accept(serverTitle, "unicast", "push", 1);
    assert.throws(() => after.accept(serverTitle, "dedicated", "apdu", 9), isCode("SECURITY_COUNTER"));
  });

  it("hold a bounded number of streams", () => {
    const counters = new ReceivedCounters();
    assert.throws(() => {
      for (let i = 0; i < 1000; i++)
        counters.accept(Uint8Array.of(0, 0, 0, 0, 0, 0, i >> 8, i & 255), "unicast", "apdu", 1);
    }, isCode("LIMIT_EXCEEDED"));
  });
});
