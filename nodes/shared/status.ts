/**
 * Every status dot in one place. Green dot: works. Yellow ring: on its way. Red ring: not connected, retried by
 * itself. Red dot: failed. Blue dot: busy. Grey ring: at rest. Texts stay under about 20 characters; what needs a
 * sentence goes to the log and to the message.
 */
import { type NodeStatus } from "node-red";
import {
  type CommandResult,
  type DlmsError,
  errorTable,
  type ErrorCode,
  type HesStatus,
} from "../../src/index.js";

/** What a listener says of itself, as far as the dot needs it. */
export interface ListenerLife {
  readonly phase: "closed" | "opening" | "listening" | "retrying";
  readonly port: number;
  readonly meters: number;
  readonly error?: { readonly code: ErrorCode };
}

/** What a journal says of its store. */
export interface StoreLife {
  readonly phase: "opening" | "open" | "unavailable" | "closed";
  readonly durable: boolean;
}

export function listenerStatus(life: ListenerLife, store?: StoreLife): NodeStatus {
  switch (life.phase) {
    case "listening":
      // In memory, as allowed; or not at all, and then what changes anything is refused.
      if (store?.phase === "open" && !store.durable)
        return { fill: "yellow", shape: "dot", text: `:${life.port} not durable` };
      if (store?.phase === "unavailable")
        return { fill: "red", shape: "ring", text: `:${life.port} not durable` };
      return { fill: "green", shape: "dot", text: `:${life.port} · ${count(life.meters, "meter")}` };
    case "opening":
      return { fill: "yellow", shape: "ring", text: `:${life.port} opening` };
    case "retrying": {
      const reason = life.error ? errorTable[life.error.code].short : "retrying";
      return { fill: "red", shape: "ring", text: `:${life.port} ${reason}` };
    }
    case "closed":
      return { fill: "grey", shape: "ring", text: "closed" };
  }
}

/** How the last command of a node ended, and when. */
export function resultStatus(result: CommandResult, at: Date): NodeStatus {
  const time = at.toTimeString().slice(0, 8);
  if (result.success)
    return { fill: "green", shape: "dot", text: `${shortOutcome(result.outcome)} · ${time}` };
  const open = ["armed", "unknown", "interrupted"].includes(result.outcome);
  const text = open || !result.error ? result.outcome : errorTable[result.error.code].short;
  return open ? { fill: "yellow", shape: "ring", text } : { fill: "red", shape: "dot", text };
}

export function busyStatus(running: number): NodeStatus {
  return { fill: "blue", shape: "dot", text: `${running} running` };
}

/** In whole per cent, so that a transfer of thousands of blocks is a hundred changes of text. */
export function progressStatus({
  phase = "",
  done = 0,
  total = 0,
}: {
  readonly phase?: string;
  readonly done?: number;
  readonly total?: number;
}): NodeStatus {
  const share = total === 0 || phase !== "transferring" ? "" : ` ${Math.floor((done / total) * 100)} %`;
  return { fill: "blue", shape: "dot", text: `${phase}${share}` };
}

export function errorStatus(error: Pick<DlmsError, "code" | "field">): NodeStatus {
  const { short } = errorTable[error.code];
  const text = error.code === "NOT_CONFIGURED" && error.field !== undefined ? `${error.field}: check` : short;
  return { fill: "red", shape: "dot", text };
}

/** The bridge: where its backend is, and whether what it accepts outlives a restart. */
export function bridgeStatus(life: Pick<HesStatus, "phase" | "login" | "error" | "durable">): NodeStatus {
  const reason = life.error ? errorTable[life.error.code].short : undefined;
  switch (life.phase) {
    case "connected":
      return reason === undefined
        ? life.durable
          ? { fill: "green", shape: "dot", text: "online" }
          : { fill: "yellow", shape: "dot", text: "online · not durable" }
        : { fill: "yellow", shape: "dot", text: `online · ${reason}` };
    case "connecting":
      return { fill: "yellow", shape: "ring", text: "connecting" };
    case "away":
      return { fill: "red", shape: "ring", text: reason ?? "disconnected" };
    case "stopped":
      return { fill: "grey", shape: "ring", text: "stopped" };
  }
}

export function simulatorStatus(life: { readonly meters: number; readonly connected: number }): NodeStatus {
  const all = life.connected === life.meters;
  return {
    fill: all ? "green" : "yellow",
    shape: all ? "dot" : "ring",
    text: `${life.connected} of ${count(life.meters, "meter")}`,
  };
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function shortOutcome(outcome: CommandResult["outcome"]): string {
  return outcome === "delivered-unverified" ? "unverified" : outcome;
}
