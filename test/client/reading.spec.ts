/** Readings: what is asked for, how often, and what becomes of scalers, units, times and failures. */
import assert from "node:assert/strict";
import { data } from "../../src/axdr/index.js";
import { fromHex } from "../../src/bytes/hex.js";
import { type DlmsClient, type DlmsClientOptions } from "../../src/client/index.js";
import { type ClientOptions, type ServiceRequest, type ServerOptions } from "../../src/association/index.js";
import { SessionPair } from "../support/session-pair.js";

interface Meter {
  readonly pair: SessionPair;
  readonly client: DlmsClient;
  /** Items of each request the meter got, as `type count`. */
  readonly asked: string[];
}

async function meter(
  serverOptions: Partial<ServerOptions> = {},
  options: DlmsClientOptions = {},
  spoil?: (pair: SessionPair, id: number, request: ServiceRequest) => boolean,
  clientOptions: Partial<ClientOptions> = {},
): Promise<Meter> {
  const pair = new SessionPair({ serverOptions, clientOptions });
  const { store } = pair;
  const asked: string[] = [];
  const answer = pair.respond;
  pair.respond = (id, request) => {
    asked.push(`${request.type} ${request.items.length}`);
    if (spoil?.(pair, id, request) !== true) answer(id, request);
  };
  store.put(3, "1-0:1.8.0.255", 2, data.doubleLongUnsigned(123_456_789));
  store.put(3, "1-0:1.8.0.255", 3, data.structure([data.integer(-2), data.enum(30)]));
  store.put(3, "1-0:32.7.0.255", 2, data.longUnsigned(2304));
  store.put(3, "1-0:32.7.0.255", 3, data.structure([data.integer(-1), data.enum(35)]));
  store.put(3, "1-0:13.7.0.255", 2, data.longUnsigned(98));
  store.put(5, "1-0:1.4.0.255", 3, data.longUnsigned(7));
  store.put(5, "1-0:1.4.0.255", 4, data.structure([data.integer(3), data.enum(27)]));
  store.put(8, "0-0:1.0.0.255", 2, data.octetString(fromHex("07E8060F0614172D00FF8880")));
  store.put(1, "0-0:96.1.0.255", 2, data.octetString(fromHex("4D31")));
  store.put(1, "0-0:96.1.1.255", 2, data.long64Unsigned(12_345_678_901_234_567_890n));
  const client = pair.client(options);
  await client.associate();
  return { pair, client, asked };
}

/** Results that do not encode: the server says other-reason to its peer. */
function spoilList(pair: SessionPair, id: number, request: ServiceRequest): boolean {
  if (request.items.length === 1 || request.type !== "get") return false;
  const results = request.items.map(() => ({ type: "data", data: data.unsigned(999) }) as const);
  assert.throws(() => pair.b.send(pair.now, { type: "respond", id, response: { type: "get", results } }));
  return true;
}

describe("readings", () => {
  it("come scaled, with unit, in decimal", async () => {
    const { client } = await meter();
    assert.deepEqual(await client.read({ obisCode: "1.8.0" }), {
      obisCode: "1-0:1.8.0.255",
      classId: 3,
      attributeId: 2,
      value: 1_234_567.89,
      valueType: "double-long-unsigned",
      scaler: -2,
      unit: "Wh",
      raw: "06075BCD15",
    });
    const [voltage, demand, clock, serial, big] = await client.readMany([
      { obisCode: "1-0:32.7.0.255" },
      { obisCode: "1-0:1.4.0.255", classId: 5, attributeId: 3 },
      { obisCode: "0-0:1.0.0.255" },
      { obisCode: "0000600100FF", classId: 1 },
      { obisCode: "0-0:96.1.1.255", classId: 1, attributeId: 2 },
    ]);
    assert.deepEqual([voltage?.value, voltage?.unit], [230.4, "V"]);
    assert.deepEqual([demand?.value, demand?.unit, demand?.scaler], [7000, "W", 3]);
    assert.deepEqual(
      [clock?.value, clock?.valueType, clock?.timestamp, clock?.deviationMinutes, clock?.clockStatus],
      ["2024-06-15T20:23:45+02:00", "date-time", "2024-06-15T20:23:45+02:00", -120, 128],
    );
    assert.deepEqual([serial?.value, serial?.obisCode], ["4D31", "0-0:96.1.0.255"]);
    assert.equal(big?.value, "12345678901234567890");
  });

  it("travel in a list, in one ACCESS, or alone: as was agreed, and the next form where one is refused", async () => {
    const items = [
      { obisCode: "1.8.0" },
      { obisCode: "1-0:32.7.0.255" },
      { obisCode: "0-0:9.9.9.255", classId: 1 },
    ];
    const plain = ["get", "block-transfer-get"] as const;
    for (const [more, expected] of [
      [["multiple-references", "access"], ["get 5"]],
      [["access"], ["access 5"]],
      [[], ["get 1", "get 1", "get 1", "get 1", "get 1"]],
    ] as const) {
      const conformance = new Set([...plain, ...more]);
      const { client, asked } = await meter({ conformance }, {}, undefined, { conformance });
      const readings = await client.readMany(items);
      assert.deepEqual(asked, expected);
      assert.deepEqual(
        readings.map(({ value, error }) => error?.code ?? value),
        [1_234_567.89, 230.4, "OBJECT_UNDEFINED"],
      );
    }
    const conformance = new Set([...plain, "multiple-references", "access"] as const);
    const { client, asked } = await meter({ conformance }, {}, spoilList, { conformance });
    assert.equal((await client.readMany(items))[1]?.value, 230.4);
    assert.deepEqual(asked, ["get 5", "access 5"]);
  });

  it("fetch a scaler once; a register without one is read as it is", async () => {
    const { client, asked } = await meter();
    const items = [{ obisCode: "1.8.0" }, { obisCode: "1-0:13.7.0.255", classId: 3 }];
    const [, factor] = await client.readMany(items);
    assert.equal(factor?.error, undefined);
    assert.deepEqual([factor?.value, factor?.scaler, factor?.unit], [98, undefined, undefined]);
    await client.readMany(items);
    assert.deepEqual(asked, ["get 4", "get 2"]);
  });

  it("spoil no other", async () => {
    const { pair, client } = await meter();
    pair.store.errors.set("1/0-0:96.1.0.255/2", "read-write-denied");
    pair.store.errors.set("1/0-0:96.1.1.255/2", 77);
    const readings = await client.readMany([
      { obisCode: "no code" },
      { obisCode: "0-0:199.77.66.255" },
      { obisCode: "0-0:96.1.0.255", classId: 1 },
      { obisCode: "0-0:96.1.1.255", classId: 1 },
      { obisCode: "1-0:98.97.96.95", classId: 3 },
      { obisCode: "1.8.0" },
    ]);
    assert.deepEqual(
      readings.map(({ error }) => error?.code),
      ["OBIS_INVALID", "CLASS_UNKNOWN", "ACCESS_DENIED", "SERVICE_REFUSED", "OBJECT_UNDEFINED", undefined],
    );
    assert.deepEqual([readings[0]?.obisCode, readings[0]?.value], ["no code", null]);
    assert.equal(readings[5]?.value, 1_234_567.89);
    await assert.rejects(client.read({ obisCode: "0-0:96.1.0.255", classId: 1 }), { code: "ACCESS_DENIED" });
  });

  it("ask the caller before the dictionary what an object is", async () => {
    const { client } = await meter({}, { inferObject: () => ({ classId: 1, attributeId: 2 }) });
    assert.equal((await client.read({ obisCode: "0-0:96.1.0.255" })).classId, 1);
  });

  it("go one by one where lists were not negotiated", async () => {
    const { client, asked } = await meter({ conformance: new Set(["get", "selective-access"]) });
    const [energy, voltage] = await client.readMany([{ obisCode: "1.8.0" }, { obisCode: "1-0:32.7.0.255" }]);
    assert.deepEqual([energy?.value, voltage?.value], [1_234_567.89, 230.4]);
    assert.deepEqual(asked, Array(4).fill("get 1"));
  });

  it("go in lists that fit the PDU", async () => {
    const { client, asked } = await meter({ maxReceivePdu: 64 });
    const readings = await client.readMany(Array(8).fill({ obisCode: "0-0:96.1.0.255", classId: 1 }));
    assert.ok(readings.every(({ value }) => value === "4D31"));
    assert.deepEqual(asked, ["get 5", "get 3"]);
  });

  it("take a list apart that the meter does not stand", async () => {
    const { client, asked } = await meter({}, {}, spoilList);
    const [energy] = await client.readMany([{ obisCode: "1.8.0" }]);
    assert.equal(energy?.value, 1_234_567.89);
    assert.deepEqual(asked, ["get 2", "get 1", "get 1"]);
  });

  it("give a silent meter up after two waits", async () => {
    const { pair, client, asked } = await meter({ conformance: new Set(["get"]) }, {}, () => true);
    const all = client.readMany(Array(20).fill({ obisCode: "0-0:96.1.0.255", classId: 1 }));
    const settled = all.then((readings) => readings.map(({ error }) => error?.code));
    for (let n = 0; n < 20; n++) {
      await Promise.resolve();
      await new Promise((resolve) => setImmediate(resolve));
      pair.advance(15_000);
    }
    assert.deepEqual(await settled, Array(20).fill("RESPONSE_TIMEOUT"));
    assert.deepEqual(asked, ["get 1", "get 1"]);
  });

  it("say that a scaler was not answered rather than show a wrong value", async () => {
    const { pair, client } = await meter();
    pair.store.errors.set("3/1-0:1.8.0.255/3", "temporary-failure");
    assert.equal((await client.readMany([{ obisCode: "1.8.0" }]))[0]?.error?.code, "TEMPORARY_FAILURE");
    pair.store.errors.clear();
    assert.equal((await client.read({ obisCode: "1.8.0" })).value, 1_234_567.89);
  });
});

describe("the client", () => {
  it("sets nothing twice, and says what became of each", async () => {
    const { pair, client, asked } = await meter({}, {}, (_, __, request) => request.type === "set");
    const done = client.setMany([
      { classId: 1, obis: "0-0:96.1.0.255", attributeId: 2, data: data.unsigned(1) },
      { classId: 1, obis: "broken", attributeId: 2, data: data.unsigned(1) },
      { classId: 1, obis: "0-0:96.1.1.255", attributeId: 2, data: data.unsigned(2) },
    ]);
    await new Promise((resolve) => setImmediate(resolve));
    pair.advance(60_000);
    const outcomes = await done;
    assert.deepEqual(
      outcomes.map((outcome) => outcome?.code),
      ["RESPONSE_TIMEOUT", "OBIS_INVALID", "RESPONSE_TIMEOUT"],
    );
    assert.deepEqual(asked, ["set 2"]);
  });

  it("refuses data that does not encode before anything is sent", async () => {
    const { client, asked } = await meter();
    const target = { classId: 1, obis: "0-0:96.1.0.255", attributeId: 2 };
    await assert.rejects(client.set(target, data.unsigned(256)), { code: "FIELD_INVALID" });
    await assert.rejects(client.action({ ...target, methodId: 1 }, data.integer(200)), {
      code: "FIELD_INVALID",
    });
    assert.deepEqual(asked, []);
  });

  it("fails an ACTION whose return value is an error", async () => {
    const { pair, client } = await meter();
    const relay = { classId: 70, obis: "0-0:96.3.10.255", methodId: 1 };
    pair.store.methods.set("70/0-0:96.3.10.255/1", () => ({
      result: "success",
      returnParameters: { type: "data-access-error", error: "hardware-fault" },
    }));
    await assert.rejects(client.action(relay, data.integer(0)), {
      code: "SERVICE_REFUSED",
      detail: { result: "hardware-fault", target: "class 70 0-0:96.3.10.255 method 1" },
    });
  });

  it("tells of notifications and of the end, and settles what is open", async () => {
    const { pair, client } = await meter({}, {}, () => true);
    const heard: string[] = [];
    const stop = client.onNotification(({ type }) => heard.push(type));
    client.onClosed((error) => heard.push(`closed ${error?.code ?? "in order"}`));
    const longInvoke = {
      invokeId: 1,
      breakOnError: false,
      selfDescriptive: false,
      confirmed: false,
      highPriority: false,
    };
    const notification = { type: "data-notification", longInvoke, body: data.unsigned(1) } as const;
    pair.sendB({ type: "notify", notification });
    stop();
    pair.sendB({ type: "notify", notification });
    const open = client.get({ classId: 1, obis: "0-0:96.1.0.255", attributeId: 2 });
    const failed = assert.rejects(open, { code: "LINK_LOST" });
    pair.sendA({ type: "abort" });
    await failed;
    assert.deepEqual(heard, ["data-notification", "closed in order"]);
    await assert.rejects(client.associate(), { code: "NOT_CONNECTED" });
    await client.release();
  });

  it("associates once, however often it is asked", async () => {
    const pair = new SessionPair();
    const client = pair.client();
    const [first, second] = await Promise.all([client.associate(), client.associate()]);
    assert.equal(first, second);
    assert.equal(await client.associate(), first);
    assert.equal(pair.eventsB.filter(({ type }) => type === "associated").length, 1);
    await client.release();
    assert.equal((await client.associate()).clientSap, 16);
    client.close();
    client.close();
    await assert.rejects(client.get({ classId: 1, obis: "0-0:96.1.0.255", attributeId: 2 }), {
      code: "NOT_CONNECTED",
    });
  });
});
