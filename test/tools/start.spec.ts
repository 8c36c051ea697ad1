/**
 * What a newcomer's first command does: the gateway in Node-RED, the demo backend, twenty meters; commanded through
 * the backend, and everything gone with Ctrl-C. Needs the build, which the test command makes first.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { io, type Socket } from "socket.io-client";
import { type CommandName } from "../../src/gateway/messages.js";
import { type DemoMeter, type DemoResult } from "../../src/tools/demo/backend.js";
import { isPortFree, nextFreePort } from "../../src/tools/launcher/ports.js";

const root = resolve(__dirname, "..", "..");

describe("npm start", function () {
  this.timeout(120_000);
  const userDir = mkdtempSync(join(tmpdir(), "dlms-start-"));
  after(() => rmSync(userDir, { recursive: true, force: true }));

  it("shows twenty registered meters, runs every command on them, and frees its ports on Ctrl-C", async () => {
    const dlms = await nextFreePort(24_000, "0.0.0.0");
    const editor = await nextFreePort(21_880, "127.0.0.1");
    const demo = await nextFreePort(25_000, "127.0.0.1");
    const tsx = join(root, "node_modules", "tsx", "dist", "cli.mjs");
    const options = ["--editor", String(editor), "--demo", String(demo), "--user-dir", userDir];
    const child = spawn(process.execPath, [tsx, join(root, "src", "tools", "start.ts"), ...options], {
      cwd: root,
      env: { ...process.env, DLMS_PORT: String(dlms), BACKEND_URL: "", BACKEND_API_URL: "" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let printed = "";
    child.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    const exited = new Promise<number | null>((done) => child.once("exit", (code) => done(code)));
    let page: Socket | undefined;
    try {
      await until(
        "the launcher tells where to look",
        () => printed.includes("The gateway runs."),
        () => printed,
      );
      page = io(`http://127.0.0.1:${demo}/page`, { transports: ["websocket"] });
      const meters = new Map<string, DemoMeter>();
      page.on("snapshot", (all: { meters: DemoMeter[] }) =>
        all.meters.forEach((m) => meters.set(m.meterNumber, m)),
      );
      page.on("meter", (meter: DemoMeter) => meters.set(meter.meterNumber, meter));
      const registered = (): DemoMeter[] =>
        [...meters.values()].filter(({ _id, status }) => _id !== undefined && status === "online");
      await until(
        "twenty meters are registered",
        () => registered().length === 20,
        () => printed,
      );
      const dialects = new Set(registered().map(({ dialect }) => dialect));
      assert.ok(dialects.size >= 7, [...dialects].join(" "));
      await Promise.all(
        [...dialects].map(async (dialect, i) => {
          const { meterNumber } = registered().find((meter) => meter.dialect === dialect) as DemoMeter;
          const run = (name: CommandName, fields: object): Promise<DemoResult> =>
            (page as Socket).timeout(60_000).emitWithAck("command", name, { meterNumber, ...fields });
          const read = await run("read-meter", { obisCode: "1-0:1.8.0.255" });
          assert.equal(read.success, true, `${dialect}: ${JSON.stringify(read)}`);
          const off = await run("remote-control", { action: "disconnect" });
          assert.equal(off.outcome, "disconnected", dialect);
          const on = await run("remote-control", { action: "connect" });
          assert.equal(on.outcome, "connected", dialect);
          const load = await run("remote-load", { token: `4444333322221111${String(1000 + i)}` });
          assert.equal(load.success, true, `${dialect}: ${JSON.stringify(load)}`);
        }),
      );
      assert.doesNotMatch(printed, /44443333222211/, "no token is printed");
      assert.doesNotMatch(printed, /\[error\]/);
    } finally {
      page?.close();
      child.kill("SIGINT");
      await exited;
    }
    assert.match(printed, /All ports are free again/);
    for (const [port, host] of [
      [dlms, "0.0.0.0"],
      [editor, "127.0.0.1"],
      [demo, "127.0.0.1"],
    ] as const)
      assert.ok(await isPortFree(port, host), `port ${port} is still taken`);
  });
});

async function until(what: string, condition: () => boolean, explain: () => string): Promise<void> {
  const end = Date.now() + 60_000;
  while (!condition()) {
    assert.ok(Date.now() < end, `${what}: not within a minute\n${explain()}`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
}
