/** The journal over real sockets: marks before the first octet, and repetitions. */
import assert from "node:assert/strict";
import { DlmsError } from "../../../src/core/errors.js";
import { parseCommand } from "../../../src/gateway/messages.js";
import {
  knownAndAway,
  load,
  meter,
  other,
  relay,
  serial,
  switches,
  tokensSent,
  useGateways,
} from "./fixture.js";
import { until } from "./journal-bench.js";

describe("journal: marks", () => {
  const { online } = useGateways();
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

describe("journal: repetitions", () => {
  const { make, online, again } = useGateways();
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
