/** Base names of simulated meters: every object has room of its own, and the list shows a caller what it may see. */
import assert from "node:assert/strict";
import { ShortNames, shortNameSpan } from "../../src/cosem/short-names.js";
import { presets } from "../../src/meter-types/presets.js";
import { meterModel } from "../../src/simulator/model.js";
import { shortNamesOf } from "../../src/simulator/objects/association-sn.js";

const meterType = {
  ...presets.hexcell,
  association: { ...presets.hexcell.association, shortNames: true },
};

describe("short names of simulated meters", () => {
  const store = meterModel(meterType, "hexcell");
  const objects = shortNamesOf(store);

  it("names every object but the association itself, none over another", () => {
    assert.equal(objects.length, store.objects.length - 1);
    const spans = [...objects]
      .sort((a, b) => a.baseName - b.baseName)
      .map((named) => {
        const { attributes, methods = [] } = store.find(named.classId, named.logicalName) ?? assert.fail();
        const last = (members: readonly { id: number }[]): number =>
          Math.max(0, ...members.map(({ id }) => id));
        return [
          named.baseName,
          named.baseName + shortNameSpan(named, last(attributes), last(methods)),
        ] as const;
      });
    spans.forEach(([from, to], i) => {
      assert.equal(from % 8, 0);
      assert.ok(to <= 0x1_0000 && (to <= 0xfa00 || from >= 0xfa80), `${from} to ${to}`);
      assert.ok(i === 0 || from >= (spans[i - 1]?.[1] ?? 0), "spans do not overlap");
    });
  });

  it("every attribute and method with a known place is found again at its name", () => {
    const names = new ShortNames(objects);
    let methodsSeen = 0;
    for (const object of objects) {
      const { attributes, methods = [] } = store.find(object.classId, object.logicalName) ?? assert.fail();
      for (const { id } of attributes)
        assert.deepEqual(names.resolve(names.attribute(object, id) ?? -1), { object, attributeId: id });
      for (const { id } of methods) {
        const name = names.method(object, id);
        if (name === undefined) continue;
        methodsSeen += 1;
        assert.deepEqual(names.resolve(name), { object, methodId: id });
      }
    }
    assert.ok(methodsSeen > 20);
  });

  it("meters that go by logical names have no such object", () => {
    assert.ok(meterModel(presets.hexcell, "hexcell").objects.every(({ classId }) => classId !== 12));
  });
});
