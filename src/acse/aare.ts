/** AARE: the server's answer to an AARQ. Judge `result` and `diagnostic` first: user information may be garbage. */
import { type Codec, restBytes, seq } from "../bytes/codec.js";
import { type Reader } from "../bytes/reader.js";
import { berBits, berInteger, explicit, objectIdentifier } from "../ber/index.js";
import { authenticationValue, contextName, integer, octetString } from "./aarq.js";
import { type AcseForm, acseApdu, element } from "./apdu.js";

export interface Aare {
  readonly type: "aare";
  readonly protocolVersion?: string;
  readonly applicationContext: string;
  /** 0 accepted, 1 rejected permanently, 2 rejected transiently; see `associationResults`. */
  readonly result: number;
  readonly resultSource: "service-user" | "service-provider";
  /** See `serviceUserDiagnostics`, `serviceProviderDiagnostics`; 14 = the third HLS pass is due. */
  readonly diagnostic: number;
  /** The server's system title. */
  readonly respondingApTitle?: Uint8Array;
  readonly respondingAeQualifier?: Uint8Array;
  readonly respondingApInvocationId?: number;
  readonly respondingAeInvocationId?: number;
  readonly responderAcseRequirements?: string;
  readonly mechanism?: string;
  /** The server's challenge. */
  readonly respondingAuthenticationValue?: Uint8Array;
  readonly implementationInformation?: Uint8Array;
  /** The xDLMS initiate response, plain or ciphered, or a confirmed service error. */
  readonly userInformation?: Uint8Array;
  readonly form?: AcseForm;
}

const SERVICE_USER = 0xa1;
const SERVICE_PROVIDER = 0xa2;

type Diagnostic = Pick<Aare, "resultSource" | "diagnostic">;

const diagnostics = {
  "service-user": explicit(SERVICE_USER, explicit(0x02, berInteger)),
  "service-provider": explicit(SERVICE_PROVIDER, explicit(0x02, berInteger)),
} as const;

/** CHOICE { acse-service-user [1] INTEGER, acse-service-provider [2] INTEGER } */
const sourceDiagnostic: Codec<Diagnostic> = {
  decode: (reader: Reader) => {
    const resultSource = reader.peekU8() === SERVICE_PROVIDER ? "service-provider" : "service-user";
    return { resultSource, diagnostic: diagnostics[resultSource].decode(reader) };
  },
  encode: (writer, { resultSource, diagnostic }) => diagnostics[resultSource].encode(writer, diagnostic),
  shape: seq({
    resultSource: {
      decode: (): Diagnostic["resultSource"] => "service-user",
      encode: () => undefined,
      shape: {
        kind: "mapped",
        inner: { ...restBytes, shape: { kind: "boolean" } },
        from: (user: boolean) => (user ? "service-user" : "service-provider"),
      },
    },
    diagnostic: berInteger,
  }).shape,
};

/**
 * AARE-apdu ::= [APPLICATION 1] IMPLICIT SEQUENCE {
 *   protocol-version [0] IMPLICIT BIT STRING DEFAULT { version1 }, application-context-name [1] OBJECT IDENTIFIER,
 *   result [2] INTEGER, result-source-diagnostic [3] CHOICE { acse-service-user [1] INTEGER,
 *   acse-service-provider [2] INTEGER }, responding-AP-title [4] OPTIONAL, responding-AE-qualifier [5] OPTIONAL,
 *   responding-AP-invocation-id [6] INTEGER OPTIONAL, responding-AE-invocation-id [7] INTEGER OPTIONAL,
 *   responder-acse-requirements [8] IMPLICIT BIT STRING OPTIONAL,
 *   mechanism-name [9] IMPLICIT OBJECT IDENTIFIER OPTIONAL,
 *   responding-authentication-value [10] EXPLICIT CHOICE { charstring [0] IMPLICIT GraphicString, … } OPTIONAL,
 *   implementation-information [29] IMPLICIT GraphicString OPTIONAL,
 *   user-information [30] EXPLICIT OCTET STRING OPTIONAL }
 */
export const aare: Codec<Aare> = acseApdu("aare", 0x61, [
  element(0x80, "protocolVersion", berBits),
  element(0xa1, "applicationContext", contextName, { required: true }),
  element(0xa2, "result", integer, { required: true }),
  { tag: 0xa3, name: "resultSourceDiagnostic", contents: sourceDiagnostic, required: true },
  element(0xa4, "respondingApTitle", octetString),
  element(0xa5, "respondingAeQualifier", octetString),
  element(0xa6, "respondingApInvocationId", integer),
  element(0xa7, "respondingAeInvocationId", integer),
  element(0x88, "responderAcseRequirements", berBits),
  element(0x89, "mechanism", objectIdentifier),
  element(0xaa, "respondingAuthenticationValue", authenticationValue),
  element(0xbd, "implementationInformation", restBytes),
  element(0xbe, "userInformation", octetString, { lenient: true }),
]);
