/** Unlabelled pushes: named by the push setup's object list, which is read once, carried along, or given. */
import assert from "node:assert/strict";
import { type Notification } from "../../src/association/index.js";
import { data, type Data } from "../../src/axdr/index.js";
import { type DlmsClient } from "../../src/client/index.js";
import { DlmsError } from "../../src/core/errors.js";
import { parseObis } from "../../src/cosem/obis.js";
import { type NotificationContent, readNotification } from "../../src/gateway/notifications.js";
import { PushNaming, type NamingLink } from "../../src/gateway/push-naming.js";
import { dialectByName, type Dialect } from "../../src/meter-types/dialects/index.js";
import { checkMeterType } from "../../src/meter-types/check.js";
import { type MeterType } from "../../src/meter-types/meter-type.js";
import { presets } from "../../src/meter-types/presets.js";
import { Bench, until } from "./bench.js";

const serial = "54000000077";
const name = (obis: string): Data => data.octetString(parseObis(obis));
const entry = (classId: number, obis: string, attributeId: number): Data =>
  data.structure([data.longUnsigned(classId), name(obis), data.integer(attributeId), data.longUnsigned(0)]);
const push = (values: readonly Data[], body: Data = data.structure([...values])): Notification => ({
  type: "data-notification",
  longInvoke: {
    invokeId: 1,
    breakOnError: false,
    selfDescriptive: false,
    confirmed: false,
    highPriority: false,
  },
  body,
});

const objects = [
  { classId: 40, obis: "0-0:25.9.0.255", attributeId: 1, dataIndex: 0 },
  { classId: 3, obis: "1-0:1.8.0.255", attributeId: 2, dataIndex: 0 },
  { classId: 8, obis: "0-0:1.0.0.255", attributeId: 2, dataIndex: 0 },
];
const clock = data.octetString(Uint8Array.of(0x07, 0xe9, 1, 2, 4, 3, 4, 5, 0, 0, 0, 0));
const values = [name("0-0:25.9.0.255"), data.doubleLongUnsigned(12_345), clock];
const kilowattHours = data.structure([data.integer(1), data.enum(30)]);
const scalers = new Map([["3 1-0:1.8.0.255 3", kilowattHours]]);

const shown = ({ readings }: NotificationContent) =>
  readings.map(({ obisCode, attributeId, value, unit }) => [obisCode, attributeId, value, unit]);

describe("readings of an unlabelled push", () => {
  it("takes names from the list of the push setup it names, scaled where a scaler is known", () => {
    const other = { setup: "0-0:25.9.1.255", objects: [...objects].reverse() };
    const told = readNotification(push(values), [other, { setup: "0-0:25.9.0.255", objects, scalers }]);
    assert.deepEqual(
      shown(told).map(([obis, attributeId]) => [obis, attributeId]),
      objects.map(({ obis, attributeId }) => [obis, attributeId]),
    );
    assert.deepEqual(shown(told)[1], ["1-0:1.8.0.255", 2, 123_450, "Wh"]);
    assert.match(JSON.stringify(told.readings[2]?.value), /^"2025-01-02T03:04:05/);
  });

  it("takes the scaler that is pushed beside its register", () => {
    const list = [...objects, { classId: 3, obis: "1-0:1.8.0.255", attributeId: 3, dataIndex: 0 }];
    const told = readNotification(push([...values, kilowattHours]), [{ objects: list }]);
    assert.deepEqual(shown(told)[1], ["1-0:1.8.0.255", 2, 123_450, "Wh"]);
  });

  it("takes the list that the push carries itself", () => {
    const list = data.array([
      entry(40, "0-0:25.9.0.255", 2),
      entry(1, "0-0:96.1.0.255", 2),
      entry(3, "1-0:1.8.0.255", 2),
    ]);
    const told = readNotification(push([list, data.visibleString("4711"), data.unsigned(7)]));
    assert.deepEqual(shown(told).slice(1), [
      ["0-0:96.1.0.255", 2, "4711", undefined],
      ["1-0:1.8.0.255", 2, 7, undefined],
    ]);
  });

  it("names nothing by a list of another length, or when several fit and none is named", () => {
    const unnamed = values.slice(1);
    assert.deepEqual(readNotification(push(values), [{ objects: objects.slice(1) }]).readings, []);
    const fitting = [{ objects: objects.slice(1) }, { objects: objects.slice(1).reverse() }];
    assert.deepEqual(readNotification(push(unnamed), fitting).readings, []);
    assert.equal(readNotification(push(unnamed), fitting.slice(0, 1)).readings.length, 2);
  });

  it("a broken list inside is a value like any other", () => {
    const list = data.array([data.unsigned(1), data.unsigned(2)]);
    assert.deepEqual(readNotification(push([list, data.unsigned(1)])).readings, []);
  });
});

interface FakeLink extends NamingLink {
  reads: string[];
  run(): Promise<void>;
}

/** A link whose turn comes when the test says so. */
function linkOf(answer: () => Promise<Data>, meterType: MeterType = presets.standard): FakeLink {
  const tasks: (() => Promise<unknown>)[] = [];
  const link: FakeLink = {
    serial,
    meterType,
    isAssociated: true,
    isEnded: false,
    reads: [],
    client: {
      get: ({ obis }: { obis: string }) => {
        link.reads.push(obis);
        return answer();
      },
      getMany: (refs: readonly unknown[]) => Promise.resolve(refs.map(() => kilowattHours)),
    } as unknown as DlmsClient,
    use: <T>(task: () => Promise<T>): Promise<T> =>
      new Promise<T>((resolve, reject) => {
        tasks.push(() => task().then(resolve, reject));
      }),
    run: async () => {
      for (const task of tasks.splice(0)) await task();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
  return link;
}

const listed = data.array([
  entry(40, "0-0:25.9.0.255", 1),
  entry(3, "1-0:1.8.0.255", 2),
  entry(8, "0-0:1.0.0.255", 2),
]);

describe("push lists that are read", () => {
  const desk = () => {
    const told: [NotificationContent, string][] = [];
    const failed: unknown[] = [];
    const naming = new PushNaming<FakeLink>(
      (_link, content, at) => told.push([content, at]),
      (_link, caught) => failed.push(caught),
    );
    return { naming, told, failed };
  };

  it("the first push waits for its list, the next ones behind it; later ones and later links need none", async () => {
    const { naming, told } = desk();
    const link = linkOf(() => Promise.resolve(listed));
    naming.take(link, push(values), "a");
    naming.take(link, push(values), "b");
    assert.equal(told.length, 0);
    await link.run();
    assert.deepEqual(
      told.map(([content, at]) => [content.readings.length, at]),
      [
        [3, "a"],
        [3, "b"],
      ],
    );
    naming.take(link, push(values), "c");
    naming.ended(link);
    const again = linkOf(() => assert.fail("the list is known"));
    naming.take(again, push(values), "d");
    assert.deepEqual(
      told.map(([content]) => content.readings[1]?.value),
      [123_450, 123_450, 123_450, 123_450],
    );
    assert.deepEqual(link.reads, ["0-0:25.9.0.255"]);
  });

  it("is told as it came when the list cannot be read, once tried for each link", async () => {
    const { naming, told, failed } = desk();
    const link = linkOf(() => Promise.reject(new DlmsError("OBJECT_UNDEFINED")));
    naming.take(link, push(values), "a");
    await link.run();
    naming.take(link, push(values), "b");
    assert.deepEqual(
      told.map(([content]) => content.readings),
      [[], []],
    );
    assert.equal(failed.length, 1);
    assert.equal(link.reads.length, 1);
  });

  it("is told as it came when the link ends or nobody is associated", async () => {
    const { naming, told } = desk();
    const link = linkOf(() => Promise.resolve(listed));
    naming.take(link, push(values), "a");
    naming.ended(link);
    assert.equal(told.length, 1);
    await link.run();
    assert.equal(told.length, 1, "and only once");
    const alone = { ...linkOf(() => assert.fail("nothing is asked")), isAssociated: false, serial: "9" };
    naming.take(alone, push(values), "b");
    await alone.run();
    assert.deepEqual(
      told.map(([content]) => content.readings),
      [[], []],
    );
  });

  it("what waits is bounded", () => {
    const { naming, told } = desk();
    const link = linkOf(() => Promise.resolve(listed));
    for (let i = 0; i < 50; i++) naming.take(link, push(values), String(i));
    assert.equal(told.length, 18);
    assert.equal(told[0]?.[1], "0");
    naming.ended(link);
    assert.equal(told.length, 50);
  });

  it("asks for nothing where the push names its values, or the meter type does", () => {
    const { naming, told } = desk();
    const meterType = checkMeterType({ ...presets.standard, pushObjects: objects });
    const link = linkOf(() => assert.fail("nothing is asked"), meterType);
    naming.take(link, push(values), "a");
    naming.take(link, push([], data.array([data.structure([name("1-0:1.8.0.255"), data.unsigned(1)])])), "b");
    assert.deepEqual(
      told.map(([content]) => content.readings.length),
      [3, 1],
    );
  });

  it("a wrong list in a meter type is told by its field", () => {
    const bad = [{ classId: 3, obis: "1-0:1.8.0", attributeId: 200, dataIndex: 0 }];
    assert.throws(() => checkMeterType({ ...presets.standard, pushObjects: bad }), {
      field: "pushObjects[0].attributeId",
    });
  });
});

describe("a simulated meter that pushes by its push setup", () => {
  it("its values come as readings, named by the list that was read once", async () => {
    const bench = await new Bench({ defaultMeterType: presets.standard }).open();
    try {
      const dialect = dialectByName("push") as Dialect;
      const meter = await bench.dialIn({
        serial,
        meterType: presets.standard,
        dialect,
        objects: "hexcell",
        confirmedPushes: true,
      });
      await bench.event("associated", serial);
      await until(() => bench.notifications.length === 1, "the regular push");
      for (let i = 0; i < 2; i++) {
        const result = await bench.run("call-method", {
          meterSerialNumber: serial,
          classId: 40,
          obisCode: "0-0:25.9.0.255",
          methodId: 1,
          value: 0,
          valueType: "integer",
        });
        assert.equal(result.success, true, JSON.stringify(result));
        await until(() => bench.notifications.length === i + 2, "the push");
      }
      const [, first, second] = bench.notifications;
      for (const told of [first, second]) {
        assert.equal(told?.meterSerialNumber, serial);
        const energy = told?.readings.find(({ obisCode }) => obisCode === "1-0:1.8.0.255");
        assert.ok(typeof energy?.value === "number" && energy.unit === "Wh", JSON.stringify(told));
        assert.deepEqual(
          told?.readings.find(({ obisCode }) => obisCode === "0-0:96.1.0.255")?.value,
          first?.readings[0]?.value,
        );
      }
      const confirmed = (): number =>
        meter.events.filter((told) => told.type === "event" && told.name === "push-confirmed").length;
      await until(() => confirmed() === 3, "all three pushes are confirmed");
      // GET of class 40, 0-0:25.9.0.255, attribute 2.
      assert.equal(meter.received().match(/00280000190900FF02/g)?.length, 1);
    } finally {
      await bench.close();
    }
  });
});
