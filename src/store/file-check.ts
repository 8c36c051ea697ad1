/**
 * Looks at a store file before any engine opens it: the first 100 octets (https://www.sqlite.org/fileformat2.html, 1.3)
 * tell whose it is, which version made it and how long it must be. What is refused here has not been touched.
 */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readSync,
  statSync,
} from "node:fs";
import { DlmsError } from "../core/errors.js";
import { APPLICATION_ID, SCHEMA_VERSION } from "./schema.js";

const MAGIC = "SQLite format 3\0";
const HEADER_BYTES = 100;

export type FileState = "absent" | "closed" | "interrupted";

/**
 * `interrupted`: its log was not folded in, so it was not closed properly.
 * @throws DlmsError of the family StoreError.
 */
export function checkFile(file: string): FileState {
  const logBytes = sizeOf(`${file}-wal`);
  if (sizeOf(`${file}-journal`) > 0) throw corrupt("a rollback journal lies beside it, which no store makes");
  if (!existsSync(file)) {
    if (logBytes > 0) throw corrupt("its log is there, but the file itself is gone");
    return "absent";
  }
  accessSync(file, constants.R_OK | constants.W_OK);
  const { header, size } = read(file);
  if (size < HEADER_BYTES || header.toString("latin1", 0, 16) !== MAGIC)
    throw corrupt(size === 0 ? "the file is empty" : "the file is no database");
  if (header.readUInt32BE(68) !== APPLICATION_ID) throw corrupt("the file is a database of another program");
  const version = header.readUInt32BE(60);
  if (version > SCHEMA_VERSION)
    throw new DlmsError(
      "STORE_NEWER",
      `The store has schema version ${version}; this gateway knows up to ${SCHEMA_VERSION}.`,
      { detail: { version } },
    );
  // With a log beside it the missing pages may stand there; then the whole file is checked once it is open.
  if (logBytes === 0 && size < header.readUInt32BE(28) * pageSize(header))
    throw corrupt("the file is cut short");
  return logBytes === 0 ? "closed" : "interrupted";
}

function corrupt(why: string): DlmsError {
  return new DlmsError("STORE_CORRUPT", `The store's file is damaged: ${why}.`);
}

function pageSize(header: Buffer): number {
  const value = header.readUInt16BE(16);
  return value === 1 ? 65_536 : value;
}

function read(file: string): { readonly header: Buffer; readonly size: number } {
  const descriptor = openSync(file, "r");
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    readSync(descriptor, header, 0, HEADER_BYTES, 0);
    return { header, size: fstatSync(descriptor).size };
  } finally {
    closeSync(descriptor);
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
