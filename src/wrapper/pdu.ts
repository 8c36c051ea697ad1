/**
 * The TCP-UDP wrapper (IEC 62056-47): `version 0001 | source wPort | destination wPort | length`, then the APDU.
 * The length counts the APDU only.
 */
import { type Codec, decodeAll, encodeAll, restBytes, seq, traced, u16 } from "../bytes/codec.js";
import { usageError } from "../core/errors.js";

export interface WrapperHeader {
  readonly source: number;
  readonly destination: number;
  readonly length: number;
}

export interface WrapperPdu {
  readonly source: number;
  readonly destination: number;
  readonly apdu: Uint8Array;
}

export const VERSION = 1;
export const HEADER_OCTETS = 8;
export const MAX_APDU = 0xffff;

const version: Codec<number> = {
  decode: (reader) => {
    const at = reader.offset;
    const value = reader.u16();
    return value === VERSION ? value : reader.fail(`wrapper version 1 expected, ${value} found`, at);
  },
  encode: (writer) => writer.u16(VERSION),
  shape: { kind: "constant", value: VERSION },
};

const fields = seq({ source: u16, destination: u16, length: u16 });

export const wrapperHeaderCodec: Codec<WrapperHeader> = {
  decode: (reader) => {
    traced(reader, "version", version);
    return fields.decode(reader);
  },
  encode: (writer, header) => {
    version.encode(writer, VERSION);
    fields.encode(writer, header);
  },
  shape: fields.shape,
};

/** Header and APDU. */
export const wrapperPduCodec: Codec<WrapperPdu> = {
  decode: (reader) => {
    const { source, destination, length } = wrapperHeaderCodec.decode(reader);
    return { source, destination, apdu: traced(reader.slice(length), "apdu", restBytes) };
  },
  encode: (writer, { source, destination, apdu }) => {
    if (apdu.length > MAX_APDU)
      throw usageError("FIELD_INVALID", "apdu", `a wrapper PDU holds at most ${MAX_APDU} octets`);
    wrapperHeaderCodec.encode(writer, { source, destination, length: apdu.length });
    writer.bytes(apdu);
  },
  shape: { kind: "seq", fields: { source: u16, destination: u16, apdu: restBytes } },
};

/** @throws DecodeError unless `bytes` is exactly one PDU. */
export function decodeWrapperPdu(bytes: Uint8Array): WrapperPdu {
  return decodeAll(wrapperPduCodec, bytes);
}

/** @throws DlmsError FIELD_INVALID for a wPort or length that does not fit. */
export function encodeWrapperPdu(pdu: WrapperPdu): Uint8Array {
  return encodeAll(wrapperPduCodec, pdu);
}
