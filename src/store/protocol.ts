/**
 * What the store's two threads say to each other. Arguments travel as JSON text: what JSON cannot carry is found in
 * the caller's own call, and spoils no other.
 */
import { DlmsError, type ErrorCode } from "../core/errors.js";
import { type OperationName } from "./operations.js";
import { type EngineName, type StoreLimits } from "./store.js";

export interface WorkerStart {
  readonly file: string;
  /** Absent: the best this Node.js has. */
  readonly engine?: EngineName;
  readonly limits: StoreLimits;
}

export interface Request {
  readonly name: OperationName;
  /** A JSON array. */
  readonly args: string;
}

export interface PlainError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly field?: string;
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}

export type Reply = { readonly value: unknown } | { readonly error: PlainError };

export type ToWorker =
  { readonly type: "batch"; readonly requests: readonly Request[] } | { readonly type: "close" };

export type FromWorker =
  | { readonly type: "opened" }
  | { readonly type: "replies"; readonly replies: readonly Reply[]; readonly failure?: PlainError }
  /** It could not be opened, or did not close cleanly. */
  | { readonly type: "closed"; readonly error?: PlainError };

export function plainError({ code, message, field, detail }: DlmsError): PlainError {
  return { code, message, ...(field === undefined ? {} : { field }), ...(detail && { detail }) };
}

export function revivedError({ code, message, field, detail }: PlainError): DlmsError {
  return new DlmsError(code, message, {
    ...(field === undefined ? {} : { field }),
    ...(detail && { detail }),
  });
}
