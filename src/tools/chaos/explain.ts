/** What is known of one command of a chaos run, side by side: asked, told, and what the meter itself recorded. */
import { type RefusalEntry } from "../../simulator/ledger.js";
import { type RunRecord } from "./account.js";

export interface FullRecord extends RunRecord {
  readonly refusals: readonly RefusalEntry[];
  /** Epoch ms, from which the times shown are counted. */
  readonly startedAt: number;
}

/** @param what a commandId, or a meter and an action as `relayTwice` names them. */
export function explain(record: FullRecord, what: string): string {
  const { asked, told, credits, refusals, relayRequests, relayChanges, startedAt } = record;
  const one = asked.find(({ commandId }) => commandId === what);
  const serial = one?.meterSerialNumber ?? what.split(" ")[0];
  const lines: { readonly at: number; readonly text: string }[] = [];
  if (one !== undefined)
    lines.push({ at: one.offeredAt, text: `offered: ${one.command} ${one.action ?? ""}`.trim() });
  for (const { commandId, at, outcome, success } of told)
    if (commandId === what)
      lines.push({ at, text: `told: ${outcome}, ${success ? "success" : "no success"}` });
  if (one?.token !== undefined) {
    for (const { token, at, serial: where } of credits)
      if (token === one.token) lines.push({ at, text: `credited by ${where}` });
    for (const { token, at, reason } of refusals)
      if (token === one.token) lines.push({ at, text: `refused by the meter: ${reason}` });
  } else {
    for (const { serial: where, at, action } of relayRequests)
      if (where === serial) lines.push({ at, text: `meter was asked to ${action}` });
    for (const { serial: where, at, state } of relayChanges)
      if (where === serial) lines.push({ at, text: `control state ${state}` });
    if (one === undefined)
      for (const { commandId, meterSerialNumber, action, offeredAt } of asked) {
        if (meterSerialNumber !== serial || action === undefined) continue;
        lines.push({ at: offeredAt, text: `${commandId} offered: ${action}` });
        for (const { commandId: whose, at, outcome } of told)
          if (whose === commandId) lines.push({ at, text: `${commandId} told: ${outcome}` });
      }
  }
  const shown = lines
    .sort((a, b) => a.at - b.at)
    .map(({ at, text }) => `  ${((at - startedAt) / 1_000).toFixed(3).padStart(8)} s  ${text}`);
  return [`${what} at ${serial ?? "?"}`, ...shown].join("\n");
}
