/**
 * General protection: general-glo, general-ded, general-ciphering and general-signing protect any APDU and name their
 * originator. Contents stay closed here; `security/` opens them.
 */
import { type AnyCodec, type Codec, choice, seq, traced, u8 } from "../bytes/codec.js";
import { merged } from "../bytes/fields.js";
import { type OctetField, octetField } from "../axdr/fields.js";

/** `systemTitle` is the sender's, 8 octets; empty when it is known from the association. */
export type GeneralGloCiphering = OctetField<"systemTitle"> & OctetField<"content">;

/** General-Glo-Ciphering, General-Ded-Ciphering ::= SEQUENCE { system-title, ciphered-content OCTET STRING } */
export const generalGloCiphering: Codec<GeneralGloCiphering> = merged(
  octetField("systemTitle"),
  octetField("content"),
);

/** What general-ciphering and general-signing say about a message; empty octets where a field says nothing. */
export type GeneralHeader = OctetField<"transactionId"> &
  OctetField<"originatorSystemTitle"> &
  OctetField<"recipientSystemTitle"> &
  OctetField<"dateTime"> &
  OctetField<"otherInformation">;

/** The five fields in order, each an OCTET STRING. */
export const generalHeader: Codec<GeneralHeader> = merged(
  octetField("transactionId"),
  octetField("originatorSystemTitle"),
  octetField("recipientSystemTitle"),
  octetField("dateTime"),
  octetField("otherInformation"),
);

export type KeyInfo =
  /** 0 global unicast, 1 global broadcast encryption key. */
  | { readonly type: "identified-key"; readonly keyId: number }
  /** 0 the master key. */
  | ({ readonly type: "wrapped-key"; readonly kekId: number } & OctetField<"keyCipheredData">)
  /** Parameters: one octet, which scheme of key agreement. */
  | ({ readonly type: "agreed-key" } & OctetField<"keyParameters"> & OctetField<"keyCipheredData">);

/**
 * Key-Info ::= CHOICE { identified-key [0] SEQUENCE { key-id ENUMERATED },
 *   wrapped-key [1] SEQUENCE { kek-id ENUMERATED, key-ciphered-data OCTET STRING },
 *   agreed-key [2] SEQUENCE { key-parameters OCTET STRING, key-ciphered-data OCTET STRING } }
 */
const keyInfoCodec: Codec<KeyInfo> = choice({
  "identified-key": [0, seq({ keyId: u8 })],
  "wrapped-key": [1, merged(seq({ kekId: u8 }), octetField("keyCipheredData"))],
  "agreed-key": [2, merged(octetField("keyParameters"), octetField("keyCipheredData"))],
});

/** OPTIONAL, but with no other presence octet than 00 and 01: no tag covers this octet. */
const keyInfo: Codec<{ readonly keyInfo?: KeyInfo }> = {
  decode: (reader) => {
    const at = reader.offset;
    const presence = reader.u8();
    if (presence > 1) reader.fail("00 or 01 expected", at);
    return presence === 0 ? {} : { keyInfo: traced(reader, "keyInfo", keyInfoCodec) };
  },
  encode: (writer, value) => {
    writer.u8(value.keyInfo === undefined ? 0 : 1);
    if (value.keyInfo !== undefined) keyInfoCodec.encode(writer, value.keyInfo);
  },
  shape: {
    kind: "seq",
    fields: { keyInfo: { ...(keyInfoCodec as AnyCodec), shape: { kind: "optional", item: keyInfoCodec } } },
  },
};

export type GeneralCiphering = GeneralHeader & { readonly keyInfo?: KeyInfo } & OctetField<"content">;

/**
 * General-Ciphering ::= SEQUENCE { transaction-id, originator-system-title, recipient-system-title, date-time,
 *   other-information OCTET STRING, key-info Key-Info OPTIONAL, ciphered-content OCTET STRING }
 */
export const generalCiphering: Codec<GeneralCiphering> = merged(
  generalHeader,
  keyInfo,
  octetField("content"),
);

export type GeneralSigning = GeneralHeader & OctetField<"content"> & OctetField<"signature">;

/**
 * General-Signing ::= SEQUENCE { transaction-id, originator-system-title, recipient-system-title, date-time,
 *   other-information, content, signature OCTET STRING }
 */
export const generalSigning: Codec<GeneralSigning> = merged(
  generalHeader,
  octetField("content"),
  octetField("signature"),
);
