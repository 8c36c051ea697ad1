/** Account, credits and charges: their methods, and how tokens and consumption move them. */
import assert from "node:assert/strict";
import { type Data, data } from "../../../src/axdr/index.js";
import { fromHex } from "../../../src/bytes/hex.js";
import { parseObis } from "../../../src/cosem/obis.js";
import { clockOctets } from "../../../src/simulator/behaviours/clock.js";
import { type Asker, dialledIn, NOON } from "../asker.js";

const ACCOUNT = "0-0:19.0.0.255";
const TOKEN_CREDIT = "0-0:19.10.0.255";
const EMERGENCY = "0-0:19.10.1.255";
const CONSUMPTION = "0-0:19.20.0.255";
const DEBT = "0-0:19.20.1.255";
const STANDING = "0-0:19.20.2.255";
const RELAY = "0-0:96.3.10.255";
const SECOND = 1000;
const HOUR = 3_600_000;
/** Carries 90.0 kWh. */
const TOKEN = "12345678901234567890";

const trigger = data.integer(0);
const table = (charge: number): Data =>
  data.array([data.structure([data.octetString(new Uint8Array(0)), data.long(charge)])]);

function credit(asker: Asker): number {
  return asker.number(112, TOKEN_CREDIT);
}

function energy(asker: Asker): number {
  return asker.number(3, "1-0:1.8.0.255");
}

function accountStatus(asker: Asker): Data | undefined {
  const value = asker.value(111, ACCOUNT);
  assert.ok(value.type === "structure");
  return value.value[1];
}

describe("simulated account", () => {
  it("is closed, reset and activated again; only an active one is charged and takes amounts", () => {
    const asker = dialledIn({ creditWh: 50_000 });
    assert.deepEqual(accountStatus(asker), data.enum(2));
    assert.equal(asker.act(111, ACCOUNT, 3, trigger), "other-reason", "not closed");
    assert.equal(asker.act(111, ACCOUNT, 2, trigger), "success");
    assert.deepEqual(accountStatus(asker), data.enum(3));
    const before = credit(asker);
    asker.advance(6 * HOUR);
    assert.equal(credit(asker), before);
    assert.equal(asker.act(112, TOKEN_CREDIT, 1, data.doubleLong(100)), "other-reason");
    assert.equal(asker.act(111, ACCOUNT, 1, trigger), "other-reason", "closed");
    assert.equal(asker.act(111, ACCOUNT, 3, trigger), "success");
    assert.deepEqual(accountStatus(asker), data.enum(1));
    assert.equal(credit(asker), 0);
    assert.equal(asker.act(111, ACCOUNT, 1, trigger), "success");
    assert.deepEqual(accountStatus(asker), data.enum(2));
    assert.equal(asker.act(112, TOKEN_CREDIT, 1, data.doubleLong(100)), "success");
    assert.equal(asker.act(111, ACCOUNT, 2, data.boolean(true)), "type-unmatched");
    assert.deepEqual(asker.value(111, ACCOUNT, 13), data.octetString(clockOctets(NOON + asker.now, -60)));
  });

  it("names its credits and charges, which are there", () => {
    for (const objects of ["hexcell", "minimal"] as const) {
      const asker = dialledIn({ objects });
      for (const [attribute, classId, count] of [
        [9, 112, { hexcell: 2, minimal: 1 }],
        [10, 113, { hexcell: 3, minimal: 1 }],
      ] as const) {
        const list = asker.value(111, ACCOUNT, attribute);
        assert.ok(list.type === "array");
        assert.equal(list.value.length, count[objects]);
        for (const name of list.value) {
          assert.ok(name.type === "octet-string");
          assert.ok(asker.meter.model.find(classId, name.value));
        }
      }
    }
  });
});

describe("simulated emergency credit", () => {
  it("is selectable when little is left, keeps supply up below zero, and is paid back by the next token", () => {
    const asker = dialledIn({ creditWh: 3_000 });
    assert.equal(asker.number(112, EMERGENCY, 8), 0);
    assert.equal(asker.act(112, EMERGENCY, 3, trigger), "other-reason", "not selectable yet");
    while (credit(asker) > 200) asker.advance(60 * SECOND);
    assert.equal(asker.number(112, EMERGENCY, 8), 1);
    assert.equal(asker.act(112, EMERGENCY, 3, trigger), "success");
    assert.equal(asker.number(112, EMERGENCY, 8), 2);
    while (credit(asker) > -100) asker.advance(60 * SECOND);
    assert.deepEqual(asker.value(70, RELAY, 3), data.enum(1), "still supplied");
    assert.equal(asker.number(112, EMERGENCY, 8), 3);
    const used = -credit(asker);
    assert.equal(asker.number(112, EMERGENCY, 2), 500 - used);
    assert.equal(asker.number(111, ACCOUNT, 6), used, "to be cleared");
    assert.equal(asker.number(111, ACCOUNT, 5), 500 - used);
    while (credit(asker) > -500) asker.advance(60 * SECOND);
    asker.advance(60 * SECOND);
    assert.equal(asker.number(112, EMERGENCY, 8), 4);
    assert.deepEqual(asker.value(70, RELAY, 2), data.boolean(false));
    const owed = credit(asker);
    asker.write(1, "1-0:129.129.2.255", data.octetString(fromHex(TOKEN)));
    assert.equal(credit(asker), owed + 9_000);
    assert.equal(asker.number(112, EMERGENCY, 8), 0);
    assert.equal(asker.number(112, EMERGENCY, 2), 500);
  });

  it("reconnects in a mode that may, when it is invoked after the credit ran out", () => {
    const asker = dialledIn({ creditWh: 100, controlMode: 5 });
    asker.advance(2 * HOUR);
    assert.deepEqual(asker.value(70, RELAY, 3), data.enum(2));
    assert.equal(asker.act(112, EMERGENCY, 3, trigger), "success");
    asker.advance(2 * SECOND);
    assert.deepEqual(asker.value(70, RELAY, 3), data.enum(1));
  });
});

describe("simulated charges", () => {
  it("charge consumption at the unit charge that is active", () => {
    const asker = dialledIn({ creditWh: 80_000 });
    const drawn = (hours: number): { credit: number; energy: number } => {
      const before = { credit: credit(asker), energy: energy(asker) };
      asker.advance(hours * HOUR);
      return { credit: before.credit - credit(asker), energy: energy(asker) - before.energy };
    };
    const single = drawn(10);
    assert.ok(single.energy > 100);
    assert.ok(Math.abs(single.credit - single.energy) <= 1);
    const paid = asker.number(113, CONSUMPTION);
    assert.equal(asker.act(113, CONSUMPTION, 1, table(3)), "success");
    const passive = drawn(1);
    assert.ok(Math.abs(passive.credit - passive.energy) <= 1, "passive yet");
    assert.equal(asker.act(113, CONSUMPTION, 2, trigger), "success");
    const triple = drawn(10);
    assert.ok(Math.abs(triple.credit - 3 * triple.energy) <= 4, JSON.stringify(triple));
    const charged = single.credit + passive.credit + triple.credit;
    assert.ok(Math.abs(asker.number(113, CONSUMPTION) - paid - passive.credit - triple.credit) <= 2);
    assert.ok(charged > 0);
    assert.equal(asker.act(113, CONSUMPTION, 1, data.long(1)), "type-unmatched");
  });

  it("activate the passive unit charge at its time, and empty the credit sooner", () => {
    const asker = dialledIn({ creditWh: 20_000 });
    asker.act(113, CONSUMPTION, 1, table(0));
    const at = data.octetString(clockOctets(NOON + HOUR, -60));
    assert.equal(asker.write(113, CONSUMPTION, at, 7), "success");
    asker.advance(HOUR);
    const before = credit(asker);
    asker.advance(20 * HOUR);
    assert.equal(credit(asker), before, "consumption is free now");
    assert.equal(asker.write(113, CONSUMPTION, at, 5), "read-write-denied", "the active one");
    asker.act(113, CONSUMPTION, 1, table(1_000));
    asker.act(113, CONSUMPTION, 2, trigger);
    asker.advance(HOUR);
    assert.deepEqual(asker.value(70, RELAY, 2), data.boolean(false));
  });

  it("collect a debt from each token by its proportion until it is paid", () => {
    const asker = dialledIn({ creditWh: 10_000 });
    assert.equal(asker.act(113, DEBT, 5, data.doubleLong(3_000)), "success");
    assert.equal(asker.act(113, DEBT, 4, data.doubleLong(-500)), "success");
    assert.equal(asker.act(113, DEBT, 4, data.doubleLong(-9_999)), "other-reason");
    assert.equal(asker.number(113, DEBT, 12), 2_500);
    assert.equal(asker.number(111, ACCOUNT, 8), 2_500);
    assert.equal(asker.write(113, DEBT, data.longUnsigned(10_001), 13), "other-reason");
    const before = credit(asker);
    asker.write(1, "1-0:129.129.2.255", data.octetString(fromHex(TOKEN)));
    assert.equal(credit(asker), before + 9_000 - 1_800, "a fifth of 90 kWh");
    assert.equal(asker.number(113, DEBT, 12), 700);
    assert.equal(asker.write(113, DEBT, data.longUnsigned(10_000), 13), "success");
    asker.write(1, "1-0:129.129.2.255", data.octetString(fromHex("22345678901234567890")));
    assert.equal(credit(asker), before + 18_000 - 2_500);
    assert.equal(asker.number(113, DEBT, 12), 0);
    assert.equal(asker.number(113, DEBT, 2), 2_500);
  });

  it("collect a standing charge each period and when asked", () => {
    const asker = dialledIn({ creditWh: 90_000 });
    assert.equal(asker.act(113, STANDING, 3, trigger), "other-reason", "it has no price");
    asker.act(113, STANDING, 1, table(250));
    asker.act(113, STANDING, 2, trigger);
    asker.advance(25 * HOUR);
    assert.equal(asker.number(113, STANDING), 250);
    assert.equal(asker.number(113, STANDING, 11), 250);
    const before = credit(asker);
    assert.equal(asker.act(113, STANDING, 3, trigger), "success");
    assert.equal(credit(asker), before - 250);
    assert.equal(asker.number(113, STANDING), 500);
    assert.equal(asker.write(113, STANDING, data.doubleLongUnsigned(3_600), 8), "success");
    asker.advance(3 * HOUR);
    assert.equal(asker.number(113, STANDING), 1_250);
  });

  it("stay within their registers whatever the scales say", () => {
    const asker = dialledIn({ controlMode: 0 });
    const unit = asker.value(113, CONSUMPTION, 6);
    assert.ok(unit.type === "structure");
    const scales = data.structure([data.integer(-100), data.integer(100)]);
    const absurd = data.structure([scales, ...unit.value.slice(1)]);
    for (const charge of [CONSUMPTION, STANDING]) {
      assert.equal(asker.write(113, charge, absurd, 6), "success");
      assert.equal(asker.act(113, charge, 2, trigger), "success");
    }
    asker.advance(1_000 * HOUR);
    assert.equal(credit(asker), -0x7fff_ffff);
    assert.equal(asker.number(113, CONSUMPTION), 0x7fff_ffff);
    assert.equal(asker.number(111, ACCOUNT, 6), 0x7fff_ffff);
  });

  it("may be next to nothing: the credit then never runs out", () => {
    const asker = dialledIn({ creditWh: 1_000 });
    const unit = asker.value(113, CONSUMPTION, 6);
    assert.ok(unit.type === "structure");
    const scales = data.structure([data.integer(100), data.integer(-100)]);
    asker.write(113, CONSUMPTION, data.structure([scales, ...unit.value.slice(1)]), 6);
    assert.equal(asker.act(113, CONSUMPTION, 2, trigger), "success");
    asker.advance(1_000 * HOUR);
    assert.equal(credit(asker), 100);
    assert.deepEqual(asker.value(70, RELAY, 3), data.enum(1));
  });

  it("have a commodity that is measured", () => {
    const asker = dialledIn();
    const unit = asker.value(113, CONSUMPTION, 5);
    assert.ok(unit.type === "structure");
    assert.deepEqual(
      unit.value[1],
      data.structure([data.longUnsigned(3), data.octetString(parseObis("1-0:1.8.0.255")), data.integer(2)]),
    );
  });
});
