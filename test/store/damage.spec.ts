/**
 * The file or its log cut short, as a dying disk or a careless copy leaves them: the store comes back with everything
 * but at most the last transaction, or says STORE_CORRUPT. It never quietly lacks an older one.
 */
import assert from "node:assert/strict";
import { copyFileSync, existsSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { type JsonObject, type StoreUse } from "../../src/store/index.js";
import { read } from "./entries.js";
import { builtStore, engine, removeFolders, temporaryFolder, type BuiltStore } from "./support.js";

const NOW = 1_700_000_000_000;
const FRAME = 4_096 + 24;
const PAGE = 4_096;
const LOG_HEADER = 32;
const OLDER = 40;

describe(`a damaged store, ${engine}`, function () {
  this.timeout(60_000);
  let openStore: BuiltStore["openStore"];

  before(async () => {
    ({ openStore } = await builtStore());
  });
  after(removeFolders);

  const older = async (store: StoreUse): Promise<void> => {
    for (let i = 0; i < OLDER; i += 1)
      await store.recordCommand(read(`older ${i}`, { payload: { text: "x".repeat(700) } }));
  };
  /** One transaction over many pages: a command, ended, with an item of the outbox. */
  const last = (store: StoreUse): Promise<unknown> =>
    Promise.all([
      store.recordCommand(read("last", { payload: { text: "y".repeat(20_000) } })),
      store.finishCommand("older 0", { outcome: "read", text: "z".repeat(9_000) }, NOW),
      store.enqueue([{ meterSerialNumber: "1", kind: "result", body: { text: "w".repeat(9_000) } }], NOW),
    ]);

  function copyOf(file: string): string {
    const copy = join(temporaryFolder(), "gateway.db");
    for (const part of ["", "-wal"]) if (existsSync(file + part)) copyFileSync(file + part, copy + part);
    return copy;
  }

  /** What became of the last transaction; STORE_CORRUPT, said when opening or when reading, is fair, too. */
  async function lookAt(file: string): Promise<"whole" | "absent" | "STORE_CORRUPT"> {
    let store: StoreUse | undefined;
    try {
      store = await openStore(file, { engine });
      const { command } = store;
      const texts = await Promise.all(
        Array.from({ length: OLDER }, async (_, i) => (await command(`older ${i}`))?.payload["text"]),
      );
      assert.ok(texts.every((text) => text === "x".repeat(700)));
      const length = (value: JsonObject | undefined): unknown =>
        (value?.["text"] as string | undefined)?.length;
      const parts = [
        length((await store.command("last"))?.payload) === 20_000,
        length((await store.command("older 0"))?.result) === 9_000,
        length((await store.peekOutbox({ limit: 9, now: NOW }))[0]?.body) === 9_000,
      ];
      assert.ok(
        parts.every((part) => part === parts[0]),
        `half of it: ${parts.join()}`,
      );
      assert.equal((await store.openCommands()).length, OLDER);
      return parts[0] === true ? "whole" : "absent";
    } catch (caught) {
      if ((caught as { code?: unknown }).code === "STORE_CORRUPT") return "STORE_CORRUPT";
      throw caught;
    } finally {
      await store?.release();
    }
  }

  it("loses at most the last transaction when its log is cut anywhere in it", async () => {
    const file = join(temporaryFolder(), "gateway.db");
    const store = await openStore(file, { engine });
    await older(store);
    const start = statSync(`${file}-wal`).size;
    await last(store);
    const end = statSync(`${file}-wal`).size;
    const copy = copyOf(file);
    await store.release();
    assert.equal((start - LOG_HEADER) % FRAME, 0);
    assert.ok((end - start) / FRAME >= 10, "the last transaction spans many pages");
    assert.equal(await lookAt(copyOf(copy)), "whole");
    const cuts = new Set([end - 1]);
    for (let at = start; at < end; at += FRAME)
      cuts
        .add(at)
        .add(at + 24)
        .add(at + 2_000);
    // Behind its last frame the log is filled up to a whole sector: cut there, the transaction is whole.
    let isWhole = false;
    for (const at of [...cuts].sort((one, other) => one - other)) {
      const cut = copyOf(copy);
      truncateSync(`${cut}-wal`, at);
      const found = await lookAt(cut);
      const what = `${found}, cut at ${at} of ${start} to ${end}`;
      assert.ok(found === "whole" || (found === "absent" && !isWhole), what);
      isWhole = found === "whole";
      if (at < end - 3 * FRAME) assert.equal(found, "absent", what);
    }
  });

  it("says so, or has everything, when the file is cut at any page", async () => {
    const file = join(temporaryFolder(), "gateway.db");
    const store = await openStore(file, { engine });
    await older(store);
    await store.prune(NOW);
    const start = statSync(file).size;
    await last(store);
    const withLog = copyOf(file);
    await store.prune(NOW);
    const end = statSync(file).size;
    const folded = copyOf(file);
    await store.release();
    assert.equal(statSync(`${folded}-wal`, { throwIfNoEntry: false })?.size ?? 0, 0);
    assert.ok((end - start) / PAGE >= 5, "the last transaction made the file longer");
    for (let at = 0; at < end; at += at < start - 5 * PAGE ? 4 * PAGE : PAGE) {
      const cut = copyOf(folded);
      truncateSync(cut, at);
      assert.equal(await lookAt(cut), "STORE_CORRUPT", `cut at ${at} of ${end}`);
    }
    let corrupt = 0;
    for (let at = 0; at < start; at += PAGE) {
      const cut = copyOf(withLog);
      truncateSync(cut, at);
      const found = await lookAt(cut);
      assert.notEqual(found, "absent", `cut at ${at} of ${start}, with its log`);
      if (found === "STORE_CORRUPT") corrupt += 1;
    }
    assert.ok(corrupt > 0);
    assert.equal(await lookAt(copyOf(withLog)), "whole");
  });
});
