/** What a listener has done since it was made, and what it has to do now: for load, rates and refusals in views. */
import { type RefusalReason, refusalReasons } from "../transport/reception.js";

export interface ListenerCounters {
  /** Links that are open, and how many there may be. */
  readonly links: number;
  readonly maxLinks: number;
  /** Meters that are associating now, and links that wait for their turn to. */
  readonly associating: number;
  readonly waitingToAssociate: number;
  /** Commands under way and commands that wait. */
  readonly running: number;
  readonly waiting: number;
  /** Counted since the listener was made. */
  readonly accepted: number;
  readonly refused: number;
  /** The same by reason. */
  readonly refusedFor: Readonly<Record<RefusalReason, number>>;
  readonly ended: number;
  readonly octetsReceived: number;
  readonly octetsSent: number;
  readonly commands: number;
  readonly failures: number;
  readonly notifications: number;
}

export type Counted = Pick<
  ListenerCounters,
  | "accepted"
  | "refused"
  | "refusedFor"
  | "ended"
  | "octetsReceived"
  | "octetsSent"
  | "commands"
  | "failures"
  | "notifications"
>;

/** Counts up from zero; the listener adds to it. */
export function newCounted(): { -readonly [Name in Exclude<keyof Counted, "refusedFor">]: number } & {
  readonly refusedFor: Record<RefusalReason, number>;
} {
  return {
    accepted: 0,
    refused: 0,
    refusedFor: Object.fromEntries(refusalReasons.map((reason) => [reason, 0])) as Record<
      RefusalReason,
      number
    >,
    ended: 0,
    octetsReceived: 0,
    octetsSent: 0,
    commands: 0,
    failures: 0,
    notifications: 0,
  };
}

export function countersOf(
  counted: Counted,
  links: number,
  { maxLinks }: { readonly maxLinks: number },
  gate: { readonly inside: number; readonly waiting: number },
  { load }: { readonly load: { readonly running: number; readonly waiting: number } },
): ListenerCounters {
  return {
    ...counted,
    links,
    maxLinks,
    associating: gate.inside,
    waitingToAssociate: gate.waiting,
    ...load,
  };
}
