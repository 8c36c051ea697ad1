/**
 * What is thrown, and what messages carry of it. The codes stand in error-table.ts.
 * A message never holds key material or a whole token.
 */
import { errorTable, type ErrorCode, type ErrorFamily, type Fault, type Retry } from "./error-table.js";

export {
  errorTable,
  type ErrorCode,
  type ErrorEntry,
  type ErrorFamily,
  type Fault,
  type Retry,
} from "./error-table.js";

export interface ErrorDetails {
  /** The message field, config field or wire element it concerns, as a path. */
  readonly field?: string;
  /** Numbers and names that help, never secrets. */
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
  readonly cause?: unknown;
}

/** Every error that leaves the engine or the gateway. `code` finds the rest in `errorTable`. */
export class DlmsError extends Error {
  readonly code: ErrorCode;
  readonly field?: string;
  readonly detail?: Readonly<Record<string, string | number | boolean>>;

  /** @param message what exactly happened; without it the table's sentence is used. */
  constructor(code: ErrorCode, message?: string, details: ErrorDetails = {}) {
    super(
      message ?? errorTable[code].text,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.code = code;
    if (details.field !== undefined) this.field = details.field;
    if (details.detail !== undefined) this.detail = details.detail;
    this.name = errorTable[code].family;
  }

  get family(): ErrorFamily {
    return errorTable[this.code].family;
  }

  get retry(): Retry {
    return errorTable[this.code].retry;
  }

  get fault(): Fault {
    return errorTable[this.code].fault;
  }

  get short(): string {
    return errorTable[this.code].short;
  }

  /** The shape messages carry. */
  toPayload(): ErrorPayload {
    return {
      code: this.code,
      ...(this.field === undefined ? {} : { field: this.field }),
      message: this.message,
      retry: this.retry,
    };
  }
}

/** `error` of a result or reading in a message. */
export interface ErrorPayload {
  readonly code: ErrorCode;
  readonly field?: string;
  readonly message: string;
  readonly retry: Retry;
}

/** The peer's bytes do not decode. `offset` is where in the decoded unit, `path` what was being read. */
export class DecodeError extends DlmsError {
  readonly offset: number;
  readonly path: string;

  constructor(message: string, offset: number, path = "") {
    super("DECODE", `${message} at octet ${offset}${path ? ` (${path})` : ""}`, { detail: { offset, path } });
    this.offset = offset;
    this.path = path;
  }
}

/** A bad argument or message field: names the field and says what would be right. */
export function usageError(code: ErrorCode, field: string, message: string): DlmsError {
  return new DlmsError(code, message, { field });
}

/** Makes a `DlmsError` of anything caught, so that no result ever lacks a code. */
export function asDlmsError(caught: unknown): DlmsError {
  if (caught instanceof DlmsError) return caught;
  return new DlmsError("INTERNAL", caught instanceof Error ? caught.message : String(caught), {
    cause: caught,
  });
}
