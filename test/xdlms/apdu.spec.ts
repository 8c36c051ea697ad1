import assert from "node:assert/strict";
import fc from "fast-check";
import { data } from "../../src/axdr/index.js";
import { fromHex, fromLatin1, toHex } from "../../src/bytes/hex.js";
import { DecodeError, DlmsError } from "../../src/core/errors.js";
import {
  type Apdu,
  apduCodec,
  clearApduCodec,
  conformanceBits,
  decodeApdu,
  encodeApdu,
  opaqueTags,
} from "../../src/xdlms/index.js";
import { arbitraryOf, checkCodec, checkDamaged } from "../support/check-codec.js";

const invoke = { invokeId: 1, confirmed: true, highPriority: true };
const TOKEN = "12345678901234567890";
const attribute = (classId: number, ln: string, attributeId: number) => ({
  classId,
  instanceId: fromHex(ln),
  attributeId,
});
const method = (classId: number, ln: string, methodId: number) => ({
  classId,
  instanceId: fromHex(ln),
  methodId,
});
const relay = (methodId: number): Apdu => ({
  type: "action-request",
  request: {
    type: "normal",
    invoke,
    method: method(70, "000060030AFF", methodId),
    parameters: data.integer(0),
  },
});
const profile = attribute(7, "0100630100FF", 2);
const from = fromHex("07E50B0202000000FF800000");
const to = fromHex("07E50B0202173B3BFF800000");

/** Worked examples: octets and what they mean. */
const examples: readonly (readonly [string, string, Apdu])[] = [
  [
    "GET of the clock",
    "C0 01 C1 00 08 00 00 01 00 00 FF 02 00",
    { type: "get-request", request: { type: "normal", invoke, attribute: attribute(8, "0000010000FF", 2) } },
  ],
  [
    "GET of profile entries 1 to 10",
    "C0 01 C1 00 07 01 00 63 01 00 FF 02 01 02 02 04 06 00 00 00 01 06 00 00 00 0A 12 00 01 12 00 00",
    {
      type: "get-request",
      request: {
        type: "normal",
        invoke,
        attribute: profile,
        selection: {
          selector: 2,
          parameters: data.structure([
            data.doubleLongUnsigned(1),
            data.doubleLongUnsigned(10),
            data.longUnsigned(1),
            data.longUnsigned(0),
          ]),
        },
      },
    },
  ],
  [
    "GET of a profile range",
    `C0 01 C1 00 07 01 00 63 01 00 FF 02 01 01 02 04 02 04 12 00 08 09 06 00 00 01 00 00 FF 0F 02 12 00 00 09 0C ${toHex(from)} 09 0C ${toHex(to)} 01 00`,
    {
      type: "get-request",
      request: {
        type: "normal",
        invoke,
        attribute: profile,
        selection: {
          selector: 1,
          parameters: data.structure([
            data.structure([
              data.longUnsigned(8),
              data.octetString(fromHex("0000010000FF")),
              data.integer(2),
              data.longUnsigned(0),
            ]),
            data.octetString(from),
            data.octetString(to),
            data.array([]),
          ]),
        },
      },
    },
  ],
  [
    "GET next",
    "C0 02 C1 00 00 00 02",
    { type: "get-request", request: { type: "next", invoke, blockNumber: 2 } },
  ],
  [
    "GET with list",
    "C0 03 C1 02 00 08 00 00 01 00 00 FF 02 00 00 03 01 00 01 08 00 FF 03 00",
    {
      type: "get-request",
      request: {
        type: "with-list",
        invoke,
        attributes: [
          { attribute: attribute(8, "0000010000FF", 2) },
          { attribute: attribute(3, "0100010800FF", 3) },
        ],
      },
    },
  ],
  [
    "GET answered with a date-time",
    "C4 01 C1 00 09 0C 07 E5 0B 02 02 15 33 00 00 FF C4 00",
    {
      type: "get-response",
      response: {
        type: "normal",
        invoke,
        result: { type: "data", data: data.octetString(fromHex("07E50B020215330000FFC400")) },
      },
    },
  ],
  [
    "GET answered: object undefined",
    "C4 01 C1 01 04",
    {
      type: "get-response",
      response: { type: "normal", invoke, result: { type: "data-access-error", error: "object-undefined" } },
    },
  ],
  [
    "GET answered with an unknown code",
    "C4 01 C1 01 63",
    {
      type: "get-response",
      response: { type: "normal", invoke, result: { type: "data-access-error", error: 99 } },
    },
  ],
  [
    "GET answered with a block",
    "C4 02 C1 01 00 00 00 03 00 02 AA BB",
    {
      type: "get-response",
      response: {
        type: "with-datablock",
        invoke,
        lastBlock: true,
        blockNumber: 3,
        result: { type: "raw-data", rawData: Uint8Array.of(0xaa, 0xbb) },
      },
    },
  ],
  [
    "GET blocks ended by an error",
    "C4 02 C1 01 00 00 00 03 01 13",
    {
      type: "get-response",
      response: {
        type: "with-datablock",
        invoke,
        lastBlock: true,
        blockNumber: 3,
        result: { type: "data-access-error", error: "data-block-number-invalid" },
      },
    },
  ],
  [
    "GET with list answered",
    "C4 03 C1 02 00 11 05 01 03",
    {
      type: "get-response",
      response: {
        type: "with-list",
        invoke,
        results: [
          { type: "data", data: data.unsigned(5) },
          { type: "data-access-error", error: "read-write-denied" },
        ],
      },
    },
  ],
  [
    "SET",
    "C1 01 C1 00 01 00 00 60 01 00 FF 02 00 12 00 05",
    {
      type: "set-request",
      request: {
        type: "normal",
        invoke,
        attribute: attribute(1, "0000600100FF", 2),
        data: data.longUnsigned(5),
      },
    },
  ],
  [
    "SET answered",
    "C5 01 C1 00",
    { type: "set-response", response: { type: "normal", invoke, result: "success" } },
  ],
  [
    "last SET block answered without block number",
    "C5 03 C1 03",
    { type: "set-response", response: { type: "last-datablock", invoke, result: "read-write-denied" } },
  ],
  [
    "last SET block answered",
    "C5 03 C1 00 00 00 00 02",
    { type: "set-response", response: { type: "last-datablock", invoke, result: "success", blockNumber: 2 } },
  ],
  ["relay disconnect", "C3 01 C1 00 46 00 00 60 03 0A FF 01 01 0F 00", relay(1)],
  ["relay reconnect", "C3 01 C1 00 46 00 00 60 03 0A FF 02 01 0F 00", relay(2)],
  [
    "ACTION answered without the optional part",
    "C7 01 C1 00",
    {
      type: "action-response",
      response: { type: "normal", invoke, result: "success", returnParametersMissing: true },
    },
  ],
  [
    "ACTION answered",
    "C7 01 C1 00 00",
    { type: "action-response", response: { type: "normal", invoke, result: "success" } },
  ],
  [
    "ACTION answered with a refusal inside",
    "C7 01 C1 00 01 01 03",
    {
      type: "action-response",
      response: {
        type: "normal",
        invoke,
        result: "success",
        returnParameters: { type: "data-access-error", error: "read-write-denied" },
      },
    },
  ],
  [
    "third pass of GMAC",
    "C3 01 C1 00 0F 00 00 28 00 00 FF 01 01 09 11 10 00 00 00 01 1A 52 FE 7D D3 E7 27 48 97 3C 1E 28",
    {
      type: "action-request",
      request: {
        type: "normal",
        invoke,
        method: method(15, "0000280000FF", 1),
        parameters: data.octetString(fromHex("10000000011A52FE7DD3E72748973C1E28")),
      },
    },
  ],
  [
    "fourth pass of GMAC",
    "C7 01 C1 00 01 00 09 11 10 01 23 45 67 FE 14 66 AF B3 DB CD 4F 93 89 E2 B7",
    {
      type: "action-response",
      response: {
        type: "normal",
        invoke,
        result: "success",
        returnParameters: {
          type: "data",
          data: data.octetString(fromHex("1001234567FE1466AFB3DBCD4F9389E2B7")),
        },
      },
    },
  ],
  [
    "token as Data object, packed BCD",
    "C1 01 C1 00 01 01 00 81 81 02 FF 02 00 09 0A 12 34 56 78 90 12 34 56 78 90",
    {
      type: "set-request",
      request: {
        type: "normal",
        invoke,
        attribute: attribute(1, "0100818102FF", 2),
        data: data.octetString(fromHex(TOKEN)),
      },
    },
  ],
  [
    "token as Register, visible-string",
    "C1 01 C1 00 03 00 00 13 01 00 FF 02 00 0A 14 31 32 33 34 35 36 37 38 39 30 31 32 33 34 35 36 37 38 39 30",
    {
      type: "set-request",
      request: {
        type: "normal",
        invoke,
        attribute: attribute(3, "0000130100FF", 2),
        data: data.visibleString(TOKEN),
      },
    },
  ],
  [
    "token to the Token gateway, packed BCD",
    "C3 01 C1 00 73 00 00 13 28 00 FF 01 01 09 0A 12 34 56 78 90 12 34 56 78 90",
    {
      type: "action-request",
      request: {
        type: "normal",
        invoke,
        method: method(115, "0000132800FF", 1),
        parameters: data.octetString(fromHex(TOKEN)),
      },
    },
  ],
  [
    "token to the Token gateway, ASCII",
    "C3 01 C1 00 73 00 00 13 28 00 FF 01 01 09 14 31 32 33 34 35 36 37 38 39 30 31 32 33 34 35 36 37 38 39 30",
    {
      type: "action-request",
      request: {
        type: "normal",
        invoke,
        method: method(115, "0000132800FF", 1),
        parameters: data.octetString(fromLatin1(TOKEN)),
      },
    },
  ],
  [
    "credit update",
    "C3 01 C1 00 70 00 00 13 0A 00 FF 01 01 05 00 00 13 88",
    {
      type: "action-request",
      request: {
        type: "normal",
        invoke,
        method: method(112, "0000130A00FF", 1),
        parameters: data.doubleLong(5000),
      },
    },
  ],
  [
    "exception response",
    "D8 01 02",
    { type: "exception-response", stateError: "service-not-allowed", serviceError: "service-not-supported" },
  ],
  [
    "exception response with the expected counter",
    "D8 01 06 00 00 00 2A",
    {
      type: "exception-response",
      stateError: "service-not-allowed",
      serviceError: "invocation-counter-error",
      invocationCounter: 42,
    },
  ],
  [
    "initiate refused",
    "0E 01 06 01",
    { type: "confirmed-service-error", service: "initiate", error: { category: "initiate", code: 1 } },
  ],
  [
    "push with date-time",
    "0F 00 00 00 00 0C 07 E6 0C 1C 03 17 01 00 FF 80 00 00 02 01 11 05",
    {
      type: "data-notification",
      longInvoke: {
        invokeId: 0,
        selfDescriptive: false,
        breakOnError: false,
        confirmed: false,
        highPriority: false,
      },
      dateTime: fromHex("07E60C1C03170100FF800000"),
      body: data.structure([data.unsigned(5)]),
    },
  ],
  [
    "push without date-time",
    "0F 40 00 00 00 00 01 00",
    {
      type: "data-notification",
      longInvoke: {
        invokeId: 0,
        selfDescriptive: false,
        breakOnError: false,
        confirmed: true,
        highPriority: false,
      },
      body: data.array([]),
    },
  ],
  [
    "event without time",
    "C2 00 00 01 00 00 60 01 00 FF 02 11 07",
    { type: "event-notification", attribute: attribute(1, "0000600100FF", 2), value: data.unsigned(7) },
  ],
  [
    "event with time, length in front",
    "C2 01 0C 07E60C1C03170100FF800000 00 01 00 00 60 01 00 FF 02 11 07",
    {
      type: "event-notification",
      time: fromHex("07E60C1C03170100FF800000"),
      attribute: attribute(1, "0000600100FF", 2),
      value: data.unsigned(7),
    },
  ],
  [
    "event with time, no length in front",
    "C2 01 07E60C1C03170100FF800000 00 01 00 00 60 01 00 FF 02 11 07",
    {
      type: "event-notification",
      time: fromHex("07E60C1C03170100FF800000"),
      timeWithoutLength: true,
      attribute: attribute(1, "0000600100FF", 2),
      value: data.unsigned(7),
    },
  ],
  [
    "event with 09 for presence",
    "C2 09 0C 07E60C1C03170100FF800000 00 01 00 00 60 01 00 FF 02 11 07",
    {
      type: "event-notification",
      time: fromHex("07E60C1C03170100FF800000"),
      timePresence: 9,
      attribute: attribute(1, "0000600100FF", 2),
      value: data.unsigned(7),
    },
  ],
  [
    "initiate request with dedicated key",
    "01 01 10 00112233445566778899AABBCCDDEEFF 00 00 06 5F 1F 04 00 00 7E 1F 04 B0",
    {
      type: "initiate-request",
      dedicatedKey: fromHex("00112233445566778899AABBCCDDEEFF"),
      responseAllowed: true,
      dlmsVersion: 6,
      conformance: new Set([
        "priority-mgmt",
        "attribute0-get",
        "block-transfer-get",
        "block-transfer-set",
        "block-transfer-action",
        "multiple-references",
        "get",
        "set",
        "selective-access",
        "event-notification",
        "action",
      ]),
      clientMaxReceivePduSize: 1200,
    },
  ],
  [
    "initiate response with the old conformance tag",
    "08 00 06 5F 04 00 00 50 1F 01 F4 00 07",
    {
      type: "initiate-response",
      dlmsVersion: 6,
      conformance: new Set([
        "priority-mgmt",
        "block-transfer-get",
        "get",
        "set",
        "selective-access",
        "event-notification",
        "action",
      ]),
      conformanceTagShort: true,
      serverMaxReceivePduSize: 500,
      vaaName: 7,
    },
  ],
  [
    "ciphered APDU, unopened",
    "C8 1E 30 01 23 45 67",
    { type: "opaque", tag: 0xc8, bytes: fromHex("1E3001234567") },
  ],
];

describe("xDLMS APDUs", () => {
  for (const [name, hex, value] of examples)
    it(name, () => {
      assert.deepStrictEqual(decodeApdu(fromHex(hex)), value);
      assert.equal(toHex(encodeApdu(value)), hex.replaceAll(" ", ""));
    });

  it("random values, truncations and bit flips", () => checkCodec(clearApduCodec, { runs: 400 }));

  it("draws every form of every service", () => {
    const seen = new Set<string>();
    for (const value of fc.sample(arbitraryOf(clearApduCodec) as fc.Arbitrary<Apdu>, {
      numRuns: 3000,
      seed: 1,
    })) {
      const inner = "request" in value ? value.request : "response" in value ? value.response : undefined;
      seen.add(inner === undefined ? value.type : `${value.type} ${inner.type}`);
    }
    assert.equal(seen.size, 6 + 3 + 3 + 5 + 5 + 6 + 4);
  });

  it("survives damage to the examples", () => {
    for (const [, hex] of examples) {
      const bytes = fromHex(hex);
      for (let at = 0; at < bytes.length; at++) {
        checkDamaged(apduCodec, bytes.subarray(0, at));
        for (let bit = 0; bit < 8; bit++) {
          const flipped = bytes.slice();
          flipped[at] = (flipped[at] as number) ^ (1 << bit);
          checkDamaged(apduCodec, flipped);
        }
      }
    }
  });

  it("keeps odd forms: presence octets, booleans, long counts, reserved bits", () => {
    for (const hex of [
      "C0 01 C1 00 08 00 00 01 00 00 FF 02 07 02 00",
      "C4 02 C1 FF 00 00 00 03 00 81 02 AA BB",
      "C4 03 F1 82 00 01 00 11 05",
      "C7 01 C1 00 05 00 00",
      "01 01 81 02 AA BB 01 FF 01 80 06 5F 1F 04 00 81 7E 1F 04 B0",
      "0F 3F 00 00 01 81 00 00",
    ])
      assert.equal(toHex(encodeApdu(decodeApdu(fromHex(hex)))), hex.replaceAll(" ", ""));
  });

  it("tells all 24 conformance bits apart, first bit first", () => {
    for (const [name, bit] of Object.entries(conformanceBits)) {
      const block = toHex(Uint8Array.from([16, 8, 0], (shift) => ((0x80_0000 >>> bit) >> shift) & 0xff));
      const decoded = decodeApdu(fromHex(`08 00 06 5F 1F 04 00 ${block} 01 F4 00 07`));
      assert.ok(decoded.type === "initiate-response");
      assert.deepStrictEqual([...decoded.conformance], [name]);
    }
  });

  it("refuses short-name services, unknown tags and octets left over", () => {
    for (const hex of ["05 01 02 FA 00", "C6 00", "FF", "", "C5 01 C1 00 00", "C0 04 C1"])
      assert.throws(() => decodeApdu(fromHex(hex)), DecodeError, hex);
  });

  it("says where in the APDU it failed", () => {
    assert.throws(
      () => decodeApdu(fromHex("C4 01 C1 00 02 02 11 05 0B")),
      (caught) =>
        caught instanceof DecodeError &&
        caught.offset === 8 &&
        caught.path.endsWith("result.data.data.structure[1]"),
    );
  });

  it("names the field that does not fit when encoding", () => {
    assert.throws(
      () =>
        encodeApdu({
          type: "get-request",
          request: { type: "next", invoke: { ...invoke, invokeId: 16 }, blockNumber: 1 },
        }),
      (caught) => caught instanceof DlmsError && caught.field === "get-request.request.next.invoke.invokeId",
    );
    assert.throws(() => encodeApdu({ type: "opaque", tag: 0xc0, bytes: new Uint8Array(0) }), DlmsError);
  });

  it("hands every ciphered and general tag on unopened, octet for octet", () => {
    for (const tag of Object.keys(opaqueTags).map(Number)) {
      const bytes = Uint8Array.of(tag, 1, 2, 3);
      assert.deepStrictEqual(decodeApdu(bytes), { type: "opaque", tag, bytes: Uint8Array.of(1, 2, 3) });
      assert.deepStrictEqual(encodeApdu(decodeApdu(bytes)), bytes);
    }
  });
});
