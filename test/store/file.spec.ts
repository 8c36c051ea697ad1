/**
 * The store's file: private, used by one process, counted by use, refused with a code when it is not what it should be.
 */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { openStore as openFromSources } from "../../src/store/index.js";
import { read, TOKEN, tokenLoad } from "./entries.js";
import { builtStore, engine, removeFolders, temporaryFolder, withCode, type BuiltStore } from "./support.js";

const NOW = 1_700_000_000_000;

describe(`the store's file, ${engine}`, function () {
  this.timeout(30_000);
  let built: BuiltStore;
  let openStore: BuiltStore["openStore"];
  let file: string;

  before(async () => {
    built = await builtStore();
    ({ openStore } = built);
  });
  beforeEach(() => {
    file = join(temporaryFolder(), "gateway.db");
  });
  after(removeFolders);

  const refused = (code: string, of = file): Promise<void> =>
    assert.rejects(openStore(of, { engine }), withCode(code));

  /** A child that opens the file and holds it. */
  async function holder(): Promise<ChildProcess> {
    const child = spawn(process.execPath, [built.child, file, engine, "-2", "0"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    await new Promise<void>((resolve, reject) => {
      child.once("exit", (code) => reject(new Error(`ended with ${code}`)));
      // The last call of its script is acknowledged: it holds.
      child.stdout?.on("data", (chunk: Buffer) => {
        if (chunk.toString().includes("15\n")) resolve();
      });
    });
    return child;
  }

  it("is made with its folder, private, and all that lies beside it is gone when it is closed", async () => {
    file = join(dirname(file), "deep", "er", "gateway.db");
    const store = await openStore(file, { engine });
    await store.recordCommand(read("a"));
    const mode = (path: string): number => statSync(path).mode & 0o777;
    assert.equal(mode(file), 0o600);
    assert.equal(mode(`${file}-wal`), 0o600);
    await store.release();
    assert.deepEqual(readdirSync(dirname(file)), ["gateway.db"]);
  });

  it("that others could read is made private", async () => {
    await (await openStore(file, { engine })).release();
    chmodSync(file, 0o644);
    await (await openStore(file, { engine })).release();
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it("keeps everything from one opening to the next, and counts them", async () => {
    for (let i = 0; i < 3; i += 1) {
      const store = await openStore(file, { engine });
      assert.equal((await store.openCommands()).length, i);
      await store.recordCommand(tokenLoad(`id ${i}`, { meterSerialNumber: `${i}` }));
      assert.equal((await store.markSending(`id ${i}`, NOW)).kind, "marked");
      const leftOver = (await store.openCommands()).map((command) => command.leftOver);
      assert.deepEqual(leftOver, [...Array.from({ length: i }, () => true), false]);
      await store.release();
    }
  });

  it("holds no token any more once its command has ended and the log is folded in", async () => {
    const grouped = "1234-5678-9012-3456-7890";
    const store = await openStore(file, { engine });
    for (let i = 0; i < 50; i += 1) {
      const more = { meterSerialNumber: `${i}`, payload: { token: grouped }, echo: { token: TOKEN } };
      await store.recordCommand(tokenLoad(`id ${i}`, more));
    }
    await store.prune(NOW);
    assert.ok(readFileSync(file).includes(TOKEN), "an open one stands there whole");
    for (let i = 0; i < 50; i += 1) await store.finishCommand(`id ${i}`, { outcome: "accepted" }, NOW);
    await store.prune(NOW);
    for (const name of readdirSync(dirname(file)).filter((entry) => !entry.includes("lock"))) {
      const text = readFileSync(join(dirname(file), name), "latin1");
      assert.ok(!text.includes(TOKEN) && !text.includes(grouped), name);
    }
    await store.release();
  });

  describe("used by several", () => {
    it("is opened once, whatever path they name it by, and closed with the last", async () => {
      const [one, two] = await Promise.all([openStore(file, { engine }), openStore(file, { engine })]);
      symlinkSync(dirname(file), join(dirname(file), "link"));
      const three = await openStore(join(dirname(file), "link", basename(file)), { engine });
      await one.recordCommand(read("a"));
      assert.equal((await two.command("a"))?.commandId, "a");
      await one.release();
      await one.release();
      await two.release();
      assert.equal((await three.command("a"))?.commandId, "a");
      assert.ok(existsSync(`${file}-wal`));
      await three.release();
      assert.ok(!existsSync(`${file}-wal`));
    });

    it("is opened again only when closing is done", async () => {
      for (let i = 0; i < 5; i += 1) {
        const store = await openStore(file, { engine });
        const [, again] = await Promise.all([store.release(), openStore(file, { engine })]);
        await again.recordCommand(read(`id ${i}`));
        await again.release();
      }
    });

    it("in memory is shared in the same way, and leaves no file", async () => {
      const one = await openStore(file, { engine, volatile: true });
      const two = await openStore(file, { engine, volatile: true });
      await one.recordCommand(read("a"));
      assert.equal((await two.command("a"))?.commandId, "a");
      await one.release();
      await two.release();
      assert.ok(!existsSync(file));
      const again = await openStore(file, { engine, volatile: true });
      assert.equal(await again.command("a"), undefined);
      await again.release();
    });
  });

  describe("of another process", () => {
    it("is refused as long as that lives, and no longer, however it ended", async () => {
      const living = await holder();
      await refused("STORE_LOCKED");
      const ended = new Promise((resolve) => living.once("exit", resolve));
      living.kill("SIGKILL");
      await ended;
      const store = await openStore(file, { engine });
      assert.equal((await store.command("load"))?.state, "waiting");
      await store.release();
    });

    it("goes to one of many that come at once", async () => {
      await (await openStore(file, { engine })).release();
      const candidates = Array.from({ length: 4 }, () =>
        spawn(process.execPath, [built.child, file, engine, "-2", "0"], { stdio: ["pipe", "pipe", "pipe"] }),
      );
      const exits = candidates.map((child) => new Promise((resolve) => child.once("close", resolve)));
      const outcomes = await Promise.all(
        candidates.map(
          (child) =>
            new Promise<string>((resolve) => {
              child.stdout?.once("data", () => resolve("opened"));
              child.stderr?.on("data", (chunk: Buffer) => {
                if (chunk.toString().includes("STORE_LOCKED")) resolve("locked");
              });
            }),
        ),
      );
      for (const child of candidates) child.kill("SIGKILL");
      await Promise.all(exits);
      assert.ok(outcomes.filter((outcome) => outcome === "opened").length <= 1, outcomes.join());
      await (await openStore(file, { engine })).release();
    });
  });

  describe("is refused, and not touched,", () => {
    const untouched = async (code: string, content: Buffer): Promise<void> => {
      writeFileSync(file, content);
      await refused(code);
      assert.ok(readFileSync(file).equals(content));
      assert.deepEqual(readdirSync(dirname(file)), ["gateway.db"]);
    };
    const valid = async (): Promise<Buffer> => {
      await (await openStore(file, { engine })).release();
      return readFileSync(file);
    };

    it("when it is empty, or no database", async () => {
      await untouched("STORE_CORRUPT", Buffer.alloc(0));
      await untouched("STORE_CORRUPT", Buffer.from("nodes and flows ".repeat(500)));
    });

    it("when it is another program's", async () => {
      const content = await valid();
      content.writeUInt32BE(0, 68);
      await untouched("STORE_CORRUPT", content);
    });

    it("when a newer version made it", async () => {
      const content = await valid();
      content.writeUInt32BE(99, 60);
      await untouched("STORE_NEWER", content);
    });

    it("when its log is there and itself is not", async () => {
      writeFileSync(`${file}-wal`, "something");
      await refused("STORE_CORRUPT");
      assert.equal(readFileSync(`${file}-wal`, "utf8"), "something");
    });

    it("when it is a folder", async () => {
      mkdirSync(file);
      await assert.rejects(
        openStore(file, { engine }),
        (caught: { name?: string }) => caught.name === "StoreError",
      );
    });
  });

  it("that may not be written is refused as read-only", async () => {
    await (await openStore(file, { engine })).release();
    chmodSync(file, 0o400);
    chmodSync(dirname(file), 0o500);
    const isRoot = process.getuid?.() === 0;
    const nobody = 65_534;
    if (isRoot) for (const path of [file, dirname(file)]) chownSync(path, nobody, nobody);
    const child = spawn(process.execPath, [built.child, file, engine, "-2", "0"], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, ...(isRoot ? { STORE_TEST_USER: String(nobody) } : {}) },
    });
    let errors = "";
    child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
    await new Promise((resolve) => child.once("close", resolve));
    chmodSync(dirname(file), 0o700);
    assert.match(errors, /STORE_READ_ONLY/);
  });

  it("is found from the sources as well as from the bundle", async () => {
    const store = await openFromSources(file, { engine });
    await store.recordCommand(read("a"));
    await store.release();
    const again = await openStore(file, { engine });
    assert.equal((await again.command("a"))?.commandId, "a");
    await again.release();
  });
});
