/** Services on an open association: what either side does when the other is late, silent, wrong or hostile. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type SessionIntent, transition, transitions } from "../../src/association/index.js";
import { data } from "../../src/axdr/index.js";
import { toHex } from "../../src/bytes/hex.js";
import { DlmsError } from "../../src/core/errors.js";
import { limits } from "../../src/core/limits.js";
import { Scripted, told } from "./scripted.js";

const attribute = { classId: 8, instanceId: Uint8Array.of(0, 0, 1, 0, 0, 255), attributeId: 2 };
const method = { classId: 70, instanceId: Uint8Array.of(0, 0, 96, 3, 10, 255), methodId: 1 };
const get = (id: number, timeoutMs?: number): SessionIntent => ({
  type: "request",
  id,
  request: { type: "get", items: [{ attribute }] },
  ...(timeoutMs === undefined ? {} : { timeoutMs }),
});
const NOTIFICATION = "0F00000001000600000007";
const clientFaults: readonly (readonly [string, string])[] = [
  ["C5014100", "UNEXPECTED_APDU"],
  ["C403410101" + "04", "UNEXPECTED_APDU"],
  ["C401410007", "DECODE"],
  ["D80102", "SERVICE_EXCEPTION"],
  ["D80106000000FF", "SECURITY_COUNTER_LOW"],
  ["D80105", "SECURITY_REFUSED"],
  ["0E050500", "SERVICE_REFUSED"],
  ["E0800001000000", "UNEXPECTED_APDU"],
  ["CC00", "UNEXPECTED_APDU"],
];

describe("asking", () => {
  it("has one request in flight and takes the others in turn", () => {
    const client = Scripted.associated();
    client.do(get(1));
    client.do(get(2));
    assert.deepEqual(client.heard(), ["C00141" + "0008" + "0000010000FF" + "0200"]);
    client.say("C4014100" + "1105");
    assert.deepEqual(client.heard(), ["C00142" + "0008" + "0000010000FF" + "0200"]);
    // The priority bit is not what tells answers apart.
    client.say("C401C200" + "1106");
    assert.deepEqual(told(client.events()), ["response 1", "response 2"]);
  });

  it("bounds the queue", () => {
    const client = Scripted.associated();
    for (let id = 0; id <= limits.linkQueueApdus; id++) client.do(get(id));
    assert.throws(() => client.do(get(999)), { code: "QUEUE_FULL" });
  });

  for (const [answer, code] of clientFaults)
    it(`fails with ${code} over ${answer}, and goes on`, () => {
      const client = Scripted.associated();
      client.do(get(1));
      client.do(get(2));
      client.say(answer, "C4014200" + "1106");
      assert.deepEqual(told(client.events()), [`failed 1 ${code}`, "response 2"]);
    });

  it("times out; the late answer is nobody's and the next request is fine", () => {
    const client = Scripted.associated();
    client.do(get(1, 500));
    client.do(get(2, 500));
    client.wait(500);
    assert.deepEqual(told(client.events()), ["failed 1 RESPONSE_TIMEOUT"]);
    client.say("C4014100" + "1105", "C4014200" + "1106");
    assert.deepEqual(told(client.events()), ["noise", "response 2"]);
  });

  it("is not impressed by chatter while it waits, but waits for the rest of a long answer", () => {
    const client = Scripted.associated();
    client.do(get(1, 500));
    client.wait(400);
    client.say(NOTIFICATION, "C4014900" + "1105");
    client.wait(99);
    assert.deepEqual(told(client.events()), ["notification", "noise"]);
    client.session.receive(client.now, Uint8Array.of(0, 1, 0, 1, 0, 16, 0, 6, 0xc4));
    client.wait(400);
    client.session.receive(client.now, Uint8Array.of(1, 0x41, 0, 0x11, 5));
    assert.deepEqual(told(client.events()), ["response 1"]);
  });

  it("does not wait forever for an answer that drips", () => {
    const client = Scripted.associated();
    client.do(get(1, 500));
    client.session.receive(client.now, Uint8Array.of(0, 1, 0, 1, 0, 16, 0xff, 0xff));
    for (let n = 0; n < 2_000 && client.session.nextTimeout() !== undefined; n++) {
      client.wait(400);
      client.session.receive(client.now, Uint8Array.of(0));
    }
    assert.deepEqual(told(client.events()), ["failed 1 RESPONSE_TIMEOUT"]);
    assert.ok(client.now <= limits.requestTotalMs + 800);
  });

  it("loses nothing silently when the channel goes", () => {
    const client = Scripted.associated();
    client.do(get(1));
    client.do(get(2));
    client.do({ type: "abort" });
    client.do({ type: "abort" });
    assert.deepEqual(told(client.events()), ["failed 1 LINK_LOST", "failed 2 LINK_LOST", "closed"]);
    assert.equal(client.session.nextTimeout(), undefined);
    assert.throws(() => client.do({ type: "associate" }), { code: "NOT_CONNECTED" });
  });

  it("puts blocks together, whatever number they begin with, notifications in between", () => {
    for (const first of [0, 1, 7]) {
      const client = Scripted.associated();
      const block = (n: number, last: string, raw: string): string =>
        `C40241${last}${(first + n).toString(16).padStart(8, "0")}00${raw}`.toUpperCase();
      client.do(get(1));
      client.say(
        block(0, "00", "020905"),
        NOTIFICATION,
        block(1, "00", "00"),
        block(2, "00", "050102030405"),
      );
      // An empty last block with junk behind it, as recorded.
      client.say(`${block(3, "01", "00")}00C402C101`);
      const sent = client
        .heard()
        .slice(1)
        .map((apdu) => Number.parseInt(apdu.slice(6), 16));
      assert.deepEqual(sent, [first, first + 1, first + 2]);
      const events = client.events();
      assert.deepEqual(told(events), ["notification", "response 1"]);
      const response = events.find((event) => event.type === "response")?.response;
      assert.deepEqual(response?.results, [
        { type: "data", data: data.octetString(Uint8Array.of(1, 2, 3, 4, 5)) },
      ]);
    }
  });

  it("drops junk behind a complete answer, and shows it", () => {
    const client = Scripted.associated();
    client.do(get(1));
    client.say("C4014100" + "1105" + "FFFF");
    assert.deepEqual(told(client.events()), ["response 1", "noise"]);
  });

  it("refuses blocks out of order and blocks without end", () => {
    const client = Scripted.associated();
    client.do(get(1));
    client.say("C402410000000001000109", "C402410000000003000105");
    assert.deepEqual(told(client.events()), ["failed 1 BLOCK_SEQUENCE"]);
    client.do(get(2));
    for (let n = 1; n <= limits.elements + 1; n++) {
      client.say(`C4024200${n.toString(16).padStart(8, "0")}0000`);
      client.heard();
    }
    assert.deepEqual(told(client.events()), ["failed 2 LIMIT_EXCEEDED"]);
  });

  it("takes an error in the middle of blocks as the answer", () => {
    const client = Scripted.associated();
    for (const [n, end] of ["C402410100000002010F", "C40141010F"].entries()) {
      client.do(get(n + 1));
      const invoke = `4${n + 1}`;
      client.say(`C402${invoke}0000000001000109`, end.replace(/^(....)41/, `$1${invoke}`));
      const [event] = client.events();
      assert.ok(event?.type === "response");
      assert.deepEqual(event.response.results, [{ type: "data-access-error", error: "long-get-aborted" }]);
    }
  });

  it("sends only what was negotiated", () => {
    // GET and SET only, PDUs of 64.
    const client = Scripted.associated(
      {},
      "6129A109060760857405080101A203020100A305A103020100BE10040E0800065F1F0400000018 00400007".replace(
        " ",
        "",
      ),
    );
    client.do({ type: "request", id: 1, request: { type: "get", items: [{ attribute }, { attribute }] } });
    const long = data.octetString(new Uint8Array(80));
    client.do({ type: "request", id: 2, request: { type: "set", items: [{ attribute, data: long }] } });
    client.do({ type: "request", id: 3, request: { type: "action", items: [{ method, parameters: long }] } });
    assert.deepEqual(client.heard(), []);
    assert.deepEqual(
      told(client.events()),
      [1, 2, 3].map((id) => `failed ${id} LIMIT_EXCEEDED`),
    );
  });

  it("takes half a SET for no success", () => {
    for (const [answer, outcome] of [
      ["C5014100", "failed 1 UNEXPECTED_APDU"],
      ["C503410000000001", "failed 1 UNEXPECTED_APDU"],
      ["C5014103", "response 1"],
      ["C5024100", "failed 1 DECODE"],
      ["C502410000000009", "failed 1 BLOCK_SEQUENCE"],
    ] as const) {
      const client = Scripted.associated({ maxSendPdu: 64 });
      const items = [{ attribute, data: data.octetString(new Uint8Array(100)) }];
      client.do({ type: "request", id: 1, request: { type: "set", items } });
      client.say(answer);
      assert.deepEqual(told(client.events()), [outcome], answer);
    }
  });

  it("is refused before there is an association, and to the server", () => {
    assert.throws(() => Scripted.client().do(get(1)), { code: "NOT_ASSOCIATED" });
    assert.throws(() => Scripted.server().do(get(1)), { code: "NOT_ASSOCIATED" });
    assert.throws(() => Scripted.associatedServer().do(get(1)), { code: "LOCAL_PROTOCOL" });
    assert.throws(() => Scripted.client().do({ type: "reverse" }), { code: "LOCAL_PROTOCOL" });
  });
});

describe("answering", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["a GET-next that carries on nothing", "C0024100000001", "C402410100000001" + "0110"],
    ["a block of a SET that nobody began", "C103410100000005" + "0100", "C5034112" + "00000005"],
    ["a block of an ACTION that nobody began", "C306410100000001" + "0100", "C7014110" + "00"],
    ["an ACCESS request", "D940000001000000", "D80102"],
    ["short names", "050102FA00", "D80102"],
    ["octets that are no APDU", "FFFF", "D80103"],
    ["a GET cut short", "C001410008", "D80103"],
  ];
  for (const [name, request, answered] of cases)
    it(`refuses ${name}`, () => {
      const server = Scripted.associatedServer();
      server.say(request);
      assert.deepEqual(server.heard(), [answered]);
      assert.deepEqual(told(server.events()), []);
    });

  it("refuses a list whose values do not match, item by item", () => {
    const server = Scripted.associatedServer();
    server.say("C10441" + "01" + "0008" + "0000010000FF" + "0200" + "02" + "0000");
    assert.deepEqual(server.heard(), ["C5054101FA"]);
  });

  it("refuses services and forms that were not negotiated", () => {
    const server = Scripted.associatedServer({ conformance: new Set(["get"]) });
    server.say("C1014100080000010000FF020000", "C3014100080000010000FF0100");
    server.say("C00341" + "02" + "00080000010000FF0200" + "00080000010000FF0200");
    assert.deepEqual(server.heard(), ["D80102", "D80102", "D80102"]);
  });

  it("says that an answer is too long where blocks were not negotiated", () => {
    const server = Scripted.associatedServer({ conformance: new Set(["get"]), maxSendPdu: 64 });
    server.say("C0014100080000010000FF0200");
    const [indication] = server.events();
    assert.ok(indication?.type === "indication");
    const results = [{ type: "data", data: data.octetString(new Uint8Array(80)) }] as const;
    server.do({ type: "respond", id: indication.id, response: { type: "get", results } });
    assert.deepEqual(server.heard(), ["D80104"]);
  });

  it("stops a block transfer over a wrong number, and lets a new request begin", () => {
    const server = Scripted.associatedServer({ maxSendPdu: 64 });
    const results = [{ type: "data", data: data.octetString(new Uint8Array(80)) }] as const;
    const begin = (): void => {
      server.say("C0014100080000010000FF0200");
      const [indication] = server.events();
      assert.ok(indication?.type === "indication");
      server.do({ type: "respond", id: indication.id, response: { type: "get", results } });
      assert.equal(server.heard().length, 1);
    };
    begin();
    server.say("C0024100000002", "C0024100000001");
    assert.deepEqual(server.heard(), ["C402410100000002" + "0113", "C402410100000001" + "0110"]);
    begin();
    server.say("C0014100080000010000FF0200");
    assert.deepEqual(told(server.events()), ["indication 3"]);
  });

  it("runs an unconfirmed SET and does not answer it", () => {
    const server = Scripted.associatedServer();
    server.say("C1010100080000010000FF020000");
    const [indication] = server.events();
    assert.ok(indication?.type === "indication");
    server.do({ type: "respond", id: indication.id, response: { type: "set", results: ["success"] } });
    assert.deepEqual(server.heard(), []);
  });

  it("tells its owner about answers that do not fit, and the peer that it failed", () => {
    const server = Scripted.associatedServer();
    server.say("C0014100080000010000FF0200");
    const [indication] = server.events();
    assert.ok(indication?.type === "indication");
    const { id } = indication;
    assert.throws(() => server.do({ type: "respond", id, response: { type: "get", results: [] } }), {
      code: "LOCAL_PROTOCOL",
    });
    const results = [{ type: "data", data: data.unsigned(999) }] as const;
    assert.throws(() => server.do({ type: "respond", id, response: { type: "get", results } }), {
      code: "FIELD_INVALID",
    });
    assert.deepEqual(server.heard(), ["D80103"]);
    server.do({ type: "respond", id, response: { type: "get", results } });
    assert.deepEqual(server.heard(), []);
  });

  it("keeps exchanges by invoke id apart", () => {
    const server = Scripted.associatedServer();
    server.say("C0014100080000010000FF0200", "C0014200080000010000FF0300");
    const indications = server.events().filter((event) => event.type === "indication");
    for (const { id } of indications.reverse())
      server.do({
        type: "respond",
        id,
        response: { type: "get", results: [{ type: "data", data: data.unsigned(id) }] },
      });
    assert.deepEqual(server.heard(), ["C40142001102", "C40141001101"]);
  });
});

describe("the association's table", () => {
  it("blames whoever did what it forbids", () => {
    for (const state of Object.keys(transitions) as (keyof typeof transitions)[])
      for (const act of ["accept", "answer", "request", "reverse", "confirm-release"] as const)
        for (const by of ["initiator", "acceptor"] as const) {
          const rule = transitions[state][act];
          if (rule !== undefined && (rule.by === "either" || rule.by === by)) {
            assert.equal(transition(state, act, by, "initiator"), transition(state, act, by, "acceptor"));
            continue;
          }
          const other = by === "initiator" ? "acceptor" : "initiator";
          assert.throws(() => transition(state, act, by, by), { name: "LocalProtocolError" });
          assert.throws(() => transition(state, act, by, other), { name: "RemoteProtocolError" });
        }
  });
});

describe("hostile peers", () => {
  const tags = [
    0x01, 0x08, 0x0e, 0x0f, 0x60, 0x61, 0x62, 0x63, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc7, 0xd8, 0xdb,
    0xe0,
  ];
  const apdu = fc
    .tuple(
      fc.constantFrom(...tags),
      fc.integer({ min: 0, max: 7 }),
      fc.constantFrom(0x41, 0x42, 0xc1),
      fc.uint8Array({ maxLength: 30 }),
    )
    .map(([tag, form, invoke, rest]) => toHex(Uint8Array.of(tag, form, invoke, ...rest)));

  for (const [name, make] of [
    ["client", () => Scripted.associated()],
    ["server", () => Scripted.associatedServer()],
    ["client that is not associated", () => Scripted.client()],
    ["server that is not associated", () => Scripted.server()],
  ] as const)
    it(`never bring a ${name} down`, () => {
      fc.assert(
        fc.property(fc.array(apdu, { maxLength: 12 }), (apdus) => {
          const scripted = make();
          if (name === "client") scripted.do(get(1));
          scripted.say(...apdus);
          for (const event of scripted.events())
            if (event.type === "failed")
              assert.ok(event.error instanceof DlmsError && event.error.code !== "INTERNAL");
          scripted.wait(20_000);
          assert.equal(scripted.session.nextTimeout(), undefined);
        }),
        { numRuns: 400, seed: 7 },
      );
    });

  it("that flood get no answers without end", () => {
    const server = Scripted.associatedServer();
    server.say(...Array<string>(limits.linkQueueApdus + 1).fill("FFFF"));
    assert.deepEqual(told(server.events()), ["closed LIMIT_EXCEEDED"]);
    const client = Scripted.associated();
    client.say(...Array<string>(limits.machineEvents + 1).fill(NOTIFICATION));
    assert.equal(told(client.events()).at(-1), "closed LIMIT_EXCEEDED");
  });
});
