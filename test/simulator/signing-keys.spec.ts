/** A meter type's key pair turned round for its simulated meters. */
import assert from "node:assert/strict";
import { Secret } from "../../src/core/secret.js";
import { presets } from "../../src/meter-types/presets.js";
import { defaultSecurity } from "../../src/meter-types/security-settings.js";
import { type MeterType } from "../../src/meter-types/meter-type.js";
import { type CurveKeys, publicKeyOf } from "../../src/security/index.js";
import { wantsSignatures, withMeterSigning } from "../../src/simulator/signing-keys.js";
import { isCode } from "../security/fixtures.js";

const scalar = (last: number): Secret<Uint8Array> => new Secret(new Uint8Array(32).fill(last, 31));
const [client, meter] = [scalar(10), scalar(20)];

function typeWith(curve: CurveKeys): MeterType {
  const { association } = presets.standard;
  const clientSystemTitle = new Uint8Array(8);
  const security = { ...defaultSecurity, clientSystemTitle, suite: 1 as const, keys: { curve } };
  return { ...presets.standard, association: { ...association, mechanism: "hls-ecdsa", security } };
}

describe("signing keys of simulated meters", () => {
  it("the meter signs with its own key and knows the client's public one", () => {
    const type = typeWith({ signing: client, peerSigning: publicKeyOf("P-256", meter) });
    assert.ok(wantsSignatures(type));
    assert.ok(!wantsSignatures(presets.standard));
    const curve = withMeterSigning(type, meter).association.security?.keys.curve;
    assert.equal(curve?.signing, meter);
    assert.deepEqual(curve?.peerSigning, publicKeyOf("P-256", client));
  });

  it("refuses a key that is not the meter's, a type without the client's, a type without curve", () => {
    const type = typeWith({ signing: client, peerSigning: publicKeyOf("P-256", meter) });
    assert.throws(() => withMeterSigning(type, client), isCode("FIELD_INVALID"));
    assert.throws(() => withMeterSigning(typeWith({}), meter), isCode("FIELD_INVALID"));
    assert.throws(() => withMeterSigning(presets.standard, meter), isCode("FIELD_INVALID"));
    assert.throws(() => withMeterSigning(type, scalar(0)), isCode("SECURITY_KEY_INVALID"));
  });
});
