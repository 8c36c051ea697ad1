/**
 * A process killed with SIGKILL before, during and after every store call. Whatever it was told is there when the
 * store is opened again; of the call that was under way all is there or nothing. The built store and worker are used.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { everything, script } from "./script.js";
import { builtStore, engine, removeFolders, temporaryFolder, type BuiltStore } from "./support.js";

describe(`a killed process and its store, ${engine}`, function () {
  this.timeout(60_000);
  let childScript: string;
  let openStore: BuiltStore["openStore"];
  /** What can be seen after so many calls. */
  const expected: string[] = [];

  before(async () => {
    ({ openStore, child: childScript } = await builtStore());
    const folder = temporaryFolder();
    for (let count = 0; count <= script.length; count += 1) {
      const store = await openStore(join(folder, `model ${count}`), { volatile: true, engine });
      for (const step of script.slice(0, count)) await step(store);
      expected.push(await everything(store));
      await store.release();
    }
  });
  after(removeFolders);

  /** Gives how many calls were acknowledged; -1 when it was not even open. */
  function killedAt(file: string, call: number, delayUs: number): Promise<number> {
    const args = [childScript, file, engine, String(call), String(delayUs)];
    const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "pipe"] });
    let out = "";
    let errors = "";
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (_code, signal) => {
        if (signal !== "SIGKILL") reject(new Error(`ended by ${signal ?? "itself"}: ${errors}`));
        else resolve(out.split("\n").filter(Boolean).length - 1);
      });
    });
  }

  /** Opens it again and compares. True when the call that was not acknowledged had been kept, too. */
  async function assertKept(file: string, acknowledged: number, what: string): Promise<boolean> {
    const store = await openStore(file, { engine });
    const found = await everything(store);
    const open = await store.openCommands();
    await store.release();
    const possible = expected.slice(acknowledged, acknowledged + 2);
    assert.ok(
      possible.includes(found),
      `${what}: ${acknowledged} calls acknowledged, found\n${found}\nexpected\n${possible[0]}`,
    );
    for (const command of open)
      assert.equal(
        command.leftOver,
        command.state === "sending",
        `${what}: nobody sends ${command.commandId}`,
      );
    return found !== expected[acknowledged];
  }

  it("keeps what was acknowledged, after every call", async () => {
    await together(script.keys(), async (call) => {
      const file = join(temporaryFolder(), "gateway.db");
      assert.equal(await killedAt(file, call, -1), call + 1);
      assert.equal(await assertKept(file, call + 1, `after call ${call}`), false);
    });
  });

  it("keeps all or nothing of a call under way", async () => {
    const cases = [...script.keys()].map((call) => ({ call, delayUs: (call % 8) * 150 }));
    await together(cases, async ({ call, delayUs }) => {
      const file = join(temporaryFolder(), "gateway.db");
      const acknowledged = await killedAt(file, call, delayUs);
      assert.equal(acknowledged, call);
      await assertKept(file, acknowledged, `${delayUs} µs into call ${call}`);
    });
  });

  it("makes the file whole or not at all", async () => {
    const delays = [0, 25_000, 32_000, 40_000, 48_000, 56_000, 70_000, 100_000];
    await together(delays, async (delayUs) => {
      const file = join(temporaryFolder(), "gateway.db");
      const acknowledged = await killedAt(file, -1, delayUs);
      await assertKept(file, Math.max(0, acknowledged), `${delayUs} µs after opening`);
      assert.deepEqual(readdirSync(join(file, "..")), ["gateway.db"]);
    });
  });

  it("goes through many kills in a row on one file", async () => {
    const file = join(temporaryFolder(), "gateway.db");
    let highest = -1;
    for (let round = 0; round < 5; round += 1) {
      await killedAt(file, round + 1, round * 200);
      const store = await openStore(file, { engine });
      const { from } = await store.reserveCounter("rounds", 0, 1);
      assert.equal(from, highest + 1);
      highest = from;
      assert.equal((await store.command("load"))?.commandId, "load");
      await store.release();
    }
  });
});

/** Three at a time: the kills wait for processes more than they compute. */
async function together<T>(items: Iterable<T>, run: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await run(next);
  };
  await Promise.all([worker(), worker(), worker()]);
}
