/**
 * The information field of SNRM and UA (IEC 62056-46, 6.4.4.4): `81 { group, length, parameters }`. Group 80 holds
 * the negotiation (05 max information transmit, 06 receive, 07 window transmit, 08 receive, from the sender's point
 * of view); other groups, F0 user parameters among them, and unknown parameters are kept and skipped.
 */
import {
  type Codec,
  constant,
  decodeAll,
  encodeAll,
  restBytes,
  seq,
  seqOf,
  traced,
  u8,
} from "../bytes/codec.js";
import { Writer } from "../bytes/writer.js";
import { DecodeError, usageError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import { type LinkParameters } from "../core/link.js";

export interface HdlcParameter {
  readonly id: number;
  /** As it came: 1, 2 or 4 octets are usual. */
  readonly value: Uint8Array;
}

export type HdlcParameterGroup =
  | { readonly type: "negotiation"; readonly parameters: readonly HdlcParameter[] }
  | { readonly type: "other"; readonly groupId: number; readonly octets: Uint8Array };

export interface HdlcParameterField {
  readonly groups: readonly HdlcParameterGroup[];
}

const FORMAT_ID = 0x81;
const NEGOTIATION_GROUP = 0x80;

const parameterCodec: Codec<HdlcParameter> = {
  decode: (reader) => {
    const id = traced(reader, "id", u8);
    const length = u8.decode(reader);
    return { id, value: traced(reader, "value", restBytesOf(length)) };
  },
  encode: (writer, { id, value }) => {
    writer.u8(id);
    writer.u8(value.length);
    writer.bytes(value);
  },
  shape: { kind: "seq", fields: { id: u8, value: restBytesOf(4) } },
};

const groupCodec: Codec<HdlcParameterGroup> = {
  decode: (reader) => {
    const groupId = traced(reader, "groupId", u8);
    const content = reader.slice(u8.decode(reader));
    if (groupId !== NEGOTIATION_GROUP)
      return { type: "other", groupId, octets: traced(content, "octets", restBytes) };
    const parameters: HdlcParameter[] = [];
    while (content.remaining > 0) parameters.push(traced(content, `[${parameters.length}]`, parameterCodec));
    return { type: "negotiation", parameters };
  },
  encode: (writer, group) => {
    const content = new Writer();
    if (group.type === "other") content.bytes(group.octets);
    else for (const parameter of group.parameters) parameterCodec.encode(content, parameter);
    if (content.length > 0xff)
      throw usageError("FIELD_INVALID", "parameters", "a group holds at most 255 octets");
    writer.u8(group.type === "other" ? group.groupId : NEGOTIATION_GROUP);
    writer.u8(content.length);
    writer.bytes(content.finish());
  },
  shape: {
    kind: "seq",
    fields: { type: constant("negotiation"), parameters: seqOf(u8, parameterCodec, { max: 8 }) },
  },
};

export const parameterFieldCodec: Codec<HdlcParameterField> = {
  decode: (reader) => {
    const at = reader.offset;
    if (traced(reader, "formatId", u8) !== FORMAT_ID) reader.fail("format identifier 81 expected", at);
    const groups: HdlcParameterGroup[] = [];
    while (reader.remaining > 0) groups.push(traced(reader, `group[${groups.length}]`, groupCodec));
    return { groups };
  },
  encode: (writer, { groups }) => {
    writer.u8(FORMAT_ID);
    for (const group of groups) groupCodec.encode(writer, group);
  },
  shape: seq({ groups: seqOf(u8, groupCodec, { max: 3 }) }).shape,
};

export function decodeParameterField(bytes: Uint8Array): HdlcParameterField {
  return decodeAll(parameterFieldCodec, bytes);
}

export function encodeParameterField(field: HdlcParameterField): Uint8Array {
  return encodeAll(parameterFieldCodec, field);
}

/** What holds when SNRM or UA say nothing. */
export const defaultParameters: LinkParameters = {
  maxInfoTransmit: 128,
  maxInfoReceive: 128,
  windowTransmit: 1,
  windowReceive: 1,
};

const NAMES: Readonly<Record<number, keyof LinkParameters>> = {
  0x05: "maxInfoTransmit",
  0x06: "maxInfoReceive",
  0x07: "windowTransmit",
  0x08: "windowReceive",
};

/** The sender's offer: defaults where it is silent, values outside the standard's ranges pulled into them. */
export function readParameters(field: HdlcParameterField): LinkParameters {
  const offer: { -readonly [K in keyof LinkParameters]: number } = { ...defaultParameters };
  for (const group of field.groups) {
    if (group.type === "other") continue;
    for (const { id, value } of group.parameters) {
      const name = NAMES[id];
      if (name === undefined || value.length === 0) continue;
      let number = 0;
      for (const octet of value) number = Math.min(number * 256 + octet, 0xffff_ffff);
      offer[name] = number;
    }
  }
  return clampParameters(offer);
}

/** As `readParameters`, of an information field; one that does not decode is no reason to refuse a meter. */
export function readOffer(information: Uint8Array | undefined): LinkParameters {
  if (information === undefined || information.length === 0) return defaultParameters;
  try {
    return readParameters(decodeParameterField(information));
  } catch (caught) {
    if (caught instanceof DecodeError) return defaultParameters;
    throw caught;
  }
}

/** The information field of the UA: left out when the SNRM had none and nothing but the defaults holds. */
export function grantField(offer: Uint8Array | undefined, granted: LinkParameters): Uint8Array | undefined {
  const names = Object.keys(defaultParameters) as (keyof LinkParameters)[];
  if (offer === undefined && names.every((name) => granted[name] === defaultParameters[name]))
    return undefined;
  return encodeParameterField(writeParameters(granted));
}

/** The customary form: sizes in as few octets as they need, windows in four. */
export function writeParameters(parameters: LinkParameters): HdlcParameterField {
  const size = (value: number): Uint8Array =>
    value > 0xff ? Uint8Array.of(value >> 8, value & 0xff) : Uint8Array.of(value);
  const window = (value: number): Uint8Array => Uint8Array.of(0, 0, 0, value);
  return {
    groups: [
      {
        type: "negotiation",
        parameters: [
          { id: 0x05, value: size(parameters.maxInfoTransmit) },
          { id: 0x06, value: size(parameters.maxInfoReceive) },
          { id: 0x07, value: window(parameters.windowTransmit) },
          { id: 0x08, value: window(parameters.windowReceive) },
        ],
      },
    ],
  };
}

/** What both can do: the peer's receiving side bounds our transmitting side and the other way round. */
export function negotiate(own: LinkParameters, peer: LinkParameters): LinkParameters {
  return {
    maxInfoTransmit: Math.min(own.maxInfoTransmit, peer.maxInfoReceive),
    maxInfoReceive: Math.min(own.maxInfoReceive, peer.maxInfoTransmit),
    windowTransmit: Math.min(own.windowTransmit, peer.windowReceive),
    windowReceive: Math.min(own.windowReceive, peer.windowTransmit),
  };
}

export function clampParameters(parameters: LinkParameters): LinkParameters {
  const info = (value: number): number =>
    Math.min(Math.max(Math.trunc(value), limits.hdlcInfoMin), limits.hdlcInfoMax);
  const window = (value: number): number => Math.min(Math.max(Math.trunc(value), 1), 7);
  return {
    maxInfoTransmit: info(parameters.maxInfoTransmit),
    maxInfoReceive: info(parameters.maxInfoReceive),
    windowTransmit: window(parameters.windowTransmit),
    windowReceive: window(parameters.windowReceive),
  };
}

function restBytesOf(length: number): Codec<Uint8Array> {
  return {
    decode: (reader) => reader.take(length),
    encode: (writer, value) => writer.bytes(value),
    shape: { kind: "bytes", min: 0, max: length },
  };
}
