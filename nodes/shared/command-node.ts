/**
 * What every node that runs commands shares: a message becomes a command of the listener, and exactly one final result
 * leaves on output 1, bad input included. The rest of the message passes through untouched.
 */
import { type Node, type NodeAPI, type NodeMessage, type NodeMessageInFlow } from "node-red";
import {
  asDlmsError,
  type Command,
  type CommandDefaults,
  type CommandName,
  type CommandResult,
  type DlmsError,
  parseCommand,
  type ProgressEvent,
  refuse,
} from "../../src/index.js";
import { type NodeTools, type Send } from "./define-node.js";
import { isRecord } from "./fields.js";
import { type FollowedListener, followListener, type ListenerConfig } from "./follow-listener.js";
import { busyStatus, errorStatus, progressStatus, resultStatus } from "./status.js";
import { typedValue } from "./typed-value.js";

/** The fields that name a meter, in every node that runs commands. */
export interface MeterFields {
  readonly meter?: string;
  /** Where `meter` is taken from; `payload` leaves it to the message. */
  readonly meterFrom?: string;
}

export interface CommandNodeSpec {
  readonly command: CommandName;
  /** What the node's own fields say for this message; the message's fields go first. */
  readonly defaults: (msg: NodeMessage, followed: FollowedListener) => Promise<CommandDefaults>;
  /** What of the message is the command; by default its payload, where a number or nothing is a bare trigger. */
  readonly request?: (msg: NodeMessage) => unknown;
  /** Shows how far a long command is. */
  readonly showsProgress?: boolean;
  /** Sends the result. Without it the message goes to output 1 with the result as payload. */
  readonly deliver?: (msg: NodeMessage, result: CommandResult, send: Send) => void;
}

export function runCommands(tools: NodeTools<ListenerConfig>, spec: CommandNodeSpec): void {
  const deliver = spec.deliver ?? ((msg, _result, send) => send(msg));
  const { node } = tools;
  const underWay = new Set<string>();
  let running = 0;
  let last: CommandResult | undefined;
  let lastAt = new Date();

  const listener = followListener(tools, () => show());
  function show(): void {
    if (listener instanceof Error) tools.show(errorStatus(listener));
    else if (listener.state.phase !== "listening") tools.show(listener.status());
    else if (running > 0) tools.show(busyStatus(running));
    else if (listener.journal.status.phase === "unavailable") tools.show(listener.status());
    else tools.show(last === undefined ? listener.status() : resultStatus(last, lastAt));
  }
  show();
  if (!(listener instanceof Error)) {
    recoverResults(tools, listener, deliver);
    if (spec.showsProgress === true) followProgress(tools, listener, underWay);
  }

  tools.onInput(async (msg, send) => {
    const { payload } = msg;
    running += 1;
    if (running === 1) show();
    let result: CommandResult | undefined;
    let broken: DlmsError | undefined;
    try {
      if (listener instanceof Error) {
        broken = listener;
        result = notSent(refuse(spec.command, payload, listener));
      } else {
        result = await attempt(spec, msg, listener, node.id, underWay);
      }
    } finally {
      running -= 1;
    }
    // This node has ended. Its next life gets the result, in a message of its own.
    if (result === undefined) return undefined;
    last = result;
    lastAt = new Date();
    show();
    msg.payload = result;
    deliver(msg, result, send);
    return broken;
  });
}

async function attempt(
  spec: CommandNodeSpec,
  msg: NodeMessageInFlow,
  followed: FollowedListener,
  origin: string,
  underWay: Set<string>,
): Promise<CommandResult | undefined> {
  let command: Command;
  try {
    const request = (spec.request ?? payloadOrTrigger)(msg);
    command = parseCommand(spec.command, request, await spec.defaults(msg, followed));
  } catch (caught) {
    return refuse(spec.command, msg.payload, asDlmsError(caught));
  }
  underWay.add(command.commandId);
  try {
    return await followed.journal.execute(command, { origin });
  } finally {
    underWay.delete(command.commandId);
  }
}

/** A bare Inject button sends a time or nothing: the node's own fields then are the whole command. */
export function payloadOrTrigger({ payload }: NodeMessage): unknown {
  return typeof payload === "number" || payload === "" ? {} : payload;
}

/** Where the message is the value (`valueFrom` is `payload`), a payload that is no object of fields is the value. */
export function valueOrRequest(valueFrom: string): (msg: NodeMessage) => unknown {
  return (msg) => {
    const isFields = isRecord(msg.payload) && !(msg.payload instanceof Uint8Array);
    return valueFrom === "payload" && !isFields ? { value: msg.payload } : payloadOrTrigger(msg);
  };
}

/** The status dot follows commands of this node that take long. */
function followProgress(
  { show, onClose }: NodeTools<ListenerConfig>,
  { listener }: FollowedListener,
  underWay: ReadonlySet<string>,
): void {
  const tell = (event: ProgressEvent): void => {
    if (underWay.has(event.commandId) && event.phase !== undefined) show(progressStatus(event));
  };
  listener.on("progress", tell);
  onClose(() => listener.off("progress", tell));
}

/** Results of commands that an earlier life of this node, or of the whole runtime, has left open. */
function recoverResults(
  { RED, node, onStarted, onClose }: NodeTools<ListenerConfig>,
  { journal }: FollowedListener,
  deliver: NonNullable<CommandNodeSpec["deliver"]>,
): void {
  let stop: (() => void) | undefined;
  onStarted(() => {
    stop = journal.recover(node.id, (result) => {
      const msg: NodeMessage = { _msgid: RED.util.generateId(), topic: result.command, payload: result };
      deliver(msg, result, (out) => node.send(out));
    });
  });
  onClose(() => stop?.());
}

/** The command may be fine; it is this node that cannot run it. */
function notSent(result: CommandResult): CommandResult {
  return { ...result, outcome: "not-sent" };
}

/** A serial number from a typed field: text or a number; anything else is left to the command's own check. */
export async function ownMeter(
  RED: NodeAPI,
  node: Node,
  msg: NodeMessage,
  config: MeterFields,
): Promise<Pick<CommandDefaults, "meterSerialNumber">> {
  const value = await typedValue(RED, node, msg, {
    name: "meter",
    value: config.meter,
    type: config.meterFrom,
  });
  return value === undefined || value === null || value === "" ? {} : { meterSerialNumber: value as string };
}
