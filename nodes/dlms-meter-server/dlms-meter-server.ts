/**
 * `dlms-meter-server`: a listener's life as messages. Output 1: what happens to meters, the answers to `list` and
 * `disconnect`, results whose node is gone, and questions for keys, which come back answered; output 2: what meters
 * send by themselves, and alarms.
 */
import { type NodeMessageInFlow } from "node-red";
import {
  type AlarmEvent,
  asDlmsError,
  type CommandResult,
  type DlmsError,
  type ErrorPayload,
  type KeyQuestion,
  type Listener,
  type MeterEvent,
  type MeterView,
  type NotificationEvent,
  parseSecurityChange,
  resolveMeter,
  type SecurityCommand,
  securityCommands,
  type SecurityOutcome,
  usageError,
} from "../../src/index.js";
import { defineNode } from "../shared/define-node.js";
import { followListener, type ListenerConfig } from "../shared/follow-listener.js";
import { errorStatus } from "../shared/status.js";

/** The answer to everything but `list`. */
interface ServerResult {
  readonly command: string | null;
  readonly meterSerialNumber: string | null;
  readonly success: boolean;
  /** `offered`: the meter took the change, or may have, and has not shown it yet. */
  readonly outcome: "disconnected" | "not-sent" | "invalid" | "refused" | SecurityOutcome;
  readonly error?: ErrorPayload;
}

const commands = ["list", "disconnect", ...securityCommands] as const;

export default defineNode<ListenerConfig>("dlms-meter-server", (tools) => {
  const { node } = tools;
  const followed = followListener(tools, show);
  function show(): void {
    tools.show(followed instanceof Error ? errorStatus(followed) : followed.status());
  }
  show();

  if (!(followed instanceof Error)) {
    const { listener, journal, asked } = followed;
    const onMeter = (event: MeterEvent): void => node.send([{ topic: event.event, payload: event }, null]);
    const onNotification = (event: NotificationEvent): void =>
      node.send([null, { topic: event.kind, payload: event }]);
    const onOrphan = (result: CommandResult): void =>
      node.send([{ topic: "orphan-result", payload: result }, null]);
    const onAlarm = (event: AlarmEvent): void => node.send([null, { topic: "alarm", payload: event }]);
    const onQuestion = (question: KeyQuestion): void =>
      node.send([{ topic: question.event, payload: question }, null]);
    journal.on("orphan-result", onOrphan);
    listener.on("alarm", onAlarm);
    asked?.on(onQuestion);
    listener.on("meter", onMeter);
    listener.on("notification", onNotification);
    tools.onClose(() => {
      journal.off("orphan-result", onOrphan);
      listener.off("alarm", onAlarm);
      asked?.off(onQuestion);
      listener.off("meter", onMeter);
      listener.off("notification", onNotification);
    });
  }

  tools.onInput(async (msg, send) => {
    if (followed instanceof Error) {
      send([Object.assign(msg, { payload: failed(msg, followed, "not-sent") }), null]);
      return followed;
    }
    const { payload: said } = msg as { readonly payload?: unknown };
    if (isKeyAnswer(said)) {
      // One that comes too late changes nothing: whoever needs the keys asks again.
      followed.asked?.answer(String(said.id), said.keys);
      return undefined;
    }
    let payload: ServerResult | readonly MeterView[];
    try {
      payload = await answer(msg, followed.listener);
    } catch (caught) {
      payload = failed(msg, asDlmsError(caught), "invalid");
    }
    send([Object.assign(msg, { payload }), null]);
    return undefined;
  });
});

async function answer(
  msg: NodeMessageInFlow,
  listener: Listener,
): Promise<ServerResult | readonly MeterView[]> {
  const command = commandOf(msg);
  const change = securityCommands.find((known) => known === command);
  if (change !== undefined) return changed(msg, change, listener);
  switch (command) {
    case "list":
      return listener.registry.list();
    case "disconnect": {
      const fields = msg.payload as Readonly<Record<string, unknown>>;
      const { meterSerialNumber } = resolveMeter(typeof fields === "object" ? fields : {}, listener.registry);
      if (listener.disconnect(meterSerialNumber))
        return { command: "disconnect", meterSerialNumber, success: true, outcome: "disconnected" };
      const known = listener.registry.find(meterSerialNumber) !== undefined;
      return failed(
        msg,
        usageError(
          known ? "METER_OFFLINE" : "METER_UNKNOWN",
          "meterSerialNumber",
          known ? "This meter is not connected." : "No meter with this serial number has dialled in.",
        ),
        "not-sent",
      );
    }
    default:
      throw usageError(
        "UNKNOWN_COMMAND",
        "payload",
        `payload must be list, or name a meter and one of ${commands.slice(1).join(", ")}`,
      );
  }
}

/** A question for keys with the meter's `keys`, or without them when nobody knows it. */
function isKeyAnswer(payload: unknown): payload is { readonly id: unknown; readonly keys?: unknown } {
  return (
    typeof payload === "object" &&
    payload !== null &&
    "id" in payload &&
    "event" in payload &&
    payload.event === "needKeys"
  );
}

/** Keys and secrets stand in the input only: its payload is replaced. */
async function changed(
  msg: NodeMessageInFlow,
  command: SecurityCommand,
  listener: Listener,
): Promise<ServerResult> {
  const fields = msg.payload as Readonly<Record<string, unknown>>;
  const { meterSerialNumber } = resolveMeter(fields, listener.registry);
  const change = parseSecurityChange(command, fields);
  try {
    const outcome = await listener.changeSecurity(meterSerialNumber, change);
    return { command, meterSerialNumber, success: outcome === "changed", outcome };
  } catch (caught) {
    const error = asDlmsError(caught);
    return failed(msg, error, error.family === "ServiceError" ? "refused" : "not-sent");
  }
}

function commandOf({ payload }: NodeMessageInFlow): unknown {
  return typeof payload === "object" && payload !== null
    ? (payload as { readonly command?: unknown }).command
    : payload;
}

function failed(msg: NodeMessageInFlow, error: DlmsError, outcome: ServerResult["outcome"]): ServerResult {
  const command = commandOf(msg);
  const payload = msg.payload as { readonly meterSerialNumber?: unknown } | undefined;
  const serial = typeof payload === "object" && payload !== null ? payload.meterSerialNumber : undefined;
  return {
    command: commands.find((known) => known === command) ?? null,
    meterSerialNumber: typeof serial === "string" && serial.length <= 64 ? serial : null,
    success: false,
    outcome,
    error: error.toPayload(),
  };
}
