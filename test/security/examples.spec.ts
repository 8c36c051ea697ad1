/** The worked examples of ciphering, key wrap and HLS, octet for octet, in both directions. */
import assert from "node:assert/strict";
import { decodeAcse } from "../../src/acse/index.js";
import { fromHex, fromLatin1, toHex } from "../../src/bytes/hex.js";
import { type Role } from "../../src/core/link.js";
import { Secret } from "../../src/core/secret.js";
import {
  type HlsExchange,
  protect,
  proveIdentity,
  type ProtectOptions,
  unprotect,
  unwrapKey,
  verifyIdentity,
  wrapKey,
} from "../../src/security/index.js";
import { decodeApdu } from "../../src/xdlms/index.js";
import { clientTitle, getRequest, keys, secret, serverTitle } from "./fixtures.js";

const COUNTER = 0x0123_4567;
const title = fromHex("4D4D4D0000BC614E");
const both = { authenticated: true, encrypted: true };
const initiateRequest = fromHex("01011000112233445566778899AABBCCDDEEFF0000065F1F0400007E1F04B0");
const GLO_INITIATE_REQUEST =
  "21303001234567801302FF8A7874133D414CED25B42534D28DB0047720606B175BD52211BE6841DB204D39EE6FDB8E356855";

const examples: readonly (readonly [
  string,
  string,
  Uint8Array,
  Pick<ProtectOptions, "form" | "protection">,
])[] = [
  [
    "authentication only",
    "C81E1001234567C0010000080000010000FF020006725D910F9221D263877516",
    getRequest,
    {
      form: { type: "service-ciphering", keySet: "global" },
      protection: { authenticated: true, encrypted: false },
    },
  ],
  [
    "encryption only",
    "C8122001234567411312FF935A47566827C467BC",
    getRequest,
    {
      form: { type: "service-ciphering", keySet: "global" },
      protection: { authenticated: false, encrypted: true },
    },
  ],
  [
    "authenticated encryption",
    "C81E3001234567411312FF935A47566827C467BC7D825C3BE4A77C3FCC056B6B",
    getRequest,
    { form: { type: "service-ciphering", keySet: "global" }, protection: both },
  ],
  [
    "general-glo",
    "DB084D4D4D0000BC614E1E3001234567411312FF935A47566827C467BC7D825C3BE4A77C3FCC056B6B",
    getRequest,
    { form: { type: "general-glo-ciphering" }, protection: both },
  ],
  [
    "glo-initiateRequest",
    GLO_INITIATE_REQUEST,
    initiateRequest,
    { form: { type: "service-ciphering", keySet: "global" }, protection: both },
  ],
  [
    "glo-initiateResponse",
    "281F3001234567891214A0845E475714383F65BC19745CA235906525E4F3E1C893",
    fromHex("0800065F1F0400007C1F04000007"),
    { form: { type: "service-ciphering", keySet: "global" }, protection: both },
  ],
];

const exchange = { ctos: fromLatin1("K56iVagY"), stoc: fromLatin1("P6wRJ21F"), keys } as const;
const titles = { clientSystemTitle: clientTitle, serverSystemTitle: serverTitle };
const password = new Secret(fromLatin1("12345678"));

const answers: readonly (readonly [string, Role, HlsExchange, string, number?])[] = [
  [
    "GMAC, client",
    "client",
    { ...exchange, ...titles, mechanism: "hls-gmac" },
    "10000000011A52FE7DD3E72748973C1E28",
    1,
  ],
  [
    "GMAC, server",
    "server",
    { ...exchange, ...titles, mechanism: "hls-gmac" },
    "1001234567FE1466AFB3DBCD4F9389E2B7",
    COUNTER,
  ],
  [
    "MD5",
    "client",
    { ...exchange, secret: password, mechanism: "hls-md5" },
    "53D4537E37DAB4FF089629E25557AF9F",
  ],
  [
    "SHA-1",
    "client",
    { ...exchange, secret: password, mechanism: "hls-sha1" },
    "6DBD949D1B1EFDD6FE5F9EA627877E986E8708CB",
  ],
  [
    "SHA-256, client",
    "client",
    { ...exchange, ...titles, secret: password, mechanism: "hls-sha256" },
    "67342BAA6815DA654EEFBB879B6A23DA0D2BB0404ABBB1A738631241A6B96516",
  ],
  [
    "SHA-256, server",
    "server",
    { ...exchange, ...titles, secret: password, mechanism: "hls-sha256" },
    "5DA97807E1B30B5D95A5B48BDA34C4232130F761E57C316CCDEF70322605A90D",
  ],
  [
    "mechanism 2",
    "client",
    {
      mechanism: "hls",
      ctos: fromLatin1("fedcba9876543210"),
      stoc: fromLatin1("0123456789abcdef"),
      secret: new Secret(fromLatin1("0123456789ABCDEF")),
    },
    "2AE1068641014724B8D0CBAB7D9E054E",
  ],
];

describe("worked examples of security", () => {
  for (const [name, hex, apdu, how] of examples)
    it(`${name}: protects and opens`, () => {
      const protectedApdu = protect(apdu, { suite: 0, keys, systemTitle: title, counter: COUNTER, ...how });
      assert.equal(toHex(protectedApdu), hex);
      const opened = unprotect(fromHex(hex), { suite: 0, keys, peerSystemTitle: title });
      assert.deepStrictEqual(opened.apdu, apdu);
      assert.equal(opened.counter, COUNTER);
      assert.deepStrictEqual(opened.originator, title);
      assert.equal(opened.authenticated, how.protection.authenticated);
      assert.equal(opened.encrypted, how.protection.encrypted);
    });

  it("the whole AARQ: ciphered initiate request inside, dedicated key inside that", () => {
    const aarq = decodeAcse(
      fromHex(
        `6066A109060760857405080103A60A04084D4D4D0000BC614E8A0207808B0760857405080201AC0A80083132333435363738BE340432${GLO_INITIATE_REQUEST}`,
      ),
    );
    assert.ok(aarq.type === "aarq" && aarq.userInformation !== undefined);
    const opened = unprotect(aarq.userInformation, { suite: 0, keys, peerSystemTitle: aarq.callingApTitle });
    const initiate = decodeApdu(opened.apdu);
    assert.ok(initiate.type === "initiate-request");
    assert.equal(toHex(initiate.dedicatedKey as Uint8Array), "00112233445566778899AABBCCDDEEFF");
  });

  it("key wrap", () => {
    const wrapped = wrapKey(0, keys.unicast, secret("00112233445566778899AABBCCDDEEFF"));
    assert.equal(toHex(wrapped), "1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5");
    const key = unwrapKey(0, keys.unicast, wrapped);
    assert.equal(toHex(key.reveal()), "00112233445566778899AABBCCDDEEFF");
  });

  for (const [name, prover, given, hex, counter] of answers)
    it(`HLS ${name}`, () => {
      assert.equal(toHex(proveIdentity(prover, given, counter)), hex);
      assert.deepStrictEqual(
        verifyIdentity(prover, given, fromHex(hex)),
        counter === undefined ? {} : { counter },
      );
    });

  it("the GMAC answer as it stands in the ACTION and its response", () => {
    const request = decodeApdu(fromHex("C301C1000F0000280000FF0101091110000000011A52FE7DD3E72748973C1E28"));
    assert.ok(request.type === "action-request" && request.request.type === "normal");
    const parameters = request.request.parameters;
    assert.ok(parameters?.type === "octet-string");
    const given: HlsExchange = { ...exchange, ...titles, mechanism: "hls-gmac" };
    assert.deepStrictEqual(verifyIdentity("client", given, parameters.value), { counter: 1 });
    const response = decodeApdu(fromHex("C701C100010009111001234567FE1466AFB3DBCD4F9389E2B7"));
    assert.ok(response.type === "action-response" && response.response.type === "normal");
    const { returnParameters } = response.response;
    assert.ok(returnParameters?.type === "data" && returnParameters.data.type === "octet-string");
    assert.deepStrictEqual(verifyIdentity("server", given, returnParameters.data.value), {
      counter: COUNTER,
    });
  });
});
