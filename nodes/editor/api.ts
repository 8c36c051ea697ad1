/** The package's admin API as the editor calls it. A failure is an `ApiError` with words for people. */
import { word } from "./words.js";

export interface ExplainedError {
  readonly code: string;
  readonly message: string;
  /** A few words, and a sentence, from the table of errors. */
  readonly short?: string;
  readonly text?: string;
  readonly field?: string;
}

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly explanation: ExplainedError | undefined;

  constructor(status: number, explanation: ExplainedError | undefined) {
    super(explanation?.message ?? wordFor(status));
    this.status = status;
    this.code = explanation?.code ?? "";
    this.explanation = explanation;
  }
}

const TIMEOUT_MS = 100_000;

export function get<T>(path: string): Promise<T> {
  return call<T>("GET", path);
}

export function post<T>(path: string, body: object = {}): Promise<T> {
  return call<T>("POST", path, body);
}

/** What a meter's routes begin with. */
export function meterPath(listener: string, serial: string): string {
  return `/listeners/${encodeURIComponent(listener)}/meters/${encodeURIComponent(serial)}`;
}

export function asApiError(caught: unknown): ApiError {
  if (caught instanceof ApiError) return caught;
  const message = caught instanceof Error ? caught.message : String(caught);
  return new ApiError(0, { code: "", message });
}

function call<T>(method: "GET" | "POST", path: string, body?: object): Promise<T> {
  return new Promise((resolve, reject) => {
    void $.ajax({
      // Relative, so that the editor adds the login.
      url: `dlms-gateway${path}`,
      method,
      timeout: TIMEOUT_MS,
      dataType: "json",
      ...(body === undefined ? {} : { contentType: "application/json", data: JSON.stringify(body) }),
    }).then(
      (answer: T & { readonly refused?: ExplainedError }) => {
        if (answer.refused === undefined) resolve(answer);
        else reject(new ApiError(200, answer.refused));
      },
      (failed: JQuery.jqXHR) => reject(new ApiError(failed.status, undefined)),
    );
  });
}

function wordFor(status: number): string {
  if (status === 401 || status === 403) return word("api.forbidden");
  if (status === 404) return word("api.missing");
  return status === 0 ? word("api.away") : word("api.failed", { status });
}
