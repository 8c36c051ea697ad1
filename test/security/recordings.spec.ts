/**
 * Every recorded conversation that ciphers or proves identity: each ciphered APDU opens with its tag checked, gives the
 * recorded plaintext in order, and protects to the same octets again; each HLS value verifies and, where it has only
 * one right form, is made again.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Aare, type Aarq, type Acse, decodeAcse, isAcseTag, mechanisms } from "../../src/acse/index.js";
import { type Data } from "../../src/axdr/index.js";
import { fromHex, fromLatin1, toHex } from "../../src/bytes/hex.js";
import { DlmsError } from "../../src/core/errors.js";
import { Secret } from "../../src/core/secret.js";
import {
  type HlsExchange,
  type HlsMechanism,
  privateKeyFromPkcs8,
  protect,
  type ProtectionForm,
  proveIdentity,
  publicKeyFromSpki,
  publicKeyOf,
  ReceivedCounters,
  type SecurityKeys,
  type SecuritySuite,
  unprotect,
  type UnprotectOptions,
  verifyIdentity,
} from "../../src/security/index.js";
import { replayLink } from "../../src/tools/replay/link-layer.js";
import { type Direction, parseVector } from "../../src/tools/replay/vector.js";
import { decodeApdu, decodeCipheredApdu, isCipheredTag } from "../../src/xdlms/index.js";
import { otherKey } from "./fixtures.js";

const folder = join(__dirname, "..", "vectors");

interface RecordedSecurity {
  readonly secret?: string;
  readonly keys?: Readonly<Record<string, string>>;
  readonly securitySuite?: SecuritySuite;
  readonly stoc?: string;
  readonly ctos?: string;
  readonly commandLine?: string;
}

function keysOf({ keys = {} }: RecordedSecurity): {
  readonly client: SecurityKeys;
  readonly server: SecurityKeys;
} {
  const key = (name: string) => (keys[name] === undefined ? undefined : new Secret(fromHex(keys[name])));
  const symmetric: SecurityKeys = {
    unicast: key("guek"),
    authentication: key("gak"),
    dedicated: key("dedicated"),
  };
  if (keys["client.priv.pkcs8"] === undefined) return { client: symmetric, server: symmetric };
  const side = (own: string, peer: string): SecurityKeys => ({
    ...symmetric,
    curve: {
      signing: privateKeyFromPkcs8("P-256", fromHex(keys[`${own}.priv.pkcs8`] as string)),
      peerSigning: publicKeyFromSpki("P-256", fromHex(keys[`${peer}.pub.spki`] as string)),
    },
  });
  return { client: side("client", "server"), server: side("server", "client") };
}

function octetsOf(data: Data | undefined): Uint8Array | undefined {
  return data?.type === "octet-string" ? data.value : undefined;
}

/** One conversation read from end to end. */
class Conversation {
  opened = 0;
  proofs = 0;
  readonly plaintexts: { readonly dir: Direction; readonly hex: string }[] = [];
  readonly #recorded: RecordedSecurity;
  readonly #received = { c2s: new ReceivedCounters(), s2c: new ReceivedCounters() };
  #aarq: Aarq | undefined;
  #aare: Aare | undefined;
  #asked = false;

  constructor(recorded: RecordedSecurity) {
    this.#recorded = recorded;
  }

  take(dir: Direction, bytes: Uint8Array): void {
    if (isAcseTag(bytes[0])) this.#acse(dir, decodeAcse(bytes));
    else if (isCipheredTag(bytes[0])) this.#ciphered(dir, bytes);
    else this.#clear(dir, bytes);
  }

  #acse(dir: Direction, acse: Acse): void {
    if (acse.type === "aarq") this.#aarq = acse;
    if (acse.type === "aare") this.#aare = acse;
    const inside =
      "malformed" in acse && acse.malformed !== undefined
        ? insideOfMalformed(acse.malformed)
        : acse.userInformation;
    if (isCipheredTag(inside?.[0])) this.#ciphered(dir, inside as Uint8Array);
  }

  #ciphered(dir: Direction, bytes: Uint8Array): void {
    const peerSystemTitle = dir === "c2s" ? this.#aarq?.callingApTitle : this.#aare?.respondingApTitle;
    const keys = keysOf(this.#recorded).client;
    const options: UnprotectOptions = { suite: this.#recorded.securitySuite ?? 0, keys, peerSystemTitle };
    const opened = unprotect(bytes, options);
    assert.ok(opened.authenticated && opened.encrypted && opened.control !== undefined);
    this.#received[dir].accept(opened.originator, opened.key, "apdu", opened.counter as number);
    this.opened++;
    this.plaintexts.push({ dir, hex: toHex(opened.apdu) });

    const closed = decodeCipheredApdu(bytes);
    const form: ProtectionForm =
      closed.type === "service-ciphering"
        ? { type: closed.type, keySet: closed.keySet }
        : { type: "general-glo-ciphering" };
    const again = protect(opened.apdu, {
      ...options,
      form,
      protection: opened.control,
      systemTitle: opened.originator,
      counter: opened.counter as number,
    });
    assert.equal(toHex(again), toHex(bytes));

    for (const wrong of [
      { ...options, keys: { ...keys, unicast: otherKey(keys.unicast), dedicated: undefined } },
      { ...options, keys: { ...keys, authentication: otherKey(keys.authentication) } },
      {
        ...options,
        peerSystemTitle: Uint8Array.from(opened.originator, (octet, i) => octet ^ (i === 7 ? 1 : 0)),
      },
      { ...options, suite: 1 as const },
    ])
      assert.throws(
        () => unprotect(bytes, wrong),
        (caught) => caught instanceof DlmsError && caught.family === "SecurityError",
      );
    this.#clear(dir, opened.apdu);
  }

  #clear(dir: Direction, bytes: Uint8Array): void {
    if (bytes[0] === 0xc3 && dir === "c2s") {
      const apdu = decodeApdu(bytes);
      if (apdu.type !== "action-request" || apdu.request.type !== "normal") return;
      const { method, parameters } = apdu.request;
      this.#asked = method.classId === 15 && method.methodId === 1;
      if (this.#asked) this.#prove("client", octetsOf(parameters) as Uint8Array);
    } else if (bytes[0] === 0xc7 && dir === "s2c" && this.#asked) {
      this.#asked = false;
      const apdu = decodeApdu(bytes);
      assert.ok(apdu.type === "action-response" && apdu.response.type === "normal");
      const { returnParameters } = apdu.response;
      assert.ok(returnParameters?.type === "data");
      this.#prove("server", octetsOf(returnParameters.data) as Uint8Array);
    }
  }

  #prove(prover: "client" | "server", answer: Uint8Array): void {
    const [aarq, aare] = [this.#aarq as Aarq, this.#aare as Aare];
    const found = Object.entries(mechanisms).find(([, identifier]) => identifier === aarq.mechanism);
    const mechanism = found?.[0] as HlsMechanism;
    const recorded = this.#recorded;
    const sides = keysOf(recorded);
    const exchange: HlsExchange = {
      mechanism,
      ctos: aarq.callingAuthenticationValue as Uint8Array,
      stoc: aare.respondingAuthenticationValue as Uint8Array,
      clientSystemTitle: aarq.callingApTitle,
      serverSystemTitle: aare.respondingApTitle,
      suite: recorded.securitySuite ?? 0,
      secret: new Secret(
        fromLatin1(recorded.secret ?? /-P (\S+)/.exec(recorded.commandLine ?? "")?.[1] ?? ""),
      ),
    };
    if (recorded.stoc) assert.equal(toHex(exchange.stoc), recorded.stoc);
    if (recorded.ctos) assert.equal(toHex(exchange.ctos), recorded.ctos);
    const verifier = prover === "client" ? "server" : "client";
    const { counter } = verifyIdentity(prover, { ...exchange, keys: sides[verifier] }, answer);
    this.proofs++;
    if (counter !== undefined)
      this.#received[prover === "client" ? "c2s" : "s2c"].accept(
        fromLatin1("peer"),
        "unicast",
        "gmac",
        counter,
      );
    const made = proveIdentity(prover, { ...exchange, keys: sides[prover] }, counter);
    if (mechanism === "hls-ecdsa") verifyIdentity(prover, { ...exchange, keys: sides[verifier] }, made);
    else assert.equal(toHex(made), toHex(answer));
    // Proven for this challenge only, and not by the other party.
    const other = Uint8Array.from(prover === "client" ? exchange.stoc : exchange.ctos, (octet) => octet ^ 1);
    const question = prover === "client" ? { stoc: other } : { ctos: other };
    for (const wrong of [
      () => verifyIdentity(prover, { ...exchange, ...question, keys: sides[verifier] }, answer),
      () => verifyIdentity(verifier, { ...exchange, keys: sides[prover] }, answer),
    ])
      assert.throws(wrong, (caught) => caught instanceof DlmsError && caught.code === "SECURITY_ANSWER");
  }
}

/** A release whose lengths are wrong: the ciphered initiate runs to its end. */
function insideOfMalformed(octets: Uint8Array): Uint8Array | undefined {
  const at = octets.findIndex(
    (octet, i) => (octet === 0x21 || octet === 0x28) && octets[i + 1] === octets.length - i - 2,
  );
  return at < 0 ? undefined : octets.subarray(at);
}

const HLS_FILES = /gmac|hls2|md5|sha1|sha256|ecdsa|high_readall/;
/** The client sends its AARQ again, octet for octet, when the server stays silent. */
const REPEATED = "gxcli-gxc_wrapper_gmac_readall.json";
/** The server never answers, or answers with a refusal, so that nothing is proved. */
const UNPROVEN = /gmac_readall|replayed_ic|wrong_key/;

describe("recorded conversations: security", () => {
  let [opened, proofs] = [0, 0];
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".json") && HLS_FILES.test(name)))
    it(file.replace(".json", ""), () => {
      const json = JSON.parse(readFileSync(join(folder, file), "utf8")) as RecordedSecurity;
      const vector = parseVector(file, json);
      const conversation = new Conversation(json);
      const isWrongKey = file.includes("wrong_key");
      for (const { dir, bytes } of replayLink(vector).apdus) {
        const isRepeated = file === REPEATED && conversation.opened > 0;
        const code = isRepeated ? "SECURITY_COUNTER" : "SECURITY_TAG";
        if (dir === "s2c" || (!isWrongKey && !isRepeated)) conversation.take(dir, bytes);
        else
          assert.throws(
            () => conversation.take(dir, bytes),
            (caught) => caught instanceof DlmsError && caught.code === code,
          );
      }
      if (vector.plaintextApdus.length > 0) {
        // Some files leave out the initiate requests that stand inside an AARQ or RLRQ.
        const [first] = vector.plaintextApdus;
        const initiates = first?.dir === "c2s";
        const ours = conversation.plaintexts.filter(({ hex }) => initiates || !hex.startsWith("01"));
        assert.deepStrictEqual(ours, vector.plaintextApdus);
      }
      if (!UNPROVEN.test(file)) assert.ok(conversation.proofs >= 2, `${conversation.proofs} proofs`);
      opened += conversation.opened;
      proofs += conversation.proofs;
    });

  it("are as many as were recorded", () => {
    assert.ok(opened >= 570 + 4, `${opened} ciphered APDUs`);
    assert.ok(proofs >= 40, `${proofs} proofs`);
  });

  it("hold the public keys that belong to the private ones", () => {
    const { keys = {} } = JSON.parse(
      readFileSync(join(folder, "gxjcli-gxj_wrapper_ecdsa.json"), "utf8"),
    ) as RecordedSecurity;
    for (const side of ["client", "server"]) {
      const key = privateKeyFromPkcs8("P-256", fromHex(keys[`${side}.priv.pkcs8`] as string));
      const known = publicKeyFromSpki("P-256", fromHex(keys[`${side}.pub.spki`] as string));
      assert.deepStrictEqual(publicKeyOf("P-256", key), known);
    }
  });
});
