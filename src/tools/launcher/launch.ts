/**
 * What `npm start` runs: Node-RED with the gateway flow and, when planned, the demo backend and simulated meters.
 * Prints where to look, then line by line what happens.
 */
import { type SimulatorHost } from "../../transport/simulator-host.js";
import { startDemoBackend, type DemoBackend, type DemoEvent } from "../demo/backend.js";
import { startFleet } from "../sim/fleet.js";
import { demoFlow } from "./flow.js";
import { startNodeRed } from "./node-red.js";

export interface LaunchPlan {
  readonly packageRoot: string;
  /** Node-RED's user directory; made when there is none. */
  readonly userDir: string;
  readonly gatewayHost: string;
  readonly dlmsPort: number;
  readonly editorPort: number;
  /** Port of the demo backend; absent with a backend of one's own. */
  readonly demoPort?: number;
  /** How many simulated meters. */
  readonly meters: number;
  readonly seed: number;
  readonly flow: readonly Record<string, unknown>[];
}

export interface Launched {
  /** Resolves when Node-RED has ended, with its exit code. */
  readonly ended: Promise<number>;
  stop(): Promise<void>;
}

function time(): string {
  return new Date().toTimeString().slice(0, 8);
}

function printEvent(event: DemoEvent): void {
  const mark = event.success === undefined ? " " : event.success ? "✓" : "✗";
  console.log(
    `${time()} ${mark} ${event.meterNumber === undefined ? "" : `${event.meterNumber}  `}${event.text}`,
  );
}

export async function launch(plan: LaunchPlan): Promise<Launched> {
  const demo = plan.demoPort === undefined ? undefined : await startDemo(plan.demoPort);
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    DLMS_PORT: String(plan.dlmsPort),
    GATEWAY_HOST: plan.gatewayHost,
    ...(demo === undefined ? {} : { BACKEND_URL: demo.url, BACKEND_API_URL: demo.apiUrl }),
  };
  let fleet: SimulatorHost | undefined;
  const closeRest = async (): Promise<void> => {
    await fleet?.stop();
    await demo?.close();
  };
  try {
    const nodeRed = await startNodeRed({
      packageRoot: plan.packageRoot,
      userDir: plan.userDir,
      editorPort: plan.editorPort,
      flow: demoFlow(plan.flow, demo !== undefined),
      env,
      logLevel: demo === undefined ? "info" : "warn",
      onLine: (line) => console.log(line),
    });
    if (plan.meters > 0) fleet = startFleet({ port: plan.dlmsPort, count: plan.meters, seed: plan.seed });
    printWhereToLook(plan, demo);
    return {
      ended: nodeRed.exited,
      stop: async () => {
        // Node-RED first, so that the last results still reach the demo backend.
        await nodeRed.stop();
        await closeRest();
      },
    };
  } catch (error) {
    await closeRest();
    throw error;
  }
}

function startDemo(port: number): Promise<DemoBackend> {
  return startDemoBackend({ port, onEvent: printEvent });
}

function printWhereToLook(plan: LaunchPlan, demo: DemoBackend | undefined): void {
  const lines = [
    "",
    "The gateway runs.",
    `  Editor and flow   http://127.0.0.1:${plan.editorPort}`,
    demo === undefined
      ? `  Backend           ${process.env["BACKEND_URL"]}`
      : `  Demo backend      ${demo.url}   (watch and command meters here)`,
    `  Meters dial in    ${plan.gatewayHost}:${plan.dlmsPort}${plan.meters > 0 ? `   (${plan.meters} simulated ones are on their way)` : ""}`,
    "  Ctrl-C ends everything; open commands and results go on with the next start.",
    "",
  ];
  console.log(lines.join("\n"));
}
