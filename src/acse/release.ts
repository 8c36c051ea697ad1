/**
 * RLRQ and RLRE: the orderly end of an association. Many meters know neither; HDLC links then just DISC.
 * Some servers state wrong lengths. Nothing depends on what a release says, so it is kept as `malformed` then.
 */
import { type Codec } from "../bytes/codec.js";
import { DecodeError } from "../core/errors.js";
import { berInteger } from "../ber/index.js";
import { octetString } from "./aarq.js";
import { type AcseForm, acseApdu, element } from "./apdu.js";

interface Release {
  /** 0 normal, 1 urgent (request) or not finished (response), 30 user defined. */
  readonly reason?: number;
  /** The initiate of a ciphered association, repeated under protection. */
  readonly userInformation?: Uint8Array;
  readonly form?: AcseForm;
  /** All octets behind the tag, when they do not decode; the other fields are absent then. */
  readonly malformed?: Uint8Array;
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

function forgiving<T extends Release & { readonly type: string }>(tag: number, exact: Codec<T>): Codec<T> {
  return {
    decode: (reader) => {
      const start = reader.offset;
      try {
        const value = exact.decode(reader);
        reader.expectEnd();
        return value;
      } catch (caught) {
        if (!(caught instanceof DecodeError) || reader.bytes[start] !== tag) throw caught;
        reader.offset = start + 1;
        const type = tag === 0x62 ? "rlrq" : "rlre";
        return { type, malformed: reader.take(reader.remaining) } as unknown as T;
      }
    },
    encode: (writer, value) => {
      if (value.malformed === undefined) return exact.encode(writer, value);
      writer.u8(tag);
      writer.bytes(value.malformed);
    },
    shape: exact.shape,
  };
}

/**
 * RLRQ-apdu ::= [APPLICATION 2] IMPLICIT SEQUENCE { reason [0] IMPLICIT INTEGER OPTIONAL,
 *   user-information [30] EXPLICIT OCTET STRING OPTIONAL }
 */
export const rlrq: Codec<Rlrq> = forgiving(0x62, acseApdu<Rlrq>("rlrq", 0x62, elements));

/** RLRE-apdu ::= [APPLICATION 3] IMPLICIT SEQUENCE, the same elements */
export const rlre: Codec<Rlre> = forgiving(0x63, acseApdu<Rlre>("rlre", 0x63, elements));
