/**
 * When a command is the same as an earlier one, and what follows from it. Pure.
 * Only an outcome that touched the meter for good answers a repetition; after an unknown one the effect is looked for,
 * never caused again; whatever did not reach the meter may be asked anew.
 */
import { createHash } from "node:crypto";
import { type CommandEntry, type CommandState } from "./store.js";

/** A relay command is repeated only within this time after the earlier one was accepted. */
export const RELAY_WINDOW_MS = 10_000;

const lasting: ReadonlySet<string> = new Set([
  "accepted",
  "used",
  "old",
  "rejected",
  "delivered-unverified",
  "connected",
  "disconnected",
  "armed",
  "written",
  "partly-written",
  "done",
  "set",
  "verified",
  "activated",
]);

export type Verdict = "new" | "joined" | "answered" | "verify";

export function verdictOn(state: CommandState, outcome: string | null): Verdict {
  if (state !== "done") return "joined";
  if (outcome === "unknown") return "verify";
  return outcome !== null && lasting.has(outcome) ? "answered" : "new";
}

const rank: Record<Verdict, number> = { joined: 0, answered: 1, verify: 2, new: 3 };

/** Of several earlier ones with the same content, newest first, the one that decides; undefined when none does. */
export function decisive<T>(earlier: readonly T[], verdict: (one: T) => Verdict): T | undefined {
  let best: T | undefined;
  for (const one of earlier) {
    if (verdict(one) === "new") continue;
    if (best === undefined || rank[verdict(one)] < rank[verdict(best)]) best = one;
  }
  return best;
}

/** Whether a relay command is the latest one of its meter once more. A clock that jumped far means it is not. */
export function repeatsRelay(
  entry: Pick<CommandEntry, "action" | "acceptedAt">,
  latest: { readonly action: string | null; readonly acceptedAt: number },
): boolean {
  return latest.action === entry.action && Math.abs(entry.acceptedAt - latest.acceptedAt) < RELAY_WINDOW_MS;
}

/** Stands for meter and token without telling the token; null for what has none. */
export function contentKey({ meterSerialNumber, token }: CommandEntry): string | null {
  if (token === undefined) return null;
  return createHash("sha256").update(`${meterSerialNumber}\n${token}`).digest("hex");
}
