/**
 * remote-load: a prepaid token by the meter type's token rule. One request, never repeated once bytes may have left;
 * then the outcome from wherever the rule says it can be read. Success is never concluded from the lack of evidence.
 */
import { type Data } from "../../axdr/data.js";
import { data } from "../../axdr/build.js";
import { asDlmsError, DlmsError, usageError } from "../../core/errors.js";
import { type TokenEncoding, type TokenRule } from "../../meter-types/meter-type.js";
import { asciiDigits, packBcd } from "../../meter-types/token-digits.js";
import { type RemoteLoad, type TokenOutcome } from "../messages.js";
import { type CommandContext, type CommandReport, isRefusal } from "./context.js";
import { lastTokenStatus, loggedTokens, type TokenVerdict, waitForVerdict } from "./token-status.js";

export async function loadToken(command: RemoteLoad, context: CommandContext): Promise<CommandReport> {
  const rule = context.meterType.tokenRule;
  const token = command.token.reveal();
  let value: Data;
  try {
    value = encodeToken(rule.encoding, token, command.amount);
  } catch (caught) {
    return { success: false, outcome: "invalid", attempts: 0, error: asDlmsError(caught) };
  }
  let wasLogged: boolean | undefined;
  try {
    // A token that stands in the log already explains a refusal, and proves nothing after a success.
    if (rule.status.source === "token-log")
      wasLogged = (await loggedTokens(rule.status.obis, context))?.has(token);
  } catch (caught) {
    return { success: false, outcome: "not-sent", attempts: 0, error: asDlmsError(caught) };
  }
  const sentBefore = context.octetsSent();
  try {
    await send(rule, value, context);
  } catch (caught) {
    const error = asDlmsError(caught);
    if (context.octetsSent() === sentBefore)
      return { success: false, outcome: "not-sent", attempts: 0, error };
    if (isRefusal(error)) return refused(rule, token, wasLogged, context, error);
    return afterSilence(rule, token, wasLogged, context, error);
  }
  if (rule.status.source === "none") return report("delivered-unverified");
  context.verifying();
  return judged(await waitForVerdict(rule.status, token, wasLogged, context));
}

/** @throws DlmsError FIELD_INVALID when the rule sends an amount and there is none that fits. */
function encodeToken(encoding: TokenEncoding, token: string, amount: number | undefined): Data {
  switch (encoding) {
    case "bcd":
      return data.octetString(packBcd(token));
    case "ascii":
      return data.octetString(asciiDigits(token));
    case "visible-string":
      return data.visibleString(token);
    case "amount":
      if (amount === undefined || !Number.isInteger(amount) || amount <= 0 || amount > 0x7fff_ffff)
        throw usageError("FIELD_INVALID", "amount", "amount must be a whole number from 1 to 2147483647");
      return data.doubleLong(amount);
  }
}

async function send(rule: TokenRule, value: Data, context: CommandContext): Promise<void> {
  const { request } = rule;
  const { classId, obis } = request;
  if (request.service === "set")
    await context.client().set({ classId, obis, attributeId: request.attributeId }, value);
  else await context.client().action({ classId, obis, methodId: request.methodId }, value);
}

/** The meter said no. Its status may say why: used and old tokens are no failures of delivery. */
async function refused(
  rule: TokenRule,
  token: string,
  wasLogged: boolean | undefined,
  context: CommandContext,
  error: DlmsError,
): Promise<CommandReport> {
  if (wasLogged === true) return report("used", error);
  if (rule.status.source !== "token-gateway") return report("rejected", error);
  try {
    const status = await lastTokenStatus(rule.status.obis, token, context);
    return status?.proof === true && status.outcome !== undefined && status.outcome !== "accepted"
      ? report(status.outcome, error)
      : report("rejected", error);
  } catch (caught) {
    // The refusal stands, whatever became of the question why.
    void caught;
    return report("rejected", error);
  }
}

/** The request may have arrived. Only what the meter's own records prove counts. */
async function afterSilence(
  rule: TokenRule,
  token: string,
  wasLogged: boolean | undefined,
  context: CommandContext,
  error: DlmsError,
): Promise<CommandReport> {
  if (rule.status.source === "none") return report("unknown", error);
  context.verifying();
  try {
    await context.recover();
    const verdict = await waitForVerdict(rule.status, token, wasLogged, context, { proofOnly: true });
    if (verdict.outcome !== "unknown" && verdict.outcome !== "delivered-unverified") return judged(verdict);
  } catch (caught) {
    // The link is beyond help; what went wrong first is what the result tells.
    void caught;
  }
  return report("unknown", error);
}

function judged({ outcome, error }: TokenVerdict): CommandReport {
  return report(outcome, error);
}

function report(outcome: TokenOutcome, error?: DlmsError): CommandReport {
  const success = outcome === "accepted" || outcome === "delivered-unverified";
  const reason = success ? undefined : (error ?? new DlmsError("SERVICE_REFUSED", sentences[outcome]));
  return { success, outcome, attempts: 1, ...(reason === undefined ? {} : { error: reason }) };
}

const sentences: Partial<Record<TokenOutcome, string>> = {
  used: "The meter has taken this token before.",
  old: "The token is older than the oldest the meter remembers.",
  rejected: "The meter rejected the token.",
  "locked-out": "The meter takes no tokens for a while after too many wrong ones.",
  unknown: "The token was sent; what became of it could not be read.",
};
