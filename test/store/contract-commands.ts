/**
 * The part of the contract that is about commands: recorded, marked as sent, ended once, repeated, forgotten.
 */
import assert from "node:assert/strict";
import { type CommandEntry, type StoreUse } from "../../src/store/index.js";
import { type Bench } from "./contract.js";
import { read, relay, TOKEN, tokenLoad } from "./entries.js";
import { withCode } from "./support.js";

const NOW = 1_700_000_000_000;

export function commandContract({ store, reopen }: Bench): void {
  describe("a command", () => {
    it("is kept as it was recorded", async () => {
      const entry = tokenLoad("a", {
        echo: { orderId: "ä\u0000\ud83d" },
        payload: { token: TOKEN, n: [1, null, 0.5] },
      });
      assert.deepEqual(await store().recordCommand(entry), { kind: "new" });
      const kept: Partial<CommandEntry> = { ...entry };
      delete (kept as { token?: string }).token;
      assert.deepEqual(await store().command("a"), {
        ...kept,
        sequence: 1,
        state: "waiting",
        sends: 0,
        leftOver: false,
      });
      assert.equal(await store().command("b"), undefined);
    });

    it("is marked as sent once, and again only when asked to", async () => {
      await store().recordCommand(tokenLoad("a"));
      assert.deepEqual(await store().markSending("a", NOW, undefined, { again: true }), { kind: "waiting" });
      assert.deepEqual(await store().markSending("a", NOW, { link: "7" }), { kind: "marked", sends: 1 });
      const second = await store().markSending("a", NOW + 1);
      assert.ok(second.kind === "sending");
      assert.deepEqual(second.command.sendingDetail, { link: "7" });
      assert.equal(second.command.sendingAt, NOW);
      assert.equal(second.command.leftOver, false);
      assert.deepEqual(await store().markSending("a", NOW + 2, undefined, { again: true }), {
        kind: "marked",
        sends: 2,
      });
      assert.deepEqual(await store().markSending("nobody", NOW), { kind: "missing" });
    });

    it("is not marked as sent from the moment it expires", async () => {
      await store().recordCommand(tokenLoad("a", { expiresAt: NOW + 10 }));
      assert.equal((await store().markSending("a", NOW + 10)).kind, "expired");
      assert.equal((await store().markSending("a", NOW + 9)).kind, "marked");
    });

    it("has one final result: the first", async () => {
      await store().recordCommand(tokenLoad("a"));
      await store().markSending("a", NOW);
      const item = { meterSerialNumber: "58000123", kind: "result" as const, body: { n: 1 } };
      const first = { outcome: "accepted", success: true };
      const alsoEnqueue = [item];
      assert.deepEqual(await store().finishCommand("a", first, NOW, { alsoEnqueue }), {
        kind: "finished",
        result: first,
      });
      assert.deepEqual(await store().finishCommand("a", { outcome: "rejected" }, NOW, { alsoEnqueue }), {
        kind: "already",
        result: first,
      });
      assert.deepEqual(await store().markSending("a", NOW), { kind: "done", result: first });
      assert.equal((await store().peekOutbox({ limit: 10, now: NOW })).length, 1);
      assert.equal((await store().command("a"))?.outcome, "accepted");
      assert.deepEqual(await store().finishCommand("nobody", first, NOW, { alsoEnqueue }), {
        kind: "missing",
      });
      assert.equal((await store().outboxCounts()).result.count, 1);
    });

    it("can be ended on condition that nothing was sent", async () => {
      await store().recordCommand(tokenLoad("a"));
      await store().recordCommand(tokenLoad("b", { meterSerialNumber: "2" }));
      await store().markSending("a", NOW);
      const expired = { outcome: "expired" };
      const onlyWaiting = { onlyWaiting: true };
      assert.equal((await store().finishCommand("a", expired, NOW, onlyWaiting)).kind, "not-waiting");
      assert.equal((await store().finishCommand("b", expired, NOW, onlyWaiting)).kind, "finished");
    });

    it("keeps its token whole while open, and four digits of it once ended", async () => {
      const grouped = "1234 5678-9012 3456 7890";
      const payload = { token: grouped, deep: [{ text: `token ${TOKEN}!` }] };
      await store().recordCommand(tokenLoad("a", { payload, echo: { note: TOKEN } }));
      await store().markSending("a", NOW, { token: TOKEN });
      assert.deepEqual((await store().openCommands())[0]?.payload, payload);
      const result = { outcome: "accepted", text: TOKEN };
      await store().finishCommand("a", result, NOW, {
        alsoEnqueue: [{ meterSerialNumber: "1", kind: "result", body: result }],
      });
      const told = [await store().command("a"), await store().peekOutbox({ limit: 9, now: NOW })];
      assert.doesNotMatch(JSON.stringify(told).replace(/[ -]/g, ""), new RegExp(TOKEN));
      assert.match(JSON.stringify(told), /token …7890!/);
    });

    it("is listed while open, in the order of acceptance, by origin and meter", async () => {
      await store().recordCommand(read("a", { acceptedAt: NOW + 5 }));
      await store().recordCommand(read("b", { origin: "node", acceptedAt: NOW }));
      await store().recordCommand(read("c", { meterSerialNumber: "2" }));
      await store().recordCommand(read("d"));
      await store().finishCommand("d", { outcome: "read" }, NOW);
      const ids = async (filter?: Parameters<StoreUse["openCommands"]>[0]): Promise<string[]> =>
        (await store().openCommands(filter)).map(({ commandId }) => commandId);
      assert.deepEqual(await ids(), ["a", "b", "c"]);
      assert.deepEqual(await ids({ origin: "bridge" }), ["a", "c"]);
      assert.deepEqual(await ids({ meterSerialNumber: "2", origin: "bridge" }), ["c"]);
      assert.deepEqual(await ids({ limit: 2 }), ["a", "b"]);
      assert.deepEqual(await ids({ afterSequence: 2 }), ["c"]);
    });

    it("that expired or was superseded while waiting ends with a result that says so", async () => {
      await store().recordCommand(relay("old", "connect", { echo: { batch: 9 }, expiresAt: NOW + 100 }));
      await store().recordCommand(relay("sent", "disconnect"));
      await store().recordCommand(relay("other", "connect", { meterSerialNumber: "2" }));
      await store().markSending("sent", NOW);
      await store().recordCommand(relay("new", "disconnect", { expiresAt: NOW + 50 }));
      const superseded = await store().supersedeRelay("new", NOW + 1, { enqueue: true });
      assert.deepEqual(
        superseded.map(({ commandId }) => commandId),
        ["old"],
      );
      assert.deepEqual(superseded[0]?.result, {
        batch: 9,
        meterSerialNumber: "58000123",
        commandId: "old",
        command: "remote-control",
        success: false,
        outcome: "superseded",
        action: "connect",
        startedAt: new Date(NOW).toISOString(),
        finishedAt: new Date(NOW + 1).toISOString(),
        attempts: 0,
        error: {
          code: "COMMAND_SUPERSEDED",
          message: "A newer command took this one's place.",
          retry: "never",
        },
      });
      assert.deepEqual(await store().expireWaiting(NOW + 49), []);
      const expired = await store().expireWaiting(NOW + 50);
      assert.deepEqual(
        expired.map(({ commandId, outcome }) => [commandId, outcome]),
        [["new", "expired"]],
      );
      assert.deepEqual(await store().expireWaiting(NOW + 50), []);
      const bodies = (await store().peekOutbox({ limit: 10, now: NOW })).map(({ body }) => body["commandId"]);
      assert.deepEqual(bodies, ["old"]);
    });

    it("is forgotten some time after it ended, and only then", async () => {
      await reopen({ endedMs: 1_000, endedCommands: 2 });
      for (const id of ["a", "b", "c", "d"]) await store().recordCommand(read(id));
      for (const [i, id] of ["a", "b", "c"].entries())
        await store().finishCommand(id, { outcome: "read" }, NOW + i * 1_000);
      assert.deepEqual(await store().prune(NOW + 1_000), { commands: 1, readings: 0 });
      assert.equal(await store().command("a"), undefined);
      assert.deepEqual(await store().prune(NOW + 1_001), { commands: 0, readings: 0 });
      assert.deepEqual(await store().prune(NOW - 86_400_000), { commands: 0, readings: 0 });
      assert.deepEqual((await store().stats()).commands, { waiting: 1, sending: 0, done: 2 });
    });

    it("is refused when too many are open", async () => {
      await reopen({ openCommands: 2 });
      await store().recordCommand(read("a"));
      await store().recordCommand(read("b"));
      await assert.rejects(store().recordCommand(read("c")), withCode("QUEUE_FULL"));
      await store().finishCommand("a", { outcome: "read" }, NOW);
      assert.equal((await store().recordCommand(read("c"))).kind, "new");
    });

    it("is refused when it contradicts the one its id belongs to", async () => {
      await store().recordCommand(tokenLoad("a"));
      const conflict = withCode("COMMAND_CONFLICT");
      await assert.rejects(store().recordCommand(tokenLoad("a", { meterSerialNumber: "9" })), conflict);
      await assert.rejects(
        store().recordCommand(tokenLoad("a", { token: TOKEN.replace("1", "2") })),
        conflict,
      );
      await assert.rejects(store().recordCommand(read("a")), conflict);
    });
  });

  describe("a repeated command", () => {
    it("whose outcome is unknown is verified under its own id, with a token to send again", async () => {
      await store().recordCommand(tokenLoad("a", { hasBackendId: false }));
      await store().markSending("a", NOW, { link: "7" });
      await store().finishCommand("a", { outcome: "unknown" }, NOW);
      const again = tokenLoad("b", { hasBackendId: false, origin: "node" });
      assert.deepEqual(await store().recordCommand(again), { kind: "verify", commandId: "a" });
      const command = await store().command("a");
      assert.equal(command?.state, "sending");
      assert.equal(command?.leftOver, true);
      assert.equal(command?.payload["token"], TOKEN);
      assert.equal(command?.origin, "node");
      assert.equal(command?.result, undefined);
      assert.deepEqual(await store().recordCommand(tokenLoad("c", { hasBackendId: false })), {
        kind: "joined",
        commandId: "a",
      });
      assert.equal((await store().finishCommand("a", { outcome: "used" }, NOW)).kind, "finished");
      assert.equal(await store().command("b"), undefined);
    });

    it("is found once its meter's own spelling is known, and keeps its own then", async () => {
      const own = { hasBackendId: false };
      await store().recordCommand(tokenLoad("long", { ...own, meterSerialNumber: "058000123" }));
      assert.deepEqual(await store().respell("long", "58000123"), { kind: "new" });
      assert.equal((await store().command("long"))?.meterSerialNumber, "58000123");
      assert.deepEqual(await store().recordCommand(tokenLoad("plain", own)), {
        kind: "joined",
        commandId: "long",
      });
      await store().recordCommand(tokenLoad("longer", { ...own, meterSerialNumber: "0058000123" }));
      const joined = { kind: "joined", commandId: "long" };
      assert.deepEqual(await store().respell("longer", "58000123"), joined);
      assert.deepEqual(await store().respell("longer", "58000123"), joined, "in the next life as well");
      await store().finishCommand("long", { outcome: "accepted" }, NOW);
      assert.equal((await store().respell("longer", "58000123")).kind, "answered");
      // A backend's id is a key of its own, and what is no token load has none that lasts.
      await store().recordCommand(tokenLoad("id", { meterSerialNumber: "058000123" }));
      await store().recordCommand(relay("off", "disconnect", { ...own, meterSerialNumber: "058000123" }));
      for (const id of ["id", "off"])
        assert.deepEqual(await store().respell(id, "58000123"), { kind: "new" });
    });

    it("connect–disconnect–connect without ids is three commands", async () => {
      const without = (at: number) => ({ hasBackendId: false, acceptedAt: NOW + at });
      assert.equal((await store().recordCommand(relay("a", "connect", without(0)))).kind, "new");
      assert.equal((await store().recordCommand(relay("b", "disconnect", without(1)))).kind, "new");
      assert.equal((await store().recordCommand(relay("c", "connect", without(2)))).kind, "new");
      assert.equal((await store().recordCommand(relay("d", "connect", without(3)))).kind, "joined");
      assert.equal((await store().recordCommand(relay("e", "connect", without(10_002)))).kind, "new");
      // A clock set back by an hour makes no repetition of it.
      assert.equal((await store().recordCommand(relay("f", "connect", without(-3_600_000)))).kind, "new");
    });
  });
}
