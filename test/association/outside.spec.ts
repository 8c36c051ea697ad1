/** Questions of a session to the outside: answered once, by what was asked for; late and foreign answers do no harm. */
import assert from "node:assert/strict";
import { Outside } from "../../src/association/outside.js";
import { DlmsError } from "../../src/core/errors.js";
import { type Port } from "../../src/core/machine.js";
import { type SecurityNeed, type SecurityProvided } from "../../src/security/index.js";
import { MemoryCounters, provideOutside } from "../../src/transport/outside.js";

describe("questions to the outside", () => {
  it("are numbered, and answered once", () => {
    const asked: SecurityNeed[] = [];
    const taken: unknown[] = [];
    const outside = new Outside((need) => asked.push(need));
    outside.random(8, (_, random) => taken.push(random.length));
    outside.counters({ key: "k", atLeast: 3, count: 5 }, (_, range) => taken.push(range));
    assert.deepEqual(asked, [
      { type: "needRandom", id: 1, octets: 8 },
      { type: "needCounters", id: 2, key: "k", atLeast: 3, count: 5 },
    ]);
    const range = { from: 3, to: 7 };
    outside.provided(0, { type: "provided", id: 2, counters: range });
    outside.provided(0, { type: "provided", id: 1, random: new Uint8Array(8) });
    outside.provided(0, { type: "provided", id: 1, random: new Uint8Array(8) });
    outside.provided(0, { type: "provided", id: 9, random: new Uint8Array(8) });
    assert.deepEqual(taken, [range, 8]);
  });

  it("refuse an answer of another kind or length, and still take the right one", () => {
    let taken = 0;
    const outside = new Outside(() => undefined);
    outside.random(8, () => taken++);
    for (const answer of [{ random: new Uint8Array(7) }, { counters: { from: 1, to: 2 } }])
      assert.throws(() => outside.provided(0, { type: "provided", id: 1, ...answer }), {
        code: "LOCAL_PROTOCOL",
      });
    outside.provided(0, { type: "provided", id: 1, random: new Uint8Array(8) });
    assert.equal(taken, 1);
  });
});

describe("answers from the outside", () => {
  function port() {
    const listeners = new Set<(event: SecurityNeed) => void>();
    const sent: SecurityProvided[] = [];
    const made: Port<SecurityProvided, SecurityNeed> = {
      send: (intent) => void sent.push(intent),
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
    return { made, sent, ask: (need: SecurityNeed) => listeners.forEach((listener) => listener(need)) };
  }
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  it("are random octets that differ, and counters of the source", async () => {
    const { made, sent, ask } = port();
    provideOutside<SecurityNeed>(made, new MemoryCounters(7), assert.fail);
    ask({ type: "needRandom", id: 1, octets: 16 });
    ask({ type: "needRandom", id: 2, octets: 16 });
    ask({ type: "needCounters", id: 3, key: "k", atLeast: 1, count: 10 });
    ask({ type: "needCounters", id: 4, key: "k", atLeast: 1, count: 10 });
    await turn();
    const [first, second, ...counters] = sent;
    assert.ok(first !== undefined && second !== undefined && "random" in first && "random" in second);
    assert.equal(first.random.length, 16);
    assert.notDeepEqual(first.random, second.random);
    assert.deepEqual(counters, [
      { type: "provided", id: 3, counters: { from: 7, to: 16 } },
      { type: "provided", id: 4, counters: { from: 17, to: 26 } },
    ]);
  });

  it("fail without a source, and stay out once stopped", async () => {
    const { made, sent, ask } = port();
    const codes: string[] = [];
    const stop = provideOutside<SecurityNeed>(made, undefined, ({ code }) => codes.push(code));
    ask({ type: "needCounters", id: 1, key: "k", atLeast: 1, count: 10 });
    await turn();
    assert.deepEqual(codes, ["SECURITY_KEY_MISSING"]);
    stop();
    ask({ type: "needRandom", id: 3, octets: 8 });
    const slow = { reserveCounter: () => turn().then(() => ({ from: 1, to: 2 })) };
    const stopSlow = provideOutside<SecurityNeed>(made, slow, ({ code }) => codes.push(code));
    ask({ type: "needCounters", id: 4, key: "k", atLeast: 1, count: 10 });
    stopSlow();
    await turn();
    await turn();
    assert.deepEqual([codes.length, sent.length], [1, 0]);
  });

  it("say nothing of a source that fails once the link is gone", async () => {
    const { made, ask } = port();
    let told = 0;
    const broken = { reserveCounter: () => Promise.reject(new Error("disk full")) };
    provideOutside<SecurityNeed>(made, broken, () => {
      told += 1;
      throw new DlmsError("LINK_LOST");
    });
    ask({ type: "needCounters", id: 1, key: "k", atLeast: 1, count: 10 });
    await turn();
    assert.equal(told, 1);
  });
});
