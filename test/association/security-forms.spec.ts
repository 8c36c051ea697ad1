/**
 * The forms of protection beyond the tags of services: general-ciphering with each kind of key, signatures, the broadcast
 * key, certificates, and messages whose tag nobody can check. What each puts on the wire, and what each refuses.
 */
import assert from "node:assert/strict";
import {
  type CipheredForm,
  type KeyTransportName,
  type SecurityOptions,
} from "../../src/association/index.js";
import { data } from "../../src/axdr/index.js";
import { concatBytes, fromHex, toHex } from "../../src/bytes/hex.js";
import { Secret } from "../../src/core/secret.js";
import { type SecuritySuite } from "../../src/security/index.js";
import { type CipheredApdu, decodeCipheredApdu } from "../../src/xdlms/index.js";
import { type SessionPair } from "../support/session-pair.js";
import {
  alter,
  associated,
  both,
  certificates,
  ciphered,
  clientTitle,
  energy,
  get,
  HEADER,
  securedPair,
  security,
  serverTitle,
  told,
} from "./secured.js";

type More = Partial<SecurityOptions>;

function secured(suite: SecuritySuite, client: More, server: More = {}): SessionPair {
  const protection = { protection: both };
  return securedPair({
    mechanism: "none",
    client: security("client", suite, { ...protection, ...client }),
    server: security("server", suite, { ...protection, ...server }),
  });
}

const apdusOf = (pair: SessionPair): Uint8Array[] => pair.sent.map(({ bytes }) => bytes.slice(HEADER));

/** A GET over an associated pair: what was asked and answered on the wire. */
function exchange(pair: SessionPair, id = 1): readonly [CipheredApdu, CipheredApdu] {
  pair.sendA({ ...get, id });
  assert.deepEqual(told(pair.eventsA).slice(-1), ["response"]);
  return apdusOf(pair)
    .slice(-2)
    .map((bytes) => decodeCipheredApdu(bytes)) as [CipheredApdu, CipheredApdu];
}

describe("sessions with general-ciphering", () => {
  const transports: readonly (readonly [KeyTransportName, SecuritySuite])[] = [
    ["identified", 0],
    ["wrapped", 2],
    ["one-pass", 1],
    ["static-unified", 1],
    ["ephemeral-unified", 2],
  ];
  const types = { identified: "identified-key", wrapped: "wrapped-key" } as Record<string, string>;

  for (const [keyTransport, suite] of transports)
    it(`${keyTransport}: say the key, both titles and a number; the answer has the same`, () => {
      const pair = associated(secured(suite, { form: "general-ciphering", keyTransport }));
      const [asked, answered] = exchange(pair);
      assert.ok(asked.type === "general-ciphering" && answered.type === "general-ciphering");
      assert.equal(asked.keyInfo?.type, types[keyTransport] ?? "agreed-key");
      assert.equal(answered.keyInfo?.type, asked.keyInfo?.type);
      assert.deepEqual(asked.originatorSystemTitle, clientTitle);
      assert.deepEqual(asked.recipientSystemTitle, serverTitle);
      assert.deepEqual(answered.recipientSystemTitle, clientTitle);
      assert.deepEqual(answered.transactionId, asked.transactionId);
      const [again] = exchange(pair, 2);
      assert.ok(again.type === "general-ciphering");
      assert.notDeepEqual(again.transactionId, asked.transactionId);
    });

  for (const [keyTransport, suite] of [
    ["wrapped", 0],
    ["one-pass", 1],
  ] as const)
    it(`${keyTransport}: make another key for every message`, () => {
      const pair = associated(secured(suite, { form: "general-ciphering", keyTransport }));
      const keys = [1, 2, 3].flatMap((id) =>
        exchange(pair, id).map((apdu) => {
          assert.ok(apdu.type === "general-ciphering" && apdu.keyInfo !== undefined);
          assert.ok("keyCipheredData" in apdu.keyInfo);
          return toHex(apdu.keyInfo.keyCipheredData);
        }),
      );
      assert.equal(new Set(keys).size, 6);
    });

  it("wait for the random octets of a key, and nothing overtakes", () => {
    const pair = associated(secured(0, { form: "general-ciphering", keyTransport: "wrapped" }));
    const provide = pair.onEventA;
    const held: Parameters<typeof provide>[0][] = [];
    pair.onEventA = (event) => (event.type === "needRandom" ? void held.push(event) : provide(event));
    const before = pair.sent.length;
    pair.sendA(get);
    pair.sendA({ type: "release" });
    assert.equal(pair.sent.length, before);
    assert.equal(held.length, 1);
    provide(held[0] as (typeof held)[number]);
    pair.settle();
    const tags = apdusOf(pair)
      .slice(before)
      .map(([tag]) => tag);
    assert.deepEqual(tags, [0xdd, 0x62, 0xdd, 0x63]);
  });

  it("need what the scheme needs, and name it", () => {
    const without = (name: "peerEphemeral" | "peerAgreement" | "signing", keyTransport: KeyTransportName) => {
      const { keys } = security("client", 1);
      const curve = { ...keys.curve, [name]: undefined };
      const pair = secured(1, { form: "general-ciphering", keyTransport, keys: { ...keys, curve } });
      pair.sendA({ type: "associate" });
      pair.sendA(get);
      return told(pair.eventsA).slice(1);
    };
    const missing = ["failed 1 SECURITY_KEY_MISSING", "closed SECURITY_KEY_MISSING"];
    assert.deepEqual(without("peerEphemeral", "ephemeral-unified"), missing);
    assert.deepEqual(without("peerAgreement", "static-unified"), missing);
    assert.deepEqual(without("signing", "one-pass"), missing);
    const pair = associated(secured(0, { form: "general-ciphering", keyTransport: "one-pass" }));
    pair.sendA(get);
    assert.deepEqual(told(pair.eventsA), ["failed 1 SECURITY_SUITE", "closed SECURITY_SUITE"]);
  });

  it("refuse a key that was wrapped under another master key, and a message for another recipient", () => {
    const { keys } = security("client");
    const master = new Secret(new Uint8Array(16).fill(9));
    const other = associated(
      secured(0, { form: "general-ciphering", keyTransport: "wrapped", keys: { ...keys, master } }),
    );
    other.sendA(get);
    assert.deepEqual(told(other.eventsB), ["failed SECURITY_KEY_TRANSPORT"]);
    assert.deepEqual(told(other.eventsA), ["failed 1 SECURITY_REFUSED"]);
    const pair = associated(secured(0, { form: "general-ciphering" }));
    alter(pair, "a>b", (apdu) => fromHex(toHex(apdu).replace(toHex(serverTitle), toHex(clientTitle))));
    pair.sendA(get);
    assert.deepEqual(told(pair.eventsB), ["failed SECURITY_TITLE"]);
  });
});

describe("answers", () => {
  const forms: readonly CipheredForm[] = ["service-specific", "general", "general-ciphering"];
  for (const asks of forms)
    for (const answers of forms)
      it(`are decoded by their own tag: asked ${asks}, answered ${answers}`, async () => {
        const pair = secured(0, { form: asks }, { shapeForm: () => answers });
        const client = pair.client();
        await client.associate();
        assert.deepEqual(await client.get(energy), data.doubleLongUnsigned(123_456_789));
        const tags = { "service-specific": 0xcc, general: 0xdb, "general-ciphering": 0xdd };
        assert.equal(apdusOf(pair).at(-1)?.[0], tags[answers]);
      });
});

describe("signed sessions", () => {
  for (const [signing, first] of [
    ["inside", 0xdb],
    ["outside", 0xdf],
  ] as const)
    it(`sign ${signing} the ciphering; opening and release are enciphered`, () => {
      const pair = associated(secured(1, { signing }, { signing }));
      assert.deepEqual(
        exchange(pair).map(({ type }) => type),
        first === 0xdf ? Array(2).fill("general-signing") : Array(2).fill("general-glo-ciphering"),
      );
      pair.sendA({ type: "release" });
      const [rlrq, rlre] = apdusOf(pair)
        .slice(-2)
        .map((apdu) => toHex(apdu)) as [string, string];
      assert.match(rlrq, /^62.*211F31/);
      assert.match(rlre, /^63.*281F31/);
    });

  it("go without ciphering too, and then sign opening and release", () => {
    const clear = { authenticated: false, encrypted: false };
    const only: More = { signing: "outside", protection: clear };
    const pair = secured(1, only, only);
    pair.sendA({ type: "associate" });
    assert.match(toHex(apdusOf(pair)[0] as Uint8Array), /^60.*DF08.*01000000065F1F04/);
    assert.ok(!pair.eventsA.some(({ type }) => type === "needCounters"));
    const [asked] = exchange(pair);
    assert.ok(asked.type === "general-signing");
    assert.match(toHex(asked.content), /^C001/);
    pair.sendA({ type: "release" });
    assert.deepEqual(told(pair.eventsB).slice(-1), ["released"]);
    const forged = secured(1, only, only);
    alter(forged, "a>b", (apdu) => fromHex(toHex(apdu).replace("065F1F0400", "065F1F0480")));
    forged.sendA({ type: "associate" });
    assert.deepEqual(told(forged.eventsB), ["failed SECURITY_SIGNATURE"]);
  });

  it("end when a signature is missing or somebody else's", () => {
    const unsigned = associated(secured(1, { signing: "outside" }));
    unsigned.sendA(get);
    assert.deepEqual(told(unsigned.eventsA), [
      "failed 1 SECURITY_UNPROTECTED",
      "closed SECURITY_UNPROTECTED",
    ]);
    const { keys } = security("server", 1);
    const curve = { ...keys.curve, signing: keys.curve?.agreement };
    const other = associated(
      secured(1, { signing: "outside" }, { signing: "outside", keys: { ...keys, curve } }),
    );
    other.sendA(get);
    assert.deepEqual(told(other.eventsA), ["failed 1 SECURITY_SIGNATURE", "closed SECURITY_SIGNATURE"]);
  });
});

describe("the broadcast key in sessions", () => {
  const broadcast = { protection: { ...both, broadcast: true } };
  it("is used and said by whoever is told to, not for the opening; the answer has its sender's key", () => {
    const pair = associated(ciphered(broadcast));
    assert.match(toHex(apdusOf(pair)[0] as Uint8Array), /211F30/);
    const [asked, answered] = exchange(pair);
    assert.deepEqual([asked.content[0], answered.content[0]], [0x70, 0x30]);
  });

  it("is refused by who does not have it, or has another", () => {
    const { keys } = security("server");
    const row = (change: Partial<typeof keys>): string[] => {
      const pair = associated(ciphered(broadcast, { keys: { ...keys, ...change } }));
      pair.sendA(get);
      return [...told(pair.eventsB), ...told(pair.eventsA)];
    };
    const refused = "failed 1 SECURITY_REFUSED";
    assert.deepEqual(row({ broadcast: undefined }), ["failed SECURITY_KEY_MISSING", refused]);
    const other = new Secret(new Uint8Array(16).fill(9));
    assert.deepEqual(row({ broadcast: other }), ["failed SECURITY_TAG", refused]);
  });
});

describe("certificates in sessions", () => {
  const { issuer, client: ours, server: theirs } = certificates;
  const trust = { peerCertificate: { issuer } };
  /** Neither side knows the other's signing key but by its certificate. */
  function open(client: More, server: More): SessionPair {
    const keysOf = (role: "client" | "server") => {
      const { keys } = security(role, 1);
      return { ...keys, curve: { signing: keys.curve?.signing } } as typeof keys;
    };
    const pair = secured(
      1,
      { signing: "outside", keys: keysOf("client"), ...client },
      { signing: "outside", keys: keysOf("server"), ...server },
    );
    pair.sendA({ type: "associate" });
    return pair;
  }

  it("tell each side the other's signing key", () => {
    const pair = open({ ...trust, certificate: ours }, { ...trust, certificate: theirs });
    exchange(pair);
    assert.ok(toHex(apdusOf(pair)[0] as Uint8Array).includes(toHex(ours)));
  });

  const refused: readonly (readonly [string, Uint8Array | undefined, object])[] = [
    ["for another title", ours, trust],
    ["of nobody", undefined, trust],
    [
      "of another issuer",
      theirs,
      { peerCertificate: { issuer: security("client", 1).keys.curve?.peerSigning } },
    ],
    ["that ran out", theirs, { peerCertificate: { issuer, at: Date.UTC(2100, 0, 1) } }],
    ["that does not decode", theirs.subarray(0, 90), trust],
  ];
  for (const [what, certificate, client] of refused)
    it(`refuse a meter with the certificate ${what}`, () => {
      const pair = open(
        { ...client, certificate: ours },
        { ...trust, ...(certificate === undefined ? {} : { certificate }) },
      );
      assert.deepEqual(told(pair.eventsA), ["failed SECURITY_CERTIFICATE", "closed SECURITY_CERTIFICATE"]);
    });

  it("refuse a client with the certificate for another title", () => {
    const pair = open({ ...trust, certificate: theirs }, { ...trust, certificate: theirs });
    assert.deepEqual(told(pair.eventsB), ["failed SECURITY_CERTIFICATE"]);
    assert.equal(told(pair.eventsA)[0], "failed SECURITY_REFUSED");
  });
});

describe("messages without an authentication key", () => {
  const { keys } = security("client");
  const hidden = { authenticated: false, encrypted: true };
  const without: More = { keys: { ...keys, authentication: undefined }, protection: hidden };
  const meter: More = { demand: hidden };

  it("are refused unless that is allowed", () => {
    const pair = ciphered(without, meter, "none");
    pair.sendA({ type: "associate" });
    assert.deepEqual(told(pair.eventsA), ["failed SECURITY_KEY_MISSING", "closed SECURITY_KEY_MISSING"]);
  });

  it("where it is allowed are marked, in what was agreed, in readings and in notifications", async () => {
    const pair = ciphered({ ...without, withoutAuthenticationKey: true }, meter, "none");
    const client = pair.client();
    const info = await client.associate();
    assert.equal(info.ciphering?.unauthenticated, true);
    const obisCode = energy.obis;
    const [reading] = await client.readMany([{ obisCode }]);
    assert.equal(reading?.unauthenticated, true);
    // The tag is altered; with the key at hand that would be the end.
    alter(pair, "b>a", (apdu) => concatBytes(apdu.subarray(0, -1), Uint8Array.of(0)));
    const [altered] = await client.readMany([{ obisCode }]);
    assert.equal(altered?.unauthenticated, true);
    const longInvoke = { invokeId: 1, selfDescriptive: false, processingOption: false };
    const flags = { confirmed: false, highPriority: false };
    const notification = { longInvoke: { ...longInvoke, ...flags }, body: data.unsigned(1) };
    pair.sendB({ type: "notify", notification: { type: "data-notification", ...notification } as never });
    const event = pair.eventsA.at(-1);
    assert.ok(event?.type === "notification" && event.notification.unauthenticated === true);
  });

  it("are not marked where the key is there", async () => {
    const client = ciphered({ withoutAuthenticationKey: true }).client();
    assert.equal((await client.associate()).ciphering?.unauthenticated, undefined);
    const [reading] = await client.readMany([{ obisCode: energy.obis }]);
    assert.ok(reading !== undefined && !("unauthenticated" in reading));
  });
});
