/**
 * remote-control: the relay by class 70 (Blue Book 4.5.8), method 1 = remote_disconnect, 2 = remote_reconnect, then
 * the state read back until it is what was asked for. The other method is never tried; a request that may have left is
 * never repeated.
 */
import { data } from "../../axdr/build.js";
import { type Data } from "../../axdr/data.js";
import { asDlmsError, DlmsError } from "../../core/errors.js";
import { controlStates } from "../../meter-types/relay-rules.js";
import { type RelayAction, type RelayOutcome, type RemoteControl } from "../messages.js";
import {
  afterSilence,
  type CommandContext,
  type CommandReport,
  isRefusal,
  keptBack,
  needsRecovery,
} from "./context.js";

const CONTROL_MODE = "control-mode";

/** What the meter's relay shows; undefined what it does not tell. */
interface RelayState {
  readonly output?: boolean;
  readonly control?: number;
}

export async function switchRelay(command: RemoteControl, context: CommandContext): Promise<CommandReport> {
  const { action } = command;
  const rule = context.meterType.relayRule;
  try {
    await context.beforeSending({}, false);
  } catch (caught) {
    return keptBack(asDlmsError(caught));
  }
  const sentBefore = context.octetsSent();
  try {
    const method = { classId: rule.classId, obis: rule.obis, methodId: rule.methods[action] };
    await context.client().action(method, data.integer(0));
  } catch (caught) {
    const error = asDlmsError(caught);
    if (context.octetsSent() === sentBefore)
      return { success: false, outcome: "not-sent", attempts: 0, error };
    if (isRefusal(error)) return { success: false, outcome: "refused", attempts: 1, error };
    // The state may still tell; the method is not called again.
    return afterSilence(context, error, async () => ({
      ...(await settleByState(action, context)),
      attempts: 1,
    }));
  }
  context.verifying();
  const state = await pollState(action, context);
  if (state instanceof DlmsError) {
    const unsettled = !isRefusal(state) && state.code !== "VERIFY_TIMEOUT";
    return { success: false, outcome: "unknown", attempts: 1, error: state, unsettled };
  }
  const outcome = outcomeOf(action, state);
  if (outcome !== "no-effect") return { success: isTarget(action, state), outcome, attempts: 1 };
  const error = new DlmsError("VERIFY_TIMEOUT", explain(state, context));
  return { success: false, outcome, attempts: 1, error };
}

/** What became of a request that may have arrived, by the relay's state alone. Nothing is switched. */
export async function verifyRelay(command: RemoteControl, context: CommandContext): Promise<CommandReport> {
  context.verifying();
  return settleByState(command.action, context);
}

async function settleByState(action: RelayAction, context: CommandContext): Promise<CommandReport> {
  const state = await pollState(action, context);
  if (state instanceof DlmsError) {
    const unsettled = !isRefusal(state) && state.code !== "VERIFY_TIMEOUT";
    return { success: false, outcome: "unknown", attempts: 0, error: state, unsettled };
  }
  const outcome = outcomeOf(action, state);
  if (outcome !== "no-effect") return { success: isTarget(action, state), outcome, attempts: 0 };
  // Whether the request arrived is not known, so it cannot be said that it had no effect.
  const error = new DlmsError("VERIFY_TIMEOUT", explain(state, context));
  return { success: false, outcome: "unknown", attempts: 0, error };
}

/** Reads the state at the set pauses until it is the target or the window is over; the last state, or why none. */
async function pollState(action: RelayAction, context: CommandContext): Promise<RelayState | DlmsError> {
  const { relayPollMs, relayWindowMs } = context.times;
  const end = context.now() + relayWindowMs;
  let last: RelayState | DlmsError = new DlmsError("VERIFY_TIMEOUT");
  for (let i = 0; context.now() < end; i++) {
    const pause = relayPollMs[Math.min(i, relayPollMs.length - 1)] ?? 1_000;
    try {
      await context.sleep(Math.max(1, Math.min(pause, end - context.now())));
      last = await readState(context);
    } catch (caught) {
      const error = asDlmsError(caught);
      if (!needsRecovery(error)) return error;
      last = error;
      try {
        await context.recover();
      } catch (again) {
        return asDlmsError(again);
      }
      continue;
    }
    if (isTarget(action, last)) return last;
  }
  return last;
}

/** Attributes 2 and 3; attribute 4, which only a new configuration changes, once per association. */
async function readState(context: CommandContext): Promise<RelayState> {
  const rule = context.meterType.relayRule;
  const attributeIds = [rule.outputStateAttribute, rule.controlStateAttribute];
  const knowsMode = context.perAssociation.has(CONTROL_MODE);
  if (!knowsMode) attributeIds.push(rule.controlModeAttribute);
  const { classId, obis } = rule;
  const [output, control, mode] = await context
    .client()
    .getMany(attributeIds.map((attributeId) => ({ classId, obis, attributeId })));
  if (!knowsMode) context.perAssociation.set(CONTROL_MODE, numberOf(mode).control);
  const state: RelayState = { ...booleanOf(output), ...numberOf(control) };
  if (state.output === undefined && state.control === undefined) {
    const failure = [output, control].find((value) => value instanceof DlmsError);
    throw failure instanceof DlmsError
      ? failure
      : new DlmsError("VERIFY_TIMEOUT", "The relay's state is of a type that says nothing.");
  }
  return state;
}

function isTarget(action: RelayAction, { output, control }: RelayState): boolean {
  const connect = action === "connect";
  const wanted = connect ? controlStates.connected : controlStates.disconnected;
  return (output === undefined || output === connect) && (control === undefined || control === wanted);
}

function outcomeOf(action: RelayAction, state: RelayState): RelayOutcome {
  if (isTarget(action, state)) return action === "connect" ? "connected" : "disconnected";
  return action === "connect" && state.control === controlStates.readyForReconnection ? "armed" : "no-effect";
}

function explain(state: RelayState, context: CommandContext): string {
  const seen = [
    ...(state.output === undefined ? [] : [`output ${state.output ? "on" : "off"}`]),
    ...(state.control === undefined ? [] : [`control state ${state.control}`]),
  ];
  const mode = context.perAssociation.get(CONTROL_MODE);
  if (typeof mode === "number") seen.push(`control mode ${mode}${mode === 0 ? " (never switches)" : ""}`);
  return `The relay is not in the state that was asked for: ${seen.join(", ")}.`;
}

function booleanOf(value: Data | DlmsError | undefined): { output?: boolean } {
  return value !== undefined && !(value instanceof DlmsError) && value.type === "boolean"
    ? { output: value.value }
    : {};
}

function numberOf(value: Data | DlmsError | undefined): { control?: number } {
  if (value === undefined || value instanceof DlmsError) return {};
  return value.type === "enum" || value.type === "unsigned" || value.type === "integer"
    ? { control: value.value }
    : {};
}
