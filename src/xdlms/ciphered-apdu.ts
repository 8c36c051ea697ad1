/** The choice of all protected APDUs by their tag; a protected APDU is never told by what was asked. */
import { type Codec, choice, constant, decodeAll, encodeAll, traced } from "../bytes/codec.js";
import { merged } from "../bytes/fields.js";
import {
  type GeneralCiphering,
  type GeneralGloCiphering,
  type GeneralSigning,
  generalCiphering,
  generalGloCiphering,
  generalSigning,
} from "./general-ciphering.js";
import { type ServiceCiphering, serviceCiphering, serviceCipheringTags } from "./service-ciphering.js";

export type CipheredApdu =
  | ({ readonly type: "service-ciphering" } & ServiceCiphering)
  | ({ readonly type: "general-glo-ciphering" } & GeneralGloCiphering)
  | ({ readonly type: "general-ded-ciphering" } & GeneralGloCiphering)
  | ({ readonly type: "general-ciphering" } & GeneralCiphering)
  | ({ readonly type: "general-signing" } & GeneralSigning);

/** Every tag of a protected APDU, with its name. */
export const cipheredTags: Readonly<Record<number, string>> = {
  ...serviceCipheringTags,
  0xdb: "general-glo-ciphering",
  0xdc: "general-ded-ciphering",
  0xdd: "general-ciphering",
  0xdf: "general-signing",
};

const general = choice({
  "general-glo-ciphering": [0xdb, generalGloCiphering],
  "general-ded-ciphering": [0xdc, generalGloCiphering],
  "general-ciphering": [0xdd, generalCiphering],
  "general-signing": [0xdf, generalSigning],
});

export const cipheredApduCodec: Codec<CipheredApdu> = {
  decode: (reader) => {
    const name = serviceCipheringTags[reader.peekU8()];
    return name === undefined
      ? general.decode(reader)
      : { type: "service-ciphering", ...traced(reader, name, serviceCiphering) };
  },
  encode: (writer, apdu) =>
    apdu.type === "service-ciphering" ? serviceCiphering.encode(writer, apdu) : general.encode(writer, apdu),
  shape: {
    kind: "oneOf",
    options: [general, merged(constant({ type: "service-ciphering" }), serviceCiphering)],
  },
};

/** @throws DecodeError when `bytes` is not exactly one protected APDU. */
export function decodeCipheredApdu(bytes: Uint8Array): CipheredApdu {
  return decodeAll(cipheredApduCodec, bytes);
}

/** @throws DlmsError FIELD_INVALID naming the field that does not fit. */
export function encodeCipheredApdu(apdu: CipheredApdu): Uint8Array {
  return encodeAll(cipheredApduCodec, apdu);
}

/** Whether an APDU that begins with this octet is protected. */
export function isCipheredTag(tag: number | undefined): boolean {
  return tag !== undefined && Object.hasOwn(cipheredTags, tag);
}
