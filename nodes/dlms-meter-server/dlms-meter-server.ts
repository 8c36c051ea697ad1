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
  resolveMeter,
  usageError,
} from "../../src/index.js";
import { defineNode } from "../shared/define-node.js";
import { followListener, type ListenerConfig } from "../shared/follow-listener.js";
import { errorStatus } from "../shared/status.js";

/** The answer to `disconnect`, and to input that is neither `list` nor `disconnect`. */
interface ServerResult {
  readonly command: string | null;
  readonly meterSerialNumber: string | null;
  readonly success: boolean;
  readonly outcome: "disconnected" | "not-sent" | "invalid";
  readonly error?: ErrorPayload;
}

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

  tools.onInput((msg, send) => {
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
      payload = answer(msg, followed.listener);
    } catch (caught) {
      payload = failed(msg, asDlmsError(caught), "invalid");
    }
    send([Object.assign(msg, { payload }), null]);
    return undefined;
  });
});

function answer(msg: NodeMessageInFlow, listener: Listener): ServerResult | readonly MeterView[] {
  switch (commandOf(msg)) {
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
      throw usageError("UNKNOWN_COMMAND", "payload", "payload must be list, or name disconnect and a meter");
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
    command: command === "list" || command === "disconnect" ? command : null,
    meterSerialNumber: typeof serial === "string" && serial.length <= 64 ? serial : null,
    success: false,
    outcome,
    error: error.toPayload(),
  };
}
