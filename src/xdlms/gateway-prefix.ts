/**
 * The prefix of an APDU that a gateway passes on (IEC 62056-5-3, gateway protocol): which network, which device on it.
 * E6 in front of what goes to the device, E7 in front of what comes from it. Known from one reading only.
 */
import { type Codec, choice, seq, u8 } from "../bytes/codec.js";
import { merged } from "../bytes/fields.js";
import { octetField, type OctetField } from "../axdr/fields.js";
import { Reader } from "../bytes/reader.js";
import { Writer } from "../bytes/writer.js";

export interface GatewayPrefix extends OctetField<"deviceAddress"> {
  readonly type: "to-device" | "from-device";
  readonly networkId: number;
}

const fields = merged(seq({ networkId: u8 }), octetField("deviceAddress"));

/** E6 or E7 | network id | length | physical device address */
export const gatewayPrefix = choice({
  "to-device": [0xe6, fields],
  "from-device": [0xe7, fields],
}) as Codec<GatewayPrefix>;

/** Whether octets that are no LLC begin with such a prefix. */
export function hasGatewayPrefix([tag]: Uint8Array): boolean {
  return tag === 0xe6 || tag === 0xe7;
}

/** @throws DecodeError */
export function splitGatewayPrefix(bytes: Uint8Array): {
  readonly prefix: GatewayPrefix;
  readonly apdu: Uint8Array;
} {
  const reader = new Reader(bytes);
  const prefix = gatewayPrefix.decode(reader);
  return { prefix, apdu: bytes.subarray(reader.offset) };
}

export function withGatewayPrefix(prefix: GatewayPrefix, apdu: Uint8Array): Uint8Array {
  const writer = new Writer();
  gatewayPrefix.encode(writer, prefix);
  writer.bytes(apdu);
  return writer.finish();
}
