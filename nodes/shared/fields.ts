/**
 * How a node's field gets its value: its own text, else an environment variable, else the default. Node-RED leaves
 * `${NAME}` as literal text when NAME is unset, so what still looks like that is an error which names the field.
 * Pure: the environment is a function, the outcome a value or a `DlmsError`.
 */
import { DlmsError, type ErrorCode } from "../../src/index.js";

export interface FieldRule {
  /** As the dialog calls it; the error's `field`. */
  readonly field: string;
  /** Asked when the own value is empty. */
  readonly variable?: string;
  readonly fallback?: string;
}

/** Looks a variable up; Node-RED's own lookup also sees flow, group and global environments. */
export type Environment = (name: string) => unknown;

const leftover = /\$\{([^}]*)\}/;

/** The field's text, trimmed; empty when nothing gives it one. */
export function resolveText(own: unknown, rule: FieldRule, environment: Environment): string {
  for (const candidate of [own, rule.variable === undefined ? "" : environment(rule.variable)]) {
    const text = asText(candidate, rule.field);
    if (text !== "") return withoutLeftover(text, rule.field);
  }
  return rule.fallback ?? "";
}

/** A whole number within bounds, or `undefined` when the field is empty and has no fallback. */
export function resolveInteger(
  own: unknown,
  rule: FieldRule & { readonly min: number; readonly max: number },
  environment: Environment,
): number | undefined {
  const text = resolveText(own, rule, environment);
  if (text === "") return undefined;
  const value = /^[+-]?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value) || value < rule.min || value > rule.max) {
    throw unusable(rule.field, `must be a whole number from ${rule.min} to ${rule.max}`);
  }
  return value;
}

/** An absolute http or https URL without a trailing slash; the fallback is taken as it is. */
export function resolveUrl(own: unknown, rule: FieldRule, environment: Environment): string {
  const text = resolveText(own, rule, environment);
  if (!/^https?:\/\/[^\s/]+/i.test(text) || !URL.canParse(text)) {
    throw unusable(rule.field, "must be an address such as http://localhost:5000");
  }
  return text.replace(/\/+$/, "");
}

/** A setting that cannot be used, by name. */
export function unusable(field: string, reason: string, code: ErrorCode = "NOT_CONFIGURED"): DlmsError {
  return new DlmsError(code, `${field} ${reason}.`, { field });
}

function asText(value: unknown, field: string): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value.trim();
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw unusable(field, "must be text");
}

function withoutLeftover(text: string, field: string): string {
  const found = leftover.exec(text);
  if (found) throw unusable(field, `names the environment variable ${found[1] ?? ""}, which is not set`);
  return text;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
