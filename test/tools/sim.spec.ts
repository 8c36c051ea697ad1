/** The sim command: its arguments, its lines, and the command itself run and stopped. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { listenTcp } from "../../src/transport/tcp.js";
import { eventLine, HELP, readArguments } from "../../src/tools/sim.js";

const root = resolve(__dirname, "..", "..");

describe("sim", () => {
  it("reads its arguments", () => {
    const read = readArguments([
      ...["--host", "gw.example", "--port", "4001", "--count", "5", "--dialect", "push,plain-hdlc"],
      ...["--dialect", "hexcell-login", "--preset", "hexcell", "--serial", "46000755036", "--seed", "9"],
      ...["--control-mode", "5", "--relay-delay", "10", "--credit", "2.5", "--drop", "0.01", "--listen"],
    ]);
    assert.ok(read);
    assert.deepEqual(read.dialects, ["push", "plain-hdlc", "hexcell-login"]);
    assert.deepEqual(
      [read.host, read.port, read.count, read.firstSerial, read.seed, read.creditWh, read.listen],
      ["gw.example", 4001, 5, "46000755036", 9, 2500, true],
    );
    assert.deepEqual([read.controlMode, read.relayDelayMs, read.faults], [5, 10, { dropRate: 0.01 }]);
    assert.equal(read.meterType?.preset, "hexcell");
  });

  it("has defaults, the port from the environment, and help", () => {
    const read = readArguments([], { DLMS_PORT: "4010" });
    assert.deepEqual([read?.port, read?.count, read?.seed, read?.listen], [4010, 1, 1, false]);
    assert.equal(readArguments([], { DLMS_PORT: "" })?.port, 4000);
    assert.equal(readArguments(["--help"]), undefined);
    for (const name of ["--host", "--port", "--count", "--dialect", "--preset", "--serial-base", "--seed"])
      assert.ok(HELP.includes(name), name);
  });

  it("names an argument that is wrong", () => {
    for (const [args, name] of [
      [["--port", "0x"], /--port/],
      [["--count", "0"], /--count/],
      [["--count", "1.5"], /--count/],
      [["--preset", "acme"], /--preset/],
      [["--drop", "2"], /--drop/],
      [["--control-mode", "7"], /--control-mode/],
      [["--objects", "all"], /--objects/],
      [["--colour", "red"], /--colour/],
    ] as const)
      assert.throws(() => readArguments(args), name);
  });

  it("prints one line an event", () => {
    const at = Date.UTC(2025, 0, 2, 3, 4, 5);
    assert.equal(
      eventLine({
        type: "event",
        serial: "46000755036",
        at,
        name: "relay",
        text: "relay connected (remote)",
      }),
      "03:04:05  46000755036    relay connected (remote)",
    );
  });

  it("runs against a gateway and ends at Ctrl-C", async () => {
    let logins = 0;
    let out = "";
    let child: ChildProcess | undefined;
    // The last login may arrive before or after the line that tells of it.
    const seen = (): void => {
      if (logins >= 2 && out.split("dialled in").length > 2 && child?.killed === false) child.kill("SIGINT");
    };
    const server = await listenTcp({
      port: 0,
      host: "127.0.0.1",
      onChannel: (channel) =>
        channel.onData(() => {
          logins++;
          seen();
        }),
    });
    try {
      const args = ["--port", String(server.port), "--count", "2", "--dialect", "hexcell-login"];
      child = spawn(process.execPath, ["--import", "tsx", "src/tools/sim.ts", ...args], {
        cwd: root,
        stdio: ["ignore", "pipe", "inherit"],
      });
      child.stdout?.on("data", (text: Buffer) => {
        out += text.toString();
        seen();
      });
      const [code] = (await once(child, "close")) as [number | null];
      assert.equal(code, 0);
      assert.match(out, /46000000001 +dialled in \(hexcell-login\)/);
      assert.match(out, /2 meters stopped/);
    } finally {
      child?.kill("SIGKILL");
      await server.close();
    }
  }).timeout(60_000);
});
