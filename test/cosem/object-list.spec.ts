/** object_list: access rights of every association version, and the odd lists meters send. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { data, dataCodec } from "../../src/axdr/index.js";
import { encodeAll } from "../../src/bytes/codec.js";
import { fromHex } from "../../src/bytes/hex.js";
import { limits } from "../../src/core/limits.js";
import { associationLn } from "../../src/cosem/classes/index.js";
import {
  type ObjectDeclaration,
  buildObjectList,
  decodeObjectList,
  objectListElement,
  parseObjectList,
} from "../../src/cosem/object-list.js";

const register: ObjectDeclaration = {
  classId: 3,
  version: 0,
  obis: "1-0:1.8.0.255",
  attributes: [
    { id: 1, mode: 1 },
    { id: 2, mode: 3, selectors: [1, 2] },
    { id: 3, mode: 0 },
  ],
  methods: [{ id: 1, mode: 1 }],
};
const association = (version: number): ObjectDeclaration => ({
  classId: 15,
  version,
  obis: "0-0:40.0.0.255",
  attributes: [{ id: 2, mode: 5 }],
  methods: [{ id: 1, mode: 2 }],
});

describe("cosem/object-list", () => {
  it("gives back what was built", () => {
    const list = buildObjectList([register, association(1)]);
    const [first, second] = parseObjectList(list);
    assert.deepEqual(first, {
      classId: 3,
      version: 0,
      obis: "1-0:1.8.0.255",
      attributes: [
        { id: 1, mode: 1, read: true, write: false, authenticated: false, selectors: [] },
        { id: 2, mode: 3, read: true, write: true, authenticated: false, selectors: [1, 2] },
        { id: 3, mode: 0, read: false, write: false, authenticated: false, selectors: [] },
      ],
      methods: [{ id: 1, mode: 1, access: true, authenticated: false }],
    });
    assert.deepEqual(second?.attributes, [
      { id: 2, mode: 5, read: false, write: true, authenticated: true, selectors: [] },
    ]);
    assert.deepEqual(second?.methods, [{ id: 1, mode: 2, access: true, authenticated: true }]);
    assert.equal(associationLn.attributes.objectList.type.check(list), undefined);
  });

  it("reads modes as bits from association version 3 on", () => {
    const [entry] = parseObjectList(buildObjectList([association(3)]));
    assert.deepEqual(entry?.attributes, [
      { id: 2, mode: 5, read: true, write: false, authenticated: true, selectors: [] },
    ]);
    assert.deepEqual(entry?.methods, [{ id: 1, mode: 2, access: false, authenticated: false }]);
    const [told] = parseObjectList(buildObjectList([association(1)]), { associationVersion: 3 });
    assert.equal(told?.attributes[0]?.read, true);
  });

  it("takes method access as boolean, as version 0 sends it", () => {
    const element = objectListElement(register, 0);
    const [entry] = parseObjectList(data.array([element]));
    assert.deepEqual(entry?.methods, [{ id: 1, mode: 1, access: true, authenticated: false }]);
    assert.equal(associationLn.attributes.objectList.type.check(data.array([element])), undefined);
  });

  it("leaves out what is no element and says so", () => {
    const short = data.structure([data.longUnsigned(3), data.unsigned(0), data.octetString(fromHex("0100"))]);
    const unreadable: [string, number][] = [];
    const list = data.array([short, objectListElement(register), data.null()]);
    const entries = parseObjectList(list, {
      onUnreadable: (reason, index) => unreadable.push([reason, index]),
    });
    assert.deepEqual(
      entries.map((entry) => entry.obis),
      ["1-0:1.8.0.255"],
    );
    assert.deepEqual(
      unreadable.map(([, index]) => index),
      [0, 2],
    );
    const bare = data.structure([
      data.longUnsigned(1),
      data.unsigned(0),
      data.octetString(fromHex("0000600100FF")),
    ]);
    assert.deepEqual(parseObjectList(data.array([bare]))[0]?.attributes, []);
  });

  it("reads to the end when the stated count is wrong", () => {
    const octets = encodeAll(dataCodec, buildObjectList([register, association(1)]));
    for (const count of [0, 1, 2, 100]) {
      octets[1] = count;
      assert.equal(decodeObjectList(octets).length, 2, String(count));
    }
    assert.throws(() => decodeObjectList(octets.subarray(0, octets.length - 1)), { code: "DECODE" });
    assert.throws(() => decodeObjectList(fromHex("0900")), { code: "DECODE" });
  });

  it("refuses what is no list, or too long a one", () => {
    assert.throws(() => parseObjectList(data.null()), { code: "TYPE_UNMATCHED" });
    const long = new Array<never>(limits.objectListEntries + 1);
    assert.throws(() => parseObjectList(data.array(long)), { code: "LIMIT_EXCEEDED" });
  });

  it("gives any declaration back", () => {
    const access = fc
      .tuple(fc.integer({ min: -128, max: 127 }), fc.integer({ min: 0, max: 2 }))
      .map(([id, mode]) => ({ id, mode }));
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 65_535 }),
        fc.array(access, { maxLength: 5 }),
        fc.array(access, { maxLength: 5 }),
        (classId, attributes, methods) => {
          const object = { classId, version: 1, obis: "0-0:1.0.0.255", attributes, methods };
          const [entry] = parseObjectList(buildObjectList([object]), { associationVersion: 1 });
          assert.equal(entry?.classId, classId);
          assert.deepEqual(
            entry?.attributes.map(({ id, mode }) => ({ id, mode })),
            attributes,
          );
          assert.deepEqual(
            entry?.methods.map(({ id, mode }) => ({ id, mode })),
            methods,
          );
        },
      ),
    );
  });
});
