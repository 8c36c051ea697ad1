/** M-Bus client: installed, read, keyed, taken away. */
import assert from "node:assert/strict";
import { data } from "../../../src/axdr/index.js";
import { type Asker, dialledIn } from "../asker.js";

const MBUS = "0-1:24.1.0.255";
const VOLUME = "0-1:24.2.1.255";
const HOUR = 3_600_000;
const trigger = data.integer(0);
const key = data.octetString(new Uint8Array(16).fill(7));

function captureHour(asker: Asker): number | undefined {
  const value = asker.value(4, VOLUME, 5);
  assert.ok(value.type === "octet-string");
  return value.value[5];
}

describe("simulated M-Bus client", () => {
  it("reads the gas meter each capture period and when capture is called", () => {
    const asker = dialledIn();
    asker.advance(30 * 60_000);
    const first = asker.number(4, VOLUME);
    assert.ok(first > 0);
    assert.equal(captureHour(asker), 12);
    asker.advance(20 * 60_000);
    assert.equal(asker.number(4, VOLUME), first, "not read since");
    assert.equal(asker.act(72, MBUS, 3, trigger), "success");
    const called = asker.number(4, VOLUME);
    assert.ok(called > first);
    assert.equal(asker.number(72, MBUS, 10), 1);
    asker.advance(10 * 60_000);
    assert.equal(captureHour(asker), 13);
    assert.ok(asker.number(4, VOLUME) > called);
    assert.deepEqual(asker.value(4, VOLUME, 3), data.structure([data.integer(-2), data.enum(13)]));
    assert.equal(asker.write(72, MBUS, data.doubleLongUnsigned(0), 4), "success");
    const stopped = asker.number(4, VOLUME);
    asker.advance(5 * HOUR);
    assert.ok(asker.number(4, VOLUME) <= stopped, "only when called now");
  });

  it("is taken away and installed again", () => {
    const asker = dialledIn();
    const identification = asker.number(72, MBUS, 6);
    assert.match(identification.toString(16), /^\d{8}$/, "eight digits, packed");
    assert.equal(asker.act(72, MBUS, 1, data.unsigned(5)), "other-reason", "there is one");
    assert.equal(asker.act(72, MBUS, 2, trigger), "success");
    for (const attribute of [5, 6, 7, 8, 9, 10]) assert.equal(asker.number(72, MBUS, attribute), 0);
    const last = asker.number(4, VOLUME);
    asker.advance(3 * HOUR);
    assert.equal(asker.number(4, VOLUME), last);
    for (const method of [2, 3, 4, 5])
      assert.equal(asker.act(72, MBUS, method, trigger), "other-reason", `method ${method}`);
    assert.equal(asker.act(72, MBUS, 1, data.unsigned(251)), "other-reason");
    assert.equal(asker.act(72, MBUS, 1, data.boolean(true)), "type-unmatched");
    assert.equal(asker.act(72, MBUS, 1, data.unsigned(5)), "success");
    assert.equal(asker.number(72, MBUS, 5), 5);
    assert.equal(asker.number(72, MBUS, 6), identification);
    asker.advance(HOUR);
    assert.ok(asker.number(4, VOLUME) > last);
  });

  it("tells what became of its key", () => {
    const asker = dialledIn();
    const status = () => asker.number(72, MBUS, 14);
    assert.equal(status(), 0);
    assert.equal(asker.act(72, MBUS, 7, key), "success");
    assert.equal(status(), 1);
    assert.equal(asker.act(72, MBUS, 8, key), "success");
    assert.equal(status(), 3);
    asker.act(72, MBUS, 3, trigger);
    assert.equal(status(), 4);
    assert.equal(asker.act(72, MBUS, 7, data.octetString(new Uint8Array(0))), "success");
    assert.equal(status(), 0);
    asker.act(72, MBUS, 8, key);
    assert.equal(status(), 2);
    assert.equal(asker.act(72, MBUS, 7, data.octetString(new Uint8Array(5))), "type-unmatched");
    assert.equal(asker.act(72, MBUS, 8, data.octetString(new Uint8Array(25))), "type-unmatched");
  });

  it("takes data to send in its form only", () => {
    const asker = dialledIn();
    const block = data.octetString(Uint8Array.of(1));
    const sent = data.array([data.structure([block, block, data.unsigned(3)])]);
    assert.equal(asker.act(72, MBUS, 6, sent), "success");
    assert.equal(asker.act(72, MBUS, 6, data.array([])), "other-reason");
    assert.equal(asker.act(72, MBUS, 6, data.unsigned(1)), "type-unmatched");
  });
});
