/**
 * Every recorded conversation that ciphers or proves identity, as the replay opens it: what opened, opens with nothing
 * else; what was proved, was proved to one party and for one challenge. That all of it opens, gives the recorded
 * plaintexts and ciphers to the same octets again is the replay's own test.
 */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fromHex } from "../../src/bytes/hex.js";
import { DlmsError } from "../../src/core/errors.js";
import {
  privateKeyFromPkcs8,
  proveIdentity,
  publicKeyFromSpki,
  publicKeyOf,
  unprotect,
  verifyIdentity,
} from "../../src/security/index.js";
import { replayApdus } from "../../src/tools/replay/apdu-layer.js";
import { replayLink } from "../../src/tools/replay/link-layer.js";
import { type OpenedApdu, type Proof, type SecurityLayer } from "../../src/tools/replay/security-layer.js";
import { readVector } from "../../src/tools/replay/vector.js";
import { otherKey } from "./fixtures.js";

const folder = join(__dirname, "..", "vectors");
const HLS_FILES = /gmac|hls2|md5|sha1|sha256|ecdsa|high_readall|gbt|gxjcli.*plain/;
/** The server never answers, or answers with a refusal, so that nothing is proved. */
const UNPROVEN = /gmac_readall|replayed_ic|wrong_key/;

function securityOf(file: string): SecurityLayer {
  const vector = readVector(join(folder, file));
  return replayApdus(vector, replayLink(vector)).security;
}

function opensWithNothingElse({ bytes, options, originator }: OpenedApdu): void {
  const { keys } = options;
  const otherTitle = Uint8Array.from(originator, (octet, i) => octet ^ (i === 7 ? 1 : 0));
  for (const wrong of [
    { ...options, keys: { ...keys, unicast: otherKey(keys.unicast), dedicated: undefined } },
    { ...options, keys: { ...keys, authentication: otherKey(keys.authentication) } },
    { ...options, peerSystemTitle: otherTitle },
    { ...options, suite: 1 as const },
  ])
    assert.throws(
      () => unprotect(bytes, wrong),
      (caught) => caught instanceof DlmsError && caught.family === "SecurityError",
    );
}

function provesNothingElse({ prover, exchange, answer }: Proof, { keys }: SecurityLayer): void {
  const verifier = prover === "client" ? "server" : "client";
  const other = Uint8Array.from(prover === "client" ? exchange.stoc : exchange.ctos, (octet) => octet ^ 1);
  const question = prover === "client" ? { stoc: other } : { ctos: other };
  for (const wrong of [
    () => verifyIdentity(prover, { ...exchange, ...question, keys: keys[verifier] }, answer),
    () => verifyIdentity(verifier, { ...exchange, keys: keys[prover] }, answer),
  ])
    assert.throws(wrong, (caught) => caught instanceof DlmsError && caught.code === "SECURITY_ANSWER");
  if (exchange.mechanism !== "hls-ecdsa") return;
  // Ours differs from the recorded one and is as good.
  const made = proveIdentity(prover, { ...exchange, keys: keys[prover] });
  assert.notDeepStrictEqual(made, answer);
  verifyIdentity(prover, { ...exchange, keys: keys[verifier] }, made);
}

describe("recorded conversations: security", () => {
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".json") && HLS_FILES.test(name)))
    it(file.replace(".json", ""), () => {
      const security = securityOf(file);
      if (!UNPROVEN.test(file)) assert.ok(security.proofs.length >= 2, `${security.proofs.length} proofs`);
      security.opened.forEach(opensWithNothingElse);
      for (const proof of security.proofs) provesNothingElse(proof, security);
    });

  it("hold the public keys that belong to the private ones", () => {
    const { keys } = readVector(join(folder, "gxjcli-gxj_wrapper_ecdsa.json")).security;
    for (const side of ["client", "server"]) {
      const key = privateKeyFromPkcs8("P-256", fromHex(keys[`${side}.priv.pkcs8`] as string));
      const known = publicKeyFromSpki("P-256", fromHex(keys[`${side}.pub.spki`] as string));
      assert.deepStrictEqual(publicKeyOf("P-256", key), known);
    }
  });
});
