/**
 * The reckoning of a chaos run: what the backend asked and was told, held against what the meters themselves recorded.
 * Pure: the run gives its records, a test gives made-up ones with each kind of violation.
 */
import { type CreditEntry, type RelayEntry, type RelayRequestEntry } from "../../simulator/ledger.js";
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
  /** When it was first offered, epoch ms. */
  readonly offeredAt: number;
}

/** A final result as the backend got it; the same one may come again until the backend has confirmed it. */
export interface ToldResult {
  readonly commandId: string;
  readonly meterSerialNumber: string | null;
  readonly success: boolean;
  readonly outcome: string;
  /** Epoch ms. */
  readonly at: number;
}

export interface RunRecord {
  readonly asked: readonly AskedCommand[];
  readonly told: readonly ToldResult[];
  readonly credits: readonly CreditEntry[];
  readonly relayRequests: readonly RelayRequestEntry[];
  readonly relayChanges: readonly RelayEntry[];
  /** How each relay stood when the run ended: true when supplied. */
  readonly supplied: ReadonlyMap<string, boolean>;
}

/** Lists of commandIds, each of which must be empty. */
export interface Violations {
  /** A token that was credited more than once. */
  readonly doubleCredits: readonly string[];
  /** Of a relay more requests than commands that may have sent one: `meter action`. */
  readonly relayTwice: readonly string[];
  /** Acknowledged, and no result ever. */
  readonly lost: readonly string[];
  /** Said to have happened, and it had not. */
  readonly falseSuccess: readonly string[];
  /** Said not to have happened, and it had: whoever paid believes the token void. */
  readonly falseFailure: readonly string[];
  /** Had its effect on a meter it was not meant for. */
  readonly wrongMeter: readonly string[];
  /** None, or results that contradict each other. */
  readonly notOneFinal: readonly string[];
}

export interface Account extends Violations {
  /** Results by command and outcome. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** Of commands that ended `unknown`: whether the meter had in truth got them. */
  readonly unknown: { readonly happened: number; readonly didNot: number };
  /** Results that came more than once, unchanged. */
  readonly repeated: number;
}

/** Outcomes that say: no request has left. */
const untouched: ReadonlySet<string> = new Set(["not-sent", "expired", "superseded", "invalid"]);

export function reckon(record: RunRecord): Account {
  const { asked, told, credits } = record;
  const results = groupBy(told, ({ commandId }) => commandId);
  const tokens = new Map(
    asked.flatMap((one) => (one.token === undefined ? [] : [[one.token, one] as const])),
  );
  const name = (token: string): string => tokens.get(token)?.commandId ?? `token …${token.slice(-4)}`;
  const credited = groupBy(
    credits.filter(({ token }) => token !== undefined),
    ({ token }) => token as string,
  );
  const doubleCredits = [...credited]
    .filter(([, entries]) => entries.length > 1)
    .map(([token]) => name(token));
  const wrongMeter = [...credited]
    .filter(([token, entries]) =>
      entries.some(({ serial }) => tokens.get(token)?.meterSerialNumber !== serial),
    )
    .map(([token]) => name(token));
  const wanted = new Set(asked.filter((one) => one.action !== undefined).map((one) => one.meterSerialNumber));
  for (const { serial, cause } of record.relayChanges)
    if (cause === "remote" && !wanted.has(serial)) wrongMeter.push(`relay of ${serial}`);

  const lost: string[] = [];
  const falseSuccess: string[] = [];
  const falseFailure: string[] = [];
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
    if (one.action !== undefined && first.outcome === "unknown")
      unknown[wasRequested(one, first, record.relayRequests) ? "happened" : "didNot"]++;
    if (one.token === undefined) continue;
    const happened = credited.has(one.token);
    if (first.outcome === "unknown") unknown[happened ? "happened" : "didNot"]++;
    else if (first.success && !happened) falseSuccess.push(one.commandId);
    // Each token is asked for once, so the credit is this command's.
    else if (!first.success && happened) falseFailure.push(one.commandId);
  }
  falseSuccess.push(...falseRelays(record, results));
  const relayTwice = relaysTwice(record, results);
  const violations = { doubleCredits, relayTwice, lost, falseSuccess, falseFailure, wrongMeter, notOneFinal };
  return { ...violations, outcomes, unknown, repeated };
}

/** The backend never has two open relay commands for one meter, so a request within this one's time is this one's. */
function wasRequested(
  { meterSerialNumber, action, offeredAt }: AskedCommand,
  { at: toldAt }: ToldResult,
  requests: readonly RelayRequestEntry[],
): boolean {
  return requests.some(
    (request) =>
      request.serial === meterSerialNumber &&
      request.action === action &&
      request.at >= offeredAt &&
      request.at <= toldAt,
  );
}

/** Meters whose last relay command is said to have succeeded, and whose relay stands the other way. */
function falseRelays({ asked, supplied }: RunRecord, results: ReadonlyMap<string, ToldResult[]>): string[] {
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

/** A relay's method is called at most once for a command, whatever becomes of it. */
function relaysTwice(
  { asked, relayRequests }: RunRecord,
  results: ReadonlyMap<string, ToldResult[]>,
): string[] {
  const allowed = new Map<string, number>();
  for (const { commandId, meterSerialNumber, action } of asked) {
    if (action === undefined || untouched.has(results.get(commandId)?.[0]?.outcome ?? "")) continue;
    const key = `${meterSerialNumber} ${action}`;
    allowed.set(key, (allowed.get(key) ?? 0) + 1);
  }
  const requested = groupBy(relayRequests, ({ serial, action }) => `${serial} ${action}`);
  return [...requested].filter(([key, { length }]) => length > (allowed.get(key) ?? 0)).map(([key]) => key);
}

function groupBy<T>(list: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of list) {
    const group = groups.get(keyOf(one));
    if (group === undefined) groups.set(keyOf(one), [one]);
    else group.push(one);
  }
  return groups;
}

const labels: Readonly<Record<keyof Violations, string>> = {
  doubleCredits: "double credits",
  relayTwice: "relay requests that no command explains",
  lost: "lost",
  falseSuccess: "false success",
  falseFailure: "false failure",
  wrongMeter: "wrong meter",
  notOneFinal: "commands with other than one final result",
};
const kinds = Object.keys(labels) as (keyof Violations)[];

export function isClean(account: Violations): boolean {
  return kinds.every((kind) => account[kind].length === 0);
}

/** All that a violation names. */
export function violators(account: Violations): ReadonlySet<string> {
  return new Set(kinds.flatMap((kind) => account[kind]));
}

/** The account in words, one line a count; examples behind those that are not zero. */
export function formatAccount(account: Account): string {
  const { happened, didNot } = account.unknown;
  return [
    ...kinds.map((kind) => {
      const { length } = account[kind];
      const examples = length === 0 ? "" : `   ${account[kind].slice(0, 5).join(", ")}`;
      return `${labels[kind].padEnd(42)} ${length}${examples}`;
    }),
    `${"unknown".padEnd(42)} ${happened + didNot}   (${happened} had happened, ${didNot} had not)`,
    `${"results told again, unchanged".padEnd(42)} ${account.repeated}`,
    ...[...account.outcomes].sort().map(([key, n]) => `  ${key.padEnd(40)} ${n}`),
  ].join("\n");
}
