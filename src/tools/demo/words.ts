/** Commands and results in words, for the event list. */
import { isObject } from "./model.js";

/** A command in words for the event list. */
export function wordsFor(name: string, fields: Record<string, unknown>): string {
  if (name === "remote-load") return "load token";
  if (name === "remote-control") return typeof fields["action"] === "string" ? fields["action"] : "relay";
  const code = fields["obisCode"];
  return name === "read-meter" ? `read${typeof code === "string" ? ` ${code}` : ""}` : name;
}

/** What was read says more than the outcome `read`. */
export function outcomeWords(result: Record<string, unknown>): string {
  const { outcome, readings } = result;
  if (outcome !== "read" || !Array.isArray(readings)) return String(outcome);
  const first: unknown = readings[0];
  if (readings.length !== 1 || !isObject(first)) return `${readings.length} values`;
  const { value: read } = first;
  const value = typeof read === "string" ? read : (JSON.stringify(read) ?? "nothing");
  const unit = typeof first["unit"] === "string" ? ` ${first["unit"]}` : "";
  return `${String(first["obisCode"])} = ${value.slice(0, 60)}${unit}`;
}
