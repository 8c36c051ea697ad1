/** The journal over real sockets: idempotency, waiting, order, and what a store that fails does to commands. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DlmsError } from "../../../src/core/errors.js";
import { parseCommand } from "../../../src/gateway/messages.js";
import { dialectByName } from "../../../src/meter-types/dialects/index.js";
import { presets } from "../../../src/meter-types/presets.js";
import { openStore, type StoreUse } from "../../../src/store/index.js";
import { type Clock, systemClock } from "../../../src/transport/clock.js";
import { type DialledIn } from "../bench.js";
import { Gateway, type GatewayOptions, newFolder, removeFolders, until } from "./journal-bench.js";

const serial = "46000755036";
const token = "12345678901234567890";
const other = "12345678901234567891";
const dialect = dialectByName("plain-wrapper");
assert.ok(dialect);
const meterType = {
  ...presets.standard,
  association: { ...presets.standard.association, framing: "wrapper" as const },
};
const listenerOptions = { defaultMeterType: meterType };
const energy = { meterSerialNumber: serial, obisCode: "1-0:1.8.0.255" };
const meter = { serial, meterType, dialect };

const relay = (action: "connect" | "disconnect", more: object = {}): Record<string, unknown> => ({
  meterSerialNumber: serial,
  action,
  ...more,
});
const load = (more: object = {}): Record<string, unknown> => ({ meterSerialNumber: serial, token, ...more });

/** ACTIONs on the token gateway that this meter was sent. */
const tokensSent = (dialled: DialledIn): number =>
  dialled.received().match(/C301..00730000132800FF01/g)?.length ?? 0;
const switches = (dialled: DialledIn): number =>
  dialled.received().match(/C301..0046000060030AFF0[12]/g)?.length ?? 0;

/** The meter was there, and is away. */
async function knownAndAway(gateway: Gateway): Promise<void> {
  const dialled = await gateway.bench.dialIn(meter);
  await gateway.bench.event("associated", serial);
  dialled.hangUp();
  await gateway.bench.event("disconnected", serial);
  gateway.bench.meterEvents.length = 0;
}

describe("journal", () => {
  const gateways: Gateway[] = [];
  async function make(options: GatewayOptions = {}): Promise<Gateway> {
    const gateway = await new Gateway({ listenerOptions, ...options }).open();
    gateways.push(gateway);
    return gateway;
  }
  async function online(options: GatewayOptions = {}): Promise<[Gateway, DialledIn]> {
    const gateway = await make(options);
    const dialled = await gateway.bench.dialIn(meter);
    await gateway.bench.event("associated", serial);
    return [gateway, dialled];
  }
  async function again(gateway: Gateway, options: GatewayOptions = {}): Promise<Gateway> {
    const next = await gateway.restart({ listenerOptions, ...options });
    gateways.push(next);
    return next;
  }
  afterEach(async () => {
    for (const gateway of gateways.splice(0)) await gateway.close();
  });
  after(removeFolders);

  describe("marks", () => {
    it("nothing leaves before the mark is durable", async () => {
      let release: (() => void) | undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      let marks = 0;
      const [gateway, dialled] = await online({
        tamper: (store) => ({
          ...store,
          get failure() {
            return store.failure;
          },
          markSending: async (...args) => {
            marks++;
            await held;
            return store.markSending(...args);
          },
        }),
      });
      const switching = gateway.run("remote-control", relay("disconnect"));
      await until(() => marks === 1, "the mark is asked for");
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert.equal(switches(dialled), 0);
      release?.();
      assert.equal((await switching)?.outcome, "disconnected");
      assert.equal(switches(dialled), 1);
      assert.equal((await gateway.run("remote-load", load()))?.outcome, "accepted");
      assert.equal(marks, 2);
    });

    it("a mark that fails keeps the request back, and the result says why", async () => {
      const [gateway, dialled] = await online({
        tamper: (store) => ({
          ...store,
          get failure() {
            return store.failure;
          },
          markSending: () => Promise.reject(new DlmsError("STORE_FULL")),
        }),
      });
      for (const result of [
        await gateway.run("remote-control", relay("disconnect")),
        await gateway.run("remote-load", load()),
      ]) {
        assert.equal(result?.outcome, "not-sent", JSON.stringify(result));
        assert.equal(result.error?.code, "STORE_FULL");
      }
      assert.equal(switches(dialled) + tokensSent(dialled), 0);
    });
  });

  describe("repetitions", () => {
    it("the same token twice reaches the meter once, with a restart between as well", async () => {
      const [gateway, dialled] = await online();
      const [first, second] = await Promise.all([
        gateway.run("remote-load", load({ commandId: "a", note: "first" })),
        gateway.run("remote-load", load({ commandId: "b", note: "second" })),
      ]);
      const third = await gateway.run("remote-load", load({ token: "1234 5678 9012 3456 7890" }));
      assert.deepEqual(
        [first, second, third].map((result) => result?.outcome),
        ["accepted", "accepted", "accepted"],
      );
      assert.equal(first?.commandId, "a");
      assert.equal(second?.commandId, "b");
      assert.equal(second.repeats, "a");
      assert.equal(second.note, "second");
      const next = await again(gateway);
      await next.bench.reconnect(dialled);
      await next.bench.event("associated", serial);
      const fourth = await next.run("remote-load", load());
      assert.equal(fourth?.outcome, "accepted");
      assert.equal(tokensSent(dialled), 1);
      assert.equal(gateway.bench.ledger.credits(serial).length, 1);
      assert.deepEqual(gateway.bench.ledger.refusals(serial), []);
    });

    it("the same commandId runs once, however often its message comes", async () => {
      const [gateway, dialled] = await online();
      const message = relay("disconnect", { commandId: "c" });
      const results = await Promise.all([1, 2, 3].map(() => gateway.run("remote-control", message)));
      results.push(await gateway.run("remote-control", message));
      assert.deepEqual(
        results.map((result) => result?.outcome),
        Array(4).fill("disconnected"),
      );
      assert.equal(switches(dialled), 1);
    });

    it("a commandId that belongs to another command is refused", async () => {
      const [gateway, dialled] = await online();
      await gateway.run("remote-control", relay("disconnect", { commandId: "c" }));
      for (const result of [
        await gateway.run("remote-control", relay("connect", { commandId: "c" })),
        await gateway.run("remote-load", load({ commandId: "c" })),
      ]) {
        assert.equal(result?.outcome, "invalid", JSON.stringify(result));
        assert.equal(result.error?.code, "COMMAND_CONFLICT");
      }
      assert.equal(switches(dialled), 1);
      assert.equal(tokensSent(dialled), 0);
    });

    it("what a bridge recorded is what runs: another token under its id is refused", async () => {
      const [gateway, dialled] = await online();
      await gateway.journal.record(parseCommand("remote-load", load({ commandId: "c" })), {
        origin: "hes",
        hasBackendId: true,
      });
      const wrong = await gateway.run("remote-load", load({ commandId: "c", token: other }));
      assert.equal(wrong?.error?.code, "COMMAND_CONFLICT");
      const right = await gateway.run("remote-load", load({ commandId: "c" }));
      assert.equal(right?.outcome, "accepted");
      assert.equal(tokensSent(dialled), 1);
      const items = await (await gateway.store()).peekOutbox({ limit: 10, now: Date.now() });
      assert.deepEqual(
        items.map(({ kind, body }) => [kind, body.commandId, body.outcome]),
        [["result", "c", "accepted"]],
      );
      assert.deepEqual(
        gateway.finals.map(({ by, origin, result }) => [by, origin, result.commandId]),
        [["bridge", "hes", "c"]],
      );
    });

    it("connect, disconnect, connect within a second without ids ends connected", async () => {
      const [gateway] = await online();
      await gateway.run("remote-control", relay("disconnect"));
      const results = await Promise.all(
        (["connect", "disconnect", "connect"] as const).map((action) =>
          gateway.run("remote-control", relay(action)),
        ),
      );
      assert.equal(results[2]?.outcome, "connected", JSON.stringify(results));
      for (const result of results.slice(0, 2))
        assert.ok(result?.outcome === "superseded" || result?.success === true, JSON.stringify(results));
      assert.equal(gateway.bench.ledger.relayChanges(serial).at(-1)?.state, 1);
    });

    it("the order in which the backend spoke counts, not the order in which the flow hands on", async () => {
      const [gateway, dialled] = await online();
      await gateway.run("remote-control", relay("disconnect"));
      for (const [commandId, action] of [
        ["1", "connect"],
        ["2", "disconnect"],
        ["3", "connect"],
      ] as const)
        await gateway.journal.record(parseCommand("remote-control", relay(action, { commandId })), {
          origin: "hes",
          hasBackendId: true,
        });
      const third = await gateway.run("remote-control", relay("connect", { commandId: "3" }));
      const first = await gateway.run("remote-control", relay("connect", { commandId: "1" }));
      const second = await gateway.run("remote-control", relay("disconnect", { commandId: "2" }));
      assert.deepEqual(
        [first, second, third].map((result) => result?.outcome),
        ["superseded", "superseded", "connected"],
      );
      assert.equal(switches(dialled), 2);
    });

    it("a token that expired unsent is accepted when it is sent again", async () => {
      const gateway = await make();
      await knownAndAway(gateway);
      const expired = await gateway.run("remote-load", load({ ttl: 0.2 }));
      assert.equal(expired?.outcome, "expired", JSON.stringify(expired));
      await gateway.bench.dialIn(meter);
      await gateway.bench.event("associated", serial);
      const sent = await gateway.run("remote-load", load());
      assert.equal(sent?.outcome, "accepted", JSON.stringify(sent));
      assert.equal(gateway.bench.ledger.credits(serial).length, 1);
    });
  });

  describe("meters that are away", () => {
    it("commands wait and start when the meter is back, the relay first", async () => {
      const gateway = await make();
      await knownAndAway(gateway);
      const running = [
        gateway.run("read-meter", energy),
        gateway.run("remote-load", load()),
        gateway.run("remote-control", relay("disconnect")),
      ];
      await until(() => gateway.progress.length === 3, "all three wait");
      const dialled = await gateway.bench.dialIn(meter);
      const results = await Promise.all(running);
      assert.deepEqual(
        results.map((result) => result?.outcome),
        ["read", "accepted", "disconnected"],
      );
      assert.ok(
        dialled.received().indexOf("0046000060030AFF01") < dialled.received().indexOf("00730000132800FF01"),
      );
    });

    it("fail at once where that is chosen, and where nobody has ever seen the meter", async () => {
      const gateway = await make({ offline: "fail" });
      await knownAndAway(gateway);
      const away = await gateway.run("remote-load", load());
      assert.equal(away?.outcome, "not-sent");
      assert.equal(away.error?.code, "METER_OFFLINE");
      const waiting = await make();
      const unknown = await waiting.run("remote-load", load());
      assert.equal(unknown?.outcome, "not-sent");
      assert.equal(unknown.error?.code, "METER_UNKNOWN");
      assert.equal((await (await waiting.store()).stats()).commands.done, 0);
    });

    it("a bridge's word is enough for a meter that nobody has seen, in any spelling", async () => {
      const hexcell = dialectByName("hexcell-login");
      assert.ok(hexcell);
      const gateway = await make({ listenerOptions: {} });
      const payload = { meterSerialNumber: `0${serial}`, token, commandId: "c" };
      await gateway.journal.record(parseCommand("remote-load", payload), {
        origin: "hes",
        hasBackendId: true,
      });
      const loading = gateway.run("remote-load", payload);
      await until(() => gateway.progress.includes("waiting"), "it waits");
      await gateway.bench.dialIn({
        serial,
        meterType: presets.hexcell,
        dialect: hexcell,
        objects: "hexcell",
      });
      assert.equal((await loading)?.outcome, "accepted");
    });

    it("a newer relay command ends a waiting older one at once", async () => {
      const gateway = await make();
      await knownAndAway(gateway);
      const older = gateway.run("remote-control", relay("disconnect"));
      await until(() => gateway.progress.length === 1, "it waits");
      const newer = gateway.run("remote-control", relay("connect"));
      const result = await older;
      assert.equal(result?.outcome, "superseded", JSON.stringify(result));
      const dialled = await gateway.bench.dialIn(meter);
      assert.equal((await newer)?.outcome, "connected");
      assert.equal(switches(dialled), 1);
    });

    it("are bounded per meter", async () => {
      const gateway = await make({ listenerOptions: { ...listenerOptions, maxCommandsPerMeter: 2 } });
      await knownAndAway(gateway);
      void gateway.run("remote-load", load());
      void gateway.run("remote-load", load({ token: other }));
      await until(() => gateway.progress.length === 2, "two wait");
      const third = await gateway.run("read-meter", energy);
      assert.equal(third?.error?.code, "QUEUE_FULL", JSON.stringify(third));
    });

    it("what a bridge recorded and nobody executed expires, and its result is in the outbox", async () => {
      const gateway = await make();
      await gateway.journal.record(parseCommand("remote-load", load({ commandId: "c", ttl: 0.2, note: 7 })), {
        origin: "hes",
        hasBackendId: true,
      });
      await until(() => gateway.finals.length === 1, "it expires");
      const [item] = await (await gateway.store()).peekOutbox({ limit: 10, now: Date.now() });
      assert.equal(item?.body.outcome, "expired");
      assert.equal(item.body.note, 7);
      assert.equal(item.meterSerialNumber, serial);
    });

    it("neither a clock that is set ahead nor one that is set back makes a difference", async () => {
      let shiftMs = 0;
      const clock: Clock = { ...systemClock, epochMs: () => systemClock.epochMs() + shiftMs };
      const gateway = await make({ clock });
      await knownAndAway(gateway);
      const short = gateway.run("remote-control", relay("disconnect", { ttl: 1 }));
      const long = gateway.run("remote-load", load({ ttl: 600 }));
      await until(() => gateway.progress.length === 2, "both wait");
      shiftMs = -86_400_000;
      assert.equal((await short)?.outcome, "expired", "a clock set back does not let it live on");
      shiftMs = 86_400_000;
      await gateway.bench.dialIn(meter);
      assert.equal((await long)?.outcome, "accepted", "a clock set ahead does not end it");
    });
  });

  describe("links that break", () => {
    it("an unknown token is looked for when the meter is back; the one result comes then", async () => {
      const [gateway, dialled] = await online();
      dialled.tell({ type: "faults", faults: { hangUp: "after-effect", hangUpOn: "action" } });
      const loading = gateway.run("remote-load", load());
      await gateway.bench.event("disconnected", serial);
      await until(() => gateway.progress.includes("verifying"), "it waits to be verified");
      await gateway.bench.reconnect(dialled);
      const result = await loading;
      assert.equal(result?.outcome, "accepted", JSON.stringify(result));
      assert.equal(gateway.bench.ledger.credits(serial).length, 1);
      assert.equal(tokensSent(dialled), 1);
    });

    it("stays unknown when the meter does not come back in time", async () => {
      const [gateway, dialled] = await online({ verifyMs: 300 });
      dialled.tell({ type: "faults", faults: { hangUp: "after-effect", hangUpOn: "action" } });
      const result = await gateway.run("remote-control", relay("disconnect", { ttl: 0.5 }));
      assert.equal(result?.outcome, "unknown", JSON.stringify(result));
      assert.equal(result.success, false);
      assert.equal(result.attempts, 1);
      assert.equal(await gateway.stateOf(result.commandId), "done");
    });

    it("verification is not undone by a newer relay command", async () => {
      const [gateway, dialled] = await online();
      dialled.tell({ type: "faults", faults: { hangUp: "before-effect", hangUpOn: "action" } });
      const older = gateway.run("remote-control", relay("disconnect"));
      await gateway.bench.event("disconnected", serial);
      const newer = gateway.run("remote-control", relay("connect"));
      await gateway.bench.reconnect(dialled);
      assert.equal((await newer)?.outcome, "connected");
      const result = await older;
      assert.equal(result?.outcome, "unknown", JSON.stringify(result));
      assert.equal(gateway.bench.ledger.relayChanges(serial).at(-1)?.state ?? 1, 1);
    });
  });

  describe("ends and beginnings", () => {
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

  describe("a store that cannot be had", () => {
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
});
