/**
 * Worked examples of the standard that stand nowhere else among the tests: conformance blocks, the beginnings of pushes
 * that meters in the field sent, rare elements of ACSE, and what suites and short names compute. The others are tests
 * where the thing itself is tested: frames in hdlc/, AARQ and AARE in acse/, ciphered ones in security/.
 */
import assert from "node:assert/strict";
import { decodeAcse, encodeAcse } from "../src/acse/index.js";
import { decodeDateTime } from "../src/axdr/index.js";
import { fromHex, toHex } from "../src/bytes/hex.js";
import { protect, securitySuites, unprotect } from "../src/security/index.js";
import { conformanceBits, type ConformanceBit, decodeApdu, encodeApdu } from "../src/xdlms/index.js";
import { fromClient, getRequest, keys, keysOf, atServer, serverTitle } from "./security/fixtures.js";

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe("worked examples", () => {
  const conformance: readonly (readonly [string, readonly number[]])[] = [
    ["00 7E 1F", [...range(9, 14), ...range(19, 23)]],
    ["00 50 1F", [9, 11, ...range(19, 23)]],
    ["40 1E 5D", [1, ...range(11, 14), 17, 19, 20, 21, 23]],
    ["1C 03 20", [3, 4, 5, 14, 15, 18]],
  ];
  for (const [hex, bits] of conformance)
    it(`conformance ${hex}`, () => {
      const octets = fromHex(`01 00 00 00 06 5F 1F 04 00 ${hex} 04 B0`.replaceAll(" ", ""));
      const request = decodeApdu(octets);
      assert.ok(request.type === "initiate-request");
      const numbers = [...request.conformance].map((bit: ConformanceBit) => conformanceBits[bit]);
      assert.deepEqual(
        numbers.sort((a, b) => a - b),
        bits,
      );
      assert.equal(toHex(encodeApdu(request)), toHex(octets));
    });

  it("the push of a Kamstrup meter: 25 elements, a time without deviation", () => {
    const hex = "0F00000000" + "0C07E60C1C03170100FF800000" + "0219" + "00".repeat(25);
    const push = decodeApdu(fromHex(hex));
    assert.ok(push.type === "data-notification" && push.dateTime !== undefined);
    assert.equal(decodeDateTime(push.dateTime).deviationMinutes, undefined);
    assert.ok(push.body.type === "structure" && push.body.value.length === 25);
    assert.equal(toHex(encodeApdu(push)), hex);
  });

  it("the push of an Aidon meter: an array of 13, no time", () => {
    const hex = "0F40000000" + "00" + "010D" + "00".repeat(13);
    const push = decodeApdu(fromHex(hex));
    assert.ok(push.type === "data-notification");
    assert.equal(push.dateTime, undefined);
    assert.equal(push.longInvoke.confirmed, true);
    assert.ok(push.body.type === "array" && push.body.value.length === 13);
    assert.equal(toHex(encodeApdu(push)), hex);
  });

  it("general-glo of an Elgama meter: no system title, a long content", () => {
    const apdu = fromHex("0F00000001000982" + "0120" + "AB".repeat(0x120));
    const options = { suite: 0, keys, systemTitle: serverTitle, counter: 1 } as const;
    const bytes = protect(apdu, {
      ...options,
      form: { type: "general-glo-ciphering", withoutTitle: true },
      protection: { authenticated: true, encrypted: true },
    });
    assert.equal(toHex(bytes.subarray(0, 3)), "DB0082");
    assert.deepEqual(unprotect(bytes, { suite: 0, keys, peerSystemTitle: serverTitle }).apdu, apdu);
  });

  const acse: readonly (readonly [string, string])[] = [
    ["AARQ with a protocol version and a user", "6014 80020780 A109060760857405080101 A903020107"],
    ["AARQ with the other form of the version", "600F 80020284 A109060760857405080101"],
    [
      "AARE with a system title",
      "6123A109060760857405080103A203020100A305A103020100A40A04084D4D4D0000BC614E",
    ],
    ["RLRQ", "6203800100"],
    ["RLRE", "6303800100"],
  ];
  for (const [name, spaced] of acse)
    it(name, () => {
      const hex = spaced.replaceAll(" ", "");
      assert.equal(toHex(encodeAcse(decodeAcse(fromHex(hex)))), hex);
    });

  const refusals: readonly (readonly [string, string, object])[] = [
    ["GET of what is not there", "C401C10104", { type: "data-access-error", error: "object-undefined" }],
    ["SET that was done", "C501C100", {}],
    ["initiate refused: version too low", "0E010601", { category: "initiate", code: 1 }],
  ];
  for (const [name, hex, inner] of refusals)
    it(name, () => {
      const apdu = decodeApdu(fromHex(hex));
      const shown = JSON.stringify(apdu);
      for (const [field, value] of Object.entries(inner))
        assert.ok(shown.includes(JSON.stringify({ [field]: value }).slice(1, -1)), shown);
      assert.equal(toHex(encodeApdu(apdu)), hex);
    });

  it("the algorithms that key derivation names", () => {
    assert.equal(toHex(securitySuites[0].algorithmId), "60857405080300");
    assert.equal(toHex(securitySuites[1].algorithmId), "60857405080300");
    assert.equal(toHex(securitySuites[2].algorithmId), "60857405080301");
  });

  it("general-ciphering with an agreed key: the scheme's octet and how much comes along", () => {
    for (const [scheme, octet, octets] of [
      ["ephemeral-unified", "00", 128],
      ["one-pass", "01", 128],
      ["static-unified", "02", 0],
    ] as const) {
      const form = {
        type: "general-ciphering",
        header: { recipientSystemTitle: serverTitle },
        key: { type: "agreed", scheme },
      } as const;
      const bytes = fromClient({ suite: 1, form });
      const length = octets === 0 ? "00" : "8180";
      assert.match(
        toHex(bytes),
        new RegExp(`^DD00084D4D4D0000000001084D4D4D0000BC614E0000010201${octet}${length}`),
      );
      assert.deepEqual(unprotect(bytes, atServer(1, keysOf(1).server)).apdu, getRequest);
    }
  });
});
