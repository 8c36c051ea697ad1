/**
 * The PROXY protocol, version 2 (binary), as load balancers put it in front of what a peer sends: whose connection it
 * really is. TCP over IPv4 and IPv6, and LOCAL (a health check of the balancer itself). Left out: version 1, UDP, Unix
 * sockets, and the TLV fields, which are skipped.
 */
import { equalBytes } from "../bytes/hex.js";
import { plainAddress } from "./access-list.js";

export type ProxyHeader =
  /** More octets decide. */
  | { readonly state: "partial" }
  | { readonly state: "invalid"; readonly reason: string }
  /** `length` octets belong to the header; without a source the balancer speaks for itself. */
  | { readonly state: "complete"; readonly length: number; readonly source?: ProxySource };

export interface ProxySource {
  readonly address: string;
  readonly port: number;
}

export const proxySignature = Uint8Array.of(
  ...[0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a],
);
/** Signature, version and command, family, length. */
const FIXED = 16;
/** Addresses of IPv6 and then some fields; a longer header is not believed. */
const LONGEST = 1_024;

export function readProxyHeader(bytes: Uint8Array): ProxyHeader {
  const seen = Math.min(bytes.length, proxySignature.length);
  if (!equalBytes(bytes.subarray(0, seen), proxySignature.subarray(0, seen)))
    return { state: "invalid", reason: "no PROXY header of version 2" };
  if (bytes.length < FIXED) return { state: "partial" };
  const [version, command] = [(bytes[12] as number) >> 4, (bytes[12] as number) & 15];
  const family = bytes[13] as number;
  const length = FIXED + u16(bytes, 14);
  if (version !== 2 || command > 1) return { state: "invalid", reason: "unknown version or command" };
  if (length > LONGEST) return { state: "invalid", reason: `longer than ${LONGEST} octets` };
  if (bytes.length < length) return { state: "partial" };
  if (command === 0) return { state: "complete", length };
  const octets = family === 0x11 ? 4 : family === 0x21 ? 16 : undefined;
  if (octets === undefined) return { state: "invalid", reason: "neither TCP over IPv4 nor over IPv6" };
  if (length < FIXED + 2 * octets + 4) return { state: "invalid", reason: "too short for its addresses" };
  const source = bytes.subarray(FIXED, FIXED + octets);
  const address = octets === 4 ? source.join(".") : plainAddress(ipv6(source));
  return { state: "complete", length, source: { address, port: u16(bytes, FIXED + 2 * octets) } };
}

function ipv6(octets: Uint8Array): string {
  // One that stands for IPv4 is shown as IPv4, by access-list.ts; the URL parser knows the canonical short form.
  const groups = Array.from({ length: 8 }, (_, group) => u16(octets, 2 * group).toString(16));
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}
