/** What a trial of settings tells: one step after the other, each with what was found, or why not. JSON. */
import { type DlmsError, type ErrorPayload } from "../core/errors.js";
import { type TraceEntry } from "./watches.js";

export interface TrialStep {
  /** Names the step in the catalogue of whoever shows it. */
  readonly step: string;
  readonly state: "ok" | "failed" | "skipped";
  /** Numbers and names that belong into its sentence. */
  readonly facts: Readonly<Record<string, string | number>>;
  readonly error?: ErrorPayload;
  /** What was sent and answered meanwhile, secrets hidden. */
  readonly frames?: readonly TraceEntry[];
}

export interface TrialReport {
  readonly ok: boolean;
  readonly steps: readonly TrialStep[];
}

export function reportOf(steps: readonly TrialStep[]): TrialReport {
  return { ok: steps.every(({ state }) => state !== "failed"), steps };
}

export function failedStep(step: string, error: DlmsError, facts: TrialStep["facts"] = {}): TrialStep {
  return { step, state: "failed", facts, error: error.toPayload() };
}
