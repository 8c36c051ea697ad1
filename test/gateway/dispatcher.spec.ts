/** The order in which commands of one meter run, what a long one lets go first, and what becomes of it at the end. */
import assert from "node:assert/strict";
import { Dispatcher } from "../../src/gateway/dispatcher.js";
import { type Command, type CommandName, parseCommand } from "../../src/gateway/messages.js";
import { defaultDeadlines } from "../../src/gateway/options.js";
import { systemClock } from "../../src/transport/clock.js";

const clock = { meterSerialNumber: "1", obisCode: "0-0:1.0.0.255" };
const payloads: Readonly<Record<CommandName, Record<string, unknown>>> = {
  "meter-firmware": { ...clock, image: new Uint8Array(1), identifier: "FW" },
  "read-profile": clock,
  "read-meter": clock,
  "meter-clock": clock,
  "call-method": { ...clock, methodId: 1 },
  "write-meter": { ...clock, value: 1 },
  "remote-load": { ...clock, token: "12345678901234567890" },
  "remote-control": { ...clock, action: "connect" },
};
const command = (name: CommandName): Command => parseCommand(name, payloads[name]);

interface Bench {
  readonly dispatcher: Dispatcher;
  readonly begun: string[];
}

/** @param firmware what a firmware command does while it runs. */
function bench(firmware: (letOthers: () => Promise<void>) => Promise<void>): Bench {
  const begun: string[] = [];
  const dispatcher = new Dispatcher({
    clock: systemClock,
    deadlines: defaultDeadlines,
    maxCommandsPerMeter: 100,
    maxCommands: 100,
    log: (text) => assert.fail(text),
    run: async (_serial, { command: name }, { letOthers }) => {
      begun.push(name);
      if (name === "meter-firmware") await firmware(letOthers);
      return { success: true, outcome: "read", attempts: 1 };
    },
  });
  return { dispatcher, begun };
}

describe("gateway: the order of commands", () => {
  it("relay, token, writes, reads, firmware; those of one rank as they came", async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const { dispatcher, begun } = bench(() => held);
    const names = Object.keys(payloads) as CommandName[];
    const all = [dispatcher.submit("1", command("meter-firmware"))];
    for (const name of names) all.push(dispatcher.submit("1", command(name)));
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(begun, ["meter-firmware"], "one at a time");
    release();
    const results = await Promise.all(all);
    assert.deepEqual(begun, [
      "meter-firmware",
      "remote-control",
      "remote-load",
      "meter-clock",
      "call-method",
      "write-meter",
      "read-profile",
      "read-meter",
      "meter-firmware",
    ]);
    assert.equal(results.length, names.length + 1);
  });

  it("a firmware lets what came meanwhile go first, and nothing of its own rank", async () => {
    const order: string[] = [];
    const { dispatcher, begun } = bench(async (letOthers) => {
      order.push("block 1");
      if (order.length > 1) return;
      await letOthers();
      order.push("nothing waited");
      const others = (["meter-firmware", "read-meter", "remote-control"] as const).map((name) =>
        dispatcher.submit("1", command(name)).then(() => order.push(`${name} ended`)),
      );
      await letOthers();
      order.push("block 2");
      void Promise.all(others).then(() => order.push("all ended"));
    });
    await dispatcher.submit("1", command("meter-firmware"));
    assert.deepEqual(order.slice(0, 5), [
      "block 1",
      "nothing waited",
      "remote-control ended",
      "read-meter ended",
      "block 2",
    ]);
    assert.deepEqual(begun.slice(0, 3), ["meter-firmware", "remote-control", "read-meter"]);
  });
});
