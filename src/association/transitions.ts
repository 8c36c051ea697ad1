/**
 * What may happen when on one association (IEC 62056-5-3), said once for both ends. Parties are named by who opened
 * it: the initiator sent the AARQ, the acceptor answered. Both ends run this table; `us` only decides whose fault a
 * forbidden act is. `reversed` is the third row beside client and server: after the AARE the acceptor asks.
 * Leaves out: numbers, timers and bytes (session.ts), the link below.
 */
import { DlmsError } from "../core/errors.js";

export type Party = "initiator" | "acceptor";

export type AssociationState =
  | "idle"
  /** AARQ sent, AARE not yet. */
  | "opening"
  /** AARE sent, and the parties still prove themselves: passes 3 and 4 of HLS. */
  | "proving"
  /** The initiator asks, the acceptor answers. */
  | "open"
  /** The acceptor asks, the initiator answers. */
  | "reversed"
  /** RLRQ sent, RLRE not yet. */
  | "releasing";

export type Act =
  | "associate"
  | "challenge"
  | "accept"
  | "refuse"
  | "request"
  | "answer"
  | "reverse"
  | "release"
  | "confirm-release";

interface Rule {
  readonly by: Party | "either";
  readonly to: AssociationState;
}

export const transitions: Readonly<Record<AssociationState, Readonly<Partial<Record<Act, Rule>>>>> = {
  idle: {
    associate: { by: "initiator", to: "opening" },
    // A peer that releases what is already gone gets its answer and nothing else happens.
    release: { by: "initiator", to: "releasing" },
  },
  opening: {
    // An AARQ sent again (the first answer was lost) starts over.
    associate: { by: "initiator", to: "opening" },
    challenge: { by: "acceptor", to: "proving" },
    accept: { by: "acceptor", to: "open" },
    refuse: { by: "acceptor", to: "idle" },
    release: { by: "initiator", to: "releasing" },
  },
  proving: {
    associate: { by: "initiator", to: "opening" },
    accept: { by: "acceptor", to: "open" },
    refuse: { by: "acceptor", to: "idle" },
    release: { by: "initiator", to: "releasing" },
  },
  open: {
    // A new AARQ on the same link ends the old association.
    associate: { by: "initiator", to: "opening" },
    request: { by: "initiator", to: "open" },
    answer: { by: "acceptor", to: "open" },
    reverse: { by: "either", to: "reversed" },
    release: { by: "initiator", to: "releasing" },
  },
  reversed: {
    associate: { by: "initiator", to: "opening" },
    request: { by: "acceptor", to: "reversed" },
    answer: { by: "initiator", to: "reversed" },
    release: { by: "either", to: "releasing" },
  },
  releasing: {
    associate: { by: "initiator", to: "opening" },
    "confirm-release": { by: "either", to: "idle" },
  },
};

/**
 * The state after `act`, done by `by`, seen by `us`.
 * @throws DlmsError NOT_ASSOCIATED or LOCAL_PROTOCOL when we may not do it now, UNEXPECTED_APDU when the peer may not.
 */
export function transition(state: AssociationState, act: Act, by: Party, us: Party): AssociationState {
  const rule = transitions[state][act];
  if (rule !== undefined && (rule.by === "either" || rule.by === by)) return rule.to;
  if (by !== us)
    throw new DlmsError("UNEXPECTED_APDU", `the peer may not ${act} while the association is ${state}`, {
      detail: { act, state },
    });
  if (act === "request" && state !== "open" && state !== "reversed") throw new DlmsError("NOT_ASSOCIATED");
  throw new DlmsError("LOCAL_PROTOCOL", `${by} may not ${act} while the association is ${state}`, {
    detail: { act, state },
  });
}

/** Who sends requests in this state; undefined while nobody may. */
export function asker(state: AssociationState): Party | undefined {
  if (state === "open") return "initiator";
  return state === "reversed" ? "acceptor" : undefined;
}
