/** The journal over real sockets: meters that are away, and links that break on the way. */
import assert from "node:assert/strict";
import { parseCommand } from "../../../src/gateway/messages.js";
import { dialectByName } from "../../../src/meter-types/dialects/index.js";
import { presets } from "../../../src/meter-types/presets.js";
import { type Clock, systemClock } from "../../../src/transport/clock.js";
import {
  energy,
  knownAndAway,
  listenerOptions,
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
import { until } from "./journal-bench.js";

describe("journal: meters that are away", () => {
  const { make, again } = useGateways();
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

  it("a meter that an earlier life has met is waited for, and known in any spelling; a stranger is not", async () => {
    const hexcell = dialectByName("hexcell-login");
    assert.ok(hexcell);
    const dialled = { serial, meterType: presets.hexcell, dialect: hexcell, objects: "hexcell" } as const;
    const first = await make({ listenerOptions: {} });
    const before = await first.bench.dialIn(dialled);
    await first.bench.event("associated", serial);
    before.hangUp();
    const next = await again(first, { listenerOptions: {} });
    const stranger = await next.run("remote-load", load({ meterSerialNumber: "46000755037" }));
    assert.equal(stranger?.error?.code, "METER_UNKNOWN");
    const loading = [serial, `0${serial}`].map((meterSerialNumber) =>
      next.run("remote-load", load({ meterSerialNumber })),
    );
    await until(() => next.progress.includes("waiting"), "it waits");
    assert.equal((await (await next.store()).openCommands()).length, 1, "the same command");
    await next.bench.dialIn(dialled);
    const [one, two] = await Promise.all(loading);
    assert.deepEqual([one?.outcome, two?.outcome], ["accepted", "accepted"]);
    assert.ok(one?.repeats === two?.commandId || two?.repeats === one?.commandId);
    assert.equal(next.bench.ledger.credits(serial).length, 1);
  });

  it("one token under two spellings of a meter that nobody has met reaches it once, with a restart between as well", async () => {
    const hexcell = dialectByName("hexcell-login");
    assert.ok(hexcell);
    const dialled = { serial, meterType: presets.hexcell, dialect: hexcell, objects: "hexcell" } as const;
    const gateway = await make({ listenerOptions: {} });
    const spellings = [`0${serial}`, serial, `00${serial}`];
    const payloads = spellings.map((meterSerialNumber, i) => load({ meterSerialNumber, commandId: `c${i}` }));
    for (const payload of payloads)
      await gateway.journal.record(parseCommand("remote-load", payload), {
        origin: "hes",
        hasBackendId: false,
      });
    assert.equal((await (await gateway.store()).openCommands()).length, 3);
    const next = await again(gateway, { listenerOptions: {} });
    const loading = payloads.map((payload) => next.run("remote-load", payload));
    await until(() => next.progress.length === 3, "all wait");
    await next.bench.dialIn(dialled);
    const results = await Promise.all(loading);
    assert.deepEqual(
      results.map((result) => result?.outcome),
      ["accepted", "accepted", "accepted"],
    );
    assert.deepEqual(
      results.map((result) => result?.commandId),
      ["c0", "c1", "c2"],
    );
    assert.equal(results.filter((result) => result?.repeats !== undefined).length, 2);
    assert.equal(next.bench.ledger.credits(serial).length, 1);
    assert.equal(next.bench.ledger.refusals(serial).length, 0, "the meter was asked once");
    assert.equal((await (await next.store()).outboxCounts()).result.count, 3);
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

  it("are bounded in all", async () => {
    const gateway = await make({ listenerOptions: { ...listenerOptions, maxCommands: 2 } });
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

describe("journal: links that break", () => {
  const { online } = useGateways();
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
