/** Both ends of a session for the fuzzer: links, options and what they ask of the outside, all repeatable. */
import {
  type ClientOptions,
  type ServerOptions,
  Session,
  type SessionEvent,
} from "../../association/index.js";
import { Secret } from "../../core/secret.js";
import { fullConformance } from "../../association/association.js";
import { HdlcLink } from "../../hdlc/index.js";
import { type SecurityNeed, type SecurityProvided } from "../../security/index.js";
import { WrapperLink } from "../../wrapper/index.js";

export const sessionKinds = ["open", "lls", "hls-gmac", "hls-gmac-ciphered", "hls-md5"] as const;
export type SessionKind = (typeof sessionKinds)[number];
export type LinkFraming = "hdlc" | "wrapper";

const secret = new Secret(Uint8Array.from("12345678", (letter) => letter.charCodeAt(0)));
const key = (first: number): Secret<Uint8Array> =>
  new Secret(Uint8Array.from({ length: 16 }, (_, i) => first + i));
export const titles = {
  client: Uint8Array.of(0x43, 0x4c, 0x49, 0, 0, 0, 0, 1),
  server: Uint8Array.of(0x4d, 0x45, 0x54, 0, 0, 0, 0, 2),
};
export const keys = { unicast: key(0), authentication: key(0xd0), broadcast: key(0x40), master: key(0x60) };

function optionsOf(kind: SessionKind, role: "client" | "server"): Omit<ClientOptions, "releaseRequest"> {
  const security = { suite: 0, keys, systemTitle: titles[role] } as const;
  switch (kind) {
    case "open":
      return { mechanism: "none" };
    case "lls":
      return { mechanism: "lls", secret };
    case "hls-md5":
      return { mechanism: "hls-md5", secret };
    case "hls-gmac":
      return { mechanism: "hls-gmac", security };
    case "hls-gmac-ciphered":
      return {
        mechanism: "hls-gmac",
        security: { ...security, protection: { authenticated: true, encrypted: true } },
      };
  }
}

/** @param pdu octets of the largest APDU: a small one makes blocks and segments. */
export function clientEnd(kind: SessionKind, framing: LinkFraming, pdu: number): Session {
  const options: ClientOptions = {
    ...optionsOf(kind, "client"),
    conformance: fullConformance,
    maxReceivePdu: pdu,
  };
  return new Session({ role: "client", link: linkOf("client", framing), client: options });
}

export function serverEnd(kind: SessionKind, framing: LinkFraming, pdu: number): Session {
  const { mechanism, secret: own, security } = optionsOf(kind, "server");
  const options: ServerOptions = {
    accept: [
      {
        mechanism,
        ...(own === undefined ? {} : { secret: own }),
        ...(security === undefined ? {} : { security }),
      },
    ],
    conformance: fullConformance,
    maxReceivePdu: pdu,
  };
  return new Session({ role: "server", link: linkOf("server", framing), server: options, unasked: {} });
}

function linkOf(role: "client" | "server", framing: LinkFraming): HdlcLink | WrapperLink {
  if (framing === "wrapper")
    return new WrapperLink({
      ...{ role, clientWPort: role === "client" ? 16 : 0, serverWPort: 1 },
      ...(role === "server" ? { acceptAnyAddress: true } : {}),
    });
  return new HdlcLink({
    station: role === "client" ? "primary" : "secondary",
    client: { upper: 16, octets: 1 },
    server: { upper: 1, octets: 1 },
    ...(role === "server" ? { acceptAnyAddress: true } : {}),
    maxInfoTransmit: 256,
    maxInfoReceive: 256,
  });
}

/** Answers what sessions ask of the outside: numbers that can be foretold, counters that never repeat. */
export class ForetoldOutside {
  #calls = 0;
  readonly #counters = new Map<string, number>();

  /** Undefined: the event asks for nothing. */
  answer(event: SessionEvent | { readonly type: string }): SecurityProvided | undefined {
    const need = event as SecurityNeed;
    switch (need.type) {
      case "needRandom":
        this.#calls += 1;
        return {
          type: "provided",
          id: need.id,
          random: Uint8Array.from({ length: need.octets }, (_, i) => (this.#calls * 31 + i * 7) & 0xff),
        };
      case "needCounters": {
        const from = Math.max(this.#counters.get(need.key) ?? 1, need.atLeast);
        this.#counters.set(need.key, from + need.count);
        return { type: "provided", id: need.id, counters: { from, to: from + need.count - 1 } };
      }
      case "needKeys":
        return { type: "provided", id: need.id, security: { suite: 0, keys } };
      default:
        return undefined;
    }
  }
}
