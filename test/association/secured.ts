/** Keys, titles and options for sessions that authenticate and cipher, the same on both sides unless a test spoils one. */
import assert from "node:assert/strict";
import {
  type ClientOptions,
  type Mechanism,
  type SecurityOptions,
  type SessionEvent,
} from "../../src/association/index.js";
import { data, type Data } from "../../src/axdr/index.js";
import { concatBytes, fromHex } from "../../src/bytes/hex.js";
import { Secret } from "../../src/core/secret.js";
import {
  type Curve,
  type CurveKeys,
  privateKeyFromRandom,
  publicKeyOf,
  type SecuritySuite,
  securitySuites,
} from "../../src/security/index.js";
import { SessionPair, type SessionPairOptions } from "../support/session-pair.js";

export const clientTitle = fromHex("434C490000000001");
export const serverTitle = fromHex("4D45540000000002");
export const secret = new Secret(fromHex("30313233343536373839414243444546"));

export const energy = { classId: 3, obis: "1-0:1.8.0.255", attributeId: 2 };
export const text = { classId: 1, obis: "0-0:96.1.5.255", attributeId: 2 };
export const method = { classId: 9, obis: "0-0:10.0.1.255", methodId: 1 };
export const profile = { obis: "1-0:99.1.0.255" };
export const long: Data = data.octetString(Uint8Array.from({ length: 500 }, (_, i) => (i * 13) & 0xff));

const privateKeys: Record<string, { client: CurveKeys; server: CurveKeys }> = {};

/** The server's ephemeral key is known to the client beforehand; the client makes one of its own. */
function curveKeysOf(curve: Curve): { client: CurveKeys; server: CurveKeys } {
  const known = privateKeys[curve];
  if (known !== undefined) return known;
  const octets = curve === "P-256" ? 40 : 56;
  const key = (n: number) =>
    privateKeyFromRandom(
      curve,
      Uint8Array.from({ length: octets }, (_, i) => (i * 17 + n * 91) & 0xff),
    );
  const [a, b, c, d, e] = [key(1), key(2), key(3), key(4), key(5)];
  const open = (one: typeof a) => publicKeyOf(curve, one);
  const made = {
    client: {
      ...{ signing: a, agreement: c, peerSigning: open(b), peerAgreement: open(d) },
      peerEphemeral: open(e),
    },
    server: {
      ...{ signing: b, agreement: d, peerSigning: open(a), peerAgreement: open(c) },
      ephemeral: e,
    },
  };
  privateKeys[curve] = made;
  return made;
}

export function security(
  role: "client" | "server",
  suite: SecuritySuite = 0,
  more: Partial<SecurityOptions> = {},
): SecurityOptions {
  const { keyOctets, curve } = securitySuites[suite];
  const key = (first: number) => new Secret(Uint8Array.from({ length: keyOctets }, (_, i) => first + i));
  return {
    suite,
    keys: {
      unicast: key(0x00),
      authentication: key(0xd0 - 0x40),
      broadcast: key(0x30),
      master: key(0x60),
      ...(curve === undefined ? {} : { curve: curveKeysOf(curve)[role] }),
    },
    systemTitle: role === "client" ? clientTitle : serverTitle,
    ...more,
  };
}

export interface SecuredOptions extends Pick<SessionPairOptions, "framing" | "information"> {
  readonly mechanism: Mechanism;
  readonly client?: SecurityOptions | undefined;
  readonly server?: SecurityOptions | undefined;
  readonly clientSecret?: Secret<Uint8Array>;
  readonly conformance?: ClientOptions["conformance"];
  /** What either side takes, octets. */
  readonly maxReceivePdu?: number;
}

/** A pair that reads, writes, acts and has a profile. */
export function securedPair(options: SecuredOptions): SessionPair {
  const { mechanism, client, server, conformance, maxReceivePdu, clientSecret = secret } = options;
  const common = {
    ...(conformance === undefined ? {} : { conformance }),
    ...(maxReceivePdu === undefined ? {} : { maxReceivePdu }),
  };
  const pair = new SessionPair({
    framing: options.framing ?? "wrapper",
    ...(options.information === undefined ? {} : { information: options.information }),
    clientOptions: {
      mechanism,
      secret: clientSecret,
      ...(client === undefined ? {} : { security: client }),
      ...common,
    },
    serverOptions: {
      accept: [{ mechanism, secret, ...(server === undefined ? {} : { security: server }) }],
      ...common,
    },
  });
  const { store } = pair;
  store.put(3, energy.obis, 2, data.doubleLongUnsigned(123_456_789));
  store.put(3, energy.obis, 3, data.structure([data.integer(-2), data.enum(30)]));
  store.put(1, text.obis, 2, long);
  const column = (classId: number, name: string) =>
    data.structure([
      data.longUnsigned(classId),
      data.octetString(fromHex(name)),
      data.integer(2),
      data.longUnsigned(0),
    ]);
  store.put(7, profile.obis, 3, data.array([column(3, "0100010800FF"), column(1, "0000600105FF")]));
  store.put(
    7,
    profile.obis,
    2,
    data.array(
      [1, 2, 3].map((n) =>
        data.structure([data.doubleLongUnsigned(n * 100), data.visibleString(`row ${n}`)]),
      ),
    ),
  );
  store.put(7, profile.obis, 7, data.doubleLongUnsigned(3));
  store.put(7, profile.obis, 8, data.doubleLongUnsigned(3));
  store.methods.set(`9/${method.obis}/1`, (parameters = data.null()) => ({
    result: "success",
    returnParameters: { type: "data", data: parameters },
  }));
  return pair;
}

export const both = { authenticated: true, encrypted: true };
export const HEADER = 8;
export const get = {
  type: "request",
  id: 1,
  request: {
    type: "get",
    items: [{ attribute: { classId: 3, instanceId: fromHex("0100010800FF"), attributeId: 2 } }],
  },
} as const;

export function ciphered(
  client: Partial<SecurityOptions> = {},
  server: Partial<SecurityOptions> = {},
  mechanism: Mechanism = "hls-gmac",
): SessionPair {
  return securedPair({
    mechanism,
    client: security("client", 0, { protection: both, ...client }),
    server: security("server", 0, { protection: both, ...server }),
  });
}

export function associated(pair = ciphered()): SessionPair {
  pair.sendA({ type: "associate" });
  assert.ok(pair.eventsA.some(({ type }) => type === "associated"));
  pair.eventsA.length = 0;
  pair.eventsB.length = 0;
  return pair;
}

export function told(events: readonly SessionEvent[]): string[] {
  return events.flatMap((event) => {
    if (event.type === "failed")
      return [
        event.id === undefined ? `failed ${event.error.code}` : `failed ${event.id} ${event.error.code}`,
      ];
    if (event.type === "closed") return [`closed ${event.error?.code ?? ""}`];
    return event.type.startsWith("need") ? [] : [event.type];
  });
}

/** Puts other octets in place of the n-th answer's APDU, and a header that fits. */
export function alter(
  pair: SessionPair,
  direction: "a>b" | "b>a",
  change: (apdu: Uint8Array) => Uint8Array,
): void {
  pair.wire = (chunk, way) => {
    if (way !== direction) return [chunk];
    const apdu = change(chunk.slice(HEADER));
    const header = chunk.slice(0, HEADER);
    header[6] = apdu.length >> 8;
    header[7] = apdu.length & 0xff;
    return [concatBytes(header, apdu)];
  };
}

export function flipped(apdu: Uint8Array, at: number): Uint8Array {
  const copy = new Uint8Array(apdu);
  copy[at] = (copy[at] as number) ^ 0x01;
  return copy;
}
