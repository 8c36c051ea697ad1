/**
 * A store that runs full, by a limit of pages: nothing new is taken, what was taken can still be ended and read, and
 * freeing makes room again.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type StoreUse } from "../../src/store/index.js";
import { read } from "./entries.js";
import { builtStore, engine, removeFolders, temporaryFolder, withCode, type BuiltStore } from "./support.js";

const NOW = 1_700_000_000_000;

describe(`a full store, ${engine}`, function () {
  this.timeout(30_000);
  let openStore: BuiltStore["openStore"];
  let file: string;
  let store: StoreUse;

  before(async () => {
    ({ openStore } = await builtStore());
  });
  beforeEach(async () => {
    file = join(temporaryFolder(), "gateway.db");
    store = await openStore(file, { engine, limits: { pages: 200 } });
  });
  afterEach(() => store.release());
  after(removeFolders);

  const text = "x".repeat(1_000);
  const reading = { meterSerialNumber: "1", kind: "reading" as const, body: { text } };

  async function fillWithCommands(): Promise<string[]> {
    const ids: string[] = [];
    for (;;) {
      const id = `id ${ids.length}`;
      try {
        await store.recordCommand(read(id, { payload: { text } }));
      } catch (caught) {
        assert.ok(withCode("STORE_FULL")(caught));
        return ids;
      }
      ids.push(id);
      assert.ok(ids.length < 1_000, "never full");
    }
  }

  it("takes nothing new, still ends what it took, and takes new commands once there is room", async () => {
    const ids = await fillWithCommands();
    await assert.rejects(store.enqueue([reading], NOW), withCode("STORE_FULL"));
    assert.equal((await store.openCommands()).length, ids.length);
    assert.equal((await store.command("id 0"))?.state, "waiting");
    for (const id of ids.slice(0, 20)) {
      assert.equal((await store.markSending(id, NOW)).kind, "marked");
      const alsoEnqueue = [{ meterSerialNumber: "1", kind: "result" as const, body: { id } }];
      assert.equal(
        (await store.finishCommand(id, { outcome: "read" }, NOW, { alsoEnqueue })).kind,
        "finished",
      );
    }
    await assert.rejects(store.recordCommand(read("one more")), withCode("STORE_FULL"));
    assert.equal((await store.prune(NOW + 8 * 86_400_000)).commands, 20);
    assert.equal((await store.recordCommand(read("one more"))).kind, "new");
    await store.release();
    store = await openStore(file, { engine, limits: { pages: 200 } });
    assert.equal((await store.openCommands()).length, ids.length - 20 + 1);
    assert.equal((await store.outboxCounts()).result.count, 20);
  });

  it("lets old readings go for a result, when not even the reserve is left", async () => {
    for (let i = 0; i < 5; i += 1) await store.recordCommand(read(`id ${i}`));
    for (let full = false; !full;)
      await store.enqueue([reading, reading, reading], NOW).catch((caught: unknown) => {
        assert.ok(withCode("STORE_FULL")(caught));
        full = true;
      });
    const before = (await store.outboxCounts()).reading.count;
    const body = { text: "y".repeat(30_000) };
    const alsoEnqueue = [{ meterSerialNumber: "1", kind: "result" as const, body }];
    for (let i = 0; i < 5; i += 1)
      assert.equal(
        (await store.finishCommand(`id ${i}`, { outcome: "read" }, NOW, { alsoEnqueue })).kind,
        "finished",
      );
    const counts = await store.outboxCounts();
    assert.equal(counts.result.count, 5);
    assert.ok(counts.reading.dropped > 0, "nothing had to go");
    assert.equal(counts.reading.count, before - counts.reading.dropped);
  });

  it("with nothing to let go refuses even a result, keeps all it has, and takes the result later", async () => {
    const ids = await fillWithCommands();
    const finish = (id: string): Promise<{ kind: string }> =>
      store.finishCommand(id, { outcome: "read", text: "z".repeat(20_000) }, NOW);
    const kinds = await Promise.all(
      ids.map((id) =>
        finish(id).then(
          ({ kind }) => kind,
          (caught: { code: string }) => caught.code,
        ),
      ),
    );
    const finished = kinds.filter((kind) => kind === "finished").length;
    assert.ok(finished > 0 && finished < ids.length, kinds.join());
    assert.ok(
      kinds.every((kind) => kind === "finished" || kind === "STORE_FULL"),
      kinds.join(),
    );
    assert.deepEqual((await store.stats()).commands, {
      waiting: ids.length - finished,
      sending: 0,
      done: finished,
    });
    assert.equal((await store.prune(NOW + 8 * 86_400_000)).commands, finished);
    const next = ids[kinds.indexOf("STORE_FULL")] ?? "";
    assert.equal((await finish(next)).kind, "finished");
    assert.equal(store.failure, undefined);
  });
});
