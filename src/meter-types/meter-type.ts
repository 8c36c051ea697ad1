/**
 * A meter type: data that describes a family of meters. How it dials in, how it associates, how its serial number is
 * coded, how a token is written and its outcome learnt, how the relay is switched, what to read by default.
 * Vendor differences live here and nowhere else: no code asks for a maker's name.
 */
import { type Secret } from "../core/secret.js";
import { type CapturedColumn } from "../cosem/selective-access.js";
import { type ConformanceBit } from "../xdlms/index.js";
import { type SecuritySettings } from "./security-settings.js";

export const presetNames = ["hexcell", "hexing", "standard", "readme"] as const;
export type PresetName = (typeof presetNames)[number];

export type Framing = "auto" | "hdlc" | "wrapper";
/** ACSE mechanisms 0 to 7, in this order. */
export const mechanismNames = [
  "none",
  "lls",
  "hls",
  "hls-md5",
  "hls-sha1",
  "hls-gmac",
  "hls-sha256",
  "hls-ecdsa",
] as const;
export type Mechanism = (typeof mechanismNames)[number];

export interface MeterType {
  /** Free text, for people and rules. */
  readonly name: string;
  /** The preset it started from. */
  readonly preset: PresetName;
  readonly association: AssociationSettings;
  readonly serial: SerialRule;
  readonly tokenRule: TokenRule;
  readonly relayRule: RelayRule;
  /** How its clock is set; by the standard where absent. */
  readonly clockRule?: ClockRule;
  /** Most rows of a profile asked for at once; absent: all, and less once the meter shows that this is too much. */
  readonly profileRows?: number;
  /** OBIS codes that the shipped flow reads and forwards. */
  readonly defaultCodes: readonly string[];
  /** Class and usual attribute of objects that the dictionary cannot know, keyed by OBIS code (`1-0:96.66.0.255`). */
  readonly objects: Readonly<Record<string, KnownObject>>;
  /**
   * What the values of an unlabelled push are, in their order; a push with another number of values is none of these.
   * Absent: the object list of the meter's push setup is read when such a push comes.
   */
  readonly pushObjects?: readonly CapturedColumn[];
  /** Whether commands that change state may run over a link whose association the meter opened itself. */
  readonly allowReverse: boolean;
  /** Mechanisms accepted in the AARQ of such a meter. */
  readonly reverseMechanisms: readonly Mechanism[];
}

export interface AssociationSettings {
  readonly framing: Framing;
  readonly clientSap: number;
  /** Logical device: wPort, or HDLC upper address. */
  readonly serverSap: number;
  /** The meter stands behind a concentrator, which is the one that dials in: how it knows the meter. */
  readonly behind?: { readonly networkId: number; readonly deviceAddress: Uint8Array };
  /** Objects go by short names. Default false. */
  readonly shortNames?: boolean;
  /** What is proposed to the meter. Default: what every meter knows; some refuse a proposal with more. */
  readonly services?: readonly ConformanceBit[];
  /** HDLC lower (physical) address; only with 2 or 4 address octets. */
  readonly hdlcServerLower?: number;
  readonly hdlcAddressOctets: 1 | 2 | 4;
  readonly mechanism: Mechanism;
  /** The password of LLS, or the secret of hls, hls-md5, hls-sha1 and hls-sha256. A preset carries the maker's published default. */
  readonly secret?: Secret<Uint8Array>;
  /** Ciphering, and what hls-gmac, hls-sha256 and hls-ecdsa need; without it nothing is ciphered. */
  readonly security?: SecuritySettings;
  /** Client of the association without password that reads names only; 16 by the standard. */
  readonly publicClientSap: number;
  /** Read the serial number with the public client before the secret is sent. */
  readonly readSerialPublicly: boolean;
  readonly responseTimeoutMs: number;
  /** Pause between two requests, for meters that drop bursts. */
  readonly interRequestMs: number;
}

export type SerialCoding = "ascii" | "bcd" | "auto";

export interface SerialRule {
  readonly obis: string;
  readonly classId: number;
  readonly attributeId: number;
  readonly coding: SerialCoding;
  /** Leading zeros are removed until the number has this many digits. Without it every zero is kept. */
  readonly stripZerosTo?: number;
}

export interface KnownObject {
  readonly classId: number;
  readonly attributeId?: number;
}

export const tokenRuleNames = ["data-bcd", "token-gateway", "register", "credit", "custom"] as const;
export type TokenRuleName = (typeof tokenRuleNames)[number];

/** bcd: octet-string of 10; ascii: octet-string of 20; visible-string of 20; amount: double-long of the amount. */
export const tokenEncodings = ["bcd", "ascii", "visible-string", "amount"] as const;
export type TokenEncoding = (typeof tokenEncodings)[number];

export type TokenRequest =
  | {
      readonly service: "set";
      readonly classId: number;
      readonly obis: string;
      readonly attributeId: number;
    }
  | {
      readonly service: "action";
      readonly classId: number;
      readonly obis: string;
      readonly methodId: number;
    };

/** Where the outcome of a token can be read. */
export type TokenStatus =
  | { readonly source: "none" }
  /** Class 115 attribute 6 `{status_code, data_value}`. */
  | { readonly source: "token-gateway"; readonly obis: string }
  /** A profile that lists the tokens taken, one column an octet-string of their digits. */
  | { readonly source: "token-log"; readonly obis: string };

export interface TokenRule {
  readonly name: TokenRuleName;
  readonly request: TokenRequest;
  readonly encoding: TokenEncoding;
  readonly status: TokenStatus;
}

export interface RelayRule {
  readonly obis: string;
  readonly classId: number;
  readonly methods: { readonly disconnect: number; readonly connect: number };
  readonly outputStateAttribute: number;
  readonly controlStateAttribute: number;
  readonly controlModeAttribute: number;
}

export interface ClockRule {
  readonly obis: string;
  /** `set`: the time is written. `shift`: method 6, shift_time, by at most 900 s. */
  readonly method: "set" | "shift";
  /** For a clock that doesn't say how far it is from UTC: minutes to add to its time to get UTC (UTC+1 is −60). */
  readonly deviationMinutes?: number;
}
