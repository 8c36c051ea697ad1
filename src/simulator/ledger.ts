/**
 * What simulated meters did that matters for money and supply, for tests and for people: tokens credited and
 * refused, relay requests and what they changed. Tokens stand here whole, because a test must compare them; who prints
 * masks them. One ledger may serve many meters. Bounded: the oldest entries go.
 */
import { type ControlState } from "./behaviours/relay.js";
import { type TokenRefusal } from "./behaviours/tokens.js";

/** Which object the token or amount came through. */
export type CreditChannel = "data" | "token-gateway" | "register" | "credit";

export interface CreditEntry {
  readonly serial: string;
  /** Undefined when an amount was written without a token. */
  readonly token?: string;
  /** Epoch ms. */
  readonly at: number;
  /** May be negative for an amount. */
  readonly energyWh: number;
  readonly via: CreditChannel;
}

export interface RefusalEntry {
  readonly serial: string;
  readonly token: string;
  readonly at: number;
  readonly reason: TokenRefusal;
  readonly via: CreditChannel;
}

export type RelayCause = "remote" | "manual" | "local";

export interface RelayEntry {
  readonly serial: string;
  readonly at: number;
  readonly state: ControlState;
  readonly cause: RelayCause;
}

/** A remote method that was called, whether it changed anything or not. */
export interface RelayRequestEntry {
  readonly serial: string;
  readonly at: number;
  readonly action: "connect" | "disconnect";
}

const MAX_ENTRIES = 10_000;

export class Ledger {
  readonly #credits: CreditEntry[] = [];
  readonly #refusals: RefusalEntry[] = [];
  readonly #relay: RelayEntry[] = [];
  readonly #relayRequests: RelayRequestEntry[] = [];

  credit(entry: CreditEntry): void {
    keep(this.#credits, entry);
  }

  refuse(entry: RefusalEntry): void {
    keep(this.#refusals, entry);
  }

  relayRequested(entry: RelayRequestEntry): void {
    keep(this.#relayRequests, entry);
  }

  relayChanged(entry: RelayEntry): void {
    keep(this.#relay, entry);
  }

  /** Oldest first; of one meter when a serial is given. */
  credits(serial?: string): readonly CreditEntry[] {
    return of(this.#credits, serial);
  }

  refusals(serial?: string): readonly RefusalEntry[] {
    return of(this.#refusals, serial);
  }

  relayChanges(serial?: string): readonly RelayEntry[] {
    return of(this.#relay, serial);
  }

  relayRequests(serial?: string): readonly RelayRequestEntry[] {
    return of(this.#relayRequests, serial);
  }
}

function keep<T>(entries: T[], entry: T): void {
  entries.push(entry);
  if (entries.length > MAX_ENTRIES) entries.shift();
}

function of<T extends { readonly serial: string }>(entries: readonly T[], serial?: string): readonly T[] {
  return serial === undefined ? [...entries] : entries.filter((entry) => entry.serial === serial);
}
