/**
 * SQLite's result codes and the file system's errors as codes of the error table. The WebAssembly engine gives only
 * the sentence of `sqlite3_errstr`, the built-in one the number.
 */
import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { DlmsError, type ErrorCode } from "../core/errors.js";

const sentences: readonly (readonly [text: string, code: number])[] = [
  ["database or disk is full", 13],
  ["disk I/O error", 10],
  ["attempt to write a readonly database", 8],
  ["database disk image is malformed", 11],
  ["file is not a database", 26],
  ["database is locked", 5],
  ["database table is locked", 6],
  ["unable to open database file", 14],
];

/** Primary result codes, https://www.sqlite.org/rescode.html. */
const codes: Readonly<Record<number, ErrorCode>> = {
  5: "STORE_LOCKED",
  8: "STORE_READ_ONLY",
  11: "STORE_CORRUPT",
  13: "STORE_FULL",
  26: "STORE_CORRUPT",
};

const systemCodes: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: "STORE_FULL",
  EDQUOT: "STORE_FULL",
  EROFS: "STORE_READ_ONLY",
  EACCES: "STORE_READ_ONLY",
  EPERM: "STORE_READ_ONLY",
};

const IO_ERROR = 10;
const CANNOT_OPEN = 14;
/** Less than this many octets left on the disk explains a failed write. */
const NO_SPACE = 1_048_576;

function resultCode(caught: unknown): number | undefined {
  const number = (caught as { errcode?: unknown }).errcode;
  if (typeof number === "number") return number & 0xff;
  const text = caught instanceof Error ? caught.message : String(caught);
  return sentences.find(([sentence]) => text.includes(sentence))?.[1];
}

/** The error as a DlmsError; the message names the file's folder to nobody, only what SQLite said. */
export function storeError(caught: unknown, file: string): DlmsError {
  if (caught instanceof DlmsError) return caught;
  const text = caught instanceof Error ? caught.message : String(caught);
  const system = (caught as NodeJS.ErrnoException).code;
  const fromSystem = system === undefined ? undefined : systemCodes[system];
  if (fromSystem !== undefined) return new DlmsError(fromSystem, undefined, { cause: caught });
  const result = resultCode(caught);
  const known = result === undefined ? undefined : codes[result];
  if (known !== undefined) return new DlmsError(known, undefined, { cause: caught });
  if ((result === IO_ERROR || result === CANNOT_OPEN) && isDiskFull(file))
    return new DlmsError("STORE_FULL", undefined, { cause: caught });
  return new DlmsError("STORE_FAILED", `The store failed: ${text}`, { cause: caught });
}

function isDiskFull(file: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dirname(file));
    return bavail * bsize < NO_SPACE;
  } catch (caught) {
    // A folder that is gone is no full disk.
    void caught;
    return false;
  }
}
