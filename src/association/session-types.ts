/**
 * What a Session is told and what it tells: intents, events, options. One vocabulary for client and server.
 * Sizes in octets, times in milliseconds.
 */
import { type DlmsError } from "../core/errors.js";
import { type Link, type LinkParameters, type Role } from "../core/link.js";
import { type Secret } from "../core/secret.js";
import { type TraceSink } from "../core/trace.js";
import { type Aarq } from "../acse/index.js";
import { type Apdu, type ConformanceBit, type LongInvokeIdAndPriority } from "../xdlms/index.js";
import {
  type HlsMechanism,
  type SecurityNeed,
  type SecurityProvided,
  type SecuritySuite,
} from "../security/index.js";
import { type GeneralBlockOptions } from "./general-blocks.js";
import { type ShortNameOptions } from "./name-book.js";
import { type SecurityOptions } from "./security-options.js";
import { type ServiceRequest, type ServiceResponse } from "./service.js";
import { type UnaskedOptions } from "./unasked.js";

export type Mechanism = "none" | "lls" | HlsMechanism;
/** `information-report` is the event notification of short names. */
export type Notification = Extract<
  Apdu,
  { readonly type: "data-notification" | "event-notification" | "information-report" }
> & {
  /** Of a received one: it came protected, but nobody vouches for what it says. */
  readonly unauthenticated?: true;
};

export type SessionIntent =
  /** Client: connect the link if need be, then AARQ. Ends in `associated` or `failed` without id. */
  | { readonly type: "associate" }
  /** One GET, SET, ACTION or ACCESS. Waits its turn; ends in `response` or `failed` with the same id. */
  | {
      readonly type: "request";
      readonly id: number;
      readonly request: ServiceRequest;
      readonly timeoutMs?: number;
    }
  /** The answer to an `indication`. An id that is no longer open is ignored: its peer is gone. */
  | { readonly type: "respond"; readonly id: number; readonly response: ServiceResponse }
  /** A notification of our own, in any state. One that asks for it is answered by `notification-confirmed`. */
  | { readonly type: "notify"; readonly notification: Notification }
  /** Orderly end: RLRQ where it is spoken, then the link. Ends in `released`, whatever the peer says to it. */
  | { readonly type: "release" }
  /** After the AARE: the acceptor asks from now on. Told to both ends by their owners. */
  | { readonly type: "reverse" }
  /** The answer to a `needRandom`, `needCounters` or `needKeys`. One that is no longer waited for is ignored. */
  | SecurityProvided
  /** The channel is gone or must go: everything open fails, nothing is sent any more. */
  | { readonly type: "abort"; readonly error?: DlmsError };

export type SessionEvent =
  /** Also emitted, with `reversed: true`, when the roles of asking and answering were swapped. */
  | { readonly type: "associated"; readonly info: AssociationInfo }
  | { readonly type: "response"; readonly id: number; readonly response: ServiceResponse }
  /**
   * With `id`: that request. Without: the association could not be opened. A server is told that way too of an
   * association it ended because the peer failed to prove itself or its messages are not genuine.
   */
  | { readonly type: "failed"; readonly id?: number; readonly error: DlmsError }
  | {
      readonly type: "indication";
      readonly id: number;
      readonly request: ServiceRequest;
      readonly info: AssociationInfo;
    }
  | { readonly type: "notification"; readonly notification: Notification }
  /** The peer has taken a notification of ours that asked for it. */
  | { readonly type: "notification-confirmed"; readonly longInvoke: LongInvokeIdAndPriority }
  /** Random octets, invocation counters or keys are needed; what depends on them waits for `provided`. */
  | SecurityNeed
  | { readonly type: "released" }
  /** The link ended without a release of ours. */
  | { readonly type: "closed"; readonly error?: DlmsError }
  /** Octets or APDUs that belong to nothing open; skipped. With `error`: a protected one that could not be opened. */
  | {
      readonly type: "noise";
      readonly bytes: Uint8Array;
      readonly reason: string;
      readonly error?: DlmsError;
    };

/** What was agreed. `maxSendPdu` is what the peer takes, `maxReceivePdu` what we said we take. */
export interface AssociationInfo {
  readonly clientSap: number;
  readonly serverSap: number;
  readonly mechanism: Mechanism;
  readonly conformance: ReadonlySet<ConformanceBit>;
  readonly maxSendPdu: number;
  readonly maxReceivePdu: number;
  /** False: objects go by short names, whatever requests say; requests name them logically all the same. */
  readonly logicalNameReferencing: boolean;
  readonly link: LinkParameters;
  /** The acceptor asks. */
  readonly reversed: boolean;
  /** Absent when APDUs travel in clear. */
  readonly ciphering?: CipheringInfo;
  /** The system title the peer showed or that was expected of it. */
  readonly peerSystemTitle?: Uint8Array;
}

/** How APDUs of ours are protected. */
export interface CipheringInfo {
  readonly suite: SecuritySuite;
  readonly authenticated: boolean;
  readonly encrypted: boolean;
  readonly keySet: "global" | "dedicated";
  /** Every APDU is signed too. */
  readonly signed?: true;
  /** Nobody vouches for what the peer says: its messages need no tag, or their tags are not checked. */
  readonly unauthenticated?: true;
}

/** How APDUs that are longer than the peer's PDU travel. */
export interface TransferOptions {
  /** What is used where both are negotiated. Default general. */
  readonly blockTransfer?: "general" | "service-specific";
  readonly generalBlocks?: GeneralBlockOptions;
  /** How our notifications are protected where no ciphered association is open. Default: they go out in clear. */
  readonly notifying?: SecurityOptions | undefined;
  /** Octets of one APDU that comes in blocks of either kind. Default `limits.apduBytes`. */
  readonly maxApduBytes?: number;
}

/** How requests are sent, for whoever asks. */
export interface AskingOptions {
  /** Longest silence while an answer is due; progress of a long answer counts as no silence. Default 10 000. */
  readonly responseTimeoutMs?: number;
  /** One request with all its blocks and segments. Default `limits.requestTotalMs`; never less than the silence. */
  readonly requestMs?: number;
  /** Sets the priority bit of every request. Default false. */
  readonly highPriority?: boolean;
  /** The invoke id (0 to 15) after `previous`. Default: 1 to 15 in turn. */
  readonly nextInvokeId?: (previous: number) => number;
}

export interface ClientOptions extends AskingOptions, TransferOptions {
  readonly mechanism: Mechanism;
  /** The LLS password, or the secret of HLS mechanisms 2, 3, 4 and 6. */
  readonly secret?: Secret<Uint8Array>;
  /** Keys and titles, for ciphering and for HLS mechanisms 5, 6 and 7. */
  readonly security?: SecurityOptions;
  /** Makes it an association by short names (context 2 or 4). Absent: by logical names. */
  readonly shortNames?: ShortNameOptions;
  readonly conformance?: ReadonlySet<ConformanceBit>;
  /** Default 65 535. */
  readonly maxReceivePdu?: number;
  /** Sends no larger APDUs though the meter would take them. */
  readonly maxSendPdu?: number;
  /** How long the AARE may take once the AARQ was sent. Default: `responseTimeoutMs`. */
  readonly associationTimeoutMs?: number;
  /** How long an RLRE is waited for before the link is ended anyway. Default 3 000. */
  readonly releaseTimeoutMs?: number;
  /** False: end the link without an RLRQ, for meters that don't know it. Default true. */
  readonly releaseRequest?: boolean;
  /** A last look at the AARQ before it is encoded, for meters that insist on an unusual form. */
  readonly shapeAarq?: (aarq: Aarq) => Aarq;
}

/** One way to be let in. */
export interface AcceptRule {
  /** Any client when absent. */
  readonly clientSap?: number;
  readonly mechanism: Mechanism;
  readonly secret?: Secret<Uint8Array>;
  /** With `protection` only a ciphered association is let in by this rule, without it only a clear one. */
  readonly security?: SecurityOptions;
}

export interface ServerOptions extends AskingOptions, TransferOptions {
  readonly accept: readonly AcceptRule[];
  /**
   * Asks by `needKeys` for the keys of a client that shows its system title. What comes takes the place of keys, suite
   * and secrets of the rules; when nothing comes they stand as they are. Default false.
   */
  readonly askKeys?: boolean;
  /** Lets clients in that go by short names too; where the objects stand. */
  readonly shortNames?: ShortNameOptions;
  readonly conformance?: ReadonlySet<ConformanceBit>;
  /** Default 65 535. */
  readonly maxReceivePdu?: number;
  /** Sends no larger APDUs though the client would take them. */
  readonly maxSendPdu?: number;
}

export interface SessionOptions {
  readonly role: Role;
  readonly link: Link;
  readonly client?: ClientOptions;
  readonly server?: ServerOptions;
  /** How protected notifications are opened that come without a ciphered association; without it they are noise. */
  readonly unasked?: UnaskedOptions;
  /**
   * Answers a data-notification that asks for it (its service class is confirmed) as soon as it is told. Default true.
   * Not those that were protected and came without a ciphered association.
   */
  readonly confirmNotifications?: boolean;
  /** Refuses APDUs that junk octets follow. Default: the octets are dropped and reported as noise. */
  readonly strict?: boolean;
  readonly trace?: TraceSink;
}
