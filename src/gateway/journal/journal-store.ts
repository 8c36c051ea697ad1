/**
 * The store as the journal has it: opened in the background, opened again when it was busy or has failed, and known as
 * absent meanwhile. Nothing here decides what may be done without one.
 */
import { asDlmsError, DlmsError, type ErrorPayload } from "../../core/errors.js";
import { type Store, type StoreUse } from "../../store/index.js";
import { type Clock } from "../../transport/clock.js";

export interface JournalStatus {
  readonly phase: "opening" | "open" | "unavailable" | "closed";
  /** False: a restart forgets everything that is accepted now. */
  readonly durable: boolean;
  readonly error?: ErrorPayload;
}

export interface JournalStoreOptions {
  readonly open: () => Promise<StoreUse>;
  readonly clock: Clock;
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  readonly onChange: (status: JournalStatus) => void;
  readonly onOpened: () => void;
}

export class JournalStore {
  readonly #options: JournalStoreOptions;
  #use: StoreUse | undefined;
  #error: DlmsError | undefined;
  #attempt: Promise<void> | undefined;
  #tried = false;
  #isClosed = false;
  #retryMs = 0;
  #cancelRetry: (() => void) | undefined;

  constructor(options: JournalStoreOptions) {
    this.#options = options;
  }

  get status(): JournalStatus {
    const phase = this.#isClosed
      ? "closed"
      : this.#use !== undefined
        ? "open"
        : this.#tried
          ? "unavailable"
          : "opening";
    const error = this.#error?.toPayload();
    return { phase, durable: this.#use?.durable === true, ...(error === undefined ? {} : { error }) };
  }

  start(): void {
    if (this.#isClosed || this.#attempt !== undefined) return;
    this.#attempt = this.#open().finally(() => (this.#attempt = undefined));
  }

  /** Waits for the first opening. @throws DlmsError STORE_UNAVAILABLE. */
  async store(): Promise<Store> {
    if (!this.#tried) {
      this.start();
      await this.#attempt;
    }
    if (this.#use !== undefined && this.#use.failure === undefined) return this.#use;
    if (this.#use !== undefined) this.#reopen(this.#use.failure);
    const text = this.#error && `No store is open: ${this.#error.message}`;
    throw new DlmsError("STORE_UNAVAILABLE", text, { cause: this.#error });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelRetry?.();
    await this.#attempt;
    const use = this.#use;
    this.#use = undefined;
    await use?.release();
  }

  async #open(): Promise<void> {
    try {
      const use = await this.#options.open();
      if (this.#isClosed) return await use.release();
      this.#use = use;
      this.#error = undefined;
      this.#retryMs = 0;
    } catch (caught) {
      this.#error = asDlmsError(caught);
    }
    this.#tried = true;
    this.#options.onChange(this.status);
    if (this.#use !== undefined) this.#options.onOpened();
    else this.#retry();
  }

  #retry(): void {
    if (this.#isClosed) return;
    const { clock, retryMinMs, retryMaxMs } = this.#options;
    this.#retryMs = Math.min(retryMaxMs, Math.max(retryMinMs, this.#retryMs * 2));
    this.#cancelRetry = clock.at(clock.now() + this.#retryMs, () => this.start());
  }

  /** The opened store cannot be used any more: let it go, and try to open it anew. */
  #reopen(failure: DlmsError | undefined): void {
    const use = this.#use;
    if (use === undefined) return;
    this.#use = undefined;
    this.#error = failure;
    this.#options.onChange(this.status);
    this.#attempt = use
      .release()
      // What a failed store says at its end changes nothing.
      .catch(() => undefined)
      .finally(() => {
        this.#attempt = undefined;
        this.#retry();
      });
  }
}
