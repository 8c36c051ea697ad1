/** `dlms-simulator`: simulated meters that dial in or listen, and tell on output 1 what they did. */
import { type NodeDef } from "node-red";
import {
  controlModes,
  fleetPlan,
  type MeterType,
  type PresetName,
  presetNames,
  presets,
  type SimulatedMeterOptions,
  SimulatorHost,
  type SimulatorHostEvent,
  wantsSignatures,
  withMeterSigning,
  withTestKeys,
} from "../../src/index.js";
import { defineNode, type NodeTools, offeredBy } from "../shared/define-node.js";
import { resolveInteger, resolveText, unusable } from "../shared/fields.js";
import { privateKeyOf } from "../shared/private-key.js";
import { simulatorStatus } from "../shared/status.js";

interface SimulatorConfig extends NodeDef {
  readonly preset?: string;
  /** A `dlms-meter-type`, whose login and ciphering the meters have; in place of the preset. */
  readonly meterType?: string;
  /** Empty: what meters of the preset usually do. */
  readonly dialect?: string;
  readonly serial?: string;
  readonly count?: string;
  readonly mode?: string;
  readonly host?: string;
  readonly port?: string;
  readonly controlMode?: string;
  readonly seed?: string;
}

const usualDialect: Readonly<Record<PresetName, string>> = {
  hexcell: "hexcell-login",
  hexing: "hexing-heartbeat",
  standard: "plain-wrapper",
  readme: "meter-initiated",
};

interface SimulatorCredentials {
  /** The meters' own private key, where their type has signatures. */
  signingKey: string;
}

type Tools = NodeTools<SimulatorConfig, SimulatorCredentials>;

/** The listener of the same flow opens its port at the same moment; a meter that waits a little finds it open. */
const FIRST_DIAL_MS = 250;
const GATHER_MS = 200;

export default defineNode<SimulatorConfig, SimulatorCredentials>(
  "dlms-simulator",
  (tools) => {
    const { node } = tools;
    let timer: NodeJS.Timeout | undefined;
    const host: SimulatorHost = new SimulatorHost({
      meters: plan(tools),
      transport: transport(tools),
      onEvent: (event: SimulatorHostEvent) => {
        const { name, serial, text, at } = event;
        const payload = { event: name, meterSerialNumber: serial, text, at: new Date(at).toISOString() };
        node.send({ topic: name, payload });
        timer ??= setTimeout(show, GATHER_MS);
      },
    });
    function show(): void {
      timer = undefined;
      tools.show(simulatorStatus({ meters: host.meters.length, connected: host.connected }));
    }
    show();
    let first: NodeJS.Timeout | undefined;
    tools.onStarted(() => {
      first = setTimeout(() => host.start(), FIRST_DIAL_MS);
    });
    tools.onClose(async () => {
      clearTimeout(first);
      await host.stop();
      clearTimeout(timer);
    });
  },
  { signingKey: { type: "password" } },
);

function plan(tools: Tools): readonly SimulatedMeterOptions[] {
  const { config, environment } = tools;
  const preset = presetNames.find((name) => name === (config.preset || "hexcell"));
  if (preset === undefined) throw unusable("preset", `must be one of ${presetNames.join(", ")}`);
  const meterType = config.meterType
    ? asMeter(withTestKeys(offeredBy<MeterType>(tools.RED, config.meterType, "meterType")), tools)
    : presets[preset];
  const seed =
    resolveInteger(config.seed, { field: "seed", fallback: "1", min: 0, max: 2_147_483_647 }, environment) ??
    1;
  const mode = resolveInteger(config.controlMode, { field: "controlMode", min: 0, max: 6 }, environment);
  const serial = resolveText(config.serial, { field: "serial" }, environment);
  return fleetPlan({
    count:
      resolveInteger(config.count, { field: "count", fallback: "1", min: 1, max: 10_000 }, environment) ?? 1,
    seed,
    dialects: [config.dialect || usualDialect[meterType.preset]],
    meterType,
    controlMode: controlModes.find((known) => known === mode),
    // Another seed is another meter, with a serial number of its own.
    ...(serial === "" ? { serialBase: 1 + ((seed * 100) % 9_000_000) } : { firstSerial: serial }),
  });
}

/** The type from the meter's side, where it has signatures. */
function asMeter(meterType: MeterType, { credentials, environment }: Tools): MeterType {
  if (!wantsSignatures(meterType)) return meterType;
  const text = resolveText(credentials.signingKey, { field: "signingKey" }, environment);
  if (text === "") throw unusable("signingKey", "is missing: meters of this type sign");
  const suite = meterType.association.security?.suite ?? 0;
  return withMeterSigning(meterType, privateKeyOf(text, "signingKey", suite));
}

function transport(tools: Tools): ConstructorParameters<typeof SimulatorHost>[0]["transport"] {
  const { config, environment } = tools;
  const rule = { field: "port", min: 1, max: 65_535 };
  if (config.mode === "listen") {
    return {
      mode: "listen",
      host: resolveText(config.host, { field: "host", fallback: "0.0.0.0" }, environment),
      port: resolveInteger(config.port, { ...rule, fallback: "4059" }, environment) ?? 4059,
    };
  }
  return {
    mode: "dial",
    host: resolveText(config.host, { field: "host", fallback: "127.0.0.1" }, environment),
    port:
      resolveInteger(config.port, { ...rule, variable: "DLMS_PORT", fallback: "4000" }, environment) ?? 4000,
  };
}
