/** What the methods of association and SAP assignment change, and what the public client may not. */
import assert from "node:assert/strict";
import { type Data, data } from "../../../src/axdr/index.js";
import { fromLatin1 } from "../../../src/bytes/hex.js";
import { parseObjectList } from "../../../src/cosem/object-list.js";
import { presets } from "../../../src/meter-types/presets.js";
import { Asker, dialledIn } from "../asker.js";

const ASSOCIATION = "0-0:40.0.0.255";
const CLOCK = "0-0:1.0.0.255";
const SAPS = "0-0:41.0.0.255";

function element(asker: Asker, classId: number, obis: string): Data {
  const list = asker.value(15, ASSOCIATION);
  assert.ok(list.type === "array");
  const at = parseObjectList(list).findIndex((entry) => entry.classId === classId && entry.obis === obis);
  assert.ok(at >= 0, obis);
  return list.value[at] as Data;
}

describe("simulated association", () => {
  it("takes another password for the next association", () => {
    const asker = dialledIn();
    assert.equal(asker.write(15, ASSOCIATION, data.octetString(fromLatin1("13579246")), 7), "success");
    assert.equal(asker.write(15, ASSOCIATION, data.octetString(new Uint8Array(0)), 7), "read-write-denied");
    assert.equal(asker.write(15, ASSOCIATION, data.visibleString("13579246"), 7), "type-unmatched");
    assert.equal(asker.act(15, ASSOCIATION, 2, data.octetString(fromLatin1("x"))), "other-reason", "no HLS");
    const { meter } = asker;
    asker.tell({ type: "closed" });
    const old = new Asker(meter);
    old.tell({ type: "open" });
    assert.throws(() => old.associate(), { code: "AUTHENTICATION_FAILED" });
    old.tell({ type: "closed" });
    const fresh = new Asker(meter, { password: "13579246" });
    fresh.tell({ type: "open" });
    fresh.associate();
    assert.ok(fresh.number(3, "1-0:1.8.0.255") > 0);
  });

  it("takes objects off its list, out of reach, and puts them back", () => {
    const asker = dialledIn();
    const clock = element(asker, 8, CLOCK);
    const before = asker.meter.model.objects.length;
    assert.equal(asker.act(15, ASSOCIATION, 4, clock), "success");
    const list = asker.value(15, ASSOCIATION);
    assert.ok(list.type === "array");
    assert.equal(list.value.length, before - 1);
    assert.deepEqual(asker.read(8, CLOCK), { type: "data-access-error", error: "object-undefined" });
    const other = dialledIn();
    assert.equal(other.read(8, CLOCK).type, "data", "of this meter alone");
    assert.equal(asker.act(15, ASSOCIATION, 3, clock), "success");
    assert.equal(asker.read(8, CLOCK).type, "data");
    assert.equal(asker.act(15, ASSOCIATION, 4, element(asker, 15, ASSOCIATION)), "other-reason");
    assert.equal(asker.act(15, ASSOCIATION, 4, data.null()), "type-unmatched");
  });

  it("keeps a list of users", () => {
    const asker = dialledIn();
    const user = (id: number, name: string): Data =>
      data.structure([data.unsigned(id), data.visibleString(name)]);
    for (const [id, name] of [
      [1, "a"],
      [2, "b"],
      [1, "c"],
    ] as const)
      assert.equal(asker.act(15, ASSOCIATION, 5, user(id, name)), "success");
    assert.deepEqual(asker.value(15, ASSOCIATION, 10), data.array([user(2, "b"), user(1, "c")]));
    assert.equal(asker.act(15, ASSOCIATION, 6, user(2, "b")), "success");
    assert.equal(asker.act(15, ASSOCIATION, 6, user(2, "b")), "other-reason");
    assert.equal(asker.act(15, ASSOCIATION, 5, data.unsigned(1)), "type-unmatched");
  });

  it("lets the public client read and nothing else", () => {
    const asker = dialledIn({}, { clientSap: presets.hexcell.association.publicClientSap });
    assert.equal(asker.read(8, CLOCK).type, "data");
    assert.equal(asker.write(8, CLOCK, data.long(0), 3), "read-write-denied");
    assert.equal(asker.act(8, CLOCK, 3, data.integer(0)), "read-write-denied");
    assert.equal(asker.write(15, ASSOCIATION, data.octetString(fromLatin1("1")), 7), "read-write-denied");
    const entries = parseObjectList(asker.value(15, ASSOCIATION));
    assert.ok(entries.length > 0);
    for (const { obis, attributes, methods } of entries)
      assert.ok(
        [...attributes.map(({ write }) => write), ...methods.map(({ access }) => access)].every(
          (may) => !may,
        ),
        obis,
      );
  });
});

describe("simulated SAP assignment", () => {
  it("connects logical devices and lets go of them", () => {
    const asker = dialledIn();
    const device = (sap: number, name: string): Data =>
      data.structure([data.longUnsigned(sap), data.octetString(fromLatin1(name))]);
    const devices = (): number => {
      const list = asker.value(17, SAPS);
      assert.ok(list.type === "array");
      return list.value.length;
    };
    assert.equal(devices(), 1);
    assert.equal(asker.act(17, SAPS, 1, device(5, "SIMGAS0000000001")), "success");
    assert.equal(devices(), 2);
    assert.equal(asker.act(17, SAPS, 1, device(5, "")), "success");
    assert.equal(devices(), 1);
    assert.equal(asker.act(17, SAPS, 1, device(5, "")), "other-reason", "not connected");
    const own = asker.meter.options.meterType.association.serverSap;
    assert.equal(asker.act(17, SAPS, 1, device(own, "")), "other-reason");
    assert.equal(asker.act(17, SAPS, 1, data.unsigned(5)), "type-unmatched");
  });
});
