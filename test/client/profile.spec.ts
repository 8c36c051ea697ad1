/** Profiles: what is asked of the meter in which form, and rows as people see them. */
import assert from "node:assert/strict";
import { type Data, data } from "../../src/axdr/index.js";
import { fromHex, toHex } from "../../src/bytes/hex.js";
import { type ServerOptions } from "../../src/association/index.js";
import { encodeAll } from "../../src/bytes/codec.js";
import { dataCodec } from "../../src/axdr/index.js";
import { buildObjectList } from "../../src/cosem/object-list.js";
import { columnData } from "../../src/cosem/selective-access.js";
import { SessionPair } from "../support/session-pair.js";

const profile = "1-0:99.1.0.255";
const columns = [
  { classId: 8, obis: "0-0:1.0.0.255", attributeId: 2, dataIndex: 0 },
  { classId: 3, obis: "1-0:1.8.0.255", attributeId: 2, dataIndex: 0 },
  { classId: 1, obis: "0-0:96.10.1.255", attributeId: 2, dataIndex: 0 },
];
const time = (hex: string): Data => data.octetString(fromHex(hex));
const row = (...cells: Data[]): Data => data.structure(cells);

async function meter(
  buffer: Data,
  serverOptions: Partial<ServerOptions> = {},
  clock = "07E90A01030C0000FF800000",
) {
  const pair = new SessionPair({ serverOptions });
  const asked: string[] = [];
  const respond = pair.respond;
  pair.respond = (id, request) => {
    if (request.type === "get")
      for (const { attribute, selection } of request.items) {
        const shown =
          selection === undefined
            ? ""
            : ` ${selection.selector} ${toHex(encodeAll(dataCodec, selection.parameters))}`;
        asked.push(`${attribute.classId}/${attribute.attributeId}${shown}`);
      }
    respond(id, request);
  };
  pair.store.put(7, profile, 2, buffer);
  pair.store.put(7, profile, 3, data.array(columns.map(columnData)));
  pair.store.put(7, profile, 4, data.doubleLongUnsigned(900));
  pair.store.put(8, "0-0:1.0.0.255", 2, time(clock));
  pair.store.put(3, "1-0:1.8.0.255", 3, row(data.integer(-1), data.enum(30)));
  const client = pair.client();
  await client.associate();
  return { pair, client, asked };
}

const three = data.array([
  row(time("07E90A01030C0000FF800000"), data.doubleLongUnsigned(1005), data.unsigned(0)),
  row(data.null(), data.doubleLongUnsigned(1017), data.null()),
  row(time("07E90A01030C1E0000800008"), data.null(), data.unsigned(8)),
]);
const shown = [
  { timestamp: "2025-10-01T12:00:00", clockStatus: 0, "1-0:1.8.0.255": 100.5, "0-0:96.10.1.255": 0 },
  { timestamp: "2025-10-01T12:15:00", clockStatus: 0, "1-0:1.8.0.255": 101.7, "0-0:96.10.1.255": 0 },
  { timestamp: "2025-10-01T12:30:00", clockStatus: 8, "1-0:1.8.0.255": 101.7, "0-0:96.10.1.255": 8 },
];

describe("profiles", () => {
  it("come whole, scaled and completed; columns and scalers are read once", async () => {
    const { client, asked } = await meter(three);
    const { columns: seen, rows } = await client.readProfile({ obis: profile });
    assert.deepEqual(rows, shown);
    assert.deepEqual(seen[1], {
      key: "1-0:1.8.0.255",
      obisCode: "1-0:1.8.0.255",
      classId: 3,
      attributeId: 2,
      dataIndex: 0,
      scaler: -1,
      unit: "Wh",
    });
    await client.readProfile({ obis: profile });
    assert.deepEqual(asked, ["7/3", "7/2", "3/3", "7/4", "7/2"]);
  });

  it("come as compact arrays too", async () => {
    const description = {
      type: "structure",
      elements: [{ type: "octet-string" }, { type: "double-long-unsigned" }, { type: "unsigned" }],
    } as const;
    const values = [row(time("07E90A01030C0000FF800000"), data.doubleLongUnsigned(1005), data.unsigned(0))];
    const { client } = await meter(data.compactArray(description, values));
    assert.deepEqual((await client.readProfile({ obis: profile })).rows, shown.slice(0, 1));
  });

  it("are readings as well", async () => {
    const { client } = await meter(three);
    const reading = await client.read({ obisCode: profile, classId: 7 });
    assert.deepEqual([reading.value, reading.valueType, reading.attributeId], [shown, "profile", 2]);
  });

  const restricting = `0204${toHex(encodeAll(dataCodec, columnData(columns[0] as (typeof columns)[number])))}`;
  const ranges: readonly (readonly [
    string,
    string,
    string | undefined,
    string | undefined,
    string,
    string,
  ])[] = [
    [
      "local time of a meter without deviation",
      "07E90A01030C0000FF800000",
      "2025-10-01T08:00:00",
      "2025-10-01",
      "07E90A0103080000FF800000",
      "07E90A0103000000FF800000",
    ],
    [
      "UTC for a meter at UTC+1",
      "07E90A01FF0C000000FFC400",
      "2025-10-01T08:00:00Z",
      "2025-10-01T09:00:00+02:00",
      "07E90A01FF09000000FFC400",
      "07E90A01FF08000000FFC400",
    ],
    [
      "local time for a meter at UTC+1, no status",
      "07E90A01030C0000FFFFC4FF",
      "2025-10-01T08:00:00",
      undefined,
      "07E90A0103080000FFFFC4FF",
      "08330C1F04173B3BFFFFC4FF",
    ],
  ];
  for (const [name, clock, from, to, first, last] of ranges)
    it(`are asked for by range: ${name}`, async () => {
      const { client, asked } = await meter(three, {}, clock);
      await client.readProfile({ obis: profile, ...(from ? { from } : {}), ...(to ? { to } : {}) });
      assert.equal(asked[2], `7/2 1 ${restricting}090C${first}090C${last}0100`);
      assert.deepEqual(asked.slice(0, 2), ["7/3", "8/2"]);
    });

  it("are asked for by entry", async () => {
    const { client, asked } = await meter(three);
    await client.readProfile({ obis: profile, entries: { from: 1, to: 10 } });
    assert.equal(asked[1], "7/2 2 020406000000010600" + "00000A120001120000");
  });

  it("are cut to the range here where the meter cannot", async () => {
    const { client, asked } = await meter(three, { conformance: new Set(["get"]) });
    const { rows } = await client.readProfile({
      obis: profile,
      from: "2025-10-01T12:10:00",
      to: "2025-10-01T12:15:00",
    });
    assert.deepEqual(rows, shown.slice(1, 2));
    assert.deepEqual(asked.slice(0, 3), ["7/3", "8/2", "7/2"]);
  });

  it("keep two attributes of one object apart", async () => {
    const { pair, client } = await meter(
      data.array([row(data.unsigned(1), data.unsigned(2), data.unsigned(3))]),
    );
    const register = { classId: 4, obis: "1-0:1.6.0.255", dataIndex: 0 };
    const three = [
      { ...register, attributeId: 2 },
      { ...register, attributeId: 4 },
      { ...register, attributeId: 4, dataIndex: 2 },
    ];
    pair.store.put(7, profile, 3, data.array(three.map(columnData)));
    const { rows } = await client.readProfile({ obis: profile });
    assert.deepEqual(rows, [{ "1-0:1.6.0.255/2": 1, "1-0:1.6.0.255/4#0": 2, "1-0:1.6.0.255/4#2": 3 }]);
  });

  it("leave a clock unknown that nothing tells", async () => {
    const { pair, client } = await meter(data.array([row(data.null(), data.unsigned(1), data.unsigned(1))]));
    pair.store.put(7, profile, 4, data.doubleLongUnsigned(0));
    const { rows } = await client.readProfile({ obis: profile });
    assert.deepEqual(rows, [{ timestamp: null, "1-0:1.8.0.255": 0.1, "0-0:96.10.1.255": 1 }]);
  });

  it("fail with a reason", async () => {
    const { pair, client } = await meter(data.unsigned(1));
    await assert.rejects(client.readProfile({ obis: profile }), { code: "TYPE_UNMATCHED" });
    await assert.rejects(client.readProfile({ obis: profile, from: "yesterday" }), {
      code: "FIELD_INVALID",
      field: "from",
    });
    await assert.rejects(client.readProfile({ obis: profile, to: "2025-13-01" }), {
      code: "FIELD_INVALID",
      field: "to",
    });
    pair.store.put(7, profile, 2, data.array([data.unsigned(1)]));
    await assert.rejects(client.readProfile({ obis: profile }), { code: "TYPE_UNMATCHED" });
    pair.store.put(7, profile, 2, data.array([]));
    pair.store.errors.set("3/1-0:1.8.0.255/3", "temporary-failure");
    await assert.rejects(client.readProfile({ obis: profile }), { code: "TEMPORARY_FAILURE" });
    const [reading] = await client.readMany([{ obisCode: profile, classId: 7, from: "never" }]);
    assert.deepEqual([reading?.error?.code, reading?.error?.field], ["FIELD_INVALID", "from"]);
  });
});

describe("the object list", () => {
  it("is read from the current association", async () => {
    const { pair, client } = await meter(three);
    const object = { classId: 3, version: 0, obis: "1-0:1.8.0.255", attributes: [{ id: 2, mode: 1 }] };
    pair.store.put(15, "0-0:40.0.0.255", 2, buildObjectList([object]));
    const [entry] = await client.readObjectList();
    assert.deepEqual([entry?.classId, entry?.obis, entry?.attributes[0]?.read], [3, "1-0:1.8.0.255", true]);
  });
});
