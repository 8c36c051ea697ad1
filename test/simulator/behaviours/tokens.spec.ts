/** Prepaid tokens through every object that takes one: credited once, refused for the right reason, locked out. */
import assert from "node:assert/strict";
import { data, type Data } from "../../../src/axdr/index.js";
import { asciiDigits, packBcd } from "../../../src/meter-types/token-digits.js";
import { tokenEnergyWh } from "../../../src/simulator/behaviours/tokens.js";
import { Ledger } from "../../../src/simulator/ledger.js";
import { TOKEN_STEP_MS } from "../../../src/simulator/objects/token-objects.js";
import { type Asker, dialledIn } from "../asker.js";

const TOKEN = "12345678901234567890";
const OTHER = "12345678901234567105";
const BAD = "00000000123456789012";
const TOO_OLD = "00000001123456789012";
const TOO_BIG = "73786976294838206464";
const GATEWAY = "0-0:19.40.0.255";

/** Each way in, as the result of the service that carries the token. */
const ways: Record<string, (asker: Asker, token: string) => string | number | undefined> = {
  "data-bcd": (asker, token) => asker.write(1, "1-0:129.129.2.255", data.octetString(packBcd(token))),
  register: (asker, token) => asker.write(3, "0-0:19.1.0.255", data.visibleString(token)),
};

function credit(asker: Asker): number {
  return asker.number(3, "1-0:96.66.0.255");
}

function enter(asker: Asker, octets: Uint8Array): [number, string] {
  assert.equal(asker.act(115, GATEWAY, 1, data.octetString(octets)), "success");
  asker.advance(10 * TOKEN_STEP_MS);
  return status(asker);
}

function status(asker: Asker): [number, string] {
  const value = asker.value(115, GATEWAY, 6);
  assert.ok(value.type === "structure");
  const [code, bits] = value.value as [Data, Data];
  assert.ok(code.type === "enum" && bits.type === "bit-string");
  return [code.value, bits.value];
}

describe("simulated tokens", () => {
  for (const [name, write] of Object.entries(ways)) {
    it(`${name}: credits an unused token once and refuses it as used`, () => {
      const ledger = new Ledger();
      const asker = dialledIn({ ledger });
      const before = credit(asker);
      assert.equal(write(asker, TOKEN), "success");
      assert.equal(credit(asker) - before, 9_000, "the last three digits say 90.0 kWh");
      assert.equal(write(asker, TOKEN), "other-reason");
      assert.equal(credit(asker) - before, 9_000);
      assert.deepEqual(
        ledger.credits("46000755036").map(({ token, energyWh }) => [token, energyWh]),
        [[TOKEN, 90_000]],
      );
      assert.deepEqual(
        ledger.refusals().map(({ token, reason }) => [token, reason]),
        [[TOKEN, "used"]],
      );
    });

    it(`${name}: rejects what is no token, and locks out after three`, () => {
      const ledger = new Ledger();
      const asker = dialledIn({ ledger });
      const before = credit(asker);
      for (const bad of [TOO_BIG, BAD, BAD]) assert.equal(write(asker, bad), "other-reason");
      assert.equal(write(asker, TOKEN), "temporary-failure", "locked out");
      asker.advance(10_000);
      assert.equal(write(asker, BAD), "other-reason");
      asker.advance(19_999);
      assert.equal(write(asker, TOKEN), "temporary-failure", "locked out for twice as long");
      asker.advance(1);
      assert.equal(write(asker, TOKEN), "success");
      assert.ok(credit(asker) > before);
      assert.deepEqual(
        ledger.refusals().map(({ reason }) => reason),
        ["format", "authentication", "authentication", "locked-out", "authentication", "locked-out"],
      );
    });
  }

  it("data-bcd: refuses other types and lengths unseen", () => {
    const ledger = new Ledger();
    const asker = dialledIn({ ledger });
    const object = "1-0:129.129.2.255";
    assert.equal(asker.write(1, object, data.visibleString(TOKEN)), "type-unmatched");
    assert.equal(asker.write(1, object, data.octetString(new Uint8Array(9))), "type-unmatched");
    assert.equal(asker.write(3, "0-0:19.1.0.255", data.octetString(packBcd(TOKEN))), "type-unmatched");
    assert.deepEqual(ledger.refusals(), []);
  });

  it("data-bcd: shows the credited tokens in the logs, the refused ones nowhere", () => {
    const asker = dialledIn();
    const write = ways["data-bcd"] as (asker: Asker, token: string) => unknown;
    for (const token of [TOKEN, BAD, OTHER]) write(asker, token);
    const rows = asker.value(7, "1-0:99.98.84.255");
    assert.deepEqual(
      rows,
      data.array([TOKEN, OTHER].map((token) => data.structure([data.octetString(packBcd(token))]))),
    );
    assert.deepEqual(
      asker.value(7, "1-0:99.98.85.255"),
      data.array([9_000, 1_150].map((steps) => data.structure([data.doubleLongUnsigned(steps)]))),
    );
    assert.deepEqual(asker.value(7, "1-0:99.98.86.255"), data.array([]));
    const times = asker.value(7, "1-0:99.98.70.255");
    assert.ok(times.type === "array" && times.value.length === 2);
  });

  it("token-gateway: goes through received, format, authentication, validation to executed", () => {
    const asker = dialledIn();
    const before = credit(asker);
    assert.equal(asker.act(115, GATEWAY, 1, data.octetString(packBcd(TOKEN))), "success");
    const seen = [status(asker)[0]];
    for (let i = 0; i < 5; i++) {
      asker.advance(TOKEN_STEP_MS);
      seen.push(status(asker)[0]);
    }
    assert.deepEqual(seen, [8, 0, 1, 2, 3, 3]);
    assert.ok(credit(asker) - before >= 8_999, "a second's consumption aside");
    assert.deepEqual(asker.value(115, GATEWAY, 2), data.octetString(packBcd(TOKEN)));
  });

  it("token-gateway: takes BCD and ASCII, and says why it refuses", () => {
    const asker = dialledIn();
    assert.deepEqual(enter(asker, asciiDigits(TOKEN)), [3, "00000000"]);
    assert.deepEqual(enter(asker, packBcd(TOKEN)), [6, "10000000"], "used, whatever its coding");
    assert.deepEqual(enter(asker, packBcd(TOO_OLD)), [6, "01000000"]);
    assert.deepEqual(enter(asker, packBcd(BAD)), [5, "00000000"]);
    assert.deepEqual(enter(asker, Uint8Array.of(1, 2, 3)), [4, "00000000"]);
    assert.deepEqual(enter(asker, packBcd(TOO_BIG)), [4, "00000000"]);
    assert.deepEqual(enter(asker, packBcd(OTHER)), [6, "00100000"], "locked out");
    assert.equal(asker.act(115, GATEWAY, 1, data.visibleString(TOKEN)), "type-unmatched");
  });

  it("refuses a token by any other way once it was taken by one", () => {
    const asker = dialledIn();
    assert.deepEqual(enter(asker, packBcd(TOKEN)), [3, "00000000"]);
    for (const write of Object.values(ways)) assert.equal(write(asker, TOKEN), "other-reason");
  });

  it("credit: adds the amount every time, and sets it", () => {
    const ledger = new Ledger();
    const asker = dialledIn({ ledger, creditWh: 10_000 });
    const left = () => asker.number(112, "0-0:19.10.0.255");
    assert.equal(asker.act(112, "0-0:19.10.0.255", 1, data.doubleLong(5_000)), "success");
    assert.equal(left(), 6_000);
    asker.act(112, "0-0:19.10.0.255", 1, data.doubleLong(5_000));
    assert.equal(left(), 11_000, "not idempotent");
    asker.act(112, "0-0:19.10.0.255", 2, data.doubleLong(100));
    assert.equal(left(), 100);
    assert.equal(asker.act(112, "0-0:19.10.0.255", 1, data.doubleLong(0x7fff_ffff)), "other-reason");
    assert.equal(asker.act(112, "0-0:19.10.0.255", 1, data.visibleString("5000")), "type-unmatched");
    assert.equal(ledger.credits().length, 3);
    assert.equal(asker.number(111, "0-0:19.0.0.255", 5), 100, "the account shows the same");
  });

  it("remembers fifty tokens as used, and older ones as old", () => {
    const ledger = new Ledger();
    const asker = dialledIn({ ledger });
    const write = ways["register"] as (asker: Asker, token: string) => unknown;
    const token = (n: number) => `1000000000${String(n).padStart(7, "0")}000`;
    for (let n = 0; n <= 50; n++) assert.equal(write(asker, token(n)), "success");
    write(asker, token(1));
    write(asker, token(0));
    assert.deepEqual(
      ledger.refusals().map(({ reason }) => reason),
      ["used", "old"],
    );
    assert.equal(ledger.credits().length, 51);
  });

  it("reads the energy off the digits", () => {
    assert.equal(tokenEnergyWh("00000002000000000000"), 1_000);
    assert.equal(tokenEnergyWh("00000002000000000999"), 100_900);
  });

  it("uses credit up with energy, neither more nor less", () => {
    const asker = dialledIn({ creditWh: 100_000 });
    const credit0 = credit(asker);
    const energy0 = asker.number(3, "1-0:1.8.0.255");
    asker.advance(24 * 3_600_000);
    const used = credit0 - credit(asker);
    const counted = asker.number(3, "1-0:1.8.0.255") - energy0;
    assert.ok(used > 100, `${used} steps in a day`);
    assert.ok(Math.abs(used - counted) <= 1, `${used} used, ${counted} counted`);
  });

  it("lets credit stand still in post-payment mode", () => {
    const asker = dialledIn({ creditWh: 50_000 });
    assert.equal(asker.write(1, "0-0:96.60.0.255", data.unsigned(0)), "success");
    asker.advance(24 * 3_600_000);
    assert.equal(credit(asker), 5_000);
    assert.equal(asker.write(1, "0-0:96.60.0.255", data.unsigned(1)), "success");
    asker.advance(24 * 3_600_000);
    assert.ok(credit(asker) < 5_000);
    const modes = asker.value(7, "1-0:99.98.87.255");
    assert.ok(modes.type === "array" && modes.value.length === 1);
  });
});
