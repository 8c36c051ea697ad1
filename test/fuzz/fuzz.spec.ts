/**
 * A few inputs of every target with a fixed seed, the finds that were kept, and the fuzzer itself on targets that are
 * broken on purpose. No time is judged here: `npm run fuzz` does that.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Find, readFind, tagged, untagged, writeFind } from "../../src/tools/fuzz/finds.js";
import { Random } from "../../src/tools/fuzz/random.js";
import { runAgain, runTarget } from "../../src/tools/fuzz/run.js";
import { type Target } from "../../src/tools/fuzz/target.js";
import { targets } from "../../src/tools/fuzz/targets/index.js";

const KEPT = join(__dirname, "finds");
const untimed = { cpuMs: Infinity };
/** Inputs of a target whose single input takes a turn of the network. */
const FEW = 4;
const MANY = 60;

describe("fuzz: every target", () => {
  for (const target of targets)
    it(target.name, async () => {
      const iterations = target.isSlow === true ? FEW : MANY;
      const { inputs, finds } = await runTarget(target, { seed: 20_261, iterations, bounds: untimed });
      assert.deepEqual(
        finds.map(({ kind, why }) => `${kind} ${why}`),
        [],
      );
      assert.equal(inputs, iterations);
    });

  it("draws the same inputs from the same seed and others from another", () => {
    for (const target of targets) {
      const drawn = (seed: number): string =>
        JSON.stringify([0, 1, 2].map((i) => tagged(target.draw(new Random(seed, target.name, i)))));
      assert.equal(drawn(5), drawn(5), target.name);
      assert.notEqual(drawn(5), drawn(6), target.name);
    }
  });
});

describe("fuzz: finds that were kept", () => {
  for (const file of readdirSync(KEPT))
    it(file, async () => {
      const find = readFind(join(KEPT, file));
      const target = targets.find(({ name }) => name === find.target);
      assert.ok(target, `there is no target ${find.target}`);
      await runAgain(target, find, untimed);
    });
});

describe("fuzz: the fuzzer", () => {
  const broken = (run: (input: Uint8Array) => void | Promise<void>): Target<Uint8Array> => ({
    name: "broken",
    about: "breaks on purpose",
    draw: (random) => random.octets(200 + random.below(50)),
    run,
  });
  const firstFind = async (target: Target<Uint8Array>): Promise<Find> => {
    const { finds } = await runTarget(target, { seed: 1, iterations: 40, bounds: untimed });
    assert.equal(finds.length, 1);
    return finds[0] as Find;
  };

  it("finds what throws, makes it small, writes it down and finds it again", async () => {
    const target = broken((input) => {
      if (input.includes(0x7e)) (undefined as unknown as Uint8Array).slice();
    });
    const find = await firstFind(target);
    assert.equal(find.kind, "threw");
    assert.deepEqual(find.input, Uint8Array.of(0x7e));
    const folder = mkdtempSync(join(tmpdir(), "fuzz-"));
    try {
      const path = writeFind(folder, find);
      assert.equal(writeFind(folder, find), path);
      const again = readFind(path);
      assert.deepEqual(again, find);
      await assert.rejects(runAgain(target, again, untimed), /TypeError/);
      await runAgain(
        broken(() => undefined),
        again,
        untimed,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("finds rejections that nobody handles", async () => {
    const find = await firstFind(
      broken(async (input) => {
        if (input.length % 2 === 0) void Promise.reject(new Error("nobody hears it"));
        await Promise.resolve();
      }),
    );
    assert.equal(find.kind, "uncaught");
    assert.match(find.why, /nobody hears it/);
  });

  it("finds what takes too much memory, and what is kept", async () => {
    const kept: unknown[] = [];
    const hoards = broken((input) => void kept.push(new Array<number>(10_000).fill(input.length)));
    const grown = await runTarget(hoards, {
      seed: 1,
      iterations: 40,
      bounds: { ...untimed, growthBytes: 1 << 20 },
    });
    assert.deepEqual(
      grown.finds.map(({ kind }) => kind),
      ["memory"],
    );
    const greedy = broken(() => void new Uint8Array(8 << 20).fill(1));
    const large = await runTarget(greedy, {
      seed: 1,
      iterations: 2,
      bounds: { ...untimed, inputBytes: 1 << 20 },
    });
    assert.equal(large.finds[0]?.kind, "memory");
    kept.length = 0;
  });

  it("finds what takes too long", async () => {
    const target = broken(() => {
      for (const from = process.cpuUsage(); process.cpuUsage(from).user < 3_000;);
    });
    const { finds, slowestMs } = await runTarget(target, { seed: 1, iterations: 1, bounds: { cpuMs: 1 } });
    assert.equal(finds[0]?.kind, "slow");
    assert.ok(slowestMs >= 3);
  });

  it("keeps every kind of value in a file", () => {
    const value = {
      octets: new Uint8Array(500),
      mixed: Uint8Array.from({ length: 400 }, (_, i) => (i < 150 ? 7 : i & 0xff)),
      big: 2n ** 70n,
      odd: [undefined, Number.NaN, Infinity, -0, new Date(5), null, "a".repeat(5_000), { $tag: 1 }],
      name: Object.fromEntries([["__proto__", 1]]),
    };
    assert.deepStrictEqual(untagged(JSON.parse(JSON.stringify(tagged(value)))), value);
  });
});
