/**
 * `npm start`: the gateway in Node-RED. Without BACKEND_URL also a demo backend with its page and twenty simulated
 * meters; with it, simulated meters only when asked for (`-- --simulate 20`). Reads `.env`. Ctrl-C ends everything.
 */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { config as loadEnv } from "dotenv";
import { launch, type LaunchPlan } from "./launcher/launch.js";
import { isPortFree, nextFreePort } from "./launcher/ports.js";
import { root } from "./steps.js";

const HELP = `npm start -- [options]
  --simulate N    simulated meters (20 with the demo backend, 0 with your own)
  --seed N        seed of their values (1)
  --editor PORT   port of the Node-RED editor (1880)
  --demo PORT     port of the demo backend (5000)
  --user-dir DIR  Node-RED's user directory (.demo)
  --help

Environment or .env: DLMS_PORT, GATEWAY_HOST, BACKEND_URL, BACKEND_API_URL, HES_USERNAME, HES_PASSWORD.
Without BACKEND_URL a demo backend is started.`;

function wholeNumber(text: string | undefined, name: string, fallback: number, high: number): number {
  if (text === undefined || text === "") return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > high)
    throw new Error(`${name} must be a whole number from 0 to ${high}, not "${text}"`);
  return value;
}

/** The wanted port, or the next free one, saying so. */
async function choosePort(wanted: number, host: string, what: string): Promise<number> {
  if (await isPortFree(wanted, host)) return wanted;
  const port = await nextFreePort(wanted + 1, host);
  console.log(`Port ${wanted} (${what}) is taken by another program: using ${port}.`);
  return port;
}

async function plan(): Promise<LaunchPlan | undefined> {
  loadEnv({ path: join(root, ".env"), quiet: true });
  const { values } = parseArgs({
    options: {
      simulate: { type: "string" },
      seed: { type: "string" },
      editor: { type: "string" },
      demo: { type: "string" },
      "user-dir": { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    console.log(HELP);
    return undefined;
  }
  const { env } = process;
  const ownBackend = env["BACKEND_URL"] !== undefined && env["BACKEND_URL"] !== "";
  const gatewayHost = env["GATEWAY_HOST"] || "0.0.0.0";
  const dlmsPort = wholeNumber(env["DLMS_PORT"], "DLMS_PORT", 4000, 65_535);
  const demoPort = wholeNumber(values.demo, "--demo", 5000, 65_535);
  const editorPort = wholeNumber(values.editor, "--editor", 1880, 65_535);
  return {
    packageRoot: root,
    userDir: resolve(values["user-dir"] ?? join(root, ".demo")),
    gatewayHost,
    // Meters of a real fleet are configured with the port: with an own backend it is never moved.
    dlmsPort: ownBackend ? dlmsPort : await choosePort(dlmsPort, gatewayHost, "meters"),
    editorPort: await choosePort(editorPort, "127.0.0.1", "Node-RED editor"),
    ...(ownBackend ? {} : { demoPort: await choosePort(demoPort, "127.0.0.1", "demo backend") }),
    meters: wholeNumber(values.simulate, "--simulate", ownBackend ? 0 : 20, 5_000),
    seed: wholeNumber(values.seed, "--seed", 1, 2 ** 31),
    flow: JSON.parse(readFileSync(join(root, "examples", "gateway.json"), "utf8")) as Record<
      string,
      unknown
    >[],
  };
}

async function main(): Promise<void> {
  const wanted = await plan();
  if (wanted === undefined) return;
  const running = await launch(wanted);
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    console.log("Stopping …");
    running.stop().then(
      () => console.log("Stopped. All ports are free again."),
      (error: unknown) => {
        console.error(error instanceof Error ? error.message : error);
        process.exitCode = 1;
      },
    );
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  const code = await running.ended;
  if (!stopping) {
    console.error(`Node-RED ended with code ${code}.`);
    process.exitCode = 1;
    stop();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
