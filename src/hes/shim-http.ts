/** The HTTP of the shim: bodies with a bound, who may call, and refusals with the status that fits their code. */
import { createHash, timingSafeEqual } from "node:crypto";
import { type IncomingMessage } from "node:http";
import { type DlmsError, type ErrorCode, usageError } from "../core/errors.js";
import { isRecord } from "../gateway/fields.js";

export interface ShimAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export type ShimBody = Readonly<Record<string, unknown>>;

/** Beyond it the rest is not even read, and the connection ends. */
const PATIENCE = 4;

/**
 * The JSON object of a POST; an empty one of any other call.
 * @throws DlmsError LIMIT_EXCEEDED, FIELD_INVALID naming `body` or `content-type`.
 */
export async function readBody(request: IncomingMessage, maximum: number): Promise<ShimBody> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    // Read on for a while: ending at once would cut the connection before the answer.
    if (length <= maximum) chunks.push(chunk);
    else if (length > PATIENCE * maximum) break;
  }
  if (length > maximum)
    throw usageError("LIMIT_EXCEEDED", "body", `The call is longer than ${maximum} octets.`);
  if (request.method !== "POST") return {};
  // A web page cannot send JSON by this name without asking first, and nobody answers that question.
  if (!/^application\/json\b/i.test(request.headers["content-type"] ?? ""))
    throw usageError("FIELD_INVALID", "content-type", "content-type must be application/json");
  let value: unknown;
  try {
    value = JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw usageError("FIELD_INVALID", "body", "body is no JSON");
  }
  if (!isRecord(value)) throw usageError("FIELD_INVALID", "body", "body must be an object");
  return value;
}

/** Browsers name the page a call comes from; a name of another host than ours leads a page to this one by DNS. */
export function isFromPage(request: IncomingMessage, onLoopback: boolean): boolean {
  if (request.headers.origin !== undefined) return true;
  const name = (request.headers.host ?? "").replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
  return onLoopback && name !== "" && !isLoopback(name);
}

export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1)$/i.test(host);
}

export function bearerOf(request: IncomingMessage): string {
  return /^Bearer (\S+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
}

/** Takes the same time wherever the texts differ. */
export function sameText(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

const statuses: Partial<Record<ErrorCode, number>> = {
  METER_UNKNOWN: 404,
  METER_OFFLINE: 503,
  LISTENER_CLOSED: 503,
  STORE_UNAVAILABLE: 503,
  STORE_FULL: 503,
  COMMAND_CONFLICT: 409,
  COMMAND_EXPIRED: 504,
  QUEUE_FULL: 503,
  AMBIGUOUS_METER: 409,
  IDENTITY_CONFLICT: 409,
  METER_UNREGISTERED: 409,
  LIMIT_EXCEEDED: 413,
  UNKNOWN_COMMAND: 404,
  CALLER_REFUSED: 403,
  RESPONSE_TIMEOUT: 504,
  INTERNAL: 500,
};

/** `message` and `detail` say the same, because callers look at either. */
export function refusal(error: DlmsError, status?: number, more: ShimBody = {}): ShimAnswer {
  const { code, field, message } = error;
  const fallback = error.family === "UsageError" ? 400 : 502;
  return {
    status: status ?? statuses[code] ?? fallback,
    body: {
      ...more,
      success: false,
      error: message,
      message,
      detail: message,
      code,
      ...(field === undefined ? {} : { field }),
    },
  };
}
