import { strict as assert } from "node:assert";
import { DlmsError } from "../../src/core/errors.js";
import { checkMeterType } from "../../src/meter-types/check.js";
import { type MeterType } from "../../src/meter-types/meter-type.js";
import { presets } from "../../src/meter-types/presets.js";
import { packBcd, tokenFromOctets, unpackBcd } from "../../src/meter-types/token-digits.js";

describe("meter-types: presets and checks", () => {
  it("every preset stands its own check and hides its password", () => {
    for (const preset of Object.values(presets)) {
      assert.equal(checkMeterType(preset), preset);
      assert.ok(!JSON.stringify(preset).includes("00000000"));
    }
  });

  it("only readme lets the meter's own association change state", () => {
    assert.deepEqual(
      Object.values(presets)
        .filter((preset) => preset.allowReverse)
        .map((preset) => preset.name),
      ["readme"],
    );
  });

  const base = presets.standard;
  const wrong: readonly [string, MeterType][] = [
    ["association.clientSap", { ...base, association: { ...base.association, clientSap: 300 } }],
    ["association.hdlcServerLower", { ...base, association: { ...base.association, hdlcAddressOctets: 2 } }],
    [
      "association.responseTimeoutMs",
      { ...base, association: { ...base.association, responseTimeoutMs: 0 } },
    ],
    ["serial.obis", { ...base, serial: { ...base.serial, obis: "serial" } }],
    ["serial.stripZerosTo", { ...base, serial: { ...base.serial, stripZerosTo: 0 } }],
    [
      "relayRule.methods",
      { ...base, relayRule: { ...base.relayRule, methods: { disconnect: 1, connect: 1 } } },
    ],
    ["tokenRule.encoding", { ...base, tokenRule: { ...base.tokenRule, encoding: "base64" as "bcd" } }],
    ["defaultCodes[0]", { ...base, defaultCodes: ["energy"] }],
    ["objects.1-0:9.9", { ...base, objects: { "1-0:9.9": { classId: 3 } } }],
  ];
  for (const [field, meterType] of wrong)
    it(`names ${field}`, () => {
      assert.throws(
        () => checkMeterType(meterType),
        (caught) => caught instanceof DlmsError && (caught.field ?? "").startsWith(field),
      );
    });

  it("packs twenty digits into ten octets and back", () => {
    const token = "01234567890123456789";
    assert.equal(packBcd(token).length, 10);
    assert.equal(unpackBcd(packBcd(token)), token);
    assert.equal(tokenFromOctets(packBcd(token)), token);
    assert.equal(tokenFromOctets(new Uint8Array(10).fill(0xff)), undefined);
  });
});
