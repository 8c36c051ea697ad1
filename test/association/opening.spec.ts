/** Opening and release: what is agreed, what is refused and how it is said, what a peer may do wrong. */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { Secret } from "../../src/core/secret.js";
import { AARE_OK, AARQ_NONE, Scripted, told } from "./scripted.js";

const octets = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const lls = (password: string) => ({ mechanism: "lls", secret: new Secret(octets(password)) }) as const;

/** An AARQ of the fact sheet, with parts to change. */
function aarq({
  context = "01",
  mechanism = "",
  version = "06",
  conformance = "007E1F",
  pdu = "04B0",
} = {}): string {
  const initiate = `01000000${version}5F1F0400${conformance}${pdu}`;
  const body = `A1090607608574050801${context}${mechanism}BE10040E${initiate}`;
  return `60${(body.length / 2).toString(16).toUpperCase().padStart(2, "0")}${body}`;
}
const withLls = (hex: string): string =>
  `8A0207808B0760857405080201AC${(hex.length / 2 + 2).toString(16).padStart(2, "0")}80${(hex.length / 2)
    .toString(16)
    .padStart(2, "0")}${hex}`.toUpperCase();
const refusedBy = (diagnostic: string, rest = ""): string => {
  const body = `A109060760857405080101A203020101A305A1030201${diagnostic}${rest}`;
  return `61${(body.length / 2).toString(16).toUpperCase()}${body}`;
};

describe("opening an association as server", () => {
  const accepted = "6129A109060760857405080101A203020100A305A103020100BE10040E0800065F1F0400003E1FFFFF0007";
  const rows: readonly (readonly [string, Parameters<typeof Scripted.server>[0], string, string])[] = [
    [
      "no password where none is wanted",
      { accept: [{ mechanism: "none" }] },
      aarq(),
      accepted.replace("003E1F", "001E1F"),
    ],
    [
      "the right password",
      { accept: [lls("12345678")] },
      aarq({ mechanism: withLls("3132333435363738") }),
      accepted.replace("003E1F", "001E1F"),
    ],
    [
      "a wrong password",
      { accept: [lls("12345678")] },
      aarq({ mechanism: withLls("3132333435363739") }),
      refusedBy("0D"),
    ],
    [
      "half a password",
      { accept: [lls("12345678")] },
      aarq({ mechanism: withLls("31323334") }),
      refusedBy("0D"),
    ],
    [
      "a rule that has no password",
      { accept: [{ mechanism: "lls" }] },
      aarq({ mechanism: withLls("") }),
      refusedBy("0D"),
    ],
    ["no password where one is wanted", { accept: [lls("12345678")] }, aarq(), refusedBy("0C")],
    [
      "a password where none is known",
      { accept: [{ mechanism: "none" }] },
      aarq({ mechanism: withLls("31") }),
      refusedBy("0B"),
    ],
    [
      "a mechanism that is not spoken",
      { accept: [lls("1")] },
      aarq({ mechanism: "8A0207808B0760857405080205AC03800131" }),
      refusedBy("0B"),
    ],
    [
      "a client that is not expected",
      { accept: [{ mechanism: "none", clientSap: 1 }] },
      aarq(),
      refusedBy("01"),
    ],
    ["short names", {}, aarq({ context: "02" }), refusedBy("02")],
    ["ciphering", {}, aarq({ context: "03" }), refusedBy("02")],
    ["an old DLMS version", {}, aarq({ version: "05" }), refusedBy("01", "BE0604040E010601")],
    ["a PDU nothing fits in", {}, aarq({ pdu: "003F" }), refusedBy("01", "BE0604040E010603")],
    ["nothing in common", {}, aarq({ conformance: "1C0320" }), refusedBy("01", "BE0604040E010602")],
    ["no initiate at all", {}, "600BA109060760857405080101", refusedBy("01", "BE0604040E010604")],
  ];
  for (const [name, options, sent, answered] of rows)
    it(`answers ${name}`, () => {
      const server = Scripted.server(options);
      server.say(sent);
      assert.deepEqual(server.heard(), [answered]);
      const ok = answered.startsWith("6129");
      assert.deepEqual(told(server.events()), ok ? ["associated"] : []);
      // Whoever is not let in gets no service.
      server.say("C001C100080000010000FF0200");
      assert.deepEqual(server.heard(), ok ? [] : ["D80101"]);
    });

  it("takes a size of 0 for no limit", () => {
    const server = Scripted.server();
    server.say(aarq({ pdu: "0000" }));
    const [event] = server.events();
    assert.ok(event?.type === "associated");
    assert.equal(event.info.maxSendPdu, 65_535);
    assert.equal(event.info.clientSap, 16);
  });

  it("forgets the old association when a new AARQ comes", () => {
    const server = Scripted.associatedServer({ accept: [lls("1"), { mechanism: "none" }] });
    server.say("C001C100080000010000FF0200", aarq({ mechanism: withLls("32") }));
    const [indication] = server.events();
    assert.ok(indication?.type === "indication");
    assert.deepEqual(server.heard(), [refusedBy("0D")]);
    server.do({ type: "respond", id: indication.id, response: { type: "get", results: [] } });
    assert.deepEqual(server.heard(), []);
  });
});

describe("opening an association as client", () => {
  it("says what it proposes and knows what was granted", () => {
    const client = Scripted.client(lls("12345678"));
    client.do({ type: "associate" });
    assert.deepEqual(client.heard(), [
      "6036A1090607608574050801018A0207808B0760857405080201AC0A80083132333435363738BE10040E01000000065F1F0400001E1FFFFF",
    ]);
    client.say(AARE_OK.replace("00FE1F0400", "FFFFFF0400"));
    const [event] = client.events();
    assert.ok(event?.type === "associated");
    assert.equal(event.info.maxSendPdu, 1_024);
    // Only what both have, whatever the meter claims.
    assert.ok(
      event.info.conformance.has("multiple-references") &&
        !event.info.conformance.has("general-block-transfer"),
    );
  });

  const refusals: readonly (readonly [string, string, string])[] = [
    [
      "a refused password, without user information",
      "6117A109060760857405080101A203020101A305A10302010D",
      "AUTHENTICATION_FAILED",
    ],
    [
      "garbage in the user information",
      "611BA109060760857405080101A203020101A305A103020101BE020400",
      "ASSOCIATION_REJECTED",
    ],
    ["a service error in the AARE", refusedBy("01", "BE0604040E010603"), "ASSOCIATION_REJECTED"],
    [
      "a refusal by the service provider",
      "6117A109060760857405080101A203020102A305A203020102",
      "ASSOCIATION_REJECTED",
    ],
    [
      "acceptance without an initiate response",
      "6117A109060760857405080101A203020100A305A103020100",
      "ASSOCIATION_REJECTED",
    ],
    ["an exception-response", "D80101", "SERVICE_EXCEPTION"],
    ["a confirmed-service-error", "0E010601", "SERVICE_REFUSED"],
    ["an AARE that does not decode", "6105A1", "DECODE"],
  ];
  for (const [name, answer, code] of refusals)
    it(`fails over ${name}, and may try again`, () => {
      const client = Scripted.client();
      client.do({ type: "associate" });
      client.say(answer);
      assert.deepEqual(told(client.events()), [`failed ${code}`]);
      client.heard();
      client.do({ type: "associate" });
      assert.equal(client.heard().length, 1);
      client.say(AARE_OK);
      assert.deepEqual(told(client.events()), ["associated"]);
    });

  it("gives up after the association timeout; a late AARE is nobody's", () => {
    const client = Scripted.client({ associationTimeoutMs: 700 });
    client.do({ type: "associate" });
    client.wait(699);
    assert.deepEqual(client.events(), []);
    client.wait(1);
    assert.deepEqual(told(client.events()), ["failed RESPONSE_TIMEOUT"]);
    client.say(AARE_OK);
    assert.deepEqual(told(client.events()), ["noise"]);
    assert.throws(() => client.do(get()), { code: "NOT_ASSOCIATED" });
  });

  it("never shows a password", () => {
    const password = "very secret";
    const client = Scripted.client(lls(password));
    client.do({ type: "associate" });
    client.say(refusedBy("0D"));
    const [event] = client.events();
    assert.ok(event?.type === "failed");
    const shown = [
      inspect(client.session, { depth: 9, showHidden: true }),
      inspect(event.error),
      JSON.stringify(event),
    ];
    for (const text of shown) assert.ok(!text.includes(password) && !text.includes("76 65 72 79"));
  });
});

describe("release", () => {
  for (const [name, answer] of [
    ["an RLRE", "6303800100"],
    ["an exception-response", "D80102"],
    ["an RLRE of a wrong length", "6311800100BE0F040E0800065F1F040000001004000007"],
  ] as const)
    it(`ends with ${name}`, () => {
      const client = Scripted.associated();
      client.do({ type: "release" });
      assert.deepEqual(client.heard(), ["6203800100"]);
      client.say(answer);
      assert.deepEqual(told(client.events()), ["released"]);
      assert.equal(client.session.nextTimeout(), undefined);
    });

  it("ends without an answer too", () => {
    const client = Scripted.associated({ releaseTimeoutMs: 50 });
    client.do(get(4));
    client.do({ type: "release" });
    assert.deepEqual(told(client.events()), ["failed 4 LINK_LOST"]);
    client.wait(50);
    assert.deepEqual(told(client.events()), ["released"]);
  });

  it("sends nothing where RLRQ is not known, or nothing is open", () => {
    const client = Scripted.associated({ releaseRequest: false });
    client.do({ type: "release" });
    client.do({ type: "release" });
    assert.deepEqual(client.heard(), []);
    assert.deepEqual(told(client.events()), ["released", "released"]);
  });

  it("is answered by the server, associated or not", () => {
    const server = Scripted.associatedServer();
    server.say("6203800100", "6203800100");
    assert.deepEqual(server.heard(), ["6303800100", "6303800100"]);
    assert.deepEqual(told(server.events()), ["released"]);
    server.say(AARQ_NONE);
    assert.deepEqual(told(server.events()), ["associated"]);
  });
});

function get(id = 1): Parameters<Scripted["do"]>[0] {
  const attribute = { classId: 8, instanceId: Uint8Array.of(0, 0, 1, 0, 0, 255), attributeId: 2 };
  return { type: "request", id, request: { type: "get", items: [{ attribute }] } };
}
