/**
 * High level security (IEC 62056-5-3), mechanisms 2 to 7, for both parties: each proves that it knows the secret by
 * answering the other's challenge. Challenges are made outside, of a cryptographic source. Left out: makers' own forms
 * of mechanism 2 other than AES over the challenge.
 */
import { createCipheriv, createHash } from "node:crypto";
import { decodeAll } from "../bytes/codec.js";
import { concatBytes, equalBytes } from "../bytes/hex.js";
import { DlmsError } from "../core/errors.js";
import { type Role } from "../core/link.js";
import { type Secret } from "../core/secret.js";
import { signRaw, verifyRaw } from "./elliptic.js";
import { nonce, TAG_OCTETS, tagOf } from "./gcm.js";
import { curveOf } from "./key-agreement.js";
import { curveKeys, type SecurityKeys, type SecurityQuirks } from "./keys.js";
import { checkTitle, counterOctets, equalInConstantTime, plainOctets, revealKey } from "./octets.js";
import { checkControl, controlOctet, securityControl } from "./security-control.js";
import { type SecuritySuite, securitySuites } from "./suites.js";

/** Named as the mechanism names of ACSE; numbers 2 to 7 in this order. */
export type HlsMechanism = "hls" | "hls-md5" | "hls-sha1" | "hls-gmac" | "hls-sha256" | "hls-ecdsa";

/** All that both parties know after AARQ and AARE. */
export interface HlsExchange {
  readonly mechanism: HlsMechanism;
  /** The client's challenge, from the AARQ. */
  readonly ctos: Uint8Array;
  /** The server's challenge, from the AARE. */
  readonly stoc: Uint8Array;
  /** Needed by GMAC, SHA-256 and ECDSA. */
  readonly clientSystemTitle?: Uint8Array;
  readonly serverSystemTitle?: Uint8Array;
  /** The shared secret of mechanisms 2, 3, 4 and 6. */
  readonly secret?: Secret<Uint8Array>;
  /** GMAC: unicast and authentication key. ECDSA: our signing key, the peer's public one. */
  readonly keys?: SecurityKeys;
  readonly suite?: SecuritySuite;
  readonly quirks?: SecurityQuirks;
}

/** Octets of a challenge. */
export const challengeOctets = { min: 8, minEcdsa: 32, max: 64 } as const;

const BLOCK = 16;
const GMAC_ANSWER = 1 + 4 + TAG_OCTETS;

/**
 * Judges the peer's challenge: its length, and that it is not ours sent back, which would let the peer have us answer
 * its own question.
 * @throws DlmsError SECURITY_CHALLENGE
 */
export function checkChallenge(mechanism: HlsMechanism, peer: Uint8Array | undefined, own: Uint8Array): void {
  const min = mechanism === "hls-ecdsa" ? challengeOctets.minEcdsa : challengeOctets.min;
  const { max } = challengeOctets;
  if (peer === undefined || peer.length === 0)
    throw new DlmsError("SECURITY_CHALLENGE", "The peer sent no challenge.");
  if (peer.length < min || peer.length > max)
    throw new DlmsError(
      "SECURITY_CHALLENGE",
      `The peer's challenge has ${peer.length} octets; ${min} to ${max} are allowed.`,
    );
  if (equalBytes(peer, own))
    throw new DlmsError("SECURITY_CHALLENGE", "The peer sent our own challenge back.");
}

/**
 * f(StoC) when the client proves itself, f(CtoS) when the server does: the parameter of reply_to_HLS_authentication, or
 * its return value.
 * @param counter GMAC only: an invocation counter of our own, used for nothing else.
 */
export function proveIdentity(prover: Role, exchange: HlsExchange, counter?: number): Uint8Array {
  checkBoth(prover, exchange);
  switch (exchange.mechanism) {
    case "hls-gmac": {
      if (counter === undefined)
        throw new DlmsError("LOCAL_PROTOCOL", "GMAC needs an invocation counter of its own.");
      const control = { suite: exchange.suite ?? 0, authenticated: true, encrypted: false, broadcast: false };
      const octet = controlOctet({ ...control, compressed: false });
      return concatBytes(
        Uint8Array.of(octet),
        counterOctets(counter),
        gmac(prover, exchange, octet, counter),
      );
    }
    case "hls-ecdsa": {
      const { curve, message, keys } = ecdsa(prover, exchange);
      return signRaw(curve, keys.signing, message);
    }
    case "hls":
    case "hls-md5":
    case "hls-sha1":
    case "hls-sha256":
      return digest(prover, exchange);
  }
}

/**
 * Judges what the peer answered to our challenge.
 * @returns the invocation counter that GMAC carried, for the caller to hold against those seen before.
 * @throws DlmsError SECURITY_ANSWER, SECURITY_CHALLENGE, SECURITY_SUITE, SECURITY_KEY_MISSING
 */
export function verifyIdentity(
  prover: Role,
  exchange: HlsExchange,
  answer: Uint8Array,
): { readonly counter?: number } {
  checkBoth(prover, exchange);
  switch (exchange.mechanism) {
    case "hls-gmac":
      return verifyGmac(prover, exchange, answer);
    case "hls-ecdsa": {
      const { curve, message, keys } = ecdsa(prover, exchange);
      try {
        verifyRaw(curve, keys.peerSigning, message, answer);
      } catch (caught) {
        if (caught instanceof DlmsError && caught.code === "SECURITY_SIGNATURE")
          throw new DlmsError("SECURITY_ANSWER");
        throw caught;
      }
      return {};
    }
    case "hls":
    case "hls-md5":
    case "hls-sha1":
    case "hls-sha256":
      if (!equalInConstantTime(digest(prover, exchange), answer)) throw new DlmsError("SECURITY_ANSWER");
      return {};
  }
}

function checkBoth(prover: Role, { mechanism, ctos, stoc }: HlsExchange): void {
  // Whoever answers judges the other's challenge; whoever verifies has made one and got one.
  checkChallenge(mechanism, prover === "client" ? stoc : ctos, prover === "client" ? ctos : stoc);
}

function challengeFor(prover: Role, { ctos, stoc }: HlsExchange): Uint8Array {
  return prover === "client" ? stoc : ctos;
}

/** Prover's title, verifier's title, verifier's challenge, prover's challenge. */
function statement(prover: Role, exchange: HlsExchange): Uint8Array {
  const client = checkTitle("client", exchange.clientSystemTitle);
  const server = checkTitle("server", exchange.serverSystemTitle);
  return prover === "client"
    ? concatBytes(client, server, exchange.stoc, exchange.ctos)
    : concatBytes(server, client, exchange.ctos, exchange.stoc);
}

function digest(prover: Role, exchange: HlsExchange): Uint8Array {
  if (exchange.secret === undefined)
    throw new DlmsError("SECURITY_KEY_MISSING", "The HLS secret is missing.", { field: "secret" });
  const secret = exchange.secret.reveal();
  const challenge = challengeFor(prover, exchange);
  const { mechanism } = exchange;
  if (mechanism === "hls-md5") return hash("md5", concatBytes(challenge, secret));
  if (mechanism === "hls-sha1") return hash("sha1", concatBytes(challenge, secret));
  if (mechanism === "hls-sha256") return hash("sha256", concatBytes(secret, statement(prover, exchange)));
  return encipherChallenge(secret, challenge, exchange.quirks?.vendorHls ?? "aes-ecb");
}

function hash(algorithm: string, octets: Uint8Array): Uint8Array {
  return plainOctets(createHash(algorithm).update(octets).digest());
}

/** AES-128 with the secret, both filled up with zeros to whole blocks; CBC starts from a zero block. */
function encipherChallenge(
  secret: Uint8Array,
  challenge: Uint8Array,
  form: "aes-ecb" | "aes-cbc",
): Uint8Array {
  if (secret.length > BLOCK)
    throw new DlmsError("SECURITY_KEY_INVALID", "The secret of HLS mechanism 2 has at most 16 octets.");
  const key = new Uint8Array(BLOCK);
  key.set(secret);
  const padded = new Uint8Array(Math.ceil(challenge.length / BLOCK) * BLOCK);
  padded.set(challenge);
  const cipher =
    form === "aes-ecb"
      ? createCipheriv("aes-128-ecb", key, null)
      : createCipheriv("aes-128-cbc", key, new Uint8Array(BLOCK));
  cipher.setAutoPadding(false);
  return concatBytes(cipher.update(padded), cipher.final());
}

function gmac(prover: Role, exchange: HlsExchange, control: number, counter: number): Uint8Array {
  const suite = securitySuites[exchange.suite ?? 0];
  const title = prover === "client" ? exchange.clientSystemTitle : exchange.serverSystemTitle;
  return tagOf(
    {
      suite,
      key: revealKey("unicast encryption key", exchange.keys?.unicast, suite.keyOctets),
      iv: nonce(checkTitle(prover, title), counter),
      authenticated: true,
      encrypted: false,
      additionalData: concatBytes(
        Uint8Array.of(control),
        revealKey("authentication key", exchange.keys?.authentication, suite.keyOctets),
      ),
    },
    challengeFor(prover, exchange),
  );
}

function verifyGmac(prover: Role, exchange: HlsExchange, answer: Uint8Array): { readonly counter: number } {
  if (answer.length !== GMAC_ANSWER)
    throw new DlmsError(
      "SECURITY_ANSWER",
      `The peer's answer has ${answer.length} octets instead of ${GMAC_ANSWER}.`,
    );
  checkControl(decodeAll(securityControl, answer.subarray(0, 1)), exchange.suite ?? 0);
  const counter = new DataView(answer.buffer, answer.byteOffset).getUint32(1);
  const expected = gmac(prover, exchange, answer[0] as number, counter);
  if (!equalInConstantTime(expected, answer.subarray(5))) throw new DlmsError("SECURITY_ANSWER");
  return { counter };
}

function ecdsa(prover: Role, exchange: HlsExchange) {
  return {
    curve: curveOf(securitySuites[exchange.suite ?? 0]),
    keys: curveKeys(exchange.keys ?? {}),
    message: statement(prover, exchange),
  };
}
