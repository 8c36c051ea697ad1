/**
 * JSON over HTTP with every bound set: time, octets of the answer, no redirects.
 * A page of HTML or a broken body is an answer without JSON, not an exception; only an unreachable peer throws.
 */
import { DlmsError } from "../core/errors.js";

export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly body?: unknown;
  /** Bearer token. */
  readonly token?: string | undefined;
  readonly signal?: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** The JSON object of the body; undefined when there was none. */
  readonly json: Record<string, unknown> | undefined;
}

export interface HttpLimits {
  readonly timeoutMs: number;
  readonly bodyBytes: number;
}

export const httpDefaults: HttpLimits = { timeoutMs: 10_000, bodyBytes: 1_048_576 };

export type Fetch = typeof fetch;

/** @throws DlmsError BACKEND_UNREACHABLE (no connection, no answer in time), BACKEND_ERROR (answer too long). */
export async function requestJson(
  request: HttpRequest,
  limits: HttpLimits = httpDefaults,
  fetchNow: Fetch = fetch,
): Promise<HttpAnswer> {
  const timeout = AbortSignal.timeout(limits.timeoutMs);
  const signal = request.signal === undefined ? timeout : AbortSignal.any([timeout, request.signal]);
  const headers: Record<string, string> = { accept: "application/json" };
  if (request.body !== undefined) headers["content-type"] = "application/json";
  if (request.token !== undefined) headers["authorization"] = `Bearer ${request.token}`;
  try {
    const response = await fetchNow(request.url, {
      method: request.method,
      headers,
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      // A redirect would carry the login to an address nobody configured.
      redirect: "manual",
      signal,
    });
    return { status: response.status, json: parseObject(await boundedText(response, limits.bodyBytes)) };
  } catch (caught) {
    if (caught instanceof DlmsError) throw caught;
    const reason = timeout.aborted ? `no answer within ${limits.timeoutMs} ms` : networkReason(caught);
    throw new DlmsError("BACKEND_UNREACHABLE", `The backend's REST interface cannot be reached: ${reason}.`);
  }
}

async function boundedText(response: Response, maximum: number): Promise<string> {
  if (response.body === null) return "";
  const reader = response.body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks).toString("utf8");
    chunks.push(value);
    length += value.length;
    if (length > maximum) {
      await reader.cancel();
      throw new DlmsError("BACKEND_ERROR", `The backend's answer is longer than ${maximum} octets.`);
    }
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // HTML or nothing: the caller judges by the status
  }
}

/** A plain JSON object: neither null nor an array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The system's error code (ECONNREFUSED, …) that fetch hides in the cause. Never the URL, which may hold a password. */
function networkReason(caught: unknown): string {
  const cause = caught instanceof Error ? (caught.cause ?? caught) : caught;
  if (isObject(cause) && typeof cause["code"] === "string") return cause["code"];
  return cause instanceof Error ? cause.name : "network error";
}
