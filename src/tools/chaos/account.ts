/**
 * The reckoning of a chaos run: what the backend asked and was told, held against what the meters themselves recorded.
 * Pure: the run gives its records, a test gives made-up ones with each kind of violation.
 */
import { type CreditEntry, type RelayEntry } from "../../simulator/ledger.js";
import { type CommandName } from "../../gateway/messages.js";

/** A command that the gateway acknowledged. */
export interface AskedCommand {
  readonly commandId: string;
  readonly command: CommandName;
  readonly meterSerialNumber: string;
  readonly token?: string;
  readonly action?: "connect" | "disconnect";
  /** Order in which the backend asked. */
  readonly sequence: number;
}

/** A final result as the backend got it; the same one may come again until the backend has confirmed it. */
export interface ToldResult {
  readonly commandId: string;
  readonly meterSerialNumber: string | null;
  readonly success: boolean;
  readonly outcome: string;
}

export interface RunRecord {
  readonly asked: readonly AskedCommand[];
  readonly told: readonly ToldResult[];
  readonly credits: readonly CreditEntry[];
  readonly relayChanges: readonly RelayEntry[];
  /** How each relay stood when the run ended: true when supplied. */
  readonly supplied: ReadonlyMap<string, boolean>;
}

export interface Account {
  /** A token that was credited more than once. */
  readonly doubleCredits: readonly string[];
  /** Acknowledged, and no result ever; or said not to have happened, and it had. */
  readonly lost: readonly string[];
  /** Said to have happened, and it had not. */
  readonly falseSuccess: readonly string[];
  /** Had its effect on a meter it was not meant for. */
  readonly wrongMeter: readonly string[];
  /** None, or results that contradict each other. */
  readonly notOneFinal: readonly string[];
  /** Results by command and outcome. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** Of commands that ended `unknown`: whether the meter had in truth done it. */
  readonly unknown: { readonly happened: number; readonly didNot: number };
  /** Results that came more than once, unchanged. */
  readonly repeated: number;
}

export function reckon({ asked, told, credits, relayChanges, supplied }: RunRecord): Account {
  const results = new Map<string, ToldResult[]>();
  for (const result of told)
    results.set(result.commandId, [...(results.get(result.commandId) ?? []), result]);
  const tokens = new Map(
    asked.flatMap((one) => (one.token === undefined ? [] : [[one.token, one] as const])),
  );
  const credited = new Map<string, CreditEntry[]>();
  for (const entry of credits)
    if (entry.token !== undefined) credited.set(entry.token, [...(credited.get(entry.token) ?? []), entry]);

  const doubleCredits = [...credited]
    .filter(([, entries]) => entries.length > 1)
    .map(([token]) => name(tokens, token));
  const wrongMeter = [...credited]
    .filter(([token, entries]) =>
      entries.some(({ serial }) => tokens.get(token)?.meterSerialNumber !== serial),
    )
    .map(([token]) => name(tokens, token));
  const wanted = new Set(asked.filter((one) => one.action !== undefined).map((one) => one.meterSerialNumber));
  for (const { serial, cause } of relayChanges)
    if (cause === "remote" && !wanted.has(serial)) wrongMeter.push(`relay of ${serial}`);

  const lost: string[] = [];
  const falseSuccess: string[] = [];
  const notOneFinal: string[] = [];
  const outcomes = new Map<string, number>();
  const unknown = { happened: 0, didNot: 0 };
  let repeated = 0;
  for (const one of asked) {
    const mine = results.get(one.commandId) ?? [];
    const [first] = mine;
    if (first === undefined) {
      lost.push(one.commandId);
      notOneFinal.push(one.commandId);
      continue;
    }
    if (mine.some(({ outcome, success }) => outcome !== first.outcome || success !== first.success))
      notOneFinal.push(one.commandId);
    repeated += mine.length - 1;
    if (mine.some((result) => result.meterSerialNumber !== one.meterSerialNumber))
      wrongMeter.push(one.commandId);
    const key = `${one.command} ${first.outcome}`;
    outcomes.set(key, (outcomes.get(key) ?? 0) + 1);
    if (one.token === undefined) continue;
    const happened = credited.has(one.token);
    if (first.outcome === "unknown") unknown[happened ? "happened" : "didNot"]++;
    else if (first.success && !happened) falseSuccess.push(one.commandId);
    // Each token is asked for once: one that the meter took, ours called a failure, is lost for whoever paid.
    else if (!first.success && happened) lost.push(one.commandId);
  }
  falseSuccess.push(...falseRelays(asked, results, supplied));
  return { doubleCredits, lost, falseSuccess, wrongMeter, notOneFinal, outcomes, unknown, repeated };
}

/** Meters whose last relay command is said to have succeeded, and whose relay stands the other way. */
function falseRelays(
  asked: readonly AskedCommand[],
  results: ReadonlyMap<string, readonly ToldResult[]>,
  supplied: ReadonlyMap<string, boolean>,
): string[] {
  const last = new Map<string, AskedCommand>();
  for (const one of asked) {
    if (one.action === undefined) continue;
    const before = last.get(one.meterSerialNumber);
    if (before === undefined || before.sequence < one.sequence) last.set(one.meterSerialNumber, one);
  }
  return [...last.values()]
    .filter(({ commandId, meterSerialNumber, action }) => {
      const [result] = results.get(commandId) ?? [];
      return result?.success === true && supplied.get(meterSerialNumber) !== (action === "connect");
    })
    .map(({ commandId }) => commandId);
}

function name(tokens: ReadonlyMap<string, AskedCommand>, token: string): string {
  return tokens.get(token)?.commandId ?? `token …${token.slice(-4)}`;
}

export function isClean({ doubleCredits, lost, falseSuccess, wrongMeter, notOneFinal }: Account): boolean {
  return [doubleCredits, lost, falseSuccess, wrongMeter, notOneFinal].every((list) => list.length === 0);
}

/** The account in words, one line a count; examples behind those that are not zero. */
export function formatAccount(account: Account): string {
  const count = (label: string, list: readonly string[]): string =>
    `${label.padEnd(40)} ${list.length}${list.length === 0 ? "" : `   ${list.slice(0, 5).join(" ")}`}`;
  return [
    count("double credits", account.doubleCredits),
    count("lost", account.lost),
    count("false success", account.falseSuccess),
    count("wrong meter", account.wrongMeter),
    count("commands with other than one final result", account.notOneFinal),
    `${"unknown".padEnd(40)} ${account.unknown.happened + account.unknown.didNot}   (${account.unknown.happened} had happened, ${account.unknown.didNot} had not)`,
    `${"results told again, unchanged".padEnd(40)} ${account.repeated}`,
    ...[...account.outcomes].sort().map(([key, n]) => `  ${key.padEnd(38)} ${n}`),
  ].join("\n");
}
