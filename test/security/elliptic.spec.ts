/** Elliptic curve keys as octets, and certificates as far as keys need them. */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import fc from "fast-check";
import { fromHex, toHex } from "../../src/bytes/hex.js";
import { Secret } from "../../src/core/secret.js";
import {
  certifiedKey,
  type Curve,
  privateKeyFromPkcs8,
  privateKeyFromRandom,
  publicKeyFromSpki,
  publicKeyOf,
  sharedSecret,
  signRaw,
  verifyRaw,
} from "../../src/security/index.js";
import { clientTitle, everyBitFlip, isCode, serverTitle } from "./fixtures.js";

const curves: readonly Curve[] = ["P-256", "P-384"];

describe("elliptic curve keys", () => {
  for (const curve of curves) {
    it(`${curve}: what one key signs, its public key verifies, raw r and s; both sides agree on one secret`, () => {
      const random = fc.uint8Array({ minLength: 64, maxLength: 64 });
      fc.assert(
        fc.property(random, random, fc.uint8Array(), (seedA, seedB, message) => {
          fc.pre(toHex(seedA) !== toHex(seedB));
          const [a, b] = [privateKeyFromRandom(curve, seedA), privateKeyFromRandom(curve, seedB)];
          const [publicA, publicB] = [publicKeyOf(curve, a), publicKeyOf(curve, b)];
          const signature = signRaw(curve, a, message);
          assert.equal(signature.length, curve === "P-256" ? 64 : 96);
          verifyRaw(curve, publicA, message, signature);
          assert.throws(() => verifyRaw(curve, publicB, message, signature), isCode("SECURITY_SIGNATURE"));
          assert.deepStrictEqual(
            sharedSecret(curve, a.reveal(), publicB),
            sharedSecret(curve, b.reveal(), publicA),
          );
        }),
        { numRuns: 10 },
      );
    });

    it(`${curve}: refuses points off the curve, scalars out of range, too little randomness, DER signatures`, () => {
      const key = privateKeyFromRandom(curve, new Uint8Array(64).fill(7));
      const known = publicKeyOf(curve, key);
      const off = known.slice();
      off[3] = (off[3] as number) ^ 1;
      const size = known.length / 2;
      const unfit = isCode("SECURITY_KEY_INVALID");
      assert.throws(() => sharedSecret(curve, key.reveal(), off), unfit);
      assert.throws(() => sharedSecret(curve, key.reveal(), known.subarray(1)), unfit);
      assert.throws(() => verifyRaw(curve, off, known, new Uint8Array(2 * size)), unfit);
      for (const scalar of [new Uint8Array(size), new Uint8Array(size).fill(0xff), new Uint8Array(size - 1)])
        assert.throws(() => publicKeyOf(curve, new Secret(scalar)), unfit);
      assert.throws(() => privateKeyFromRandom(curve, new Uint8Array(size)), unfit);
      const der = fromHex("3006020101020101");
      assert.throws(() => verifyRaw(curve, known, known, der), isCode("SECURITY_SIGNATURE"));
      assert.throws(() => signRaw(curve, undefined, known), isCode("SECURITY_KEY_MISSING"));
    });
  }

  it("refuses keys of another curve or none, without quoting them", () => {
    const pkcs8 = "3041020100301306072A8648CE3D020106082A8648CE3D030107042730250201010420" + "5A".repeat(32);
    assert.equal(toHex(privateKeyFromPkcs8("P-256", fromHex(pkcs8)).reveal()), "5A".repeat(32));
    assert.throws(() => privateKeyFromPkcs8("P-384", fromHex(pkcs8)), isCode("SECURITY_KEY_INVALID"));
    try {
      privateKeyFromPkcs8("P-256", fromHex(pkcs8.slice(0, -2)));
      assert.fail("a key cut short was taken");
    } catch (caught) {
      assert.ok(isCode("SECURITY_KEY_INVALID")(caught));
      assert.ok(!inspect(caught).toUpperCase().includes("5A5A"));
    }
    assert.throws(() => publicKeyFromSpki("P-256", fromHex("3000")), isCode("SECURITY_KEY_INVALID"));
  });
});

/** A root's key, a certificate of it for 4D4D4D0000BC614E, and the root's own, whose name is no title. */
const root = publicKeyFromSpki(
  "P-256",
  fromHex(
    "3059301306072A8648CE3D020106082A8648CE3D03010703420004E7186F195ED0E15DF198839411569C3D70052D9E2A26B2" +
      "2EF183D71BAE8DF4A3BF9AA0C63A55D171A90F983396754CE38FA1BDCD8F0809DD701A37ABAA170370",
  ),
);
const meter = fromHex(
  "308201263081CE020102300A06082A8648CE3D04030230143112301006035504030C095465737420526F6F743020170D3236" +
    "313132323130323334355A180F32313236313032393130323334355A302A310D300B060355040A0C04546573743119301706" +
    "035504030C10344434443444303030304243363134453059301306072A8648CE3D020106082A8648CE3D03010703420004EE" +
    "F4A7440C8E422A2C9591303BFDEDAFFEE8D60B32B31457650F996CD11FCC4722A5E22A3356E9B606B4B93B553825FDAEA0FC" +
    "961CE7F2B46E286AF29D887CCC300A06082A8648CE3D0403020347003044022014B9C24C6D47BD210C9F89D32A44534157B2" +
    "D4395CC6E7B2AD02B832C2E565670220023EE0394D17EE954B14DEF3C53E7810E5B70884D092A4CCD49629ED2B0C537E",
);
const rootCertificate = fromHex(
  "3082017F30820125A00302010202145ADE35814DD10A635302DED22D924F645BC43EA4300A06082A8648CE3D040302301431" +
    "12301006035504030C095465737420526F6F743020170D3236313132323130323334355A180F323132363130323931303233" +
    "34355A30143112301006035504030C095465737420526F6F743059301306072A8648CE3D020106082A8648CE3D0301070342" +
    "0004E7186F195ED0E15DF198839411569C3D70052D9E2A26B22EF183D71BAE8DF4A3BF9AA0C63A55D171A90F983396754CE3" +
    "8FA1BDCD8F0809DD701A37ABAA170370A3533051301D0603551D0E04160414C041EB964F71BA4C0A5F072DAAA3B15628E6AE" +
    "E0301F0603551D23041830168014C041EB964F71BA4C0A5F072DAAA3B15628E6AEE0300F0603551D130101FF040530030101" +
    "FF300A06082A8648CE3D040302034800304502200EB1A52718CBA45209EC8509900C8DD8DB2242DAD0491C4DE6084339ABD6" +
    "9E8B022100C5B79E8323DE660ABEADFCCC13149A17A9A218EA4A85B460D93142D50179E29E",
);

describe("certificates", () => {
  const at = Date.parse("2030-01-01T00:00:00Z");
  const demand = { curve: "P-256", systemTitle: serverTitle, issuer: root, at } as const;

  it("give the key of the title they were issued for", () => {
    const { systemTitle, publicKey } = certifiedKey(meter, demand);
    assert.deepStrictEqual(systemTitle, serverTitle);
    assert.equal(
      toHex(publicKey),
      "EEF4A7440C8E422A2C9591303BFDEDAFFEE8D60B32B31457650F996CD11FCC4722A5E22A3356E9B606B4B93B553825FDAEA0" +
        "FC961CE7F2B46E286AF29D887CCC",
    );
  });

  it("are refused for another title, issuer, curve or time, without a title, and when damaged", () => {
    const refused = (der: Uint8Array, more: object) =>
      assert.throws(() => certifiedKey(der, { ...demand, ...more }), isCode("SECURITY_CERTIFICATE"));
    refused(meter, { systemTitle: clientTitle });
    refused(meter, {
      issuer: publicKeyOf("P-256", privateKeyFromRandom("P-256", new Uint8Array(64).fill(1))),
    });
    refused(meter, { curve: "P-384", issuer: undefined });
    refused(meter, { at: Date.parse("2020-01-01T00:00:00Z") });
    refused(meter, { at: Date.parse("2227-01-01T00:00:00Z") });
    refused(rootCertificate, { systemTitle: undefined });
    for (let length = 0; length < meter.length; length += 7) refused(meter.subarray(0, length), {});
    everyBitFlip(
      meter,
      (flipped) => {
        try {
          // Not every bit is signed: the form of the signature's own algorithm, say.
          assert.deepStrictEqual(certifiedKey(flipped, demand), certifiedKey(meter, demand));
        } catch (caught) {
          assert.ok(isCode("SECURITY_CERTIFICATE")(caught), String(caught));
        }
      },
      2,
    );
  });
});
