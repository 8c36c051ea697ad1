/** AARQ: the client asks for an association (ACSE, ISO/IEC 15954, as IEC 62056-5-3 profiles it). */
import { type Codec, restBytes } from "../bytes/codec.js";
import { berBits, berInteger, explicit, objectIdentifier } from "../ber/index.js";
import { type AcseForm, acseApdu, element } from "./apdu.js";

const OCTET_STRING = 0x04;
const INTEGER = 0x02;
const OBJECT_IDENTIFIER = 0x06;
const CHARSTRING = 0x80;

export const octetString = explicit(OCTET_STRING, restBytes);
export const integer = explicit(INTEGER, berInteger);
export const contextName = explicit(OBJECT_IDENTIFIER, objectIdentifier);
export const authenticationValue = explicit(CHARSTRING, restBytes);

export interface Aarq {
  readonly type: "aarq";
  /** Bits, "1" is version 1. */
  readonly protocolVersion?: string;
  /** Object identifier; see `applicationContexts`. */
  readonly applicationContext: string;
  readonly calledApTitle?: Uint8Array;
  readonly calledAeQualifier?: Uint8Array;
  readonly calledApInvocationId?: number;
  readonly calledAeInvocationId?: number;
  /** The client's system title. */
  readonly callingApTitle?: Uint8Array;
  /** The client's certificate. */
  readonly callingAeQualifier?: Uint8Array;
  readonly callingApInvocationId?: number;
  /** The user id. */
  readonly callingAeInvocationId?: number;
  /** Bits, "1" is authentication. */
  readonly senderAcseRequirements?: string;
  /** Object identifier; see `mechanisms`. */
  readonly mechanism?: string;
  /** Password or challenge. */
  readonly callingAuthenticationValue?: Uint8Array;
  readonly implementationInformation?: Uint8Array;
  /** The xDLMS initiate request, plain or ciphered. */
  readonly userInformation?: Uint8Array;
  readonly form?: AcseForm;
}

/**
 * AARQ-apdu ::= [APPLICATION 0] IMPLICIT SEQUENCE {
 *   protocol-version [0] IMPLICIT BIT STRING DEFAULT { version1 }, application-context-name [1] OBJECT IDENTIFIER,
 *   called-AP-title [2] OPTIONAL, called-AE-qualifier [3] OPTIONAL, called-AP-invocation-id [4] INTEGER OPTIONAL,
 *   called-AE-invocation-id [5] INTEGER OPTIONAL, calling-AP-title [6] OPTIONAL, calling-AE-qualifier [7] OPTIONAL,
 *   calling-AP-invocation-id [8] INTEGER OPTIONAL, calling-AE-invocation-id [9] INTEGER OPTIONAL,
 *   sender-acse-requirements [10] IMPLICIT BIT STRING OPTIONAL,
 *   mechanism-name [11] IMPLICIT OBJECT IDENTIFIER OPTIONAL,
 *   calling-authentication-value [12] EXPLICIT CHOICE { charstring [0] IMPLICIT GraphicString, … } OPTIONAL,
 *   implementation-information [29] IMPLICIT GraphicString OPTIONAL,
 *   user-information [30] EXPLICIT OCTET STRING OPTIONAL }
 */
export const aarq: Codec<Aarq> = acseApdu("aarq", 0x60, [
  element(0x80, "protocolVersion", berBits),
  element(0xa1, "applicationContext", contextName, { required: true }),
  element(0xa2, "calledApTitle", octetString),
  element(0xa3, "calledAeQualifier", octetString),
  element(0xa4, "calledApInvocationId", integer),
  element(0xa5, "calledAeInvocationId", integer),
  element(0xa6, "callingApTitle", octetString),
  element(0xa7, "callingAeQualifier", octetString),
  element(0xa8, "callingApInvocationId", integer),
  element(0xa9, "callingAeInvocationId", integer),
  element(0x8a, "senderAcseRequirements", berBits),
  element(0x8b, "mechanism", objectIdentifier),
  element(0xac, "callingAuthenticationValue", authenticationValue),
  element(0xbd, "implementationInformation", restBytes),
  element(0xbe, "userInformation", octetString, { lenient: true }),
]);
