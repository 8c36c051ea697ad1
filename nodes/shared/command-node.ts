/**
 * What `dlms-read`, `dlms-relay` and `dlms-token` share: a message becomes a command of the listener, and exactly one
 * final result leaves on output 1, bad input included. The rest of the message passes through untouched.
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
  refuse,
} from "../../src/index.js";
import { type NodeTools, type Send } from "./define-node.js";
import { type FollowedListener, followListener, type ListenerConfig } from "./follow-listener.js";
import { busyStatus, errorStatus, resultStatus } from "./status.js";
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
  /** Sends the result. Without it the message goes to output 1 with the result as payload. */
  readonly deliver?: (msg: NodeMessage, result: CommandResult, send: Send) => void;
}

export function runCommands(tools: NodeTools<ListenerConfig>, spec: CommandNodeSpec): void {
  const deliver = spec.deliver ?? ((msg, _result, send) => send(msg));
  const { node } = tools;
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
  if (!(listener instanceof Error)) recoverResults(tools, listener, deliver);

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
        result = await attempt(spec, msg, listener, node.id);
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
): Promise<CommandResult | undefined> {
  let command: Command;
  try {
    // A bare Inject button sends a time or nothing: the node's own fields then are the whole command.
    const trigger = typeof msg.payload === "number" || msg.payload === "";
    command = parseCommand(spec.command, trigger ? {} : msg.payload, await spec.defaults(msg, followed));
  } catch (caught) {
    return refuse(spec.command, msg.payload, asDlmsError(caught));
  }
  return followed.journal.execute(command, { origin });
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
