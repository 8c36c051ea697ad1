/**
 * Prepaid tokens as a meter judges them (IEC 62055-41 in outline, without its cipher). The energy a token carries
 * is read off its digits: 1.0 kWh plus a tenth of a kWh for each unit of its last three digits, so
 * 12345678901234567890 carries 90.0 kWh and any test can foretell the credit.
 *
 * Refused are: what is not 20 digits or exceeds 2^66 − 1 (format); tokens that begin with 00000000 (as if they did
 * not decrypt: authentication) or 00000001 (as if issued before the oldest token the meter remembers: old); one of
 * the last 50 tokens again (used); an earlier one again (old); a credit that would overflow the register. Three
 * wrong entries in a row lock the meter for 10 s, each further one doubles that up to 1,280 s; while locked no
 * token is looked at. Used and old ones do not count as wrong.
 */
import { tokenMax } from "../../meter-types/token-rules.js";

export type TokenRefusal = "format" | "authentication" | "used" | "old" | "overflow" | "locked-out";
export type TokenVerdict =
  | { readonly verdict: "accepted"; readonly energyWh: number }
  | { readonly verdict: "refused"; readonly reason: TokenRefusal };

/** What a used token is remembered for as used; older ones answer "old", as the standard's TID memory does. */
const REMEMBERED = 50;
/** Tokens one meter can take in its life; beyond it credit is refused rather than a token credited twice. */
const MAX_TOKENS = 10_000;
const WRONG_BEFORE_LOCK = 3;
const LOCK_MS = 10_000;
const MAX_LOCK_MS = 1_280_000;
/** The remaining-credit register counts tens of Wh in 32 bits; far below that a sane meter stops. */
export const MAX_CREDIT_WH = 99_999_990;

/** What one meter remembers of tokens. Small: strings of the tokens it took, nothing before the first. */
export class TokenMemory {
  readonly #taken: string[] = [];
  #wrong = 0;
  #lockedUntil = 0;

  /** Judges a token at `t` with `creditWh` left, and remembers it. */
  enter(t: number, token: string, creditWh: number): TokenVerdict {
    if (t < this.#lockedUntil) return { verdict: "refused", reason: "locked-out" };
    if (!isToken(token)) return this.#wrongEntry(t, "format");
    if (token.startsWith("00000000")) return this.#wrongEntry(t, "authentication");
    if (token.startsWith("00000001")) return { verdict: "refused", reason: "old" };
    const position = this.#taken.lastIndexOf(token);
    if (position >= 0) {
      const recent = this.#taken.length - position <= REMEMBERED;
      return { verdict: "refused", reason: recent ? "used" : "old" };
    }
    const energyWh = tokenEnergyWh(token);
    if (creditWh + energyWh > MAX_CREDIT_WH || this.#taken.length >= MAX_TOKENS)
      return { verdict: "refused", reason: "overflow" };
    this.#taken.push(token);
    this.#wrong = 0;
    return { verdict: "accepted", energyWh };
  }

  /** Epoch ms until which every token is refused unseen; 0 when never locked. */
  get lockedUntil(): number {
    return this.#lockedUntil;
  }

  /** How many tokens were credited. */
  get count(): number {
    return this.#taken.length;
  }

  #wrongEntry(t: number, reason: TokenRefusal): TokenVerdict {
    this.#wrong++;
    if (this.#wrong >= WRONG_BEFORE_LOCK)
      this.#lockedUntil = t + Math.min(MAX_LOCK_MS, LOCK_MS * 2 ** (this.#wrong - WRONG_BEFORE_LOCK));
    return { verdict: "refused", reason };
  }
}

export function isToken(token: string): boolean {
  return /^\d{20}$/.test(token) && BigInt(token) <= tokenMax;
}

/** The energy of a valid token: 1.0 to 100.9 kWh, by its last three digits. */
export function tokenEnergyWh(token: string): number {
  return 1_000 + Number(token.slice(-3)) * 100;
}
