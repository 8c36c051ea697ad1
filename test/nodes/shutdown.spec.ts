/**
 * A Node-RED process that is told to stop while a command is under way at a meter: it ends by itself and cleanly, its
 * port is free as soon as it is gone, and its next life tells what is true, once.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dialectByName, Ledger, presets, SimulatorHost } from "../../src/index.js";
import { freePort, isOpen, type FlowNode } from "../support/flow.js";
import { eventually, NodeRedProcess, written } from "../support/node-red-process.js";

const SERIAL = "45000000001";
const TOKEN = "12345678901234567890";

describe("shutdown of Node-RED", function () {
  this.timeout(180_000);
  let userDir = "";
  let meters: SimulatorHost | undefined;
  const processes: NodeRedProcess[] = [];
  beforeEach(() => {
    userDir = mkdtempSync(join(tmpdir(), "dlms-shutdown-"));
  });
  afterEach(async () => {
    await meters?.stop();
    for (const one of processes.splice(0)) if (!one.hasEnded) await one.end("SIGKILL");
    rmSync(userDir, { recursive: true, force: true });
  });

  /** Two commands by their Inject buttons; results and meter events go to a file. */
  function flow(port: number, file: string): FlowNode[] {
    const inject = (id: string, payload: object, to: string): object => ({
      id,
      type: "inject",
      props: [{ p: "payload" }],
      payload: JSON.stringify({ meterSerialNumber: SERIAL, ...payload }),
      payloadType: "json",
      wires: [[to]],
    });
    const nodes = [
      { id: "server", type: "dlms-meter-server", listener: "listener", wires: [["json"], []] },
      inject("switch", { action: "disconnect", commandId: "relay" }, "relay"),
      inject("load", { token: TOKEN, commandId: "token" }, "token"),
      { id: "relay", type: "dlms-relay", listener: "listener", wires: [["json"]] },
      { id: "token", type: "dlms-token", listener: "listener", wires: [["json"]] },
      { id: "dot", type: "status", scope: ["token"], wires: [["text"]] },
      {
        ...{ id: "text", type: "function", wires: [["json"]] },
        func: "return { payload: { status: msg.status.text } };",
      },
      { id: "json", type: "json", property: "payload", action: "str", pretty: false, wires: [["file"]] },
      {
        id: "file",
        type: "file",
        filename: file,
        filenameType: "str",
        appendNewline: true,
        overwriteFile: "false",
        wires: [[]],
      },
    ];
    return [
      { id: "tab", type: "tab", label: "t" },
      { id: "listener", type: "dlms-listener", port: String(port), host: "127.0.0.1" },
      ...nodes.map((one) => ({ z: "tab", x: 1, y: 1, ...one }) as unknown as FlowNode),
    ];
  }

  function dialIn(port: number, ledger: Ledger, relayDelayMs: number): void {
    const dialect = dialectByName("hexcell-login");
    assert.ok(dialect);
    meters = new SimulatorHost({
      meters: [
        {
          serial: SERIAL,
          meterType: presets.hexcell,
          dialect,
          seed: 1,
          objects: "hexcell",
          relayDelayMs,
        },
      ],
      ledger,
      transport: { mode: "dial", host: "127.0.0.1", port },
      reconnectMaxMs: 1_000,
    });
    meters.start();
  }

  it("by SIGTERM: exit code 0, the port free, no lock left; what was under way is told by the next life", async () => {
    const file = join(userDir, "out.jsonl");
    const port = await freePort();
    const editor = await freePort();
    const run = async (): Promise<NodeRedProcess> => {
      const one = new NodeRedProcess(userDir, editor, flow(port, file));
      processes.push(one);
      await one.started();
      return one;
    };
    const ledger = new Ledger();
    const first = await run();
    const events = (name: string): number => written(file).filter(({ event }) => event === name).length;
    const explain = (): string =>
      `${processes.map(({ printed }) => printed).join("\n")}\n${JSON.stringify(written(file))}`;
    dialIn(port, ledger, 3_000);
    await eventually(() => events("associated") === 1, "the meter is in", explain);
    await first.inject("switch");
    // The relay travels; the token waits behind it.
    await eventually(() => ledger.relayRequests(SERIAL).length === 1, "the relay is asked", explain);
    await first.inject("load");
    const isTaken = (): boolean => written(file).some(({ status }) => status === "1 running");
    await eventually(isTaken, "the token is taken", explain);
    const ended = await first.end("SIGTERM");
    assert.deepEqual(ended, { code: 0, signal: null }, explain());
    assert.equal(await isOpen(port), false, "the port is free");
    assert.deepEqual(
      readdirSync(userDir, { recursive: true }).filter((name) => /-wal$|lock-/.test(String(name))),
      [],
    );
    assert.doesNotMatch(first.printed, /Error stopping node|\[error\]/);

    await run();
    const results = (): Record<string, unknown>[] =>
      written(file).filter(({ outcome }) => outcome !== undefined);
    await eventually(() => results().length === 2, "both results", explain);
    const of = (id: string): Record<string, unknown> | undefined =>
      results().find(({ commandId }) => commandId === id);
    assert.equal(of("token")?.["outcome"], "accepted", explain());
    assert.equal(ledger.credits(SERIAL).length, 1);
    const relay = of("relay");
    const changes = ledger.relayChanges(SERIAL).length;
    assert.ok(changes <= 1, "switched once at most");
    assert.equal(relay?.["success"], relay?.["outcome"] === "disconnected", explain());
    if (relay?.["outcome"] === "disconnected") assert.equal(changes, 1, "no success without the effect");
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal(results().length, 2, explain());
  });
});
