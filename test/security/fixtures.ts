/** Keys, titles and messages that the security specs share; none is in use anywhere. */
import { fromHex } from "../../src/bytes/hex.js";
import { DecodeError, DlmsError, type ErrorCode } from "../../src/core/errors.js";
import { Secret } from "../../src/core/secret.js";
import {
  type Curve,
  type CurveKeys,
  type KeyTransport,
  privateKeyFromRandom,
  protect,
  type Protection,
  type ProtectionForm,
  publicKeyOf,
  type SecurityKeys,
  type SecurityQuirks,
  type SecuritySuite,
  securitySuites,
} from "../../src/security/index.js";

export const secret = (hex: string): Secret<Uint8Array> => new Secret(fromHex(hex));

/** The keys of the worked examples. */
export const keys: SecurityKeys = {
  unicast: secret("000102030405060708090A0B0C0D0E0F"),
  authentication: secret("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"),
};
export const clientTitle = fromHex("4D4D4D0000000001");
export const serverTitle = fromHex("4D4D4D0000BC614E");
export const getRequest = fromHex("C0010000080000010000FF0200");

const filled = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (seed * 31 + i * 7 + 1) & 0xff);

function symmetric(suite: SecuritySuite): SecurityKeys {
  const { keyOctets } = securitySuites[suite];
  const key = (seed: number) => new Secret(filled(keyOctets, seed));
  return { unicast: key(1), broadcast: key(2), authentication: key(3), dedicated: key(4), master: key(5) };
}

/** One side's private keys and the public ones of both. */
function pairs(curve: Curve, seed: number) {
  const make = (offset: number) => privateKeyFromRandom(curve, filled(64, seed + offset));
  const own = { signing: make(0), agreement: make(1), ephemeral: make(2) };
  return {
    own,
    seen: {
      peerSigning: publicKeyOf(curve, own.signing),
      peerAgreement: publicKeyOf(curve, own.agreement),
      peerEphemeral: publicKeyOf(curve, own.ephemeral),
    },
  };
}

interface BothSides {
  readonly client: SecurityKeys;
  readonly server: SecurityKeys;
}

const made = new Map<SecuritySuite, BothSides>();

/** What client and server of one suite hold. */
export function keysOf(suite: SecuritySuite): BothSides {
  const known = made.get(suite) ?? makeKeys(suite);
  made.set(suite, known);
  return known;
}

function makeKeys(suite: SecuritySuite): BothSides {
  const common = symmetric(suite);
  const { curve } = securitySuites[suite];
  if (curve === undefined) return { client: common, server: common };
  const [client, server] = [pairs(curve, 10), pairs(curve, 20)];
  const both = (own: CurveKeys, seen: CurveKeys): SecurityKeys => ({ ...common, curve: { ...own, ...seen } });
  return { client: both(client.own, server.seen), server: both(server.own, client.seen) };
}

/** A key that differs in its last bit. */
export function otherKey(key: Secret<Uint8Array> | undefined): Secret<Uint8Array> {
  const bytes = (key as Secret).reveal().slice();
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) ^ 1;
  return new Secret(bytes);
}

export const header = {
  transactionId: fromHex("0123456789ABCDEF"),
  recipientSystemTitle: serverTitle,
  dateTime: fromHex("07E50B020215330000FFC400"),
  otherInformation: fromHex("AA55"),
};

/** Every form a suite has, general-ciphering once for each way of telling the key. */
export function formsOf(suite: SecuritySuite): readonly ProtectionForm[] {
  const oneTime = new Secret(new Uint8Array(securitySuites[suite].keyOctets).fill(0x5a));
  const transports: readonly (KeyTransport | undefined)[] = [
    undefined,
    { type: "identified" },
    { type: "wrapped", key: oneTime },
    ...(suite === 0
      ? []
      : (["ephemeral-unified", "one-pass", "static-unified"] as const).map((scheme): KeyTransport => ({
          type: "agreed",
          scheme,
        }))),
  ];
  return [
    { type: "service-ciphering", keySet: "global" },
    { type: "service-ciphering", keySet: "dedicated" },
    { type: "general-glo-ciphering" },
    { type: "general-glo-ciphering", withoutTitle: true },
    { type: "general-ded-ciphering" },
    ...transports.map((key): ProtectionForm => ({
      type: "general-ciphering",
      header,
      ...(key === undefined ? {} : { key }),
    })),
  ];
}

export interface Case {
  readonly suite: SecuritySuite;
  readonly form: ProtectionForm;
  readonly protection?: Protection;
  readonly apdu?: Uint8Array;
  readonly counter?: number;
  readonly quirks?: SecurityQuirks;
}

/** What the client sends. */
export const fromClient = ({ suite, form, protection, apdu, counter, quirks }: Case): Uint8Array =>
  protect(apdu ?? getRequest, {
    suite,
    form,
    keys: keysOf(suite).client,
    protection: protection ?? { authenticated: true, encrypted: true },
    systemTitle: clientTitle,
    counter: counter ?? 7,
    ...(quirks === undefined ? {} : { quirks }),
  });

/** How the server opens it. */
export const atServer = (suite: SecuritySuite, serverKeys: SecurityKeys = keysOf(suite).server) => ({
  suite,
  keys: serverKeys,
  systemTitle: serverTitle,
  peerSystemTitle: clientTitle,
});

/** For `assert.throws`. */
export const isCode =
  (...codes: readonly ErrorCode[]) =>
  (caught: unknown): boolean =>
    caught instanceof DlmsError && codes.includes(caught.code);

/** What damaged messages must end in. */
export const isRefusal = (caught: unknown): boolean =>
  caught instanceof DecodeError || (caught instanceof DlmsError && caught.family === "SecurityError");

/** @param perOctet how many bits of each octet are flipped, one at a time. */
export function everyBitFlip(bytes: Uint8Array, check: (flipped: Uint8Array) => void, perOctet = 8): void {
  for (let at = 0; at < bytes.length; at++)
    for (let i = 0; i < perOctet; i++) {
      const flipped = bytes.slice();
      flipped[at] = (flipped[at] as number) ^ (1 << ((at + i) & 7));
      check(flipped);
    }
}
