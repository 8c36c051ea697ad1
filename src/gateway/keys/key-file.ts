/**
 * A key list in a file, read again when it changes. Content that cannot be used is told, and the last that could be
 * used stays.
 */
import { unwatchFile, watchFile } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { asDlmsError, DlmsError } from "../../core/errors.js";
import { type Secret } from "../../core/secret.js";
import { type KeyQuery, type KeyStore, type MeterKeys } from "../../security/index.js";
import { type KeyList, readKeyList } from "./key-list.js";

export interface KeyFileOptions {
  readonly path: string;
  /** For the secrets that are encrypted in it. */
  readonly masterKey?: Secret<Uint8Array> | undefined;
  /** It was read; `inClear` secrets in it are not encrypted. */
  readonly loaded: (meters: number, inClear: number) => void;
  /** It cannot be used as it is now. */
  readonly failed: (error: DlmsError) => void;
  /** How often it is looked at. Default 2 s. */
  readonly pollMs?: number;
}

const POLL_MS = 2_000;
const MAX_OCTETS = 64 * 1_048_576;

export class KeyFile implements KeyStore {
  readonly #options: KeyFileOptions;
  readonly #changed = (): void => void this.reload();
  #list: KeyList | undefined;
  #failure: DlmsError | undefined;
  #reading: Promise<void> | undefined;
  #again = false;

  /** Begins to read; `close` ends it. */
  constructor(options: KeyFileOptions) {
    this.#options = options;
    const { path, pollMs = POLL_MS } = options;
    watchFile(path, { interval: pollMs, persistent: false }, this.#changed);
    void this.reload();
  }

  /** @throws DlmsError SECURITY_KEYS_UNAVAILABLE while the file could never be used. */
  async find(query: KeyQuery): Promise<MeterKeys | undefined> {
    if (this.#list === undefined) await this.#reading;
    if (this.#list !== undefined) return this.#list.find(query);
    throw new DlmsError(
      "SECURITY_KEYS_UNAVAILABLE",
      `The key list cannot be used: ${this.#failure?.message ?? "it is not read yet"}`,
    );
  }

  /** Reads it once more. Never rejects. */
  reload(): Promise<void> {
    // A change while it is being read may have come too late for that.
    if (this.#reading !== undefined) this.#again = true;
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async close(): Promise<void> {
    unwatchFile(this.#options.path, this.#changed);
    this.#again = false;
    await this.#reading;
  }

  async #read(): Promise<void> {
    const { path, masterKey, loaded, failed } = this.#options;
    do {
      this.#again = false;
      try {
        const { size } = await stat(path);
        if (size > MAX_OCTETS)
          throw new DlmsError("KEY_LIST_INVALID", `The key list is larger than ${MAX_OCTETS} octets.`);
        const list = await readKeyList(await readFile(path, "utf8"), masterKey);
        this.#list = list;
        this.#failure = undefined;
        loaded(list.size, list.inClear);
      } catch (caught) {
        this.#failure = unreadable(caught);
        failed(this.#failure);
      }
    } while (this.#again);
  }
}

function unreadable(caught: unknown): DlmsError {
  if (caught instanceof DlmsError) return caught;
  const { code } = caught as { readonly code?: string };
  if (code === undefined) return asDlmsError(caught);
  return new DlmsError("KEY_LIST_INVALID", `The key list cannot be read (${code}).`, { cause: caught });
}
