/** ACCESS between our two ends, and against the recorded exchange of two other stacks. */
import assert from "node:assert/strict";
import {
  type AccessItem,
  type ServiceRequest,
  type ServiceResponse,
  supportedConformance,
} from "../../src/association/index.js";
import { data } from "../../src/axdr/index.js";
import { fromHex } from "../../src/bytes/hex.js";
import { SessionPair } from "../support/session-pair.js";
import { Scripted, told } from "./scripted.js";

const conformance = new Set([...supportedConformance, "access" as const]);
/** The AARE of the recording, with mechanism none. */
const AARE_ACCESS = "6129A109060760857405080101A203020100A305A103020100BE10040E0800065F1F0400601E5D04000007";
const RECORDED_REQUEST =
  "D9C0000001000301000100002A0000FF020100080000010000FF02010001090909090909020300" + "0000";
const RECORDED_RESPONSE = "DAC000000100000309083538203538203538090C07EA0B1607070E1D27000000000301000100010B";

const name = fromHex("00002A0000FF");
const access = (items: readonly AccessItem[], more: { breakOnError?: boolean } = {}): ServiceRequest => ({
  type: "access",
  items,
  ...more,
});
const get = (classId: number, ln: string): AccessItem => ({
  service: "get",
  attribute: { classId, instanceId: fromHex(ln), attributeId: 2 },
});

const recordedItems = [get(1, "00002A0000FF"), get(8, "0000010000FF"), get(1, "090909090909")];

function pairOf(): SessionPair {
  const pair = new SessionPair({
    framing: "wrapper",
    clientOptions: { conformance },
    serverOptions: { conformance },
  });
  pair.sendA({ type: "associate" });
  pair.store.put(1, "0-0:42.0.0.255", 2, data.octetString(Uint8Array.of(1, 2)));
  pair.store.put(3, "1-0:1.8.0.255", 2, data.null());
  pair.store.methods.set("9/0-0:10.0.1.255/1", (parameters = data.null()) => ({
    result: "success",
    returnParameters: { type: "data", data: parameters },
  }));
  return pair;
}

function answered(pair: SessionPair, request: ServiceRequest): ServiceResponse {
  pair.eventsA.length = 0;
  pair.sendA({ type: "request", id: 1, request });
  const [event] = pair.eventsA;
  assert.ok(event?.type === "response", JSON.stringify(event));
  return event.response;
}

describe("ACCESS", () => {
  it("asks as the recorded client did and understands the recorded answer", () => {
    const client = Scripted.associated({ conformance, highPriority: true }, AARE_ACCESS);
    client.do({ type: "request", id: 1, request: access(recordedItems) });
    assert.deepEqual(client.heard(), [RECORDED_REQUEST]);
    client.say(RECORDED_RESPONSE);
    const [event] = client.events();
    assert.ok(event?.type === "response");
    assert.deepEqual(event.response.results, [
      { service: "get", result: { type: "data", data: data.octetString(fromHex("3538203538203538")) } },
      {
        service: "get",
        result: { type: "data", data: data.octetString(fromHex("07EA0B1607070E1D27000000")) },
      },
      { service: "get", result: { type: "data-access-error", error: "object-unavailable" } },
    ]);
  });

  it("answers the recorded request as the recorded server did", () => {
    const aarq = "601DA109060760857405080101BE10040E01000000065F1F0400601E5DFFFF";
    const server = Scripted.associatedServer({ conformance }, aarq);
    server.say(RECORDED_REQUEST);
    const [event] = server.events();
    assert.ok(event?.type === "indication");
    assert.deepEqual(event.request, access(recordedItems));
    const octets = ["3538203538203538", "07EA0B1607070E1D27000000"];
    server.do({
      type: "respond",
      id: event.id,
      response: {
        type: "access",
        results: [
          ...octets.map((hex) => ({
            service: "get" as const,
            result: { type: "data" as const, data: data.octetString(fromHex(hex)) },
          })),
          { service: "get", result: { type: "data-access-error", error: "object-unavailable" } },
        ],
      },
    });
    assert.deepEqual(server.heard(), [RECORDED_RESPONSE]);
  });

  it("carries GETs, SETs and ACTIONs together and answers each", () => {
    const pair = pairOf();
    const attribute = { classId: 1, instanceId: name, attributeId: 2 };
    const method = { classId: 9, instanceId: fromHex("00000A0001FF"), methodId: 1 };
    const response = answered(
      pair,
      access([
        { service: "set", attribute, data: data.longUnsigned(7) },
        { service: "get", attribute },
        { service: "action", method, parameters: data.unsigned(9) },
        { service: "action", method: { ...method, methodId: 2 } },
        get(3, "0100010800FF"),
        get(3, "0100020800FF"),
      ]),
    );
    assert.deepEqual(response.results, [
      { service: "set", result: "success" },
      { service: "get", result: { type: "data", data: data.longUnsigned(7) } },
      { service: "action", result: "success", returnParameters: { type: "data", data: data.unsigned(9) } },
      { service: "action", result: "object-undefined" },
      { service: "get", result: { type: "data", data: data.null() } },
      { service: "get", result: { type: "data-access-error", error: "object-undefined" } },
    ]);
  });

  it("carries selections of GET and SET", () => {
    const pair = pairOf();
    const selection = { selector: 2, parameters: data.structure([data.unsigned(1)]) };
    const attribute = { classId: 7, instanceId: name, attributeId: 2 };
    const items: AccessItem[] = [
      { service: "get", attribute, selection },
      { service: "set", attribute, selection, data: data.unsigned(1) },
    ];
    let seen: ServiceRequest | undefined;
    const { respond } = pair;
    pair.respond = (id, request) => {
      seen = request;
      respond(id, request);
    };
    answered(pair, access(items, { breakOnError: true }));
    assert.deepEqual(seen, access(items, { breakOnError: true }));
  });

  it("asks for nothing that was not negotiated", () => {
    const client = Scripted.associated();
    client.do({ type: "request", id: 1, request: access(recordedItems) });
    assert.deepEqual(told(client.events()), ["failed 1 LIMIT_EXCEEDED"]);
    const server = Scripted.associatedServer();
    server.say(RECORDED_REQUEST);
    assert.deepEqual(server.heard(), ["D80102"]);
  });

  it("refuses an answer that has fewer results than members, or another kind in their place", () => {
    for (const answer of ["DAC00000010000010001" + "0100", "DAC0000001000003000000" + "03010002000100"]) {
      const client = Scripted.associated({ conformance }, AARE_ACCESS);
      client.do({ type: "request", id: 1, request: access(recordedItems) });
      client.say(answer);
      assert.deepEqual(told(client.events()), ["failed 1 UNEXPECTED_APDU"]);
    }
  });

  it("ends the request when its answer does not decode", () => {
    const client = Scripted.associated({ conformance }, AARE_ACCESS);
    client.do({ type: "request", id: 1, request: access(recordedItems) });
    client.say(RECORDED_RESPONSE.slice(0, -8));
    assert.deepEqual(told(client.events()), ["failed 1 DECODE"]);
  });

  it("answers members without their data, and no members at all, with an exception", () => {
    const aarq = "601DA109060760857405080101BE10040E01000000065F1F0400601E5DFFFF";
    const server = Scripted.associatedServer({ conformance }, aarq);
    server.say("D9C0000001000101000100002A0000FF0200", "D9C00000010000" + "00");
    assert.deepEqual(server.heard(), ["D80103", "D80103"]);
  });
});

describe("a SET that is not answered", () => {
  const attribute = { classId: 1, instanceId: name, attributeId: 2 };
  const set = (length: number): ServiceRequest => ({
    type: "set",
    items: [{ attribute, data: data.octetString(new Uint8Array(length)) }],
    unconfirmed: true,
  });

  it("is done once it was sent, and carried out", () => {
    const pair = pairOf();
    const before = pair.sent.length;
    assert.deepEqual(answered(pair, set(2)).results, ["success"]);
    assert.equal(pair.sent.length, before + 1);
    assert.deepEqual(pair.store.attributes.get("1/0-0:42.0.0.255/2"), data.octetString(new Uint8Array(2)));
    assert.deepEqual(answered(pair, { type: "get", items: [{ attribute }] }).results, [
      { type: "data", data: data.octetString(new Uint8Array(2)) },
    ]);
  });

  it("never goes in blocks, which are confirmed", () => {
    const client = Scripted.associated(
      {},
      "6129A109060760857405080101A203020100A305A103020100BE10040E0800065F1F040000FE1F00400007",
    );
    client.do({ type: "request", id: 1, request: set(100) });
    assert.deepEqual(told(client.events()), ["failed 1 LIMIT_EXCEEDED"]);
    assert.deepEqual(client.heard(), []);
  });
});
