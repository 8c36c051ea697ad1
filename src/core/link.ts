/**
 * What a data link (HDLC or TCP wrapper) offers to the association above it, in words both share.
 * Ring 2 folders are siblings that do not import each other, so their common contract stands here.
 */
import type { DlmsError } from "./errors.js";
import type { Machine } from "./machine.js";

/** Intents of a link's owner. APDUs are whole; the link adds LLC, segments and addresses. */
export type LinkIntent =
  /** HDLC primary: SNRM. Wrapper: connected at once. HDLC secondary: not allowed (it waits for SNRM). */
  | { readonly type: "connect" }
  /** Orderly end: HDLC DISC; wrapper: disconnected at once. */
  | { readonly type: "disconnect" }
  /** Send one APDU. A queue of `limits.linkQueueApdus` is kept; beyond it `LimitError`. */
  | {
      readonly type: "apdu";
      readonly bytes: Uint8Array;
      /** Not numbered and not acknowledged, in any state of the link (HDLC: UI frames). */
      readonly unconfirmed?: boolean;
      /** Unconfirmed, wrapper: between other addresses than this link's own. */
      readonly between?: LinkAddresses | undefined;
    }
  /** So many APDUs of the peer are due, whatever was sent: HDLC passes the turn to it, and a primary polls. */
  | { readonly type: "expect"; readonly apdus: number }
  /**
   * Swap who asks: the reverse link of docs/reverse-link.md. HDLC numbering carries on; a secondary becomes the
   * primary (sends with P=1 from its own address to the peer's) and the other way round. Wrapper: wPorts are kept per
   * side, so only the LLC and poll roles change. Allowed only while connected and idle.
   */
  | { readonly type: "reverse" };

export type LinkEvent =
  /** Also told anew by a connected secondary whose peer starts over with SNRM: what stood above the link is gone. */
  | { readonly type: "connected"; readonly parameters: LinkParameters; readonly peer: LinkAddresses }
  | { readonly type: "disconnected"; readonly reason: LinkEndReason; readonly error?: DlmsError }
  /** A whole APDU, LLC removed. `unconfirmed` marks HDLC UI frames. `peer` tells which addresses it carried. */
  | {
      readonly type: "apdu";
      readonly bytes: Uint8Array;
      readonly unconfirmed: boolean;
      readonly peer: LinkAddresses;
    }
  /** Octets that were no frame of ours: skipped up to the next one. For traces and counters, never fatal by itself. */
  | { readonly type: "noise"; readonly bytes: Uint8Array; readonly reason: string };

export type LinkEndReason = "requested" | "peer" | "refused" | "timeout" | "protocol-error";

/** Negotiated sizes, from our point of view. Wrapper links report `maxInfo* = 65535`, windows 1. */
export interface LinkParameters {
  readonly maxInfoTransmit: number;
  readonly maxInfoReceive: number;
  readonly windowTransmit: number;
  readonly windowReceive: number;
}

/** Client and server address as integers: wPorts, or HDLC upper (logical) addresses; `serverLower` is HDLC physical. */
export interface LinkAddresses {
  readonly client: number;
  readonly server: number;
  readonly serverLower?: number;
}

export type Link = Machine<LinkIntent, LinkEvent>;

/** Which side of an association a link or session serves. */
export type Role = "client" | "server";
