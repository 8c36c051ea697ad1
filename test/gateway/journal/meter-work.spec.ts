/** Writes, methods, clocks and firmware over links that break and gateways that die, judged by what the meter got. */
import assert from "node:assert/strict";
import { sealImage } from "../../../src/simulator/behaviours/image.js";
import { type Faults } from "../../../src/simulator/faults.js";
import { systemClock } from "../../../src/transport/clock.js";
import { type CommandName, type CommandResult } from "../../../src/gateway/messages.js";
import { type DialledIn } from "../bench.js";
import { meter, relay, serial, switches, useGateways } from "./fixture.js";
import { type Gateway, until } from "./journal-bench.js";

const CLOCK = "0-0:1.0.0.255";
const IMAGE = "0-0:44.0.0.255";
const on = { meterSerialNumber: serial };
const zone = { ...on, obisCode: CLOCK, attributeId: 3, value: -180 };
const shift = { ...on, obisCode: CLOCK, methodId: 6, value: 60 };
const rightClock = (): object => ({ ...meter, epochAtZero: systemClock.epochMs() - systemClock.now() });
/** Forty blocks of the simulated meter. */
const image = sealImage(new Uint8Array(20_000).fill(5), "FW-2");
const update = { ...on, image, identifier: "FW-2" };

function sent(dialled: DialledIn, pattern: RegExp): number {
  return dialled.received().match(pattern)?.length ?? 0;
}
const sets = /C101..0008/g;
const actions = /C301..0008/g;
const blocks = /C301..001200002C0000FF02/g;
const activations = /C301..001200002C0000FF04/g;

describe("journal: writes, methods and clocks", () => {
  const { make, again } = useGateways();

  async function withFaults(faults: Faults): Promise<[Gateway, DialledIn]> {
    const gateway = await make();
    const dialled = await gateway.bench.dialIn({ ...rightClock(), ...meter, faults });
    await gateway.bench.event("associated", serial);
    return [gateway, dialled];
  }

  const cases: readonly (readonly [string, CommandName, object, Faults, string, RegExp])[] = [
    [
      "a write that arrived",
      "write-meter",
      zone,
      { hangUp: "after-effect", hangUpOn: "set" },
      "written",
      sets,
    ],
    [
      "a write that did not",
      "write-meter",
      zone,
      { hangUp: "before-effect", hangUpOn: "set" },
      "unknown",
      sets,
    ],
    [
      "a clock that was set",
      "meter-clock",
      { ...on, action: "set" },
      { hangUp: "after-effect", hangUpOn: "set" },
      "set",
      sets,
    ],
    ["a method", "call-method", shift, { hangUp: "after-effect", hangUpOn: "action" }, "unknown", actions],
  ];
  for (const [name, command, payload, faults, outcome, requests] of cases)
    it(`${name}, and the link broke: ${outcome}, sent once`, async () => {
      const [gateway, dialled] = await withFaults(faults);
      const running = gateway.run(command, { ...payload, commandId: "c" });
      await gateway.bench.event("disconnected", serial);
      if (command !== "call-method") await gateway.bench.reconnect(dialled);
      const result = await running;
      assert.equal(result?.outcome, outcome, JSON.stringify(result));
      assert.equal(result.success, outcome !== "unknown");
      assert.equal(result.attempts, 1);
      assert.equal(sent(dialled, requests), 1);
    });

  it("the same id is the same command: it is answered, and another content refused", async () => {
    const [gateway, dialled] = await withFaults({});
    const first = await gateway.run("call-method", { ...shift, commandId: "c" });
    assert.equal(first?.outcome, "done", JSON.stringify(first));
    const second = await gateway.run("call-method", { ...shift, commandId: "c", note: "again" });
    assert.deepEqual([second?.outcome, second?.note], ["done", "again"]);
    assert.equal(sent(dialled, actions), 1);
    const other = await gateway.run("call-method", { ...shift, value: 61, commandId: "c" });
    assert.deepEqual([other?.outcome, other?.error?.code], ["invalid", "COMMAND_CONFLICT"]);
    const anew = await gateway.run("call-method", shift);
    assert.equal(anew?.outcome, "done", "without an id it is a new one");
    assert.equal(sent(dialled, actions), 2);
  });

  it("a write that waits for its meter survives a restart and is written once", async () => {
    const gateway = await make();
    const dialled = await gateway.bench.dialIn(meter);
    await gateway.bench.event("associated", serial);
    dialled.hangUp();
    await gateway.bench.event("disconnected", serial);
    const waiting = gateway.run("write-meter", { ...zone, commandId: "c" });
    await until(() => gateway.progress.length === 1, "it waits");
    const next = await again(gateway);
    assert.equal(await waiting, undefined);
    const results: CommandResult[] = [];
    next.journal.recover("node", (result) => results.push(result));
    const back = await next.bench.dialIn(meter);
    await until(() => results.length === 1, "the result");
    assert.equal(results[0]?.outcome, "written", JSON.stringify(results));
    assert.equal(sent(back, sets), 1);
  });
});

describe("journal: firmware", () => {
  const { make, again } = useGateways();

  async function online(): Promise<[Gateway, DialledIn]> {
    const gateway = await make();
    const dialled = await gateway.bench.dialIn({ ...meter, objects: "hexcell" });
    await gateway.bench.event("associated", serial);
    return [gateway, dialled];
  }

  /** Runs `then` once the meter has this many blocks. */
  function atBlock(gateway: Gateway, count: number, then: () => void): void {
    let isDone = false;
    gateway.bench.listener.on("progress", ({ phase, done = 0 }) => {
      if (isDone || phase !== "transferring" || done < count) return;
      isDone = true;
      then();
    });
  }

  it("is transferred, verified and activated; a relay command goes between two blocks", async () => {
    const [gateway, dialled] = await online();
    let switched: Promise<CommandResult | undefined> | undefined;
    let blocksAtSwitch = 0;
    atBlock(gateway, 5, () => {
      switched = gateway.run("remote-control", relay("disconnect"));
      void switched.then(() => (blocksAtSwitch = sent(dialled, blocks)));
    });
    const result = await gateway.run("meter-firmware", update);
    assert.equal(result?.outcome, "activated", JSON.stringify(result));
    assert.deepEqual([result.success, result.action], [true, "update"]);
    assert.deepEqual(
      [result.firmware?.status, result.firmware?.total, result.firmware?.resumed],
      ["activation-successful", 40, false],
    );
    assert.equal((await switched)?.outcome, "disconnected");
    assert.ok(blocksAtSwitch >= 5 && blocksAtSwitch < 40, `switched after ${blocksAtSwitch} of 40 blocks`);
    assert.equal(sent(dialled, blocks), 40);
    assert.equal(switches(dialled), 1);
    const status = await gateway.run("meter-firmware", { ...on, action: "status" });
    assert.deepEqual([status?.outcome, status?.firmware?.status], ["read", "activation-successful"]);
    const version = await gateway.run("read-meter", { ...on, obisCode: "1-0:0.2.0.255", classId: 1 });
    assert.equal(version?.readings?.[0]?.value, "FW-2");
  });

  it("goes on where it stopped when the link breaks", async () => {
    const [gateway, dialled] = await online();
    atBlock(gateway, 10, () => dialled.hangUp());
    const running = gateway.run("meter-firmware", { ...update, action: "transfer" });
    await gateway.bench.event("disconnected", serial);
    assert.equal(gateway.finals.length, 0);
    await gateway.bench.reconnect(dialled);
    const result = await running;
    assert.equal(result?.outcome, "verified", JSON.stringify(result));
    assert.equal(result.firmware?.resumed, true);
    assert.equal(sent(dialled, activations), 0);
    const activated = await gateway.run("meter-firmware", { ...on, action: "activate" });
    assert.equal(activated?.outcome, "activated", JSON.stringify(activated));
  });

  it("does not survive a restart half done, but the meter keeps its blocks", async () => {
    const [gateway, dialled] = await online();
    atBlock(gateway, 10, () => dialled.hangUp());
    const running = gateway.run("meter-firmware", { ...update, commandId: "f" });
    await gateway.bench.event("disconnected", serial);
    const next = await again(gateway);
    assert.equal(await running, undefined);
    const results: CommandResult[] = [];
    next.journal.recover("node", (result) => results.push(result));
    await next.bench.reconnect(dialled);
    await until(() => results.length === 1, "the result");
    assert.deepEqual(
      [results[0]?.outcome, results[0]?.error?.code, results[0]?.recovered],
      ["interrupted", "IMAGE_INCOMPLETE", true],
    );
    const result = await next.run("meter-firmware", { ...update, commandId: "f" });
    assert.equal(result?.outcome, "activated", JSON.stringify(result));
    assert.equal(result.firmware?.resumed, true);
  });

  it("finds out by its status what became of an activation", async () => {
    const [gateway, dialled] = await online();
    await gateway.run("meter-firmware", { ...update, action: "transfer" });
    dialled.tell({ type: "faults", faults: { hangUp: "after-effect", hangUpOn: "action" } });
    const running = gateway.run("meter-firmware", { ...on, action: "activate" });
    await gateway.bench.event("disconnected", serial);
    await gateway.bench.reconnect(dialled);
    const result = await running;
    assert.equal(result?.outcome, "activated", JSON.stringify(result));
    assert.equal(sent(dialled, activations), 1);
  });

  it("tells a rejected image and a meter that takes none", async () => {
    const [gateway] = await online();
    const broken = image.slice();
    broken[7] = 1;
    const rejected = await gateway.run("meter-firmware", { ...update, image: broken });
    assert.deepEqual([rejected?.outcome, rejected?.error?.code], ["rejected", "IMAGE_REJECTED"]);
    await gateway.run("write-meter", { ...on, obisCode: IMAGE, classId: 18, attributeId: 5, value: false });
    const refused = await gateway.run("meter-firmware", update);
    assert.deepEqual([refused?.outcome, refused?.error?.code], ["refused", "IMAGE_DISABLED"]);
  });
});
