/** RLRQ and RLRE: the orderly end of an association. Many meters know neither; HDLC links then just DISC. */
import { type Codec } from "../bytes/codec.js";
import { berInteger } from "../ber/index.js";
import { octetString } from "./aarq.js";
import { type AcseForm, acseApdu, element } from "./apdu.js";

interface Release {
  /** 0 normal, 1 urgent (request) or not finished (response), 30 user defined. */
  readonly reason?: number;
  /** The initiate of a ciphered association, repeated under protection. */
  readonly userInformation?: Uint8Array;
  readonly form?: AcseForm;
}

export interface Rlrq extends Release {
  readonly type: "rlrq";
}

export interface Rlre extends Release {
  readonly type: "rlre";
}

const elements = [
  element(0x80, "reason", berInteger),
  element(0xbe, "userInformation", octetString, { lenient: true }),
];

/**
 * RLRQ-apdu ::= [APPLICATION 2] IMPLICIT SEQUENCE { reason [0] IMPLICIT INTEGER OPTIONAL,
 *   user-information [30] EXPLICIT OCTET STRING OPTIONAL }
 */
export const rlrq: Codec<Rlrq> = acseApdu("rlrq", 0x62, elements);

/** RLRE-apdu ::= [APPLICATION 3] IMPLICIT SEQUENCE, the same elements */
export const rlre: Codec<Rlre> = acseApdu("rlre", 0x63, elements);
