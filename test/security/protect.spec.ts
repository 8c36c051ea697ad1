/** Protection over suites, modes and forms: what one side protects the other opens, and nothing else opens it. */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import fc from "fast-check";
import { toHex } from "../../src/bytes/hex.js";
import { Secret } from "../../src/core/secret.js";
import {
  type Protection,
  type ProtectionForm,
  type SecuritySuite,
  securitySuites,
  signApdu,
  unprotect,
  unprotectAll,
  unwrapKey,
  wrapKey,
} from "../../src/security/index.js";
import { decodeCipheredApdu, encodeCipheredApdu } from "../../src/xdlms/index.js";
import {
  atServer,
  clientTitle,
  everyBitFlip,
  formsOf,
  fromClient,
  getRequest,
  header,
  isCode,
  isRefusal,
  keysOf,
  otherKey,
} from "./fixtures.js";

const suites: readonly SecuritySuite[] = [0, 1, 2];
const modes: readonly Protection[] = [
  { authenticated: true, encrypted: false },
  { authenticated: false, encrypted: true },
  { authenticated: true, encrypted: true },
  { authenticated: true, encrypted: true, broadcast: true },
  { authenticated: false, encrypted: false },
];
const nameOf = (form: ProtectionForm): string =>
  [
    form.type,
    ...Object.values(form.type === "general-ciphering" ? (form.key ?? {}) : form).filter(
      (part): part is string => typeof part === "string" && part !== form.type,
    ),
  ].join(" ");

describe("protection", () => {
  for (const suite of suites)
    for (const form of formsOf(suite))
      it(`suite ${suite}, ${nameOf(form)}: every mode opens to what was protected`, () => {
        fc.assert(
          fc.property(
            fc.constantFrom(...modes),
            fc.uint8Array({ maxLength: 300 }),
            fc.integer({ min: 0, max: 0xffff_fffe }),
            (protection, rest, counter) => {
              const apdu = Uint8Array.of(0xc0, ...rest);
              const bytes = fromClient({ suite, form, protection, apdu, counter });
              assert.deepStrictEqual(encodeCipheredApdu(decodeCipheredApdu(bytes)), bytes);
              const opened = unprotect(bytes, atServer(suite));
              assert.deepStrictEqual(opened.apdu, apdu);
              assert.equal(opened.counter, counter);
              assert.deepStrictEqual(opened.originator, clientTitle);
              assert.equal(opened.authenticated, protection.authenticated);
              assert.equal(opened.encrypted, protection.encrypted);
              assert.equal(opened.form, form.type);
            },
          ),
          { numRuns: 12 },
        );
      });

  for (const suite of suites)
    for (const form of formsOf(suite).filter(({ type }) => suite < 2 || type === "general-ciphering"))
      it(`suite ${suite}, ${nameOf(form)}: every single-bit flip and truncation fails`, () => {
        // Each flip inside an agreed key costs a signature check.
        const isAgreed = form.type === "general-ciphering" && form.key?.type === "agreed";
        for (const encrypted of isAgreed ? [true] : [true, false]) {
          const bytes = fromClient({ suite, form, protection: { authenticated: true, encrypted } });
          const refuses = (damaged: Uint8Array) =>
            assert.throws(
              () => unprotectAll(damaged, { ...atServer(suite), demand: { authenticated: true, encrypted } }),
              isRefusal,
              `${toHex(damaged)} instead of ${toHex(bytes)}`,
            );
          everyBitFlip(bytes, refuses, isAgreed ? 1 : 8);
          for (let length = 0; length < bytes.length; length += isAgreed ? 9 : 1)
            refuses(bytes.subarray(0, length));
        }
      });

  for (const suite of [1, 2] as const)
    it(`suite ${suite}: a signature covers header and content, and opens as a layer around ciphering`, () => {
      const { client } = keysOf(suite);
      const sealed = fromClient({ suite, form: { type: "general-glo-ciphering" } });
      const signed = signApdu(sealed, { suite, keys: client, systemTitle: clientTitle, header });
      const layers = unprotectAll(signed, atServer(suite));
      assert.deepStrictEqual(
        layers.map(({ form, key }) => [form, key]),
        [
          ["general-signing", "signature"],
          ["general-glo-ciphering", "unicast"],
        ],
      );
      assert.deepStrictEqual(layers[1]?.apdu, getRequest);
      assert.deepStrictEqual(layers[0]?.header?.transactionId, header.transactionId);
      const clear = signApdu(getRequest, { suite, keys: client, systemTitle: clientTitle, header });
      everyBitFlip(clear, (flipped) => assert.throws(() => unprotect(flipped, atServer(suite)), isRefusal));
    });

  it("refuses messages inside messages without end", () => {
    let bytes = getRequest;
    for (let i = 0; i < 6; i++)
      bytes = fromClient({ suite: 0, form: { type: "general-glo-ciphering" }, apdu: bytes, counter: i });
    assert.throws(() => unprotectAll(bytes, atServer(0)), isCode("LIMIT_EXCEEDED"));
  });

  it("key wrap: any key of the suite and back; damage and another master key are noticed", () => {
    for (const suite of suites) {
      const { master } = keysOf(suite).client;
      const { keyOctets } = securitySuites[suite];
      fc.assert(
        fc.property(fc.uint8Array({ minLength: keyOctets, maxLength: keyOctets }), (octets) => {
          const wrapped = wrapKey(suite, master, new Secret(octets));
          assert.deepStrictEqual(unwrapKey(suite, master, wrapped).reveal(), octets);
        }),
      );
      const wrapped = wrapKey(suite, master, new Secret(new Uint8Array(keyOctets)));
      everyBitFlip(wrapped, (flipped) =>
        assert.throws(() => unwrapKey(suite, master, flipped), isCode("SECURITY_KEY_TRANSPORT")),
      );
      assert.throws(() => unwrapKey(suite, otherKey(master), wrapped), isCode("SECURITY_KEY_TRANSPORT"));
      assert.throws(() => unwrapKey(suite, master, wrapped.subarray(8)), isCode("SECURITY_KEY_TRANSPORT"));
    }
  });

  it("no key stands in an error, in what opening gives, or in what inspection shows", () => {
    const seen: unknown[] = [];
    for (const suite of suites) {
      const { client, server } = keysOf(suite);
      seen.push(client, server);
      for (const form of formsOf(suite)) {
        const bytes = fromClient({ suite, form });
        seen.push(unprotect(bytes, atServer(suite)));
        everyBitFlip(bytes.subarray(0, 60), (flipped) => {
          try {
            seen.push(unprotect(flipped, atServer(suite)));
          } catch (caught) {
            seen.push(caught, (caught as Error).message);
          }
        });
      }
      for (const broken of [
        { ...server, unicast: new Secret((server.unicast as Secret).reveal().subarray(1)) },
        { ...server, authentication: new Secret((server.authentication as Secret).reveal().subarray(1)) },
      ])
        try {
          unprotect(fromClient({ suite, form: { type: "general-glo-ciphering" } }), atServer(suite, broken));
        } catch (caught) {
          seen.push(caught);
        }
    }
    const text = seen
      .map((one) => `${inspect(one, { depth: 9, maxArrayLength: null })} ${JSON.stringify(one)}`)
      .join("\n")
      .toUpperCase()
      .replace(/[^0-9A-F]/g, "");
    for (const suite of suites) {
      const { curve, ...symmetric } = keysOf(suite).client;
      for (const key of [...Object.values(symmetric), curve?.signing, curve?.agreement, curve?.ephemeral])
        if (key !== undefined) {
          const octets = (key as Secret).reveal();
          for (let at = 1; at + 8 <= octets.length; at += 4)
            assert.ok(!text.includes(toHex(octets.subarray(at, at + 8))), "key material in print");
        }
    }
  });
});
