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
      broadcast: key(0xb0),
      master: key(0x60),
      ...(curve === undefined ? {} : { curve: curveKeysOf(curve)[role] }),
    },
    systemTitle: role === "client" ? clientTitle : serverTitle,
    ...more,
  };
}

export interface SecuredOptions extends Pick<SessionPairOptions, "framing" | "information" | "trace"> {
  readonly mechanism: Mechanism;
  readonly client?: SecurityOptions | undefined;
  readonly server?: SecurityOptions | undefined;
  readonly clientSecret?: Secret<Uint8Array>;
  readonly conformance?: ClientOptions["conformance"];
  /** What either side takes, octets. */
  readonly maxReceivePdu?: number;
  readonly generalBlocks?: ClientOptions["generalBlocks"];
}

/** A pair that reads, writes, acts and has a profile. */
export function securedPair(options: SecuredOptions): SessionPair {
  const { mechanism, client, server, conformance, maxReceivePdu, generalBlocks } = options;
  const { clientSecret = secret } = options;
  const common = {
    ...(conformance === undefined ? {} : { conformance }),
    ...(maxReceivePdu === undefined ? {} : { maxReceivePdu }),
    ...(generalBlocks === undefined ? {} : { generalBlocks }),
  };
  const pair = new SessionPair({
    framing: options.framing ?? "wrapper",
    ...(options.information === undefined ? {} : { information: options.information }),
    ...(options.trace === undefined ? {} : { trace: options.trace }),
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

/** For the P-256 signing keys and the titles above, valid until 2081, and the public key of who issued them. */
export const certificates = {
  issuer: fromHex(
    "38A23194E8D46E045B0E6954BBDD65676BEF085FBD7DEF6C4332FB22893861E295BB6A333BABF96C4F83B9CD4E4FD6676900" +
      "1BB5571C0A69D7363979840D44D2",
  ),
  client: fromHex(
    "308201263081CD021467BAB440480A01858169089DD03D1C21E3EFCCF7300A06082A8648CE3D040302300F310D300B060355" +
      "04030C04526F6F743020170D3236313132323132303531385A180F32303831303832353132303531385A301B311930170603" +
      "5504030C10343334433439303030303030303030313059301306072A8648CE3D020106082A8648CE3D030107034200047F7F" +
      "8F55A06E5158CC4403B9E0F9580947990770A3A27DF833D2DC27C67DFB90700F0B8CC95DD5F85F47A4D8D6BA878B751C4E03" +
      "86026C7DA192254513ADADAE300A06082A8648CE3D0403020348003045022100DE83A6D6F2EE7481FD449DB4892F255BEB91" +
      "4B4A7CC87EDAE3F3EDC9BB15CAC402203A6202F0DEBE3067CCB86ECEFA2587BA31B2DDC62E30B5E7EAEA41C45F23A1C3",
  ),
  server: fromHex(
    "308201253081CD021467BAB440480A01858169089DD03D1C21E3EFCCF8300A06082A8648CE3D040302300F310D300B060355" +
      "04030C04526F6F743020170D3236313132323132303531385A180F32303831303832353132303531385A301B311930170603" +
      "5504030C10344434353534303030303030303030323059301306072A8648CE3D020106082A8648CE3D03010703420004402B" +
      "5266429B56E7A053CC4FFE35350A891C47F8D361CE589FEF658DE8D99D94E98892304141F4D92BB72075033E76D0B3260171" +
      "F418CCF746137EA8320A9266300A06082A8648CE3D040302034700304402207FC8D1250146C02F25CC8017D31381A6AA7E6A" +
      "BE0B8E524294B0D3F539EAAE72022055F13FC797BC0BC6DA9BE6BA625E12CFE8E1A859DB6AC3B34FC957C97B78D193",
  ),
};
