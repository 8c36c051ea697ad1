/**
 * A chaos run: the gateway in a real Node-RED process that is killed over and over, the demo backend, simulated meters
 * whose links are cut, a store that runs full once; then the reckoning. Bounded; the same seed asks the same.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { controlStates } from "../../meter-types/relay-rules.js";
import { fleetPlan } from "../../simulator/fleet.js";
import { SimulatorHost } from "../../transport/simulator-host.js";
import { startDemoBackend, type DemoBackend } from "../demo/backend.js";
import { demoFlow } from "../launcher/flow.js";
import { startNodeRed, type RunningNodeRed } from "../launcher/node-red.js";
import { nextFreePort } from "../launcher/ports.js";
import { reckon, type Account } from "./account.js";
import { Asker, pause } from "./asker.js";
import { planCommands, randomFrom } from "./plan.js";

export interface ChaosOptions {
  readonly packageRoot: string;
  readonly seed: number;
  readonly meters: number;
  readonly commands: number;
  /** At least so often the gateway is killed. */
  readonly kills: number;
  /** Over how long the commands are spread. */
  readonly askMs: number;
  /** How long the last results may take. */
  readonly drainMs: number;
  readonly log: (text: string) => void;
}

export interface ChaosReport extends Account {
  readonly asked: number;
  readonly refused: number;
  readonly refusalCodes: ReadonlyMap<string, number>;
  readonly kills: number;
  readonly cuts: number;
  readonly backendRestarts: number;
}

/** Ready to killed: 1 to 10 s. */
const LIFE_MIN_MS = 1_000;
const LIFE_MAX_MS = 10_000;
/** Small enough to run full at once, large enough for the schema. */
const FULL_STORE_MB = 1;

export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const folder = mkdtempSync(join(tmpdir(), "dlms-chaos-"));
  const run = new ChaosRun(options, folder);
  try {
    return await run.run();
  } finally {
    await run.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

class ChaosRun {
  readonly #options: ChaosOptions;
  readonly #folder: string;
  readonly #random: () => number;
  readonly #asker: Asker;
  #backend: DemoBackend | undefined;
  #gateway: RunningNodeRed | undefined;
  #fleet: SimulatorHost | undefined;
  #ports = { dlms: 0, editor: 0, backend: 0 };
  #kills = 0;
  #cuts = 0;
  #backendRestarts = 0;

  constructor(options: ChaosOptions, folder: string) {
    this.#options = options;
    this.#folder = folder;
    this.#random = randomFrom(options.seed ^ 0x5eed);
    this.#asker = new Asker(() => this.#backend);
  }

  async run(): Promise<ChaosReport> {
    const { seed, meters, commands, askMs, drainMs, log } = this.#options;
    this.#ports = {
      dlms: await nextFreePort(26_000, "127.0.0.1"),
      editor: await nextFreePort(27_000, "127.0.0.1"),
      backend: await nextFreePort(28_000, "127.0.0.1"),
    };
    this.#backend = await this.#startBackend();
    const fleet = (this.#fleet = this.#startFleet(meters, seed));
    await this.#startGateway();
    const serials = fleet.meters.map(({ serial }) => serial);
    const askedUntil = Date.now() + askMs;
    // What is still to be offered then (relay commands that wait for their meter's one before) is offered in peace.
    const trouble = this.#makeTrouble(() => Date.now() < askedUntil || this.#kills < this.#options.kills);
    await Promise.all([this.#asker.run(planCommands(commands, serials, seed), askMs), trouble]);
    log(`all commands offered: ${this.#asker.asked.length} accepted, ${this.#asker.refused.length} refused`);
    const end = Date.now() + drainMs;
    while (this.#asker.open > 0 && Date.now() < end) await pause(250);
    log(`drained; ${this.#asker.open} without a result`);
    await this.#gateway?.stop();
    return this.#report(fleet);
  }

  async close(): Promise<void> {
    await this.#gateway?.kill();
    await this.#fleet?.stop();
    await this.#backend?.close();
  }

  #report(fleet: SimulatorHost): ChaosReport {
    const { asked, told, refused, refusalCodes } = this.#asker;
    const supplied = new Map(
      fleet.meters.map(({ serial, meter }) => [serial, meter.state.controlState === controlStates.connected]),
    );
    const { ledger } = fleet;
    const account = reckon({
      asked,
      told,
      credits: ledger.credits(),
      relayChanges: ledger.relayChanges(),
      supplied,
    });
    return {
      ...account,
      asked: asked.length,
      refused: refused.length,
      refusalCodes,
      kills: this.#kills,
      cuts: this.#cuts,
      backendRestarts: this.#backendRestarts,
    };
  }

  #startBackend(): Promise<DemoBackend> {
    return startDemoBackend({ port: this.#ports.backend, confirms: true, onResult: this.#asker.onResult });
  }

  #startFleet(count: number, seed: number): SimulatorHost {
    const fleet = new SimulatorHost({
      meters: fleetPlan({
        count,
        seed,
        dialects: ["hexcell-login", "hexing-heartbeat", "push"],
        objects: "minimal",
        relayDelayMs: 300,
      }),
      transport: { mode: "dial", host: "127.0.0.1", port: this.#ports.dlms },
      startGapMs: 2,
      reconnectMinMs: 200,
      reconnectMaxMs: 1_000,
    });
    fleet.start();
    return fleet;
  }

  async #startGateway(storeMegabytes?: number): Promise<void> {
    const { packageRoot, log } = this.#options;
    const { dlms, editor, backend } = this.#ports;
    const example = JSON.parse(readFileSync(join(packageRoot, "examples", "gateway.json"), "utf8")) as Record<
      string,
      unknown
    >[];
    this.#gateway = await startNodeRed({
      packageRoot,
      userDir: this.#folder,
      editorPort: editor,
      flow: demoFlow(example, true),
      env: {
        ...process.env,
        DLMS_PORT: String(dlms),
        GATEWAY_HOST: "127.0.0.1",
        BACKEND_URL: `http://127.0.0.1:${backend}`,
        BACKEND_API_URL: `http://127.0.0.1:${backend}/api`,
        ...(storeMegabytes === undefined ? {} : { DLMS_STORE_MB: String(storeMegabytes) }),
      },
      logLevel: "warn",
      onLine: (line) => {
        if (/\[error\]|uncaught|Error:/i.test(line)) log(`gateway: ${line.slice(0, 200)}`);
      },
    });
  }

  /** Kills, cuts and restarts until told to stop; leaves the gateway running. */
  async #makeTrouble(goesOn: () => boolean): Promise<void> {
    const { kills, log } = this.#options;
    const fullAt = Math.ceil(kills / 2);
    while (goesOn()) {
      const lifeMs = LIFE_MIN_MS + this.#random() * (LIFE_MAX_MS - LIFE_MIN_MS);
      const until = Date.now() + lifeMs;
      while (Date.now() < until && goesOn()) {
        this.#cutLinks();
        await pause(100 + this.#random() * 400);
      }
      if (!goesOn()) return;
      await this.#gateway?.kill();
      this.#kills++;
      if (this.#kills % 5 === 0) await this.#restartBackend();
      const isFull = this.#kills === fullAt;
      log(`killed ${this.#kills} times${isFull ? "; now with a full store" : ""}`);
      await this.#startGateway(isFull ? FULL_STORE_MB : undefined);
    }
  }

  #cutLinks(): void {
    const meters = this.#fleet?.meters ?? [];
    const handle = meters[Math.floor(this.#random() * meters.length)];
    if (handle === undefined || handle.phase === "offline") return;
    handle.send({ type: "hang-up" });
    this.#cuts++;
  }

  async #restartBackend(): Promise<void> {
    const before = this.#backend;
    this.#backend = undefined;
    await before?.close();
    await pause(500);
    this.#backend = await this.#startBackend();
    this.#backendRestarts++;
  }
}
