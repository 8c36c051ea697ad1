/** Misbehaviour on demand: each fault does what it says, and nothing else. */
import assert from "node:assert/strict";
import { data } from "../../src/axdr/index.js";
import { Ledger } from "../../src/simulator/ledger.js";
import { type Faults } from "../../src/simulator/faults.js";
import { packBcd } from "../../src/meter-types/token-digits.js";
import { parseObis } from "../../src/cosem/obis.js";
import { type ServiceRequest } from "../../src/association/index.js";
import { type Asker, dialect, dialledIn } from "./asker.js";
import { presets } from "../../src/meter-types/presets.js";

const TOKEN = "12345678901234567890";
const energy: ServiceRequest = {
  type: "get",
  items: [{ attribute: { classId: 3, instanceId: parseObis("1-0:1.8.0.255"), attributeId: 2 } }],
};
const token: ServiceRequest = {
  type: "set",
  items: [
    {
      attribute: { classId: 1, instanceId: parseObis("1-0:129.129.2.255"), attributeId: 2 },
      data: data.octetString(packBcd(TOKEN)),
    },
  ],
};

function faulty(faults: Faults, options = {}): Asker {
  const asker = dialledIn(options);
  asker.tell({ type: "faults", faults });
  return asker;
}

describe("simulated faults", () => {
  it("delay answers", () => {
    const asker = faulty({ delayMs: 3_000 });
    assert.equal(asker.request(energy), undefined);
    asker.advance(2_999);
    assert.equal(asker.answerTo(), undefined);
    asker.advance(1);
    const answer = asker.answerTo();
    assert.ok(answer !== undefined && "type" in answer && answer.type === "get");
  });

  it("go silent: nothing is heard, nothing is sent, nothing takes effect", () => {
    const ledger = new Ledger();
    const asker = faulty({ silent: true }, { ledger });
    const before = asker.sent.length;
    assert.equal(asker.request(token), undefined);
    asker.advance(9_000);
    assert.equal(asker.sent.length, before);
    assert.deepEqual(ledger.credits(), []);
    assert.equal(asker.meter.phase, "associated", "the connection stays");
  });

  it("hang up before the effect, once", () => {
    const ledger = new Ledger();
    const asker = faulty({ hangUp: "before-effect", hangUpOn: "set" }, { ledger });
    assert.equal(asker.number(3, "1-0:1.8.0.255") > 0, true, "only the SET is hung up on");
    assert.equal(asker.request(token), undefined);
    assert.deepEqual(asker.told().slice(-2), ["hung-up", "hang-up"]);
    assert.deepEqual(ledger.credits(), []);
    assert.equal(asker.meter.faults.hangUp, undefined);
  });

  it("hang up after the effect", () => {
    const ledger = new Ledger();
    const asker = faulty({ hangUp: "after-effect" }, { ledger });
    assert.equal(asker.request(token), undefined);
    assert.equal(asker.meter.phase, "offline");
    assert.equal(ledger.credits().length, 1);
  });

  it("answer errors for the objects named, without effect, and all others properly", () => {
    const ledger = new Ledger();
    const asker = faulty(
      {
        answerErrors: [
          { obis: "1-0:129.129.2.255", result: "temporary-failure" },
          { obis: "0-0:96.3.10.255", member: 1, result: "hardware-fault" },
        ],
      },
      { ledger },
    );
    const answer = asker.ask(token);
    assert.deepEqual(answer, { type: "set", results: ["temporary-failure"] });
    assert.deepEqual(ledger.credits(), []);
    assert.equal(asker.act(70, "0-0:96.3.10.255", 1, data.integer(0)), "hardware-fault");
    assert.equal(asker.act(70, "0-0:96.3.10.255", 2, data.integer(0)), "success", "another member");
    assert.ok(asker.number(3, "1-0:1.8.0.255") > 0);
  });

  it("answer with another request's invoke id, over wrapper and HDLC", () => {
    for (const options of [{}, { meterType: presets.standard, dialect: dialect("plain-hdlc") }]) {
      const asker = faulty({ wrongInvokeId: true }, options);
      assert.equal(asker.request(energy), undefined);
      assert.ok(asker.sessionEvents.some(({ type }) => type === "noise"));
      asker.tell({ type: "faults", faults: {} });
      asker.advance(11_000);
      const failed = asker.answerTo();
      assert.ok(failed !== undefined && "code" in failed && failed.code === "RESPONSE_TIMEOUT");
      assert.ok(asker.number(3, "1-0:1.8.0.255") > 0, "the association survives");
    }
  });

  it("send noise before an answer, which both links survive", () => {
    for (const options of [{}, { meterType: presets.standard, dialect: dialect("plain-hdlc") }]) {
      const asker = faulty({ noiseOctets: 5 }, options);
      const before = asker.sent.length;
      asker.request(energy);
      assert.equal(asker.sent[before]?.length, 5);
    }
  });

  it("lose and turn octets, the same ones every time", () => {
    const run = (faults: Faults): Uint8Array => {
      const asker = faulty(faults);
      const before = asker.sent.length;
      asker.request(energy);
      return Buffer.concat(asker.sent.slice(before));
    };
    const whole = run({});
    const lost = run({ dropRate: 0.2 });
    const turned = run({ corruptRate: 0.2 });
    assert.ok(lost.length < whole.length);
    assert.equal(turned.length, whole.length);
    assert.notDeepEqual(turned, whole);
    assert.deepEqual(run({ dropRate: 0.2 }), lost);
  });

  it("end when they are taken back", () => {
    const asker = faulty({ dropRate: 1 });
    assert.equal(asker.request(energy), undefined);
    asker.tell({ type: "faults", faults: {} });
    asker.advance(11_000);
    assert.ok(asker.number(3, "1-0:1.8.0.255") > 0);
  });
});
