/** Security setup: keys, policy, key pairs and certificates, and what they change in the next association. */
import assert from "node:assert/strict";
import { createPublicKey, verify, X509Certificate } from "node:crypto";
import { type ClientOptions } from "../../../src/association/index.js";
import { type Data, data } from "../../../src/axdr/index.js";
import { concatBytes, fromHex, fromLatin1, toHex } from "../../../src/bytes/hex.js";
import { parseObis } from "../../../src/cosem/obis.js";
import { Secret } from "../../../src/core/secret.js";
import { presets } from "../../../src/meter-types/presets.js";
import {
  certificateNames,
  certifiedKey,
  deriveKey,
  der,
  derCommonName,
  derInteger,
  derPublicKey,
  derSigned,
  derTags,
  privateKeyFromRandom,
  protectionOf,
  publicKeyOf,
  type SecurityKeys,
  type SecurityMode,
  securitySuites,
  sharedSecret,
  signatureAlgorithm,
  signRaw,
  wrapKey,
} from "../../../src/security/index.js";
import { Asker, aMeter, dialect } from "../asker.js";

const SETUP = "0-0:43.0.0.255";
const METER = fromHex("53494D0000000001");
const CLIENT = fromHex("4757590000000001");
const filled = (octet: number): Secret<Uint8Array> => new Secret(new Uint8Array(16).fill(octet));
const MASTER = filled(9);
const KEYS: SecurityKeys = { unicast: filled(1), authentication: filled(2), master: MASTER };

const scalar = (seed: number) => privateKeyFromRandom("P-256", new Uint8Array(64).fill(seed));
const clientSigning = scalar(11);
const issuer = scalar(12);

interface Setting {
  readonly suite?: 0 | 1;
  readonly mode?: SecurityMode;
  readonly mechanism?: ClientOptions["mechanism"];
  readonly keys?: SecurityKeys;
  readonly secret?: string;
}

function options(
  { suite = 0, mode = "authenticated-encrypted", mechanism = "hls-gmac", keys = KEYS, secret }: Setting,
  own: Uint8Array,
  peer: Uint8Array,
): ClientOptions {
  const protection = protectionOf(mode);
  return {
    mechanism,
    ...(secret === undefined ? {} : { secret: new Secret(fromLatin1(secret)) }),
    security: {
      suite,
      keys,
      systemTitle: own,
      peerSystemTitle: peer,
      ...(protection === undefined ? {} : { protection }),
    },
    maxReceivePdu: 0xffff,
  };
}

function secured(setting: Setting = {}, client = setting): Asker {
  const { mechanism, secret, security } = options(setting, METER, CLIENT);
  const meter = aMeter({
    meterType: presets.standard,
    dialect: dialect("plain-wrapper"),
    security: {
      mechanism,
      ...(secret === undefined ? {} : { secret }),
      ...(security === undefined ? {} : { options: security }),
    },
  });
  return again(meter, client);
}

/** A new connection and association to the same meter. */
function again(meter: Asker["meter"], setting: Setting): Asker {
  const asker = new Asker(meter, { security: options(setting, CLIENT, METER) });
  asker.now = 1;
  asker.tell({ type: "open" });
  asker.associate();
  return asker;
}

function method(asker: Asker, methodId: number, parameters: Data) {
  const response = asker.ask({
    type: "action",
    items: [{ method: { classId: 64, instanceId: parseObis(SETUP), methodId }, parameters }],
  });
  assert.ok(response.type === "action");
  const [item] = response.results;
  assert.ok(item !== undefined);
  const { returnParameters } = item;
  return {
    result: item.result,
    returned: returnParameters?.type === "data" ? returnParameters.data : undefined,
  };
}

const keyData = (id: number, octets: Uint8Array): Data =>
  data.array([data.structure([data.enum(id), data.octetString(octets)])]);

describe("simulated key transfer", () => {
  it("takes keys wrapped under the master key, in use from the next association on", () => {
    const asker = secured();
    const unicast = filled(5);
    assert.equal(asker.act(64, SETUP, 2, keyData(0, wrapKey(0, MASTER, unicast))), "success");
    assert.ok(asker.number(3, "1-0:1.8.0.255") > 0, "this association keeps its keys");
    const { meter } = asker;
    asker.tell({ type: "closed" });
    assert.throws(() => again(meter, {}), "the old key");
    meter.send(2, { type: "closed" });
    assert.ok(again(meter, { keys: { ...KEYS, unicast } }).number(3, "1-0:1.8.0.255") > 0);
  });

  it("refuses a key under another master, a key there is none of, and no key at all", () => {
    const asker = secured();
    const wrong = wrapKey(0, filled(8), filled(5));
    for (const parameter of [keyData(0, wrong), keyData(7, wrapKey(0, MASTER, filled(5))), data.array([])])
      assert.equal(asker.act(64, SETUP, 2, parameter), "read-write-denied");
    assert.equal(asker.act(64, SETUP, 2, data.octetString(wrong)), "type-unmatched");
    const good = wrapKey(0, MASTER, filled(5));
    const mixed = data.array([
      data.structure([data.enum(0), data.octetString(good)]),
      data.structure([data.enum(2), data.octetString(wrong)]),
    ]);
    assert.equal(asker.act(64, SETUP, 2, mixed), "read-write-denied");
    asker.tell({ type: "closed" });
    again(asker.meter, {});
  });
});

describe("simulated security policy", () => {
  it("is only ever raised, and demanded of the next association", () => {
    const asker = secured({ mode: "authenticated" });
    assert.equal(asker.number(64, SETUP, 2), 0x24);
    assert.equal(asker.act(64, SETUP, 1, data.enum(0x04)), "read-write-denied", "lower");
    assert.equal(asker.act(64, SETUP, 1, data.enum(0xff)), "read-write-denied", "signatures");
    assert.equal(asker.act(64, SETUP, 1, data.unsigned(0x6c)), "type-unmatched");
    assert.equal(asker.act(64, SETUP, 1, data.enum(0x6c)), "success");
    assert.equal(asker.number(64, SETUP, 2), 0x6c);
    const { meter } = asker;
    asker.tell({ type: "closed" });
    assert.throws(() => again(meter, { mode: "authenticated" }));
    meter.send(2, { type: "closed" });
    again(meter, { mode: "authenticated-encrypted" });
  });

  it("cannot be raised without keys", () => {
    const asker = secured({ mechanism: "hls-md5", mode: "none", keys: {}, secret: "secret" });
    assert.equal(asker.act(64, SETUP, 1, data.enum(0x24)), "read-write-denied");
    assert.equal(asker.number(64, SETUP, 2), 0);
  });
});

describe("simulated HLS secret", () => {
  it("is changed by the association's method", () => {
    const setting = { mechanism: "hls-sha256", mode: "none" } as const;
    const asker = secured({ ...setting, secret: "old secret" });
    assert.equal(asker.act(15, "0-0:40.0.0.255", 2, data.octetString(fromLatin1("new secret"))), "success");
    asker.tell({ type: "closed" });
    assert.throws(() => again(asker.meter, { ...setting, secret: "old secret" }));
    asker.meter.send(2, { type: "closed" });
    again(asker.meter, { ...setting, secret: "new secret" });
  });

  it("is none where keys prove who is who", () => {
    const asker = secured();
    assert.equal(asker.act(15, "0-0:40.0.0.255", 2, data.octetString(fromLatin1("new"))), "other-reason");
  });
});

/** A certificate of `publicKeyOf(key)` for `name`, its usage digital signature or key agreement. */
function certificate(name: string, spki: Uint8Array, agreement: boolean, serial = 0x1234): Uint8Array {
  const time = (text: string): Uint8Array => der(0x18, fromLatin1(text));
  const usage = der(derTags.bitString, Uint8Array.of(agreement ? 3 : 7, agreement ? 0x08 : 0x80));
  const extension = der(
    derTags.sequence,
    der(derTags.objectIdentifier, Uint8Array.of(0x55, 0x1d, 0x0f)),
    der(0x01, Uint8Array.of(0xff)),
    der(derTags.octetString, usage),
  );
  return derSigned(
    "P-256",
    issuer,
    der(
      derTags.sequence,
      der(0xa0, derInteger(Uint8Array.of(2))),
      derInteger(Uint8Array.of(serial >> 8, serial & 0xff)),
      signatureAlgorithm("P-256"),
      derCommonName("Issuer"),
      der(derTags.sequence, time("20240101000000Z"), time("20990101000000Z")),
      derCommonName(name),
      spki,
      der(0xa3, der(derTags.sequence, extension)),
    ),
  );
}

/** Contents of the elements of a DER sequence, with their headers. */
function elements(octets: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  const header = (at: number): [number, number] => {
    const first = octets[at + 1] as number;
    if (first < 0x80) return [2, first];
    if (first === 0x81) return [3, octets[at + 2] as number];
    return [4, ((octets[at + 2] as number) << 8) | (octets[at + 3] as number)];
  };
  const [outer] = header(0);
  for (let at = outer; at < octets.length;) {
    const [head, length] = header(at);
    found.push(octets.slice(at, at + head + length));
    at += head + length;
  }
  return found;
}

describe("simulated certificates", () => {
  const suite1 = {
    suite: 1,
    keys: { ...KEYS, curve: { signing: scalar(20), peerSigning: publicKeyOf("P-256", clientSigning) } },
  } as const;

  function requested(asker: Asker, use: number): { request: Uint8Array; spki: Uint8Array } {
    assert.equal(asker.act(64, SETUP, 4, data.enum(use)), "success");
    const { result, returned } = method(asker, 5, data.enum(use));
    assert.equal(result, "success");
    assert.ok(returned?.type === "octet-string");
    const [info] = elements(returned.value) as [Uint8Array];
    const [, , spki] = elements(info) as [Uint8Array, Uint8Array, Uint8Array];
    return { request: returned.value, spki };
  }

  it("are requested for a new key pair under the meter's title, signed by that key", () => {
    const asker = secured(suite1);
    const { request, spki } = requested(asker, 0);
    const [info, , signature] = elements(request) as [Uint8Array, Uint8Array, Uint8Array];
    assert.ok(toHex(info).includes(toHex(derCommonName(toHex(METER)))));
    const key = createPublicKey({ key: toHex(spki), format: "der", type: "spki", encoding: "hex" });
    assert.ok(verify("sha256", info, { key, dsaEncoding: "der" }, signature.subarray(3)));
    assert.equal(method(asker, 5, data.enum(1)).result, "other-reason", "no agreement key yet");
    assert.notDeepEqual(requested(asker, 0).spki, spki, "another pair each time");
  });

  it("are imported, listed, exported and removed; the key of the meter's own is in use from then on", () => {
    const client = { ...suite1, mode: "none", mechanism: "hls-ecdsa" } as const;
    const first = { signing: clientSigning, peerSigning: publicKeyOf("P-256", suite1.keys.curve.signing) };
    const asker = secured(client, { ...client, keys: { curve: first } });
    const { spki } = requested(asker, 0);
    const own = certificate(toHex(METER), spki, false);
    assert.equal(asker.act(64, SETUP, 6, data.octetString(own)), "success");
    const list = asker.value(64, SETUP, 6);
    const row = [
      data.enum(0),
      data.enum(0),
      data.octetString(fromHex("1234")),
      data.octetString(fromLatin1("CN=Issuer")),
      data.octetString(fromLatin1(`CN=${toHex(METER)}`)),
      data.octetString(new Uint8Array(0)),
    ];
    assert.deepEqual(list, data.array([data.structure(row)]));
    const byEntity = data.structure([
      data.enum(0),
      data.structure([data.enum(0), data.enum(0), data.octetString(METER)]),
    ]);
    const bySerial = data.structure([data.enum(1), data.structure(row.slice(2, 4))]);
    for (const sought of [byEntity, bySerial])
      assert.deepEqual(method(asker, 7, sought), {
        result: "success",
        returned: data.octetString(own),
      });
    const { meter } = asker;
    asker.tell({ type: "closed" });
    const peerSigning = certifiedKey(own, { curve: "P-256" }).publicKey;
    const next = again(meter, { ...client, keys: { curve: { signing: clientSigning, peerSigning } } });
    assert.equal(next.act(64, SETUP, 8, bySerial), "success");
    assert.equal(next.act(64, SETUP, 8, bySerial), "other-reason", "gone");
    assert.deepEqual(next.value(64, SETUP, 6), data.array([]));
  });

  it("are refused where they are none, or of a key the meter does not have", () => {
    const asker = secured(suite1);
    assert.equal(asker.act(64, SETUP, 6, data.octetString(Uint8Array.of(1, 2, 3))), "other-reason");
    const strange = certificate(toHex(METER), derPublicKey("P-256", scalar(30)), false);
    assert.equal(asker.act(64, SETUP, 6, data.octetString(strange)), "other-reason");
    assert.equal(asker.act(64, SETUP, 6, data.enum(1)), "type-unmatched");
    assert.equal(asker.act(64, SETUP, 4, data.enum(2)), "other-reason", "no TLS");
    const clients = certificate(toHex(CLIENT), derPublicKey("P-256", clientSigning), true);
    assert.equal(asker.act(64, SETUP, 6, data.octetString(clients)), "success");
  });

  it("need a suite with a curve", () => {
    const asker = secured();
    assert.equal(asker.act(64, SETUP, 4, data.enum(0)), "other-reason");
    assert.equal(asker.act(64, SETUP, 5, data.enum(0)), "other-reason");
  });

  it("agree on a key that both sides come to", () => {
    const asker = secured(suite1);
    const ephemeral = scalar(40);
    const offered = publicKeyOf("P-256", ephemeral);
    const offer = concatBytes(offered, signRaw("P-256", clientSigning, offered));
    const { result, returned } = method(asker, 3, keyData(0, offer));
    assert.equal(result, "success");
    assert.ok(returned?.type === "array");
    const [ours] = returned.value;
    assert.ok(ours?.type === "structure" && ours.value[1]?.type === "octet-string");
    const theirs = ours.value[1].value.subarray(0, 64);
    const z = sharedSecret("P-256", ephemeral.reveal(), theirs);
    const unicast = deriveKey(securitySuites[1], z, { originator: CLIENT, recipient: METER });
    asker.tell({ type: "closed" });
    const next = again(asker.meter, { suite: 1, keys: { ...suite1.keys, unicast } });
    const forged = concatBytes(offered, signRaw("P-256", scalar(41), offered));
    assert.equal(method(next, 3, keyData(0, forged)).result, "other-reason");
    assert.equal(method(next, 3, keyData(0, offered)).result, "other-reason");
  });
});

describe("certificate names", () => {
  it("say whose it is, who issued it, and what for", () => {
    const key = derPublicKey("P-256", clientSigning);
    for (const agreement of [false, true]) {
      const made = certificate("4757590000000001", key, agreement, 0x00ff);
      assert.ok(
        new X509Certificate(made).verify(
          createPublicKey({
            key: toHex(derPublicKey("P-256", issuer)),
            format: "der",
            type: "spki",
            encoding: "hex",
          }),
        ),
      );
      assert.deepEqual(certificateNames(made), {
        serialNumber: fromHex("FF"),
        issuer: "CN=Issuer",
        subject: "CN=4757590000000001",
        use: agreement ? "agreement" : "signature",
      });
    }
    assert.throws(() => certificateNames(Uint8Array.of(0x30)), { code: "SECURITY_CERTIFICATE" });
  });
});
