/** Worked examples of GET and SET: octets and what they mean. */
import { data } from "../../src/axdr/index.js";
import { fromHex, toHex } from "../../src/bytes/hex.js";
import { type Apdu } from "../../src/xdlms/index.js";

export const invoke = { invokeId: 1, confirmed: true, highPriority: true };
export const attribute = (classId: number, ln: string, attributeId: number) => ({
  classId,
  instanceId: fromHex(ln),
  attributeId,
});
export const method = (classId: number, ln: string, methodId: number) => ({
  classId,
  instanceId: fromHex(ln),
  methodId,
});
const profile = attribute(7, "0100630100FF", 2);
const from = fromHex("07E50B0202000000FF800000");
const to = fromHex("07E50B0202173B3BFF800000");

export const getSetExamples: readonly (readonly [string, string, Apdu])[] = [
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
];
