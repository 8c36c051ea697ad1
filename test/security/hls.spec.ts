/** Proof of identity in both roles: what passes, and everything that must not. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { fromLatin1 } from "../../src/bytes/hex.js";
import { DlmsError } from "../../src/core/errors.js";
import { Secret } from "../../src/core/secret.js";
import {
  checkChallenge,
  type HlsExchange,
  type HlsMechanism,
  proveIdentity,
  type SecuritySuite,
  verifyIdentity,
} from "../../src/security/index.js";
import { clientTitle, everyBitFlip, isCode, keysOf, serverTitle } from "./fixtures.js";

const mechanisms: readonly (readonly [HlsMechanism, readonly SecuritySuite[]])[] = [
  ["hls", [0]],
  ["hls-md5", [0]],
  ["hls-sha1", [0]],
  ["hls-gmac", [0, 1, 2]],
  ["hls-sha256", [0]],
  ["hls-ecdsa", [1, 2]],
];
const password = new Secret(fromLatin1("a password"));
const challenges = { ctos: new Uint8Array(32).fill(1), stoc: new Uint8Array(32).fill(2) };

function exchange(mechanism: HlsMechanism, suite: SecuritySuite, own: "client" | "server"): HlsExchange {
  const keys = keysOf(suite)[own];
  const titles = { clientSystemTitle: clientTitle, serverSystemTitle: serverTitle };
  return { mechanism, suite, keys, secret: password, ...titles, ...challenges };
}

describe("HLS", () => {
  for (const [mechanism, suites] of mechanisms)
    for (const suite of suites)
      for (const prover of ["client", "server"] as const) {
        const verifier = prover === "client" ? "server" : "client";
        const counter = mechanism === "hls-gmac" ? 42 : undefined;

        it(`${mechanism}, suite ${suite}: the ${prover} proves itself, for any challenges`, () => {
          const octets = fc.uint8Array({ minLength: 32, maxLength: 64 });
          fc.assert(
            fc.property(octets, octets, (ctos, stoc) => {
              fc.pre(ctos.join() !== stoc.join());
              const given = { ctos, stoc };
              const answer = proveIdentity(
                prover,
                { ...exchange(mechanism, suite, prover), ...given },
                counter,
              );
              const judged = verifyIdentity(
                prover,
                { ...exchange(mechanism, suite, verifier), ...given },
                answer,
              );
              assert.deepStrictEqual(judged, counter === undefined ? {} : { counter });
            }),
            { numRuns: 10 },
          );
        });

        it(`${mechanism}, suite ${suite}: every single-bit flip and truncation of the ${prover}'s answer fails`, () => {
          const answer = proveIdentity(prover, exchange(mechanism, suite, prover), counter);
          const refuses = (damaged: Uint8Array) =>
            assert.throws(
              () => verifyIdentity(prover, exchange(mechanism, suite, verifier), damaged),
              (caught) => caught instanceof DlmsError && caught.family === "SecurityError",
            );
          everyBitFlip(answer, refuses, mechanism === "hls-ecdsa" ? 2 : 8);
          for (let length = 0; length < answer.length; length++) refuses(answer.subarray(0, length));
        });

        it(`${mechanism}, suite ${suite}: a wrong secret, another title, the ${prover}'s own answer sent back fail`, () => {
          const given = exchange(mechanism, suite, verifier);
          const answer = proveIdentity(prover, exchange(mechanism, suite, prover), counter);
          const other = keysOf(suite)[prover];
          const wrongs: HlsExchange[] = [
            {
              ...given,
              secret: new Secret(fromLatin1("another")),
              keys: { ...other, unicast: other.master },
            },
            { ...given, stoc: new Uint8Array(32).fill(3), ctos: new Uint8Array(32).fill(4) },
          ];
          if (["hls-gmac", "hls-sha256", "hls-ecdsa"].includes(mechanism))
            wrongs.push({ ...given, clientSystemTitle: serverTitle, serverSystemTitle: clientTitle });
          for (const wrong of wrongs)
            assert.throws(() => verifyIdentity(prover, wrong, answer), isCode("SECURITY_ANSWER"));
          assert.throws(
            () => verifyIdentity(verifier, exchange(mechanism, suite, prover), answer),
            isCode("SECURITY_ANSWER"),
          );
        });
      }

  it("refuses a challenge that is missing, too short, too long, or its own sent back", () => {
    const own = new Uint8Array(32).fill(1);
    for (const peer of [undefined, new Uint8Array(0), new Uint8Array(7), new Uint8Array(65), own.slice()])
      assert.throws(() => checkChallenge("hls-md5", peer, own), isCode("SECURITY_CHALLENGE"));
    assert.throws(() => checkChallenge("hls-ecdsa", new Uint8Array(31), own), isCode("SECURITY_CHALLENGE"));
    for (const length of [8, 16, 64]) checkChallenge("hls-gmac", new Uint8Array(length), own);
    checkChallenge("hls-ecdsa", new Uint8Array(32), own);
    for (const [mechanism, [suite]] of mechanisms)
      for (const role of ["client", "server"] as const)
        assert.throws(
          () =>
            proveIdentity(
              role,
              { ...exchange(mechanism, suite as SecuritySuite, role), ctos: own, stoc: own.slice() },
              1,
            ),
          isCode("SECURITY_CHALLENGE"),
          `${mechanism} answers its own question`,
        );
  });

  it("names what is missing", () => {
    const bare = { ...challenges, mechanism: "hls-sha1" } as const;
    assert.throws(() => proveIdentity("client", bare), isCode("SECURITY_KEY_MISSING"));
    assert.throws(
      () => proveIdentity("client", { ...bare, mechanism: "hls-gmac" }, 1),
      isCode("SECURITY_KEY_MISSING"),
    );
    assert.throws(
      () => proveIdentity("client", { ...bare, mechanism: "hls-sha256", secret: password }),
      isCode("SECURITY_TITLE"),
    );
    assert.throws(
      () => proveIdentity("client", { ...exchange("hls-gmac", 0, "client") }),
      isCode("LOCAL_PROTOCOL"),
    );
    assert.throws(
      () => proveIdentity("client", { ...exchange("hls-ecdsa", 1, "client"), suite: 0 }),
      isCode("SECURITY_SUITE"),
    );
    assert.throws(
      () => proveIdentity("client", { ...bare, mechanism: "hls", secret: new Secret(new Uint8Array(17)) }),
      isCode("SECURITY_KEY_INVALID"),
    );
  });

  it("mechanism 2: CBC and ECB agree on one block only", () => {
    const given = (length: number, vendorHls: "aes-ecb" | "aes-cbc"): HlsExchange => ({
      mechanism: "hls",
      secret: password,
      ctos: new Uint8Array(length).fill(1),
      stoc: new Uint8Array(length).fill(2),
      quirks: { vendorHls },
    });
    const answer = (length: number, form: "aes-ecb" | "aes-cbc") =>
      proveIdentity("client", given(length, form));
    assert.deepStrictEqual(answer(16, "aes-cbc"), answer(16, "aes-ecb"));
    assert.notDeepStrictEqual(answer(32, "aes-cbc"), answer(32, "aes-ecb"));
    assert.equal(answer(20, "aes-ecb").length, 32);
  });
});
