/** Keys that somebody else knows: asked, answered, waited for, and remembered for a while. */
import assert from "node:assert/strict";
import { fromHex, toHex } from "../../../src/bytes/hex.js";
import { AskedKeys, type KeyQuestion } from "../../../src/gateway/keys/asked-keys.js";
import { FakeClock } from "../../support/fake-clock.js";

const K1 = "000102030405060708090A0B0C0D0E0F";

describe("keys that the flow knows", () => {
  const clock = new FakeClock();
  let keys: AskedKeys;
  let asked: KeyQuestion[];
  beforeEach(() => {
    keys = new AskedKeys({ clock });
    asked = [];
    keys.on((question) => asked.push(question));
  });

  it("are asked for once and held; an answer names its question", async () => {
    const both = [keys.find({ meterSerialNumber: "7" }), keys.find({ meterSerialNumber: "7" })];
    assert.deepEqual(asked, [{ event: "needKeys", id: asked[0]?.id, meterSerialNumber: "7" }]);
    const id = asked[0]?.id as string;
    assert.equal(keys.answer("another", { unicastKey: K1 }), false);
    assert.throws(() => keys.answer(id, { unicastKey: "xyz" }), {
      code: "KEY_LIST_INVALID",
      field: "unicastKey",
    });
    assert.throws(() => keys.answer(id, { color: "red" }), { code: "KEY_LIST_INVALID" });
    assert.equal(keys.answer(id, { unicastKey: K1, meterType: "street" }), true);
    for (const known of await Promise.all(both)) {
      assert.equal(known?.meterType, "street");
      assert.equal(toHex(known?.keys?.unicast?.reveal() as Uint8Array), K1);
    }
    await keys.find({ meterSerialNumber: "7" });
    assert.equal(asked.length, 1);
    clock.advance(300_001);
    const later = keys.find({ meterSerialNumber: "7" });
    assert.equal(asked.length, 2);
    keys.answer(asked[1]?.id as string, undefined);
    assert.equal(await later, undefined);
  });

  it("are waited for so long and no longer; the next who needs them asks anew", async () => {
    const first = keys.find({ systemTitle: fromHex("4D4D4D0000BC614E") });
    const refused = assert.rejects(first, { code: "SECURITY_KEYS_UNAVAILABLE" });
    assert.equal(asked[0]?.systemTitle, "4D4D4D0000BC614E");
    clock.advance(10_000);
    await refused;
    assert.equal(keys.answer(asked[0]?.id, { unicastKey: K1 }), false);
    const second = keys.find({ systemTitle: fromHex("4D4D4D0000BC614E") });
    assert.equal(asked.length, 2);
    keys.close();
    assert.equal(await second, undefined);
  });
});
