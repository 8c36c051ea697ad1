/** A listener with nothing but a registry, a flow that answers commands, and waiting for a condition. */
import assert from "node:assert/strict";
import { DlmsError, type ErrorCode } from "../../src/core/errors.js";
import { type MeterEvent, type MeterEventName } from "../../src/gateway/events.js";
import {
  type BackendCommandName,
  type CommandResult,
  parseCommand,
  refuse,
} from "../../src/gateway/messages.js";
import { type Binding } from "../../src/gateway/registry.js";
import { HesBridge, type HesStatus } from "../../src/hes/bridge.js";
import { type HesOptions, type ListenerLike, type MeterLike } from "../../src/hes/options.js";

interface FakeMeter {
  meterSerialNumber: string;
  online: boolean;
  backendId?: string;
  dialect: string;
  meterType: string;
  remoteAddress: string;
}

export class FakeListener implements ListenerLike {
  readonly meters = new Map<string, FakeMeter>();
  readonly bindings: [string, Binding][] = [];
  readonly #heard = new Set<(event: MeterEvent) => void>();

  readonly registry = {
    list: (): MeterLike[] => [...this.meters.values()],
    find: (serial: string): MeterLike | undefined => this.meters.get(this.registry.normalise(serial)),
    byBackendId: (id: string): MeterLike | undefined =>
      [...this.meters.values()].find((meter) => meter.backendId === id),
    normalise: (serial: string): string => serial.trim().toUpperCase(),
    bind: (serial: string, outcome: Binding): void => {
      this.bindings.push([serial, outcome]);
      const meter = this.meters.get(serial);
      if (meter === undefined) return;
      meter.backendId = "backendId" in outcome ? outcome.backendId : undefined;
      const other =
        "reason" in outcome && outcome.unavailable ? "registration-unavailable" : "unknown-to-backend";
      this.tell(serial, meter.backendId === undefined ? other : "registered");
    },
  };

  on(_name: "meter", listener: (event: MeterEvent) => void): void {
    this.#heard.add(listener);
  }

  off(_name: "meter", listener: (event: MeterEvent) => void): void {
    this.#heard.delete(listener);
  }

  get listeners(): number {
    return this.#heard.size;
  }

  dialIn(serial: string): void {
    const known = this.meters.get(serial);
    const details = { dialect: "hexcell-login", meterType: "hexcell", remoteAddress: "127.0.0.1" };
    this.meters.set(serial, { ...known, meterSerialNumber: serial, online: true, ...details });
    this.tell(serial, "identified");
  }

  hangUp(serial: string): void {
    const meter = this.meters.get(serial);
    assert.ok(meter);
    meter.online = false;
    this.tell(serial, "disconnected");
  }

  tell(serial: string, event: MeterEventName): void {
    const at = new Date().toISOString();
    const meter = this.meters.get(serial);
    for (const listener of this.#heard) {
      listener({
        event,
        meterSerialNumber: serial,
        linkId: "1",
        generation: 1,
        dialect: meter?.dialect ?? "",
        meterType: meter?.meterType ?? "",
        remoteAddress: meter?.remoteAddress ?? "",
        at,
      });
    }
  }
}

export const quickTimes = {
  reconnectMinMs: 20,
  reconnectMaxMs: 100,
  loginRetryMinMs: 20,
  loginRetryMaxMs: 60,
  negativeMs: 60,
  unavailableMs: 40,
  sweepMs: 20,
  joinIntervalMs: 1,
  roomCheckMs: 40,
  gatherMs: 10,
  ackMs: 300,
  ingestRetryMinMs: 20,
  ingestRetryMaxMs: 60,
};

export interface Rig {
  readonly bridge: HesBridge;
  readonly listener: FakeListener;
  readonly handed: { name: string; payload: Record<string, unknown> }[];
  readonly logs: string[];
  readonly others: [string, unknown][];
  readonly states: HesStatus[];
}

/** A started bridge on a fake listener. With `flow` every command gets a good result, as from executing nodes. */
export function startBridge(options: HesOptions, flow = true): Rig {
  const listener = new FakeListener();
  const bridge = new HesBridge({ ...options, times: { ...quickTimes, ...options.times } }, listener);
  const rig: Rig = { bridge, listener, handed: [], logs: [], others: [], states: [] };
  bridge.on("command", (name, payload) => {
    rig.handed.push({ name, payload });
    if (flow) void bridge.submit(execute(name, payload, listener));
  });
  bridge.on("log", ({ level, text }) => rig.logs.push(`${level} ${text}`));
  bridge.on("other", (name, payload) => rig.others.push([name, payload]));
  bridge.on("status", (status) => rig.states.push(status));
  bridge.start();
  return rig;
}

/** What an executing node does, without a meter. */
export function execute(
  name: BackendCommandName,
  payload: Record<string, unknown>,
  listener: FakeListener,
): CommandResult {
  try {
    const command = parseCommand(name, payload);
    const meter = listener.registry.find(command.meterSerialNumber);
    if (meter === undefined) throw error("METER_UNKNOWN");
    if (!meter.online) throw error("METER_OFFLINE");
    const at = new Date().toISOString();
    const outcome =
      command.command === "remote-load"
        ? "accepted"
        : command.command === "write-meter"
          ? "written"
          : command.command !== "remote-control"
            ? "read"
            : command.action === "connect"
              ? "connected"
              : "disconnected";
    return {
      ...command.extra,
      meterSerialNumber: meter.meterSerialNumber,
      commandId: command.commandId,
      command: name,
      success: true,
      outcome,
      startedAt: at,
      finishedAt: at,
      attempts: 1,
      ...(command.command === "write-meter"
        ? {
            written: command.items.map(({ obisCode, classId = 1, attributeId = 2 }) => ({
              ...{ obisCode, classId, attributeId },
              outcome: "written" as const,
            })),
          }
        : {}),
      ...(command.command === "read-profile"
        ? {
            obisCode: command.obisCode,
            columns: [],
            rows: [{ timestamp: command.from ?? "", "1-0:1.8.0.255": 5 }],
          }
        : {}),
      ...(command.command === "read-meter"
        ? {
            readings: command.items.map(({ obisCode }) => ({
              meterSerialNumber: meter.meterSerialNumber,
              obisCode,
              classId: 3,
              attributeId: 2,
              value: 1234.5,
              valueType: "double-long-unsigned",
              unit: "kWh",
            })),
          }
        : {}),
    };
  } catch (caught) {
    return refuse(name, payload, caught);
  }
}

function error(code: ErrorCode): DlmsError {
  return new DlmsError(code, undefined, { field: "meterSerialNumber" });
}

/** Waits until `condition` gives something; fails after a while with what was awaited. */
export async function until<T>(what: string, condition: () => T | undefined | false): Promise<T> {
  for (let round = 0; round < 1_000; round += 1) {
    const value = condition();
    if (value !== undefined && value !== false) return value;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return assert.fail(`waited in vain: ${what}`);
}
