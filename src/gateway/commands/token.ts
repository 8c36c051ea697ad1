/**
 * remote-load: a prepaid token by the meter type's token rule. One request; then the outcome from wherever the rule
 * says it can be read. After silence the meter's own records are asked, and only a token, which a meter takes once
 * whatever happens, goes out a second time; an amount never does. Success is never concluded from lack of evidence.
 */
import { type Data } from "../../axdr/data.js";
import { data } from "../../axdr/build.js";
import { asDlmsError, DlmsError, usageError } from "../../core/errors.js";
import { type TokenEncoding, type TokenRule } from "../../meter-types/meter-type.js";
import { asciiDigits, packBcd } from "../../meter-types/token-digits.js";
import { type RemoteLoad, type TokenOutcome } from "../messages.js";
import {
  afterSilence,
  type CommandContext,
  type CommandReport,
  isRefusal,
  keptBack,
  type UnknownSend,
} from "./context.js";
import { lastTokenStatus, loggedTokens, type TokenVerdict, waitForVerdict } from "./token-status.js";

interface Load {
  readonly rule: TokenRule;
  readonly token: string;
  readonly value: Data;
  /** Whether it stood in the log before it was first sent; undefined when the log cannot be read. */
  readonly wasLogged: boolean | undefined;
  readonly context: CommandContext;
}

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
  const load: Load = { rule, token, value, wasLogged, context };
  try {
    await context.beforeSending(detailOf(load), false);
  } catch (caught) {
    return keptBack(asDlmsError(caught));
  }
  const sentBefore = context.octetsSent();
  try {
    await send(load);
  } catch (caught) {
    const error = asDlmsError(caught);
    if (context.octetsSent() === sentBefore)
      return { success: false, outcome: "not-sent", attempts: 0, error };
    if (isRefusal(error)) {
      const why = await reasonOf(load);
      return why === undefined ? report("rejected", error) : report(why, error);
    }
    return afterSilence(load.context, error, () => settle(load, true, 1));
  }
  if (rule.status.source === "none") return report("delivered-unverified");
  context.verifying();
  return judged(await waitForVerdict(rule.status, token, wasLogged, context));
}

/** An earlier request with this token may have reached the meter, before the link or the gateway went down. */
export async function settleToken(
  command: RemoteLoad,
  context: CommandContext,
  { detail, mayResend }: UnknownSend,
): Promise<CommandReport> {
  const rule = context.meterType.tokenRule;
  const token = command.token.reveal();
  const value = encodeToken(rule.encoding, token, command.amount);
  context.verifying();
  return settle({ rule, token, value, wasLogged: detail.wasLogged, context }, mayResend, 0);
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

function detailOf({ wasLogged }: Load): UnknownSend["detail"] {
  return wasLogged === undefined ? {} : { wasLogged };
}

async function send({ rule: { request }, value, context }: Load): Promise<void> {
  const { classId, obis } = request;
  if (request.service === "set")
    await context.client().set({ classId, obis, attributeId: request.attributeId }, value);
  else await context.client().action({ classId, obis, methodId: request.methodId }, value);
}

/** The meter said no. Its records may say why: used and old tokens are no failures of delivery. */
async function reasonOf({ rule, token, wasLogged, context }: Load): Promise<TokenOutcome | undefined> {
  if (wasLogged === true) return "used";
  if (rule.status.source !== "token-gateway") return undefined;
  try {
    const status = await lastTokenStatus(rule.status.obis, token, context);
    return status?.proof === true && status.outcome !== "accepted" ? status.outcome : undefined;
  } catch (caught) {
    // The refusal stands, whatever became of the question why.
    void caught;
    return undefined;
  }
}

/** Proof first; without any, the same token once more, if it is one that a meter takes only once. */
async function settle(load: Load, mayResend: boolean, attempts: number): Promise<CommandReport> {
  const { rule, token, context } = load;
  let verdict: TokenVerdict = { outcome: "unknown" };
  if (rule.status.source !== "none") {
    const wasLogged = load.wasLogged ?? false;
    verdict = await waitForVerdict(rule.status, token, wasLogged, context, { proofOnly: true });
    if (verdict.outcome !== "unknown" && verdict.outcome !== "delivered-unverified")
      return { ...afterUnknown(load, verdict.outcome, verdict.error), attempts };
    const { error } = verdict;
    if (isBroken(error)) return { ...report("unknown", error), attempts, unsettled: true };
  }
  if (rule.encoding === "amount" || !mayResend) return { ...report("unknown", verdict.error), attempts };
  const resent = await resend(load);
  return { ...resent, attempts: attempts + resent.attempts };
}

async function resend(load: Load): Promise<CommandReport> {
  const { rule, token, context } = load;
  const sentBefore = context.octetsSent();
  try {
    await context.beforeSending(detailOf(load), true);
    await send(load);
  } catch (caught) {
    const error = asDlmsError(caught);
    const attempts = context.octetsSent() === sentBefore ? 0 : 1;
    if (!isRefusal(error)) return { ...report("unknown", error), attempts, unsettled: true };
    const why = await reasonOf(load);
    return why === undefined ? report("unknown", error) : afterUnknown(load, why, error);
  }
  if (rule.status.source === "none") return report("delivered-unverified");
  const verdict = await waitForVerdict(rule.status, token, load.wasLogged ?? false, context);
  const judgement = afterUnknown(load, verdict.outcome, verdict.error);
  return verdict.outcome === "unknown" ? { ...judgement, unsettled: isBroken(verdict.error) } : judgement;
}

function isBroken(error: DlmsError | undefined): boolean {
  return error !== undefined && error.code !== "VERIFY_TIMEOUT" && !isRefusal(error);
}

/** What an outcome means when an earlier request may have had its effect: a token used meanwhile was used by it. */
function afterUnknown({ wasLogged }: Load, outcome: TokenOutcome, error?: DlmsError): CommandReport {
  if (outcome === "used" && wasLogged !== true) return { success: true, outcome, attempts: 1 };
  // A meter that takes no tokens now says nothing about the one it may have taken before.
  return report(outcome === "locked-out" ? "unknown" : outcome, error);
}

function judged({ outcome, error }: TokenVerdict): CommandReport {
  const verdict = report(outcome, error);
  return outcome === "unknown" && isBroken(error) ? { ...verdict, unsettled: true } : verdict;
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
