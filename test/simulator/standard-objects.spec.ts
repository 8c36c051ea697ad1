/** The standard objects as a whole: one of each class, as the classes declare them; compact data and address lists. */
import assert from "node:assert/strict";
import { type Data, data, dataCodec } from "../../src/axdr/index.js";
import { concatBytes, equalBytes, toHex } from "../../src/bytes/hex.js";
import { decodeAll } from "../../src/bytes/codec.js";
import { attributeById, classById, classes } from "../../src/cosem/classes/index.js";
import { methodsOf } from "../../src/cosem/interface-class.js";
import { formatObis } from "../../src/cosem/obis.js";
import { presets } from "../../src/meter-types/presets.js";
import { itself } from "../../src/simulator/object-store.js";
import { aMeter, dialledIn, NOON } from "./asker.js";

const CAPTURED = "0-0:66.0.1.255";
const ASSOCIATION_SN = 12;

/** A meter that ciphers has the security setup as well. */
const meter = aMeter({
  meterType: presets.hexcell,
  security: { mechanism: "hls-gmac", options: { keys: {}, systemTitle: new Uint8Array(8).fill(1) } },
});

describe("simulated standard objects", () => {
  it("are of every class but the association of short names", () => {
    const present = new Set(meter.model.objects.map(({ classId }) => classId));
    const missing = classes.filter(({ classId }) => !present.has(classId)).map(({ classId }) => classId);
    assert.deepEqual(missing, [ASSOCIATION_SN]);
  });

  it("hold in each readable attribute a value of the type its class declares", () => {
    const wrong: string[] = [];
    for (const object of meter.model.objects)
      for (const { id, access } of object.attributes) {
        if (!access.includes("r")) continue;
        const declared = attributeById(object.classId, id);
        const value = meter.model.value(meter.state, object, id, NOON, itself);
        const reason = declared === undefined ? "not declared" : declared.type.check(value);
        if (reason !== undefined) wrong.push(`${formatObis(object.logicalName)} attribute ${id}: ${reason}`);
      }
    // The maker gives two of its data objects a scaler.
    assert.deepEqual(wrong, [
      "1-0:129.39.130.255 attribute 3: not declared",
      "1-0:129.39.131.255 attribute 3: not declared",
    ]);
  });

  it("have all attributes and methods of their version, where they act", () => {
    const lacking: string[] = [];
    const seen = new Set<number>();
    // The object of a class that has most of it: others of the class may be the maker's, who leaves out much.
    for (const { classId } of classes) {
      if (classId === ASSOCIATION_SN) continue;
      const best = meter.model.objects
        .filter((object) => object.classId === classId)
        .sort((a, b) => size(b) - size(a))[0];
      assert.ok(best);
      seen.add(classId);
      const declared = classById(classId);
      assert.ok(declared);
      for (const { name, id, since = 0 } of Object.entries(declared.attributes).map(([name, each]) => ({
        name,
        ...each,
      })))
        if (id !== 1 && since <= best.version && !best.attributes.some((each) => each.id === id))
          lacking.push(`${declared.name} ${name}`);
      for (const { name, id, since = 0 } of methodsOf(declared))
        if (since <= best.version && !best.methods?.some((each) => each.id === id))
          lacking.push(`${declared.name} method ${name}`);
    }
    assert.equal(seen.size, classes.length - 1);
    assert.deepEqual(lacking, []);
  });

  function size({ attributes, methods = [] }: (typeof meter.model.objects)[number]): number {
    return attributes.length + methods.length;
  }
});

describe("simulated compact data", () => {
  function octets(value: Data): Uint8Array {
    assert.ok(value.type === "octet-string");
    return value.value;
  }

  it("is what a compact-array of one row would hold", () => {
    const asker = dialledIn();
    const description = octets(asker.value(62, CAPTURED, 5));
    const contents = octets(asker.value(62, CAPTURED));
    const whole = concatBytes(Uint8Array.of(0x13), description, Uint8Array.of(contents.length), contents);
    const decoded = decodeAll(dataCodec, whole);
    assert.ok(decoded.type === "compact-array");
    const [row] = decoded.value;
    assert.ok(row?.type === "structure");
    assert.deepEqual(row.value.slice(0, 3), [
      data.unsigned(1),
      asker.value(8, "0-0:1.0.0.255"),
      asker.value(3, "1-0:1.8.0.255"),
    ]);
  });

  it("is captured on invocation where its method says so", () => {
    const asker = dialledIn();
    assert.equal(asker.act(62, CAPTURED, 2, data.integer(0)), "other-reason", "captured when read");
    assert.equal(asker.write(62, CAPTURED, data.enum(0), 6), "success");
    assert.equal(octets(asker.value(62, CAPTURED)).length, 0);
    assert.equal(asker.act(62, CAPTURED, 2, data.integer(0)), "success");
    const captured = octets(asker.value(62, CAPTURED));
    assert.ok(captured.length > 0);
    asker.advance(3_600_000);
    assert.ok(equalBytes(octets(asker.value(62, CAPTURED)), captured), toHex(captured));
    assert.equal(asker.act(62, CAPTURED, 1, data.integer(0)), "success");
    assert.equal(octets(asker.value(62, CAPTURED)).length, 0);
    assert.equal(asker.write(62, CAPTURED, data.array([data.null()]), 3), "type-unmatched");
  });
});

describe("simulated addresses", () => {
  it("of IPv4 multicast are added once, counted, and deleted", () => {
    const asker = dialledIn();
    const name = "0-0:25.1.0.255";
    const address = data.doubleLongUnsigned(0xe000_0001);
    assert.equal(asker.act(42, name, 1, address), "success");
    assert.equal(asker.act(42, name, 1, address), "other-reason", "it is there");
    assert.deepEqual(asker.value(42, name, 4), data.array([address]));
    assert.equal(asker.act(42, name, 3, data.integer(0)), "success");
    assert.equal(asker.act(42, name, 2, address), "success");
    assert.equal(asker.act(42, name, 2, address), "other-reason");
    assert.equal(asker.act(42, name, 1, data.boolean(true)), "type-unmatched");
  });

  it("of IPv6 go to the list of their type", () => {
    const asker = dialledIn();
    const name = "0-0:25.7.0.255";
    const address = data.octetString(new Uint8Array(16).fill(1));
    const typed = (type: number): Data => data.structure([data.enum(type), address]);
    assert.equal(asker.act(48, name, 1, typed(2)), "success");
    assert.deepEqual(asker.value(48, name, 6), data.array([address]));
    assert.deepEqual(asker.value(48, name, 4), data.array([]));
    assert.equal(asker.act(48, name, 2, typed(0)), "other-reason");
    assert.equal(asker.act(48, name, 1, typed(3)), "other-reason");
    const short = data.structure([data.enum(0), data.octetString(new Uint8Array(4))]);
    assert.equal(asker.act(48, name, 1, short), "other-reason");
    assert.equal(asker.act(48, name, 2, typed(2)), "success");
  });
});
