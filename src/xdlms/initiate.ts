/**
 * xDLMS initiate: the user-information of AARQ and AARE. Proposes and grants conformance and APDU sizes.
 * `…MaxReceivePduSize` 0 means no limit.
 */
import { type Codec, i8, seq, traced, u16, u8 } from "../bytes/codec.js";
import { merged } from "../bytes/fields.js";
import {
  type OptionalField,
  type OptionalOctetField,
  optionalField,
  optionalOctetField,
} from "../axdr/fields.js";
import { type ConformanceField, conformanceField } from "./conformance.js";

export interface ResponseAllowed {
  readonly responseAllowed: boolean;
  /** The presence octet, when neither 00 nor 01. */
  readonly responseAllowedPresence?: number;
  /** The octet of a true that was written out although it is the default. */
  readonly responseAllowedOctet?: number;
}

export interface InitiateRequest
  extends
    OptionalOctetField<"dedicatedKey">,
    ResponseAllowed,
    OptionalField<"proposedQualityOfService", number>,
    ConformanceField {
  readonly dlmsVersion: number;
  readonly clientMaxReceivePduSize: number;
}

const responseAllowed: Codec<ResponseAllowed> = {
  decode: (reader) => {
    const presence = traced(reader, "responseAllowed", u8);
    if (presence === 0) return { responseAllowed: true };
    const octet = reader.u8();
    return {
      responseAllowed: octet !== 0,
      ...(presence === 1 ? {} : { responseAllowedPresence: presence }),
      ...(octet === 0 ? {} : { responseAllowedOctet: octet }),
    };
  },
  encode: (writer, { responseAllowed: allowed, responseAllowedPresence, responseAllowedOctet }) => {
    if (allowed && responseAllowedOctet === undefined) return writer.u8(0);
    writer.u8(responseAllowedPresence ?? 1);
    writer.u8(allowed ? (responseAllowedOctet as number) : 0);
  },
  shape: {
    kind: "mapped",
    inner: u8,
    from: (octet: number) => ({ responseAllowed: octet > 127 }),
  },
};

/**
 * InitiateRequest ::= SEQUENCE { dedicated-key OCTET STRING OPTIONAL, response-allowed BOOLEAN DEFAULT TRUE,
 *   proposed-quality-of-service [0] IMPLICIT Integer8 OPTIONAL, proposed-dlms-version-number Unsigned8,
 *   proposed-conformance Conformance, client-max-receive-pdu-size Unsigned16 }
 */
export const initiateRequest: Codec<InitiateRequest> = merged(
  optionalOctetField("dedicatedKey"),
  responseAllowed,
  optionalField("proposedQualityOfService", i8),
  seq({ dlmsVersion: u8 }),
  conformanceField,
  seq({ clientMaxReceivePduSize: u16 }),
);

export interface InitiateResponse extends OptionalField<"qualityOfService", number>, ConformanceField {
  readonly dlmsVersion: number;
  readonly serverMaxReceivePduSize: number;
  /** 0007 with logical names, FA00 with short names. */
  readonly vaaName: number;
}

/**
 * InitiateResponse ::= SEQUENCE { negotiated-quality-of-service [0] IMPLICIT Integer8 OPTIONAL,
 *   negotiated-dlms-version-number Unsigned8, negotiated-conformance Conformance,
 *   server-max-receive-pdu-size Unsigned16, vaa-name ObjectName }
 */
export const initiateResponse: Codec<InitiateResponse> = merged(
  optionalField("qualityOfService", i8),
  seq({ dlmsVersion: u8 }),
  conformanceField,
  seq({ serverMaxReceivePduSize: u16, vaaName: u16 }),
);
