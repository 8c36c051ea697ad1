#!/usr/bin/env node
/**
 * `npm run sim`: simulated meters against any gateway. Prints line by line what they do; Ctrl-C ends them cleanly.
 */
import { parseArgs } from "node:util";
import { DlmsError } from "../core/errors.js";
import { type MeterType, type PresetName, presetNames } from "../meter-types/meter-type.js";
import { presets } from "../meter-types/presets.js";
import { type ControlMode } from "../simulator/behaviours/relay.js";
import { fleetDialects } from "../simulator/fleet.js";
import { type SimulatorHostEvent } from "../transport/simulator-host.js";
import { startFleet, type StartFleetOptions } from "./sim/fleet.js";

export const HELP = `npm run sim -- [options]        simulated prepaid meters

  --host HOST          where the gateway listens (127.0.0.1)
  --port PORT          its port (4000, or DLMS_PORT)
  --listen             the meters listen instead, from --port on, one port each
  --count N            how many meters (1)
  --dialect NAME       how they dial in; repeat it, or separate by commas; dealt out in turn
                       all of them by default: ${fleetDialects.slice(0, 4).join(", ")},
                       ${fleetDialects.slice(4).join(", ")}
  --preset NAME        meter type of all meters: ${presetNames.join(", ")} (by the dialect)
  --serial SERIAL      serial number of the first meter; the others count up
  --serial-base N      number that serial numbers are made from (1)
  --seed N             seed of everything that looks like chance (1)
  --control-mode 0-6   control mode of the relay (4: remote commands alone switch it)
  --relay-delay MS     how long the relay travels (1500)
  --credit KWH         remaining credit at the start (20 to 120 by the seed)
  --alarms             report relay and credit changes as events
  --objects SET        hexcell (707 objects and 44 profiles) or minimal
  --delay MS           answer late
  --drop RATE          lose this share of the octets sent, such as 0.001
  --corrupt RATE       turn a bit in this share of them
  --quiet              print connections, credit and relay only
  --help

Tokens: any 20 digits up to 2^66 - 1. The last three digits say the energy: 1 kWh and a tenth of a kWh for each.
A token works once. One that begins with 00000000 is rejected, with 00000001 it is too old.`;

/** @throws DlmsError FIELD_INVALID naming the option. @returns undefined when help is asked for. */
export function readArguments(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): (StartFleetOptions & { readonly quiet: boolean }) | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      host: { type: "string" },
      port: { type: "string" },
      listen: { type: "boolean", default: false },
      count: { type: "string" },
      dialect: { type: "string", multiple: true },
      dialects: { type: "string", multiple: true },
      preset: { type: "string" },
      serial: { type: "string" },
      "serial-base": { type: "string" },
      seed: { type: "string" },
      "control-mode": { type: "string" },
      "relay-delay": { type: "string" },
      credit: { type: "string" },
      alarms: { type: "boolean", default: false },
      objects: { type: "string" },
      delay: { type: "string" },
      drop: { type: "string" },
      corrupt: { type: "string" },
      quiet: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  const meterType = presetOf(values.preset);
  const credit = number(values.credit, "credit", 0, 999_999);
  const delayMs = whole(values.delay, "delay", 0, 3_600_000);
  const dropRate = number(values.drop, "drop", 0, 1);
  const corruptRate = number(values.corrupt, "corrupt", 0, 1);
  const controlMode = whole(values["control-mode"], "control-mode", 0, 6);
  const relayDelayMs = whole(values["relay-delay"], "relay-delay", 0, 3_600_000);
  const { objects = "hexcell" } = values;
  if (objects !== "hexcell" && objects !== "minimal")
    throw new DlmsError("FIELD_INVALID", "--objects must be hexcell or minimal");
  const faults = {
    ...(delayMs === undefined ? {} : { delayMs }),
    ...(dropRate === undefined ? {} : { dropRate }),
    ...(corruptRate === undefined ? {} : { corruptRate }),
  };
  return {
    ...(values.host === undefined ? {} : { host: values.host }),
    port: whole(values.port ?? (env["DLMS_PORT"] || undefined), "port", 0, 65_535) ?? 4000,
    listen: values.listen,
    count: whole(values.count, "count", 1, 100_000) ?? 1,
    dialects: [...(values.dialect ?? []), ...(values.dialects ?? [])].flatMap((names) => names.split(",")),
    ...(meterType === undefined ? {} : { meterType }),
    ...(values.serial === undefined ? {} : { firstSerial: values.serial }),
    serialBase: whole(values["serial-base"], "serial-base", 0, 9_999_999) ?? 1,
    seed: whole(values.seed, "seed", 0, 2_147_483_647) ?? 1,
    ...(controlMode === undefined ? {} : { controlMode: controlMode as ControlMode }),
    ...(relayDelayMs === undefined ? {} : { relayDelayMs }),
    ...(credit === undefined ? {} : { creditWh: Math.round(credit * 1000) }),
    alarms: values.alarms,
    objects,
    faults,
    quiet: values.quiet,
  };
}

/** One event as one line. */
export function eventLine({ at, serial, text }: SimulatorHostEvent): string {
  return `${new Date(at).toISOString().slice(11, 19)}  ${serial.padEnd(13)}  ${text}`;
}

const QUIET = new Set<SimulatorHostEvent["name"]>([
  "dialled-in",
  "dial-failed",
  "disconnected",
  "listening",
  "listen-failed",
  "token-credited",
  "token-refused",
  "credit-changed",
  "credit-exhausted",
  "relay",
]);

function presetOf(name: string | undefined): MeterType | undefined {
  if (name === undefined) return undefined;
  if (!presetNames.includes(name as PresetName))
    throw new DlmsError("FIELD_INVALID", `--preset must be one of ${presetNames.join(", ")}`);
  return presets[name as PresetName];
}

function whole(text: string | undefined, name: string, low: number, high: number): number | undefined {
  const value = number(text, name, low, high);
  if (value !== undefined && !Number.isInteger(value))
    throw new DlmsError("FIELD_INVALID", `--${name} must be a whole number`);
  return value;
}

function number(text: string | undefined, name: string, low: number, high: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === "" || !(value >= low && value <= high))
    throw new DlmsError("FIELD_INVALID", `--${name} must be a number from ${low} to ${high}, not "${text}"`);
  return value;
}

async function main(): Promise<void> {
  let settings: ReturnType<typeof readArguments>;
  try {
    settings = readArguments(process.argv.slice(2), process.env);
  } catch (caught) {
    console.error(caught instanceof Error ? caught.message : String(caught));
    console.error("--help tells what there is.");
    process.exitCode = 2;
    return;
  }
  if (settings === undefined) {
    console.log(HELP);
    return;
  }
  const { quiet, ...options } = settings;
  const fleet = startFleet({
    ...options,
    onEvent: (event) => {
      if (!quiet || QUIET.has(event.name)) console.log(eventLine(event));
    },
  });
  const stopped = new Promise<void>((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
  await stopped;
  await fleet.stop();
  console.log(`${fleet.meters.length} meters stopped.`);
  process.exit(0);
}

if (require.main === module)
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  });
