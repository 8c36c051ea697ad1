/**
 * HDLC addresses (IEC 62056-46, 6.4.2): 7 bits an octet, bit 0 set on the last octet only; 1, 2 or 4 octets.
 * `upper` is the logical device (or the client), `lower` the physical device, which one octet has no room for.
 * The number of octets is kept: a meter's own form is echoed, and its zero octets count.
 */
import { type Codec, mapped, seq, u16, u8 } from "../bytes/codec.js";
import { usageError } from "../core/errors.js";

export interface HdlcAddress {
  readonly upper: number;
  readonly lower?: number;
  readonly octets: 1 | 2 | 4;
}

/** For property tests: any three integers name an address. */
const anyAddress = mapped(
  seq({ form: u8, upper: u16, lower: u16 }),
  ({ form, upper, lower }): HdlcAddress => {
    const octets = ([1, 2, 4] as const)[form % 3] as 1 | 2 | 4;
    const mask = octets === 4 ? 0x3fff : 0x7f;
    return octets === 1
      ? { upper: upper & mask, octets }
      : { upper: upper & mask, lower: lower & mask, octets };
  },
  (address) => ({ form: address.octets, upper: address.upper, lower: address.lower ?? 0 }),
);

export const addressCodec: Codec<HdlcAddress> = {
  decode: (reader) => {
    const at = reader.offset;
    const parts: number[] = [];
    for (;;) {
      const octet = reader.u8();
      parts.push(octet >> 1);
      if (octet & 1) break;
      if (parts.length === 4) reader.fail("an address of more than 4 octets", at);
    }
    const [a = 0, b = 0, c = 0, d = 0] = parts;
    switch (parts.length) {
      case 1:
        return { upper: a, octets: 1 };
      case 2:
        return { upper: a, lower: b, octets: 2 };
      case 4:
        return { upper: (a << 7) | b, lower: (c << 7) | d, octets: 4 };
      default:
        return reader.fail("an address of 3 octets", at);
    }
  },
  encode: (writer, address) => {
    const { upper, lower, octets } = address;
    const max = octets === 4 ? 0x3fff : 0x7f;
    check("upper", upper, max);
    if (octets === 1) {
      if (lower !== undefined)
        throw usageError("FIELD_INVALID", "lower", "an address of one octet has no lower part");
      writer.u8((upper << 1) | 1);
      return;
    }
    if (lower === undefined)
      throw usageError("FIELD_INVALID", "lower", `an address of ${octets} octets needs a lower part`);
    check("lower", lower, max);
    if (octets === 4) {
      writer.u8((upper >> 7) << 1);
      writer.u8((upper & 0x7f) << 1);
      writer.u8((lower >> 7) << 1);
      writer.u8(((lower & 0x7f) << 1) | 1);
    } else {
      writer.u8(upper << 1);
      writer.u8((lower << 1) | 1);
    }
  },
  shape: anyAddress.shape,
};

/** All-station addresses: 7F in the short forms, 3FFF in the long one. */
export function isAllStation(address: HdlcAddress): boolean {
  return address.upper === (address.octets === 4 ? 0x3fff : 0x7f);
}

/**
 * Whether both name the same station. Values are compared, not octets: meters answer with another address length
 * than they were asked with, and a form without a lower part says nothing about it.
 */
export function sameStation(a: HdlcAddress, b: HdlcAddress): boolean {
  if (a.upper !== b.upper) return false;
  return a.lower === undefined || b.lower === undefined || a.lower === b.lower;
}

/** For messages: `16`, `1/17`. */
export function formatAddress(address: HdlcAddress): string {
  return address.lower === undefined ? String(address.upper) : `${address.upper}/${address.lower}`;
}

function check(field: string, value: number, max: number): void {
  if (!Number.isInteger(value) || value < 0 || value > max)
    throw usageError("FIELD_INVALID", field, `an integer from 0 to ${max} is expected`);
}
