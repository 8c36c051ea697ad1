/** Short names between our two ends: what the client asks by logical names, READ and WRITE carry; bytes as the standard has them. */
import assert from "node:assert/strict";
import {
  type ClientOptions,
  type ServerOptions,
  type ServiceRequest,
  supportedShortNameConformance,
} from "../../src/association/index.js";
import { data, type Data } from "../../src/axdr/index.js";
import { fromHex } from "../../src/bytes/hex.js";
import { parseObis } from "../../src/cosem/obis.js";
import { type ShortNameObject, shortNameList } from "../../src/cosem/short-names.js";
import { DlmsError } from "../../src/core/errors.js";
import { SessionPair } from "../support/session-pair.js";
import { both, secret, security } from "./secured.js";
import { Scripted, told } from "./scripted.js";

const object = (baseName: number, classId: number, obis: string): ShortNameObject => ({
  baseName,
  classId,
  version: 0,
  logicalName: parseObis(obis),
});
const objects = [
  object(0x1000, 3, "1-0:1.8.0.255"),
  object(0x1100, 1, "0-0:96.1.5.255"),
  object(0x1200, 9, "0-0:10.0.1.255"),
  object(0x1300, 42, "0-0:25.1.0.255"),
  object(0x1400, 7, "1-0:99.1.0.255"),
  object(0x1500, 70, "0-0:96.3.10.255"),
  object(0x1600, 115, "0-0:19.40.0.255"),
];
const energy = { classId: 3, obis: "1-0:1.8.0.255", attributeId: 2 };
const text = { classId: 1, obis: "0-0:96.1.5.255", attributeId: 2 };
const octets = (length: number): Data => data.octetString(Uint8Array.from({ length }, (_, i) => i & 0xff));

function pairOf(
  options: {
    framing?: "hdlc" | "wrapper";
    client?: Partial<ClientOptions>;
    server?: Partial<ServerOptions>;
  } = {},
): SessionPair {
  const pair = new SessionPair({
    framing: options.framing ?? "wrapper",
    clientOptions: { shortNames: {}, ...options.client },
    serverOptions: { shortNames: { objects }, ...options.server },
  });
  const { store } = pair;
  store.put(12, "0-0:40.0.0.255", 2, shortNameList(objects));
  store.put(3, energy.obis, 2, data.doubleLongUnsigned(12_345));
  store.put(3, energy.obis, 3, data.structure([data.integer(-1), data.enum(30)]));
  store.put(1, text.obis, 2, octets(30));
  store.put(7, "1-0:99.1.0.255", 2, octets(20));
  store.methods.set("70/0-0:96.3.10.255/1", () => ({ result: "success" }));
  store.methods.set("9/0-0:10.0.1.255/1", () => ({ result: "read-write-denied" }));
  store.methods.set("42/0-0:25.1.0.255/3", (parameters = data.null()) => ({
    result: "success",
    returnParameters: { type: "data", data: parameters },
  }));
  pair.sendA({ type: "associate" });
  assert.ok(
    pair.eventsA.some((event) => event.type === "associated" && !event.info.logicalNameReferencing),
    JSON.stringify(pair.eventsA),
  );
  return pair;
}

describe("short names", () => {
  for (const framing of ["wrapper", "hdlc"] as const)
    it(`${framing}: a client reads, writes and acts by logical names all the same`, async () => {
      const pair = pairOf({ framing });
      const client = pair.client();
      assert.deepEqual(await client.get(energy), data.doubleLongUnsigned(12_345));
      await client.set(text, data.unsigned(9));
      assert.deepEqual(pair.store.attributes.get(`1/${text.obis}/2`), data.unsigned(9));
      const relay = { classId: 70, obis: "0-0:96.3.10.255", methodId: 1 };
      assert.equal(await client.action(relay, data.integer(0)), undefined);
      const returning = { classId: 42, obis: "0-0:25.1.0.255", methodId: 3 };
      assert.deepEqual(await client.action(returning, data.unsigned(5)), data.unsigned(5));
      const { value, unit } = (await client.readMany([{ obisCode: energy.obis }]))[0] ?? {};
      assert.deepEqual([value, unit], [1234.5, "Wh"]);
    });

  it("tells what the meter refuses, and what stands nowhere", async () => {
    const client = pairOf().client();
    const script = { classId: 9, obis: "0-0:10.0.1.255", methodId: 1 };
    await assert.rejects(client.action(script, data.longUnsigned(1)), { code: "ACCESS_DENIED" });
    await assert.rejects(client.get({ ...energy, obis: "1-0:99.99.9.255" }), { code: "OBJECT_UNDEFINED" });
    await assert.rejects(client.get({ ...text, attributeId: 9 }), { code: "OBJECT_UNDEFINED" });
    const token = { classId: 115, obis: "0-0:19.40.0.255", methodId: 1 };
    await assert.rejects(client.action(token, octets(10)), { code: "SHORT_NAME_UNKNOWN" });
  });

  it("several at once, results in their places", async () => {
    const client = pairOf().client();
    const outcomes = await client.getMany([energy, { ...energy, obis: "1-0:2.8.0.255" }, text]);
    assert.deepEqual(
      outcomes.map((outcome) => (outcome instanceof DlmsError ? outcome.code : outcome.type)),
      ["double-long-unsigned", "OBJECT_UNDEFINED", "octet-string"],
    );
  });

  it("carries selective access as a parameterised READ", () => {
    const pair = pairOf();
    let seen: ServiceRequest | undefined;
    const { respond } = pair;
    pair.respond = (id, request) => {
      seen = request;
      respond(id, request);
    };
    const attribute = { classId: 7, instanceId: parseObis("1-0:99.1.0.255"), attributeId: 2 };
    const selection = { selector: 2, parameters: data.structure([data.doubleLongUnsigned(1)]) };
    const request = { type: "get", items: [{ attribute, selection }] } as const;
    pair.sendA({ type: "request", id: 1, request });
    assert.deepEqual(seen, request);
  });

  for (const [how, blocks] of [
    ["blocks of READ and WRITE", []],
    ["general block transfer", ["general-block-transfer"]],
  ] as const)
    it(`long values go in ${how}`, async () => {
      const conformance = new Set([...supportedShortNameConformance, ...blocks]);
      const pair = pairOf({
        client: { conformance, maxReceivePdu: 80 },
        server: { conformance, maxReceivePdu: 80 },
      });
      const client = pair.client();
      await client.set(text, octets(500));
      assert.deepEqual(pair.store.attributes.get(`1/${text.obis}/2`), octets(500));
      assert.deepEqual(await client.get(text), octets(500));
      const tags = new Set(pair.sent.map(({ bytes }) => bytes[8]));
      assert.equal(tags.has(0xe0), blocks.length > 0);
    });

  it("writes without being answered", () => {
    const pair = pairOf({ client: { shortNames: { objects } } });
    const attribute = { classId: 1, instanceId: parseObis(text.obis), attributeId: 2 };
    const request = {
      type: "set",
      items: [{ attribute, data: data.unsigned(3) }],
      unconfirmed: true,
    } as const;
    const before = pair.sent.length;
    pair.sendA({ type: "request", id: 1, request });
    assert.deepEqual(pair.store.attributes.get(`1/${text.obis}/2`), data.unsigned(3));
    assert.equal(pair.sent.length, before + 1);
    assert.equal(pair.eventsA.at(-1)?.type, "response");
  });

  it("hears information reports", () => {
    const pair = pairOf();
    const notification = {
      type: "information-report",
      variables: [{ type: "variable-name", name: 0x1008 }],
      data: [data.unsigned(1)],
    } as const;
    pair.sendB({ type: "notify", notification });
    assert.deepEqual(pair.eventsA.at(-1), { type: "notification", notification });
  });

  for (const mechanism of ["lls", "hls-md5", "hls-gmac"] as const)
    for (const ciphered of mechanism === "hls-gmac" ? [false, true] : [false])
      it(`${mechanism}, ${ciphered ? "ciphered" : "clear"}: proves itself and reads`, async () => {
        const keys = (role: "client" | "server") =>
          mechanism === "hls-gmac"
            ? { security: security(role, 0, ciphered ? { protection: both } : {}) }
            : {};
        const pair = pairOf({
          client: { mechanism, secret, ...keys("client") },
          server: { accept: [{ mechanism, secret, ...keys("server") }] },
        });
        assert.deepEqual(await pair.client().get(energy), data.doubleLongUnsigned(12_345));
      });
});

/** Context 2, conformance 1C0320 as meters of this kind show it; PDU 64 octets. */
const AARE = "6129A109060760857405080102A203020100A305A103020100BE10040E0800065F1F04001C03200040FA00";
const AARQ = "601DA109060760857405080102BE10040E01000000065F1F04001C0320FFFF";

describe("short names, octet by octet", () => {
  const client = (more: Partial<ClientOptions> = {}): Scripted =>
    Scripted.associated({ shortNames: { objects }, ...more }, AARE);
  const get = (classId: number, obis: string, attributeId: number): ServiceRequest => ({
    type: "get",
    items: [{ attribute: { classId, instanceId: parseObis(obis), attributeId } }],
  });
  const ask = (asked: Scripted, request: ServiceRequest, id = 1): string[] => {
    asked.do({ type: "request", id, request });
    return asked.heard();
  };

  it("opens with context 2 and the services of short names", () => {
    const opening = Scripted.client({
      shortNames: {},
      conformance: new Set([
        "read",
        "write",
        "unconfirmed-write",
        "multiple-references",
        "information-report",
        "parameterized-access",
      ]),
      maxReceivePdu: 0xffff,
    });
    opening.do({ type: "associate" });
    assert.deepEqual(opening.heard(), [AARQ]);
  });

  it("a server answers with context 2 and FA00, or refuses the context", () => {
    const server = Scripted.server({ shortNames: { objects } });
    server.say(AARQ);
    assert.deepEqual(server.heard(), [AARE.replace("0040FA00", "FFFFFA00")]);
    const logical = Scripted.server();
    logical.say(AARQ);
    assert.match(logical.heard()[0] ?? "", /A203020101A305A103020102/);
  });

  it("attributes stand 8 octets apart, methods where their class has them", () => {
    assert.deepEqual(ask(client(), get(3, "1-0:1.8.0.255", 2)), ["0501021008"]);
    assert.deepEqual(ask(client(), get(3, "1-0:1.8.0.255", 3)), ["0501021010"]);
    const attribute = { classId: 1, instanceId: parseObis(text.obis), attributeId: 2 };
    assert.deepEqual(ask(client(), { type: "set", items: [{ attribute, data: data.unsigned(5) }] }), [
      "0601021108" + "011105",
    ]);
    const relay = { classId: 70, instanceId: parseObis("0-0:96.3.10.255"), methodId: 2 };
    assert.deepEqual(
      ask(client(), { type: "action", items: [{ method: relay, parameters: data.integer(0) }] }),
      ["0601021528" + "010F00"],
    );
  });

  it("an offset that a meter has otherwise is given", () => {
    const asked = client({ shortNames: { objects, methodOffsets: { 115: 0x38 } } });
    const method = { classId: 115, instanceId: parseObis("0-0:19.40.0.255"), methodId: 1 };
    const request: ServiceRequest = { type: "action", items: [{ method, parameters: octets(2) }] };
    assert.deepEqual(ask(asked, request), ["0601021638" + "0109020001"]);
  });

  it("reads the object list once, when a name is not known", () => {
    const asked = client({ shortNames: {} });
    assert.deepEqual(ask(asked, get(3, "1-0:1.8.0.255", 2)), ["050102FA08"]);
    asked.say("0C0100" + "0101" + "0204" + "101000" + "120003" + "1100" + "09060100010800FF");
    assert.deepEqual(asked.heard(), ["0501021008"]);
    asked.say("0C0100" + "0600003039");
    assert.deepEqual(told(asked.events()), ["response 1"]);
    assert.deepEqual(ask(asked, get(3, "1-0:1.8.0.255", 3), 2), ["0501021010"]);
    asked.say("0C010103");
    asked.events();
    // Not in the list: nothing is asked any more.
    assert.deepEqual(ask(asked, get(3, "1-0:2.8.0.255", 2), 3), []);
    assert.deepEqual(told(asked.events()), ["response 3"]);
  });

  it("takes READ answers in blocks, as results or as the bare value", () => {
    for (const raw of ["0100090411223344", "090411223344"]) {
      const asked = client();
      ask(asked, get(1, text.obis, 2));
      const [first, second] = [raw.slice(0, 6), raw.slice(6)];
      asked.say(`0C0102000001${"03"}${first}`);
      assert.deepEqual(asked.heard(), ["0501050001"]);
      asked.say(`0C0102010002${(second.length / 2).toString(16).padStart(2, "0")}${second}`);
      const [event] = asked.events();
      assert.ok(event?.type === "response");
      assert.deepEqual(event.response.results, [
        { type: "data", data: data.octetString(fromHex("11223344")) },
      ]);
    }
  });

  const wrong: readonly (readonly [string, string, string])[] = [
    ["a WRITE answer to a READ", "0D0100", "UNEXPECTED_APDU"],
    ["two results for one name", "0C02001105001106", "UNEXPECTED_APDU"],
    ["a service error", "0E050500", "SERVICE_REFUSED"],
    ["an acknowledgement of blocks never sent", "0C01030001", "UNEXPECTED_APDU"],
  ];
  for (const [what, answer, code] of wrong)
    it(`${what}: ${code}`, () => {
      const asked = client();
      ask(asked, get(1, text.obis, 2));
      asked.say(answer);
      assert.deepEqual(told(asked.events()), [`failed 1 ${code}`]);
    });

  it("after silence the association ends: a late answer could be taken for the next", () => {
    const asked = client();
    ask(asked, get(1, text.obis, 2));
    asked.do({ type: "request", id: 2, request: get(3, "1-0:1.8.0.255", 2) });
    asked.wait(10_000);
    assert.deepEqual(told(asked.events()), [
      "failed 1 RESPONSE_TIMEOUT",
      "failed 2 RESPONSE_TIMEOUT",
      "closed RESPONSE_TIMEOUT",
    ]);
  });

  it("a server tells apart attributes, methods and names that mean nothing", () => {
    const server = Scripted.associatedServer({ shortNames: { objects } }, AARQ);
    server.say("05030210080210090200" + "08");
    const [event] = server.events();
    assert.ok(event?.type === "indication");
    assert.deepEqual(event.request, get(3, "1-0:1.8.0.255", 2));
    server.do({
      type: "respond",
      id: event.id,
      response: { type: "get", results: [{ type: "data", data: data.unsigned(7) }] },
    });
    assert.deepEqual(server.heard(), ["0C03" + "001107" + "0104" + "0104"]);
    server.say("06020210080215200" + "2" + "11050F00");
    const [mixed] = server.events();
    assert.ok(mixed?.type === "indication");
    assert.deepEqual(
      mixed.request.items.map((item) => "service" in item && item.service),
      ["set", "action"],
    );
  });

  it("a server refuses what was not agreed on, and strays", () => {
    const server = Scripted.associatedServer({ shortNames: { objects } }, AARQ);
    server.say("0501050002", "0601070000" + "02" + "010901" + "00", "C001C100010000600100FF0200");
    assert.deepEqual(server.heard(), ["0C010110", "0D010112", "D80102"]);
    const logical = Scripted.associatedServer();
    logical.say("0501021008", "060102100801" + "1105");
    assert.deepEqual(logical.heard(), ["D80102", "D80102"]);
  });
});
