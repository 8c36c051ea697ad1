/** The journal over real sockets: its ends and beginnings, and stores that cannot be had. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DlmsError } from "../../../src/core/errors.js";
import { parseCommand } from "../../../src/gateway/messages.js";
import { type CommandEntry, openStore, type StoreUse } from "../../../src/store/index.js";
import { type Clock, systemClock } from "../../../src/transport/clock.js";
import {
  energy,
  knownAndAway,
  load,
  meter,
  other,
  relay,
  serial,
  switches,
  token,
  tokensSent,
  useGateways,
} from "./fixture.js";
import { newFolder, until } from "./journal-bench.js";

describe("journal: ends and beginnings", () => {
  const { make, again, online } = useGateways();
  it("closing leaves waiting commands open; their node gets the result in its next life", async () => {
    const gateway = await make();
    await knownAndAway(gateway);
    const loading = gateway.run("remote-load", load({ commandId: "c", note: "mine" }));
    await until(() => gateway.progress.length === 1, "it waits");
    const next = await again(gateway);
    assert.equal(await loading, undefined);
    assert.equal(await next.stateOf("c"), "waiting");
    const results: Record<string, unknown>[] = [];
    next.journal.recover("node", (result) => results.push(result));
    await next.bench.dialIn(meter);
    await until(() => results.length === 1, "the result");
    assert.deepEqual(
      [results[0]?.outcome, results[0]?.recovered, results[0]?.note],
      ["accepted", true, "mine"],
    );
    assert.deepEqual(next.orphans, []);
  });

  it("a command that waits behind another one at its meter is not ended by the close", async () => {
    const [gateway, dialled] = await online();
    dialled.tell({ type: "faults", faults: { delayMs: 300 } });
    void gateway.run("remote-control", relay("disconnect", { commandId: "first" }));
    await until(() => switches(dialled) === 1, "the relay is asked");
    const loading = gateway.run("remote-load", load({ commandId: "c" }));
    await until(
      () => gateway.bench.listener.registry.find(serial)?.queued === 2,
      "the token waits behind it",
    );
    const next = await again(gateway);
    assert.equal(await loading, undefined);
    assert.equal(await next.stateOf("c"), "waiting");
    const results: Record<string, unknown>[] = [];
    next.journal.recover("node", (result) => results.push(result));
    await next.bench.dialIn(meter);
    await until(() => results.length === 2, "both results");
    assert.equal(results.find(({ commandId }) => commandId === "c")?.outcome, "accepted");
    assert.equal(next.bench.ledger.credits(serial).length, 1);
  });

  it("a result that comes while its node is away waits in the store, and is told once, in another life as well", async () => {
    const gateway = await make({ orphanMs: 60_000 });
    await knownAndAway(gateway);
    const leave = gateway.journal.recover("node", () => assert.fail("the node is away"));
    const loading = gateway.run("remote-load", load({ commandId: "c" }));
    await until(() => gateway.progress.length === 1, "it waits");
    leave();
    assert.equal(await loading, undefined);
    await gateway.bench.dialIn(meter);
    await until(() => gateway.finals.length === 1, "it ends");
    const next = await again(gateway, { orphanMs: 60_000 });
    assert.equal(await next.stateOf("c"), "done");
    const results: Record<string, unknown>[] = [];
    next.journal.recover("another", (result) => results.push(result));
    next.journal.recover("node", (result) => results.push(result));
    await until(() => results.length === 1, "the result");
    assert.deepEqual([results[0]?.outcome, results[0]?.recovered], ["accepted", true]);
    const last = await again(next, { orphanMs: 60_000 });
    last.journal.recover("node", (result) => results.push(result));
    await last.bench.dialIn(meter);
    await last.bench.event("associated", serial);
    assert.equal(results.length, 1);
    assert.equal((await (await last.store()).outboxCounts()).result.count, 0);
  });

  it("leaves no timer behind, not even for what is recorded while it closes", async () => {
    const timers = new Set<object>();
    const clock: Clock = {
      now: () => systemClock.now(),
      epochMs: () => systemClock.epochMs(),
      at(time, fire) {
        const timer = {};
        timers.add(timer);
        const cancel = systemClock.at(time, () => {
          timers.delete(timer);
          fire();
        });
        return () => {
          timers.delete(timer);
          cancel();
        };
      },
    };
    let isRecorded = false;
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const gateway = await make({
      clock,
      orphanMs: 60_000,
      tamper: (store) =>
        Object.assign(Object.create(store) as StoreUse, {
          recordCommand: async (entry: CommandEntry) => {
            const recorded = await store.recordCommand(entry);
            isRecorded = true;
            await held;
            return recorded;
          },
        }),
    });
    await knownAndAway(gateway);
    gateway.journal.recover("node", () => undefined);
    const loading = gateway.run("remote-load", load({ commandId: "c" }));
    await until(() => isRecorded, "it is recorded");
    const closed = gateway.close();
    letGo();
    await Promise.all([loading, closed]);
    assert.equal(timers.size, 0);
  });

  it("a node that is not there any more: nothing starts for it, and it is said at the listener", async () => {
    const gateway = await make();
    await knownAndAway(gateway);
    void gateway.run("remote-load", load({ commandId: "c" }));
    await until(() => gateway.progress.length === 1, "it waits");
    const next = await again(gateway);
    await until(() => next.orphans.length === 1, "the orphan");
    assert.equal(next.orphans[0]?.outcome, "not-sent");
    assert.equal(next.orphans[0]?.error?.code, "COMMAND_ABANDONED");
    await next.bench.dialIn(meter);
    await next.bench.event("associated", serial);
    assert.equal(next.bench.ledger.credits(serial).length, 0);
  });

  it("commands of a journal that is gone go to the one that says so", async () => {
    const gateway = await make({ owner: "deleted" });
    await knownAndAway(gateway);
    void gateway.run("remote-load", load({ commandId: "c" }));
    await until(() => gateway.progress.length === 1, "it waits");
    await gateway.close();
    const stranger = await make({ file: gateway.file, owner: "b" });
    stranger.journal.start((owner) => owner === "b" || owner === "deleted");
    await until(() => stranger.orphans.length === 1, "the orphan");
  });

  it("a node that is deployed anew while its command runs gets the result, once", async () => {
    const gateway = await make();
    await knownAndAway(gateway);
    const stop = gateway.journal.recover("node", () => assert.fail("the old node is gone"));
    const loading = gateway.run("remote-load", load());
    await until(() => gateway.progress.length === 1, "it waits");
    stop();
    assert.equal(await loading, undefined);
    const results: unknown[] = [];
    gateway.journal.recover("node", (result) => results.push(result.outcome));
    await gateway.bench.dialIn(meter);
    await until(() => results.length > 0, "the result");
    assert.deepEqual(results, ["accepted"]);
  });

  it("the bridge finds what it recorded, with what it handed on", async () => {
    const gateway = await make();
    const message = { meterSerialNumber: serial, token, commandId: "c", amount: 5 };
    const options = { origin: "hes", hasBackendId: true, message };
    assert.deepEqual(await gateway.journal.record(parseCommand("remote-load", message), options), {
      kind: "new",
    });
    const next = await again(gateway);
    const [open, ...more] = await next.journal.openCommands("hes");
    assert.deepEqual(more, []);
    assert.equal(open?.state, "waiting");
    assert.deepEqual(open.message, message);
    assert.equal((await next.journal.record(parseCommand("remote-load", message), options)).kind, "joined");
    const result = { ...(await next.journal.execute(parseCommand("read-meter", energy), { origin: "n" })) };
    assert.equal(result.outcome, "not-sent");
    await next.journal.end("c", { ...result, commandId: "c", outcome: "unknown" } as never);
    assert.deepEqual(await next.journal.openCommands("hes"), []);
    assert.equal((await next.journal.record(parseCommand("remote-load", message), options)).kind, "verify");
  });
});

describe("journal: a store that cannot be had", () => {
  const { make, online } = useGateways();
  const noStore = (): Promise<StoreUse> => Promise.reject(new DlmsError("STORE_READ_ONLY"));

  it("refuses what changes state, reads all the same, and says so", async () => {
    const [gateway, dialled] = await online({ open: noStore });
    assert.equal(gateway.journal.status.durable, false);
    assert.equal(gateway.journal.status.error?.code, "STORE_READ_ONLY");
    for (const result of [
      await gateway.run("remote-control", relay("disconnect")),
      await gateway.run("remote-load", load()),
    ]) {
      assert.equal(result?.outcome, "not-sent", JSON.stringify(result));
      assert.equal(result.error?.code, "STORE_UNAVAILABLE");
    }
    await assert.rejects(
      gateway.journal.record(parseCommand("remote-load", load()), { origin: "hes", hasBackendId: true }),
      (caught) => caught instanceof DlmsError && caught.code === "STORE_UNAVAILABLE",
    );
    assert.equal((await gateway.run("read-meter", energy))?.outcome, "read");
    assert.equal(switches(dialled) + tokensSent(dialled), 0);
  });

  it("is opened as soon as it can be", async () => {
    let tries = 0;
    const file = join(newFolder(), "store.sqlite");
    const [gateway] = await online({
      open: () => (tries++ < 3 ? noStore() : openStore(file)),
    });
    await until(() => gateway.journal.status.phase === "open", "it opens");
    assert.equal((await gateway.run("remote-control", relay("disconnect")))?.outcome, "disconnected");
  });

  it("in memory where that is wanted: everything works, and the status says that nothing lasts", async () => {
    const [gateway] = await online({ open: () => openStore("volatile", { volatile: true }) });
    assert.deepEqual(gateway.journal.status, { phase: "open", durable: false });
    assert.equal((await gateway.run("remote-load", load()))?.outcome, "accepted");
    assert.equal((await gateway.run("remote-load", load()))?.outcome, "accepted");
    assert.equal(gateway.bench.ledger.credits(serial).length, 1);
  });

  it("full: refuses what is new with a code, finishes what it has, and loses nothing", async () => {
    const file = join(newFolder(), "store.sqlite");
    const gateway = await make({ open: () => openStore(file, { limits: { pages: 200 } }) });
    await knownAndAway(gateway);
    const waiting = gateway.run("remote-load", load({ commandId: "early" }));
    await until(() => gateway.progress.length === 1, "it waits");
    const accepted: string[] = [];
    let refused: unknown;
    for (let i = 0; i < 5_000 && refused === undefined; i++) {
      const commandId = `bulk-${i}`;
      const payload = { commandId, meterSerialNumber: `7${i}`, token, note: "x".repeat(1_000) };
      try {
        await gateway.journal.record(parseCommand("remote-load", payload), {
          origin: "hes",
          hasBackendId: true,
        });
        accepted.push(commandId);
      } catch (caught) {
        refused = caught;
      }
    }
    assert.ok(refused instanceof DlmsError && refused.code === "STORE_FULL", String(refused));
    const late = await gateway.run("remote-load", load({ token: other }));
    assert.equal(late?.outcome, "not-sent", JSON.stringify(late));
    assert.equal(late.error?.code, "STORE_FULL");
    const open = new Set((await gateway.journal.openCommands("hes")).map(({ commandId }) => commandId));
    assert.deepEqual(
      accepted.filter((commandId) => !open.has(commandId)),
      [],
    );
    await gateway.bench.dialIn(meter);
    assert.equal((await waiting)?.outcome, "accepted");
    assert.equal((await gateway.run("read-meter", energy))?.outcome, "read");
    assert.equal(gateway.bench.ledger.credits(serial).length, 1);
  });

  it("a result is told only when it is stored", async () => {
    let failures = 3;
    const [gateway] = await online({
      tamper: (store) => ({
        ...store,
        get failure() {
          return store.failure;
        },
        finishCommand: (...args) =>
          failures-- > 0 ? Promise.reject(new DlmsError("STORE_FULL")) : store.finishCommand(...args),
      }),
    });
    const result = await gateway.run("remote-load", load({ commandId: "c" }));
    assert.equal(result?.outcome, "accepted");
    assert.equal(failures, -1);
    assert.equal(await gateway.stateOf("c"), "done");
  });
});
