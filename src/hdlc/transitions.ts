/**
 * The HDLC procedures of normal response mode as tables (IEC 62056-46, 6.4.4): per station and state, what an
 * intent or a frame leads to. Both ends run the same link over them. The reversed rows are the reverse link: the
 * station that answered SNRM asks, the one that sent it answers, numbering and addresses carried on; when such a
 * link ends, both are what they were before. Not in the table: nothing may happen; sequence numbers, windows and
 * timers, which stand beside it.
 */
import { DlmsError } from "../core/errors.js";
import { type SupervisoryType, type UnnumberedType } from "./control.js";

/** Who a station is: who may send SNRM, and who asks now. */
export type Station = "primary" | "secondary" | "reversed-primary" | "reversed-secondary";

export type LinkState = "disconnected" | "connecting" | "connected" | "disconnecting" | "rejecting";

/**
 * Intents, frames, and what the link finds out by itself: `expired` (the retries or the time of what was waited for
 * are used up), `bad-number` (an impossible N(R)), `overflow` (an APDU beyond the limit).
 */
export type LinkInput =
  | "connect"
  | "disconnect"
  | "apdu"
  | "reverse"
  | "expired"
  | "bad-number"
  | "overflow"
  | "I"
  | Exclude<UnnumberedType, "UI">
  | SupervisoryType
  | "unknown";

export type LinkAction =
  /** Send SNRM and wait. */
  | "open"
  /** UA to our SNRM: take its parameters over. */
  | "opened"
  /** DM or FRMR to our SNRM: once more without parameters, then given up (`disconnected`). */
  | "refused"
  /** SNRM from the peer: take over, answer UA. */
  | "accept"
  /** Send DISC and wait. */
  | "close"
  /** Answered or given up. */
  | "closed"
  /** DISC from the peer: answer UA. */
  | "closed-by-peer"
  /** DM in the middle of a connection: the peer has forgotten it. */
  | "lost"
  /** FRMR, or a peer that breaks the rules: only DISC and SNRM help. */
  | "broken"
  /** No answer in spite of all retries. */
  | "timed-out"
  /** Answer DM when polled. */
  | "answer-dm"
  /** Answer FRMR when polled. */
  | "answer-frmr"
  /** The first frame that has to be answered so. */
  | "reject"
  /** Numbered traffic. */
  | "transfer"
  | "enqueue"
  | "reverse"
  /** Late frames of what has already ended. */
  | "ignore";

export interface Transition {
  readonly next: LinkState;
  readonly action: LinkAction;
}

type Row = Readonly<Partial<Record<LinkInput, Transition>>>;
type StationTable = Readonly<Partial<Record<LinkState, Row>>>;

function to(next: LinkState, action: LinkAction): Transition {
  return { next, action };
}

const transfer = to("connected", "transfer");
const stillClosing = to("disconnecting", "ignore");

/** Numbered traffic and what ends it, the same for whoever is connected. */
const traffic: Row = {
  I: transfer,
  RR: transfer,
  RNR: transfer,
  REJ: transfer,
  apdu: to("connected", "enqueue"),
  reverse: to("connected", "reverse"),
};

const asking: Row = {
  ...traffic,
  // A second answer to a repeated SNRM.
  UA: to("connected", "ignore"),
  DM: to("disconnected", "lost"),
  FRMR: to("disconnecting", "broken"),
  "bad-number": to("disconnecting", "broken"),
  overflow: to("disconnecting", "broken"),
  disconnect: to("disconnecting", "close"),
  expired: to("disconnected", "timed-out"),
};

const closing: Row = {
  UA: to("disconnected", "closed"),
  DM: to("disconnected", "closed"),
  expired: to("disconnected", "closed"),
  FRMR: stillClosing,
  I: stillClosing,
  RR: stillClosing,
  RNR: stillClosing,
  REJ: stillClosing,
  disconnect: stillClosing,
};

const answeringDm = to("disconnected", "answer-dm");
const answeringFrmr = to("rejecting", "answer-frmr");

export const linkTransitions: Readonly<Record<Station, StationTable>> = {
  primary: {
    disconnected: { connect: to("connecting", "open"), disconnect: to("disconnected", "closed") },
    connecting: {
      UA: to("connected", "opened"),
      DM: to("connecting", "refused"),
      FRMR: to("connecting", "refused"),
      expired: to("disconnected", "timed-out"),
      disconnect: to("disconnecting", "close"),
      // Left over from the connection before.
      I: to("connecting", "ignore"),
      RR: to("connecting", "ignore"),
      RNR: to("connecting", "ignore"),
    },
    connected: asking,
    disconnecting: closing,
  },
  secondary: {
    disconnected: {
      SNRM: to("connected", "accept"),
      DISC: answeringDm,
      I: answeringDm,
      RR: answeringDm,
      RNR: answeringDm,
      REJ: answeringDm,
      unknown: answeringDm,
      disconnect: to("disconnected", "closed"),
    },
    connected: {
      ...traffic,
      SNRM: to("connected", "accept"),
      DISC: to("disconnected", "closed-by-peer"),
      FRMR: to("disconnected", "broken"),
      unknown: to("rejecting", "reject"),
      "bad-number": to("rejecting", "reject"),
      overflow: to("disconnected", "broken"),
      disconnect: to("disconnected", "closed"),
      expired: to("disconnected", "timed-out"),
    },
    rejecting: {
      SNRM: to("connected", "accept"),
      DISC: to("disconnected", "closed-by-peer"),
      I: answeringFrmr,
      RR: answeringFrmr,
      RNR: answeringFrmr,
      REJ: answeringFrmr,
      unknown: answeringFrmr,
      disconnect: to("disconnected", "closed"),
      expired: to("disconnected", "timed-out"),
    },
  },
  "reversed-primary": {
    connected: {
      ...asking,
      // The meter may start over, or end what it began.
      SNRM: to("connected", "accept"),
      DISC: to("disconnected", "closed-by-peer"),
    },
    disconnecting: {
      ...closing,
      SNRM: to("connected", "accept"),
      DISC: to("disconnected", "closed-by-peer"),
    },
  },
  "reversed-secondary": {
    connected: {
      ...traffic,
      DM: to("disconnected", "lost"),
      FRMR: to("disconnecting", "broken"),
      DISC: to("disconnected", "closed-by-peer"),
      unknown: to("rejecting", "reject"),
      "bad-number": to("rejecting", "reject"),
      overflow: to("disconnecting", "broken"),
      disconnect: to("disconnecting", "close"),
      expired: to("disconnected", "timed-out"),
    },
    rejecting: {
      DISC: to("disconnected", "closed-by-peer"),
      I: answeringFrmr,
      RR: answeringFrmr,
      RNR: answeringFrmr,
      REJ: answeringFrmr,
      unknown: answeringFrmr,
      disconnect: to("disconnecting", "close"),
      expired: to("disconnected", "timed-out"),
    },
    disconnecting: {
      ...closing,
      DISC: to("disconnected", "closed-by-peer"),
    },
  },
};

export function transition(station: Station, state: LinkState, input: LinkInput): Transition | undefined {
  return linkTransitions[station][state]?.[input];
}

/** What an owner is told that wants something the table doesn't hold. */
export function forbidden(intent: string, station: Station, state: LinkState): DlmsError {
  return new DlmsError(
    intent === "apdu" || intent === "reverse" ? "NOT_CONNECTED" : "LOCAL_PROTOCOL",
    `${intent} is not possible while the ${station} HDLC link is ${state}`,
  );
}

/** Whether the station polls (and keeps the response timer), or answers. */
export function asks(station: Station): boolean {
  return station === "primary" || station === "reversed-primary";
}

export const reversedStation: Readonly<Record<Station, Station>> = {
  primary: "reversed-secondary",
  secondary: "reversed-primary",
  "reversed-primary": "secondary",
  "reversed-secondary": "primary",
};

/** What the station is again once the connection has ended. */
export const originalStation: Readonly<Record<Station, "primary" | "secondary">> = {
  primary: "primary",
  secondary: "secondary",
  "reversed-primary": "secondary",
  "reversed-secondary": "primary",
};
