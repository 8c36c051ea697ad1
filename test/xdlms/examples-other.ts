/** Worked examples of ACTION, refusals, notifications, initiate, and the relay and token requests. */
import { data } from "../../src/axdr/index.js";
import { fromHex, fromLatin1 } from "../../src/bytes/hex.js";
import { type Apdu } from "../../src/xdlms/index.js";
import { attribute, invoke, method } from "./examples-get-set.js";

const TOKEN = "12345678901234567890";
const relay = (methodId: number): Apdu => ({
  type: "action-request",
  request: {
    type: "normal",
    invoke,
    method: method(70, "000060030AFF", methodId),
    parameters: data.integer(0),
  },
});

export const otherExamples: readonly (readonly [string, string, Apdu])[] = [
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
];
