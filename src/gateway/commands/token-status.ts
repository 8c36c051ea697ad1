/**
 * Where the outcome of a token can be read: attribute 6 of the token gateway (class 115), or a log of the tokens that
 * the meter took. A status counts only when it belongs to the token that was sent.
 */
import { type Data } from "../../axdr/data.js";
import { asDlmsError, DlmsError } from "../../core/errors.js";
import { type TokenStatus } from "../../meter-types/meter-type.js";
import { tokenFromOctets } from "../../meter-types/token-digits.js";
import { tokenStatusBits, tokenStatusCodes } from "../../meter-types/token-rules.js";
import { type TokenOutcome } from "../messages.js";
import { type CommandContext, isRefusal, needsRecovery } from "./context.js";

export interface TokenVerdict {
  readonly outcome: TokenOutcome;
  readonly error?: DlmsError;
}

interface StatusReading {
  /** undefined: the meter is still at it. */
  readonly outcome: TokenOutcome | undefined;
  /** The meter names this very token. */
  readonly proof: boolean;
}

type ReadableStatus = Exclude<TokenStatus, { source: "none" }>;

/**
 * Reads the status at the set pauses until it is final or the window is over.
 * @param wasLogged whether the token stood in the log before it was sent; undefined when the log cannot be read.
 * @param options.proofOnly counts a status only when the meter shows the token with it: the request may never have
 * arrived, and the status may be an older token's.
 */
export async function waitForVerdict(
  status: ReadableStatus,
  token: string,
  wasLogged: boolean | undefined,
  context: CommandContext,
  options: { readonly proofOnly?: boolean } = {},
): Promise<TokenVerdict> {
  if (status.source === "token-log" && wasLogged === undefined) return { outcome: "delivered-unverified" };
  const { tokenPollMs, tokenWindowMs } = context.times;
  const end = context.now() + tokenWindowMs;
  for (let i = 0; context.now() < end; i++) {
    const pause = tokenPollMs[Math.min(i, tokenPollMs.length - 1)] ?? 1_000;
    try {
      await context.sleep(Math.max(1, Math.min(pause, end - context.now())));
      const verdict =
        status.source === "token-log"
          ? await logVerdict(status.obis, token, wasLogged === true, context)
          : await gatewayVerdict(status.obis, token, options.proofOnly === true, context);
      if (verdict !== undefined) return verdict;
    } catch (caught) {
      const error = asDlmsError(caught);
      if (isRefusal(error))
        return options.proofOnly === true
          ? { outcome: "unknown", error }
          : { outcome: "delivered-unverified" };
      if (!needsRecovery(error)) return { outcome: "unknown", error };
      try {
        await context.recover();
      } catch (again) {
        return { outcome: "unknown", error: asDlmsError(again) };
      }
    }
  }
  return {
    outcome: "unknown",
    error: new DlmsError(
      "VERIFY_TIMEOUT",
      status.source === "token-log"
        ? "The meter took the token, but its token log does not show it."
        : "The meter did not finish the token in time.",
    ),
  };
}

/** The tokens a log shows; undefined when the meter has no such log or does not let it be read. */
export async function loggedTokens(
  obis: string,
  context: CommandContext,
): Promise<ReadonlySet<string> | undefined> {
  let buffer: Data;
  try {
    buffer = await context.client().get({ classId: 7, obis, attributeId: 2 });
  } catch (caught) {
    if (isRefusal(asDlmsError(caught))) return undefined;
    throw caught;
  }
  const tokens = new Set<string>();
  if (buffer.type !== "array") return undefined;
  for (const row of buffer.value)
    for (const column of row.type === "structure" ? row.value : [row]) {
      const digits = column.type === "octet-string" ? tokenFromOctets(column.value) : undefined;
      if (digits !== undefined) tokens.add(digits);
    }
  return tokens;
}

/** What the token gateway says now; undefined when it shows another token than the one sent. */
export async function lastTokenStatus(
  obis: string,
  token: string,
  context: CommandContext,
): Promise<StatusReading | undefined> {
  const [shown, status] = await context.client().getMany([
    { classId: 115, obis, attributeId: 2 },
    { classId: 115, obis, attributeId: 6 },
  ]);
  if (status === undefined || status instanceof DlmsError)
    throw status ?? new DlmsError("VERIFY_TIMEOUT", "The meter gave no token status.");
  const digits =
    shown !== undefined && !(shown instanceof DlmsError) && shown.type === "octet-string"
      ? tokenFromOctets(shown.value)
      : undefined;
  if (digits !== undefined && digits !== token) return undefined;
  return { outcome: gatewayOutcome(status), proof: digits === token };
}

async function logVerdict(
  obis: string,
  token: string,
  wasLogged: boolean,
  context: CommandContext,
): Promise<TokenVerdict | undefined> {
  const logged = await loggedTokens(obis, context);
  if (logged === undefined) return { outcome: "delivered-unverified" };
  if (!logged.has(token)) return undefined;
  return { outcome: wasLogged ? "used" : "accepted" };
}

async function gatewayVerdict(
  obis: string,
  token: string,
  proofOnly: boolean,
  context: CommandContext,
): Promise<TokenVerdict | undefined> {
  const status = await lastTokenStatus(obis, token, context);
  // It shows one token only, and that is another by now: waiting will not make it tell of ours.
  if (status === undefined && proofOnly) return { outcome: "unknown" };
  if (status?.outcome === undefined || (proofOnly && !status.proof)) return undefined;
  return { outcome: status.outcome };
}

/** `token_status` as an outcome; undefined while the meter works on it or shows something unknown. */
function gatewayOutcome(status: Data): TokenOutcome | undefined {
  if (status.type !== "structure") return undefined;
  const [code, bits] = status.value;
  if (code?.type !== "enum" && code?.type !== "unsigned") return undefined;
  const isSet = (bit: number): boolean => bits?.type === "bit-string" && bits.value[bit] === "1";
  switch (code.value) {
    case tokenStatusCodes.executionOk:
      return "accepted";
    case tokenStatusCodes.validationFailure:
      if (isSet(tokenStatusBits.used)) return "used";
      if (isSet(tokenStatusBits.old)) return "old";
      return isSet(tokenStatusBits.lockedOut) ? "locked-out" : "rejected";
    case tokenStatusCodes.formatFailure:
    case tokenStatusCodes.authenticationFailure:
    case tokenStatusCodes.executionFailure:
      return "rejected";
    default:
      return undefined;
  }
}
