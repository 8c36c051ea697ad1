/**
 * A chaos run: the gateway in a real Node-RED process that is killed over and over, the demo backend, simulated meters
 * whose links are cut, a store that runs full once; then the reckoning. Bounded; the same seed asks the same.
 */
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { controlStates } from "../../meter-types/relay-rules.js";
import { fleetPlan } from "../../simulator/fleet.js";
import { SimulatorHost } from "../../transport/simulator-host.js";
import { startDemoBackend, type DemoBackend } from "../demo/backend.js";
import { demoFlow } from "../launcher/flow.js";
import { startNodeRed, type RunningNodeRed } from "../launcher/node-red.js";
import { nextFreePort, portBase } from "../launcher/ports.js";
import { isClean, reckon, violators, type Account } from "./account.js";
import { Asker, pause } from "./asker.js";
import { explain } from "./explain.js";
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
  /** How long it may take, after the last kill, to offer the rest and to get the last results. */
  readonly drainMs: number;
  /** From ready to killed; default 1 to 10 s, by chance. */
  readonly lifeMs?: readonly [min: number, max: number];
  /**
   * Meters answer this much later, and a life ends no sooner than a token is credited of which the gateway does not know
   * yet: so a small run hits what a long one hits by chance. Default: at once, and any time.
   */
  readonly answerDelayMs?: number;
  /** Keeps the store and the gateway's log when the run is not clean. */
  readonly keep?: boolean;
  readonly log: (text: string) => void;
}

export interface ChaosReport extends Account {
  readonly asked: number;
  readonly refused: number;
  readonly refusalCodes: ReadonlyMap<string, number>;
  readonly kills: number;
  readonly cuts: number;
  readonly backendRestarts: number;
  /** What took how long, in order. */
  readonly phases: readonly (readonly [name: string, ms: number])[];
  /** The story of each command that violates something; the first twenty. */
  readonly stories: readonly string[];
}

const LIFE_MS = [1_000, 10_000] as const;
/** How long a kill waits for a token that the gateway does not know to be credited. */
const AIM_MS = 5_000;
const STORIES = 20;
/** Of the time after the last kill, for what has not been offered yet. */
const OFFERING_SHARE = 0.8;
/** Small enough to run full at once, large enough for the schema. */
const FULL_STORE_MB = 1;

export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const folder = mkdtempSync(join(tmpdir(), "dlms-chaos-"));
  const run = new ChaosRun(options, folder);
  let kept = false;
  try {
    const report = await run.run();
    kept = options.keep === true && !isClean(report);
    if (kept) options.log(`kept: ${folder}`);
    return report;
  } finally {
    await run.close();
    if (!kept) rmSync(folder, { recursive: true, force: true });
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
  #readyAt = 0;
  #kills = 0;
  #cuts = 0;
  #backendRestarts = 0;
  readonly #startedAt = Date.now();
  #phaseStartedAt = this.#startedAt;
  readonly #phases: [name: string, ms: number][] = [];

  constructor(options: ChaosOptions, folder: string) {
    this.#options = options;
    this.#folder = folder;
    this.#random = randomFrom(options.seed ^ 0x5eed);
    this.#asker = new Asker(() => this.#backend);
  }

  async run(): Promise<ChaosReport> {
    const { seed, meters, commands, askMs, drainMs, log } = this.#options;
    this.#ports = {
      dlms: await nextFreePort(portBase, "127.0.0.1"),
      editor: await nextFreePort(portBase + 10, "127.0.0.1"),
      backend: await nextFreePort(portBase + 20, "127.0.0.1"),
    };
    this.#backend = await this.#startBackend();
    const fleet = (this.#fleet = this.#startFleet(meters, seed));
    await this.#startGateway();
    this.#phase("start");
    const serials = fleet.meters.map(({ serial }) => serial);
    const askedUntil = Date.now() + askMs;
    // What is still to be offered then (relay commands that wait for their meter's one before) is offered in peace.
    const trouble = this.#makeTrouble(() => Date.now() < askedUntil || this.#kills < this.#options.kills);
    const offered = this.#asker.run(planCommands(commands, serials, seed), askMs);
    await trouble;
    this.#phase("ask and kill");
    const end = Date.now() + drainMs;
    const giveUp = setTimeout(() => this.#asker.giveUp(), drainMs * OFFERING_SHARE);
    await offered;
    clearTimeout(giveUp);
    this.#phase("offer the rest");
    log(`all commands offered: ${this.#asker.asked.length} accepted, ${this.#asker.refused.length} refused`);
    while (this.#asker.open > 0 && Date.now() < end) await pause(250);
    this.#phase("last results");
    log(`drained; ${this.#asker.open} without a result`);
    await this.#gateway?.stop();
    this.#phase("stop");
    return this.#report(fleet);
  }

  #phase(name: string): void {
    const now = Date.now();
    this.#phases.push([name, now - this.#phaseStartedAt]);
    this.#phaseStartedAt = now;
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
    const record = {
      asked,
      told,
      credits: ledger.credits(),
      refusals: ledger.refusals(),
      relayRequests: ledger.relayRequests(),
      relayChanges: ledger.relayChanges(),
      supplied,
      startedAt: this.#startedAt,
    };
    const account = reckon(record);
    return {
      ...account,
      asked: asked.length,
      refused: refused.length,
      refusalCodes,
      kills: this.#kills,
      cuts: this.#cuts,
      backendRestarts: this.#backendRestarts,
      phases: this.#phases,
      stories: [...violators(account)].slice(0, STORIES).map((what) => explain(record, what)),
    };
  }

  #startBackend(): Promise<DemoBackend> {
    return startDemoBackend({ port: this.#ports.backend, confirms: true, onResult: this.#asker.onResult });
  }

  #startFleet(count: number, seed: number): SimulatorHost {
    const { answerDelayMs } = this.#options;
    const fleet = new SimulatorHost({
      meters: fleetPlan({
        count,
        seed,
        dialects: ["hexcell-login", "hexing-heartbeat", "push"],
        objects: "minimal",
        relayDelayMs: 300,
        ...(answerDelayMs === undefined ? {} : { faults: { delayMs: answerDelayMs } }),
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
        appendFileSync(join(this.#folder, "gateway.log"), `${line}\n`);
        if (/\[error\]|uncaught|Error:/i.test(line)) log(`gateway: ${line.slice(0, 200)}`);
      },
    });
    this.#readyAt = Date.now();
  }

  /** Kills, cuts and restarts until told to stop; leaves the gateway running. */
  async #makeTrouble(goesOn: () => boolean): Promise<void> {
    const { kills, lifeMs = LIFE_MS, answerDelayMs, log } = this.#options;
    const fullAt = Math.ceil(kills / 2);
    const [lifeMinMs, lifeMaxMs] = lifeMs;
    while (goesOn()) {
      const until = Date.now() + lifeMinMs + this.#random() * (lifeMaxMs - lifeMinMs);
      while (Date.now() < until && goesOn()) {
        this.#cutLinks();
        await pause(100 + this.#random() * 400);
      }
      if (!goesOn()) return;
      if (answerDelayMs !== undefined) await this.#untilUnknown();
      await this.#gateway?.kill();
      this.#kills++;
      log(`killed ${this.#kills} times`);
      if (this.#kills % 5 === 0) await this.#restartBackend();
      const isFull = this.#kills === fullAt;
      if (isFull) log("the next store is full");
      await this.#startGateway(isFull ? FULL_STORE_MB : undefined);
    }
  }

  /** In this life a token was credited, and the gateway does not know yet. Waits for it a little. */
  async #untilUnknown(): Promise<void> {
    const isUnknown = (): boolean =>
      this.#fleet?.ledger
        .credits()
        .some(({ token = "", at }) => at >= this.#readyAt && this.#asker.awaits(token)) === true;
    for (const end = Date.now() + AIM_MS; !isUnknown() && Date.now() < end;) await pause(10);
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
