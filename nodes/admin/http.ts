/**
 * The frame of every admin route: its permission, JSON in and out, a bound on how long an answer may take. What fails
 * is answered as `{ refused }` in the words of the error table, because browsers report other codes as errors of the page.
 */
import { type NodeAPI } from "node-red";
import { asDlmsError, DlmsError, errorTable } from "../../src/index.js";

/** What a route sees of a request. */
export interface AdminRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** Aborts when the answer has taken too long or nobody waits for it any more. */
  readonly signal: AbortSignal;
}

export interface RouteOptions {
  /** `read` looks only; `write` sends something to a meter, a backend or a port. */
  readonly permission: "read" | "write";
  readonly timeoutMs?: number;
}

const ANSWER_MS = 10_000;

export type AddRoute = (
  method: "get" | "post",
  path: string,
  options: RouteOptions,
  handle: (request: AdminRequest) => unknown,
) => void;

/** Routes under `/dlms-gateway`. */
export function routes(RED: NodeAPI): AddRoute {
  return (method, path, { permission, timeoutMs = ANSWER_MS }, handle) => {
    RED.httpAdmin[method](
      `/dlms-gateway${path}`,
      RED.auth.needsPermission(`dlms-gateway.${permission}`),
      (request, response) => {
        const end = new AbortController();
        const timer = setTimeout(() => end.abort(), timeoutMs);
        // Whoever closed the dialog wants no answer.
        response.on("close", () => {
          clearTimeout(timer);
          end.abort();
        });
        const asked: AdminRequest = {
          params: request.params as Record<string, string>,
          query: request.query,
          body: isRecord(request.body) ? request.body : {},
          signal: end.signal,
        };
        inTime(end.signal, handle, asked).then(
          (answer) => {
            if (!response.writableEnded) response.set("cache-control", "no-store").json(answer ?? {});
          },
          (caught: unknown) => {
            const error = asDlmsError(caught);
            // An answer like any other: what a meter or a setting does not allow is no fault of the request.
            if (!response.writableEnded)
              response.set("cache-control", "no-store").json({ refused: explained(error) });
          },
        );
      },
    );
  };
}

/** An error with the sentence and the short words that the table has for its code. */
export function explained({ code, message, field }: Pick<DlmsError, "code" | "message" | "field">): object {
  const { short, text, fault } = errorTable[code];
  return { code, message, short, text, fault, ...(field === undefined ? {} : { field }) };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

async function inTime(
  signal: AbortSignal,
  handle: (request: AdminRequest) => unknown,
  request: AdminRequest,
): Promise<unknown> {
  let refuse = (): void => undefined;
  const late = new Promise<never>((_resolve, reject) => {
    refuse = () => reject(new DlmsError("RESPONSE_TIMEOUT", "It took too long; it may still go on."));
    signal.addEventListener("abort", refuse, { once: true });
  });
  try {
    return await Promise.race([Promise.resolve(request).then(handle), late]);
  } finally {
    signal.removeEventListener("abort", refuse);
  }
}
