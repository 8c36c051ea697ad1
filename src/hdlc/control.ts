/**
 * The HDLC control field (IEC 62056-46, 6.4.3), modulo 8. REJ is no part of the DLMS profile but is recognised;
 * anything else is kept as `unknown`, so that the link can reject it and the inspector can show it.
 */
import { type Codec, mapped, u8 } from "../bytes/codec.js";

export type UnnumberedType = "SNRM" | "DISC" | "UA" | "DM" | "FRMR" | "UI";
export type SupervisoryType = "RR" | "RNR" | "REJ";

export type HdlcControl =
  | {
      readonly type: "I";
      /** N(S), 0 to 7. */
      readonly sendSequence: number;
      /** N(R), 0 to 7: the next one expected. */
      readonly receiveSequence: number;
      /** Poll (from the primary) or final (from the secondary): the turn passes on. */
      readonly pollFinal: boolean;
    }
  | { readonly type: SupervisoryType; readonly receiveSequence: number; readonly pollFinal: boolean }
  | { readonly type: UnnumberedType; readonly pollFinal: boolean }
  | { readonly type: "unknown"; readonly octet: number; readonly pollFinal: boolean };

const POLL_FINAL = 0x10;
const SUPERVISORY: readonly SupervisoryType[] = ["RR", "RNR", "REJ"];
const UNNUMBERED: Readonly<Record<UnnumberedType, number>> = {
  SNRM: 0x83,
  DISC: 0x43,
  UA: 0x63,
  DM: 0x0f,
  FRMR: 0x87,
  UI: 0x03,
};
const UNNUMBERED_BY_OCTET = new Map(
  Object.entries(UNNUMBERED).map(([type, octet]) => [octet, type as UnnumberedType]),
);

export function controlFromOctet(octet: number): HdlcControl {
  const pollFinal = (octet & POLL_FINAL) !== 0;
  const receiveSequence = octet >> 5;
  if ((octet & 1) === 0) return { type: "I", sendSequence: (octet >> 1) & 7, receiveSequence, pollFinal };
  if ((octet & 3) === 1) {
    const type = SUPERVISORY[(octet >> 2) & 3];
    return type === undefined ? { type: "unknown", octet, pollFinal } : { type, receiveSequence, pollFinal };
  }
  const type = UNNUMBERED_BY_OCTET.get(octet & ~POLL_FINAL);
  return type === undefined ? { type: "unknown", octet, pollFinal } : { type, pollFinal };
}

export function controlToOctet(control: HdlcControl): number {
  const final = control.pollFinal ? POLL_FINAL : 0;
  switch (control.type) {
    case "I":
      return ((control.receiveSequence & 7) << 5) | final | ((control.sendSequence & 7) << 1);
    case "RR":
    case "RNR":
    case "REJ":
      return ((control.receiveSequence & 7) << 5) | final | (SUPERVISORY.indexOf(control.type) << 2) | 1;
    case "unknown":
      return control.octet;
    case "SNRM":
    case "DISC":
    case "UA":
    case "DM":
    case "FRMR":
    case "UI":
      return UNNUMBERED[control.type] | final;
  }
}

export const controlCodec: Codec<HdlcControl> = mapped(u8, controlFromOctet, controlToOctet);

/** As protocol analysers print it: `I(S=0 R=1 P/F)`. */
export function formatControl(control: HdlcControl): string {
  const final = control.pollFinal ? " P/F" : "";
  switch (control.type) {
    case "I":
      return `I(S=${control.sendSequence} R=${control.receiveSequence}${final})`;
    case "RR":
    case "RNR":
    case "REJ":
      return `${control.type}(R=${control.receiveSequence}${final})`;
    case "unknown":
      return `unknown control ${control.octet.toString(16).toUpperCase().padStart(2, "0")}`;
    case "SNRM":
    case "DISC":
    case "UA":
    case "DM":
    case "FRMR":
    case "UI":
      return `${control.type}${final}`;
  }
}
