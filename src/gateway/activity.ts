/**
 * What is remembered of each meter's doings for those who look after a fleet: since when its link stands, what went
 * well last and what failed, how much was said. Nothing here decides anything.
 */
import { type DlmsError, type ErrorCode } from "../core/errors.js";

export interface LastSuccess {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** `associated`, or the command. */
  readonly what: string;
}

export interface LastError {
  readonly at: string;
  readonly what: string;
  readonly code: ErrorCode;
  readonly message: string;
}

/** As views show it. */
export interface ActivityView {
  /** ISO 8601, UTC; absent while there is no link. */
  readonly linkSince?: string;
  readonly lastSuccess?: LastSuccess;
  readonly lastError?: LastError;
  /** Octets of all links since the meter is known. */
  readonly octetsReceived: number;
  readonly octetsSent: number;
  /** Commands that have ended, and how many of them did not succeed. */
  readonly commands: number;
  readonly failures: number;
}

export class MeterActivity {
  #linkSinceMs: number | undefined;
  #lastSuccess: LastSuccess | undefined;
  #lastError: LastError | undefined;
  #octetsReceived = 0;
  #octetsSent = 0;
  #commands = 0;
  #failures = 0;

  linked(atMs: number): void {
    this.#linkSinceMs = atMs;
  }

  unlinked(): void {
    this.#linkSinceMs = undefined;
  }

  carried(direction: "in" | "out", octets: number): void {
    if (direction === "in") this.#octetsReceived += octets;
    else this.#octetsSent += octets;
  }

  succeeded(atMs: number, what: string): void {
    this.#lastSuccess = { at: iso(atMs), what };
  }

  failed(atMs: number, what: string, { code, message }: Pick<DlmsError, "code" | "message">): void {
    this.#lastError = { at: iso(atMs), what, code, message };
  }

  commandEnded(success: boolean): void {
    this.#commands++;
    if (!success) this.#failures++;
  }

  view(): ActivityView {
    return {
      ...(this.#linkSinceMs === undefined ? {} : { linkSince: iso(this.#linkSinceMs) }),
      ...(this.#lastSuccess === undefined ? {} : { lastSuccess: this.#lastSuccess }),
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
      octetsReceived: this.#octetsReceived,
      octetsSent: this.#octetsSent,
      commands: this.#commands,
      failures: this.#failures,
    };
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
