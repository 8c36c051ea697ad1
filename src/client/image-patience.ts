/** How long and how often a transfer of an image repeats itself and waits for the meter's own work. All bounded. */
import { asDlmsError, DlmsError } from "../core/errors.js";
import { type ImageState } from "./image-object.js";

export interface ImageLimits {
  /** How often one request that the meter is too busy for is asked again. */
  readonly retries: number;
  /** How often the missing blocks are looked up and sent again. */
  readonly rounds: number;
  /** The first pause; it doubles up to `longestPauseMs`. */
  readonly pauseMs: number;
  readonly longestPauseMs: number;
  /** How long the meter may work on a verification, and on an activation. */
  readonly verifyMs: number;
  readonly activateMs: number;
}

export const imageLimits: ImageLimits = {
  retries: 5,
  rounds: 5,
  pauseMs: 1_000,
  longestPauseMs: 30_000,
  verifyMs: 15 * 60_000,
  activateMs: 15 * 60_000,
};

export interface ImageProgress {
  readonly phase: "initiating" | "transferring" | "verifying" | "activating";
  /** Blocks the meter has. */
  readonly blocks: number;
  readonly total: number;
}

export interface PatientOptions {
  /** Milliseconds of any clock that only goes forward. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly signal?: AbortSignal;
  /** Awaited before the activation is asked for; what it throws keeps it back. */
  readonly beforeActivating?: () => Promise<void>;
  readonly limits?: Partial<ImageLimits>;
}

/** Repeats and waits within bounds. */
export class Patient {
  readonly limits: ImageLimits;
  readonly options: PatientOptions;

  constructor(options: PatientOptions) {
    this.options = options;
    this.limits = { ...imageLimits, ...options.limits };
  }

  /** @throws DlmsError CANCELLED, or what the signal was given as its reason. */
  check(): void {
    const { signal } = this.options;
    if (signal?.aborted !== true) return;
    throw signal.reason instanceof DlmsError ? signal.reason : new DlmsError("CANCELLED");
  }

  /** Asks again while the meter says that it is busy. */
  async ask<T>(request: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      this.check();
      try {
        return await request();
      } catch (caught) {
        if (asDlmsError(caught).code !== "TEMPORARY_FAILURE" || attempt >= this.limits.retries) throw caught;
      }
      await this.pause(attempt);
    }
  }

  async pause(attempt: number): Promise<void> {
    const { pauseMs, longestPauseMs } = this.limits;
    await this.options.sleep(Math.min(longestPauseMs, pauseMs * 2 ** Math.min(attempt, 16)));
    this.check();
  }

  /** Reads the status until the work is done. @throws DlmsError VERIFY_TIMEOUT. */
  async until(read: () => Promise<ImageState>, isDone: (status: ImageState) => boolean, ms: number) {
    const end = this.options.now() + ms;
    for (let attempt = 0; ; attempt++) {
      const status = await this.ask(read);
      if (isDone(status)) return status;
      if (this.options.now() >= end)
        throw new DlmsError("VERIFY_TIMEOUT", `The meter's image transfer stays ${status}.`);
      await this.pause(attempt);
    }
  }
}
