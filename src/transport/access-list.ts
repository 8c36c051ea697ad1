/**
 * Who may connect: single addresses and networks (CIDR), IPv4 and IPv6, in two lists. What is denied is denied whatever
 * else allows it; with an allow list only what it names is let in. IPv4 that comes as IPv6 (`::ffff:…`) counts as IPv4.
 */
import { BlockList, isIP } from "node:net";
import { usageError } from "../core/errors.js";

export interface AccessLists {
  /** Addresses (`192.0.2.7`) and networks (`10.0.0.0/8`, `2001:db8::/32`). Empty: everybody who is not denied. */
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
}

export class AccessList {
  readonly #allow: AddressSet | undefined;
  readonly #deny: AddressSet;

  /** @throws DlmsError FIELD_INVALID naming the list and the entry. */
  constructor({ allow = [], deny = [] }: AccessLists) {
    this.#allow = allow.length === 0 ? undefined : new AddressSet(allow, "allow");
    this.#deny = new AddressSet(deny, "deny");
  }

  admits(address: string): boolean {
    return !this.#deny.has(address) && (this.#allow === undefined || this.#allow.has(address));
  }
}

export class AddressSet {
  readonly #list = new BlockList();
  readonly isEmpty: boolean;

  /** @throws DlmsError FIELD_INVALID naming `field` and the entry. */
  constructor(entries: readonly string[], field: string) {
    this.isEmpty = entries.length === 0;
    for (const entry of entries) this.#add(entry.trim(), field);
  }

  has(address: string): boolean {
    const plain = plainAddress(address);
    const family = isIP(plain);
    return family !== 0 && this.#list.check(plain, family === 6 ? "ipv6" : "ipv4");
  }

  #add(entry: string, field: string): void {
    const [network = "", length, ...more] = entry.split("/");
    const family = isIP(network);
    const longest = family === 6 ? 128 : 32;
    const bits = length === undefined ? longest : /^\d{1,3}$/.test(length) ? Number(length) : -1;
    if (family === 0 || more.length > 0 || bits < 0 || bits > longest || network.includes("%"))
      throw usageError(
        "FIELD_INVALID",
        field,
        `${field}: ${JSON.stringify(entry.slice(0, 64))} is neither an address nor a network such as 10.0.0.0/8`,
      );
    // A mapped one stands for IPv4 as a peer that comes so does.
    const plain = plainAddress(network);
    const isMapped = family === 6 && isIP(plain) === 4;
    if (isMapped && bits >= 96) this.#list.addSubnet(plain, bits - 96, "ipv4");
    else this.#list.addSubnet(network, bits, family === 6 ? "ipv6" : "ipv4");
  }
}

/** IPv4 without the clothes of IPv6, and no zone. */
export function plainAddress(address: string): string {
  const [bare = ""] = address.split("%");
  const [, dotted, high, low] =
    /^::ffff:(?:(\d+\.\d+\.\d+\.\d+)|([0-9a-f]{1,4}):([0-9a-f]{1,4}))$/i.exec(bare) ?? [];
  if (high === undefined || low === undefined) return dotted ?? bare;
  return [high, low]
    .map((group) => Number.parseInt(group, 16))
    .flatMap((group) => [group >> 8, group & 255])
    .join(".");
}

/** What counts as one peer: an IPv4 address, or a /64 network of IPv6, which one host can use as it likes. */
export function peerKey(address: string): string {
  const plain = plainAddress(address);
  if (isIP(plain) !== 6) return plain;
  const [head = "", tail] = plain.toLowerCase().split("::");
  const groups = head.split(":").filter((group) => group !== "");
  const after = (tail ?? "").split(":").filter((group) => group !== "");
  while (tail !== undefined && groups.length + after.length < 8) groups.push("0");
  const network = [...groups, ...after].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(":")}::/64`;
}
