/** Exception response: the peer could not treat an APDU as a service at all. Often in clear in a ciphered session. */
import { type Codec, named, seq, u32, u8 } from "../bytes/codec.js";
import { merged } from "../bytes/fields.js";
import { trailing } from "./block.js";

export const stateErrors = { "service-not-allowed": 1, "service-unknown": 2 } as const;

export const serviceErrors = {
  "operation-not-possible": 1,
  "service-not-supported": 2,
  "other-reason": 3,
  "pdu-too-long": 4,
  "deciphering-error": 5,
  "invocation-counter-error": 6,
} as const;

export interface ExceptionResponse {
  readonly stateError: keyof typeof stateErrors | number;
  readonly serviceError: keyof typeof serviceErrors | number;
  /** The invocation counter the peer expects; follows `invocation-counter-error`, when the peer tells it. */
  readonly invocationCounter?: number;
}

/**
 * Exception-Response ::= SEQUENCE { state-error [0] ENUMERATED, service-error [1] CHOICE {
 *   operation-not-possible [1] NULL … deciphering-error [5] NULL, invocation-counter-error [6] Unsigned32 } }
 */
export const exceptionResponse: Codec<ExceptionResponse> = merged(
  seq({ stateError: named(u8, stateErrors), serviceError: named(u8, serviceErrors) }),
  trailing("invocationCounter", u32),
);
