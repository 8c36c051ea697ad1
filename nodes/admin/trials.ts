/**
 * The test buttons of the config dialogs: settings as they stand in the dialog, deployed or not, tried for once. Each
 * is bounded in time, and the same one does not run twice at once.
 */
import { type Node, type NodeAPI } from "node-red";
import {
  asDlmsError,
  DlmsError,
  tryBackend,
  tryMeterType,
  tryPort,
  type TrialReport,
} from "../../src/index.js";
import { meterTypeOf } from "../dlms-meter-type/settings.js";
import { hesOptions } from "../hes-connection/settings.js";
import { type Environment, resolveInteger, resolveText } from "../shared/fields.js";
import { liveListeners } from "../shared/live-listeners.js";
import { attachedOf } from "./fleet.js";
import { type AddRoute, type AdminRequest, explained, isRecord, textOf } from "./http.js";

/** What a dialog sends: its fields, and those secrets that were changed. */
interface Draft {
  readonly id: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly credentials: Readonly<Record<string, string>>;
  readonly environment: Environment;
}

const TRIAL_MS = 60_000;

export function addTrialRoutes(RED: NodeAPI, add: AddRoute): void {
  const running = new Set<string>();
  const trial = (
    kind: string,
    perform: (draft: Draft, request: AdminRequest) => Promise<TrialReport>,
  ): void =>
    add("post", `/test/${kind}`, { permission: "write", timeoutMs: TRIAL_MS + 5_000 }, async (request) => {
      const draft = draftOf(RED, request.body);
      const key = `${kind}/${draft.id}`;
      if (running.has(key)) throw new DlmsError("TEST_RUNNING");
      running.add(key);
      try {
        return shown(await perform(draft, request));
      } catch (caught) {
        // Settings that cannot be used at all: the first step.
        const error = asDlmsError(caught);
        return {
          ok: false,
          steps: [{ step: "settings", state: "failed", facts: {}, error: explained(error) }],
        };
      } finally {
        running.delete(key);
      }
    });

  trial("listener", ({ id, config, environment }) => {
    const port = resolveInteger(
      config["port"],
      { field: "port", variable: "DLMS_PORT", fallback: "4000", min: 1, max: 65_535 },
      environment,
    ) as number;
    const rule = { field: "host", variable: "GATEWAY_HOST", fallback: "0.0.0.0" };
    return tryListenerPort(id, resolveText(config["host"], rule, environment), port);
  });

  trial("backend", ({ config, credentials, environment }, { signal }) =>
    tryBackend(hesOptions({ RED, config: config as never, credentials, environment }), {
      signal: AbortSignal.any([signal, AbortSignal.timeout(TRIAL_MS)]),
    }),
  );

  trial("meter-type", ({ config, credentials, environment }, { body, signal }) => {
    const { listener } = attachedOf(textOf(body["listener"]));
    const { meterType } = meterTypeOf(config as never, credentials, environment);
    return tryMeterType(listener, {
      serial: textOf(body["serial"]),
      meterType,
      signal: AbortSignal.any([signal, AbortSignal.timeout(TRIAL_MS)]),
    });
  });
}

/** A port that this listener itself holds is as good as free; one that another listener holds has a name. */
async function tryListenerPort(id: string, host: string, port: number): Promise<TrialReport> {
  for (const live of liveListeners()) {
    if (live.offer === undefined || live.offer instanceof Error || live.offer.attached === undefined)
      continue;
    const { state } = live.offer.attached.listener;
    if (state.phase !== "listening" || state.port !== port) continue;
    const facts = { host, port, meters: state.meters, listener: live.name || `:${port}` };
    if (live.id === id && live.offer.address.host === host)
      return { ok: true, steps: [{ step: "port-own", state: "ok", facts }] };
    if (live.id === id) continue;
    const error = new DlmsError(
      "PORT_IN_USE",
      `The listener ${facts.listener} has this port open.`,
    ).toPayload();
    return { ok: false, steps: [{ step: "port-free", state: "failed", facts, error }] };
  }
  return tryPort({ host, port });
}

function shown({ ok, steps }: TrialReport): object {
  return {
    ok,
    steps: steps.map((step) => (step.error === undefined ? step : { ...step, error: explained(step.error) })),
  };
}

function draftOf(RED: NodeAPI, body: AdminRequest["body"]): Draft {
  const id = textOf(body["id"]);
  // Null for a node that is not deployed: then only the process has variables.
  const node = id === "" ? null : RED.nodes.getNode(id);
  const environment: Environment = (name) => RED.util.getSetting((node ?? {}) as Node, name);
  const given = isRecord(body["credentials"]) ? body["credentials"] : {};
  const changed = Object.entries(given).map(([name, value]) => [name, textOf(value)] as const);
  return {
    id,
    config: substituted(isRecord(body["config"]) ? body["config"] : {}, environment),
    credentials: { ...node?.credentials, ...Object.fromEntries(changed) },
    environment,
  };
}

/** `${NAME}` as Node-RED itself would fill it in on deploy; what is not set stays as it is, and is named as such. */
function substituted(
  config: Readonly<Record<string, unknown>>,
  environment: Environment,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => {
      const variable = typeof value === "string" ? /^\$\{([^}]+)\}$/.exec(value)?.[1] : undefined;
      return [name, variable === undefined ? value : (environment(variable) ?? value)];
    }),
  );
}
