/** ACCESS, general block transfer, short names, protected APDUs: captured and constructed octets, and what they mean. */
import assert from "node:assert/strict";
import { data } from "../../src/axdr/index.js";
import { fromHex, fromLatin1, toHex } from "../../src/bytes/hex.js";
import { DecodeError, DlmsError } from "../../src/core/errors.js";
import {
  type Apdu,
  apduCodec,
  cipheredTags,
  decodeApdu,
  encodeApdu,
  type GeneralBlockTransfer,
  isCiphered,
} from "../../src/xdlms/index.js";
import { checkDamaged } from "../support/check-codec.js";

const attribute = (classId: number, ln: string, attributeId = 2) => ({
  classId,
  instanceId: fromHex(ln),
  attributeId,
});
const longInvoke = {
  invokeId: 1,
  breakOnError: false,
  selfDescriptive: false,
  confirmed: true,
  highPriority: true,
};
const title = fromHex("4D4D4D0000BC614E");
const EMPTY = new Uint8Array(0);
const header = {
  transactionId: fromHex("01"),
  originatorSystemTitle: title,
  recipientSystemTitle: EMPTY,
  dateTime: EMPTY,
  otherInformation: EMPTY,
};

const examples: readonly (readonly [string, string, Apdu])[] = [
  [
    "ACCESS with three GETs, as recorded",
    "D9 C0000001 00 03 01 0001 00002A0000FF 02 01 0008 0000010000FF 02 01 0001 010909090909 02 03 00 00 00",
    {
      type: "access-request",
      longInvoke,
      specifications: [
        { type: "get", attribute: attribute(1, "00002A0000FF") },
        { type: "get", attribute: attribute(8, "0000010000FF") },
        { type: "get", attribute: attribute(1, "010909090909") },
      ],
      data: [data.null(), data.null(), data.null()],
    },
  ],
  [
    "ACCESS answered, as recorded: the third object is unavailable",
    "DA C0000001 00 00 03 09 08 3538203538203538 09 0C 07EA0B1607070E1B25000000 00 03 01 00 01 00 01 0B",
    {
      type: "access-response",
      longInvoke,
      data: [
        data.octetString(fromHex("3538203538203538")),
        data.octetString(fromHex("07EA0B1607070E1B25000000")),
        data.null(),
      ],
      results: [
        { type: "get", result: "success" },
        { type: "get", result: "success" },
        { type: "get", result: "object-unavailable" },
      ],
    },
  ],
  [
    "ACCESS with SET, ACTION and a selection",
    "D9 40000001 0C 07EA0B1607070E1B25000000 03 02 0001 0000600100FF 02 03 0046 000060030AFF 01 04 0007 0100630100FF 02 01 00 03 12 0005 0F 00 00",
    {
      type: "access-request",
      longInvoke: { ...longInvoke, highPriority: false },
      dateTime: fromHex("07EA0B1607070E1B25000000"),
      specifications: [
        { type: "set", attribute: attribute(1, "0000600100FF") },
        { type: "action", method: { classId: 70, instanceId: fromHex("000060030AFF"), methodId: 1 } },
        {
          type: "get-with-selection",
          attribute: attribute(7, "0100630100FF"),
          selection: { selector: 1, parameters: data.null() },
        },
      ],
      data: [data.longUnsigned(5), data.integer(0), data.null()],
    },
  ],
  [
    "ACCESS answered with the specification echoed",
    "DA C0000001 00 01 01 02 0001 0000600100FF 02 01 00 01 02 00",
    {
      type: "access-response",
      longInvoke,
      echo: { specifications: [{ type: "set", attribute: attribute(1, "0000600100FF") }] },
      data: [data.null()],
      results: [{ type: "set", result: "success" }],
    },
  ],
  ["a push is confirmed", "10 C0000001 00", { type: "data-notification-confirm", longInvoke }],
  [
    "last general block, streaming, window 3",
    "E0 C3 0002 0001 02 AABB",
    {
      type: "general-block-transfer",
      lastBlock: true,
      streaming: true,
      window: 3,
      blockNumber: 2,
      blockNumberAck: 1,
      blockData: fromHex("AABB"),
    },
  ],
  [
    "general blocks acknowledged",
    "E0 81 0001 0007 00",
    {
      type: "general-block-transfer",
      lastBlock: true,
      streaming: false,
      window: 1,
      blockNumber: 1,
      blockNumberAck: 7,
      blockData: EMPTY,
    },
  ],
  [
    "READ of a name, a parameterised access and a block",
    "05 03 02 FA08 04 FA00 01 11 07 05 0002",
    {
      type: "read-request",
      variables: [
        { type: "variable-name", name: 0xfa08 },
        { type: "parameterized-access", name: 0xfa00, selector: 1, parameter: data.unsigned(7) },
        { type: "block-number-access", blockNumber: 2 },
      ],
    },
  ],
  [
    "READ answered in every form",
    "0C 04 00 11 05 01 04 02 01 0003 02 AABB 03 0004",
    {
      type: "read-response",
      results: [
        { type: "data", data: data.unsigned(5) },
        { type: "data-access-error", error: "object-undefined" },
        { type: "data-block-result", lastBlock: true, blockNumber: 3, rawData: fromHex("AABB") },
        { type: "block-number", blockNumber: 4 },
      ],
    },
  ],
  [
    "WRITE",
    "06 01 02 0118 01 12 0005",
    {
      type: "write-request",
      variables: [{ type: "variable-name", name: 0x118 }],
      data: [data.longUnsigned(5)],
    },
  ],
  [
    "WRITE answered in every form",
    "0D 03 00 01 03 02 0001",
    {
      type: "write-response",
      results: [
        { type: "success" },
        { type: "data-access-error", error: "read-write-denied" },
        { type: "block-number", blockNumber: 1 },
      ],
    },
  ],
  [
    "unconfirmed WRITE",
    "16 01 02 0118 01 0F 00",
    {
      type: "unconfirmed-write-request",
      variables: [{ type: "variable-name", name: 0x118 }],
      data: [data.integer(0)],
    },
  ],
  [
    "information report without time",
    "18 00 01 02 FA08 01 11 05",
    {
      type: "information-report",
      variables: [{ type: "variable-name", name: 0xfa08 }],
      data: [data.unsigned(5)],
    },
  ],
  [
    "information report with time",
    "18 0F 32303231313130323231353130305A 01 02 FA08 01 11 05",
    {
      type: "information-report",
      currentTime: fromLatin1("20211102215100Z"),
      variables: [{ type: "variable-name", name: 0xfa08 }],
      data: [data.unsigned(5)],
    },
  ],
  [
    "ciphered service",
    "C8 07 30 01234567 AABB",
    {
      type: "service-ciphering",
      service: "get-request",
      keySet: "global",
      content: fromHex("3001234567AABB"),
    },
  ],
  [
    "general-glo without a title, length in two octets, as one maker sends it",
    "DB 00 82 0005 20 00000001",
    {
      type: "general-glo-ciphering",
      systemTitle: EMPTY,
      content: fromHex("2000000001"),
      contentLengthOctets: 3,
    },
  ],
  [
    "general-ciphering, identified key",
    "DD 01 01 08 4D4D4D0000BC614E 00 00 00 01 00 01 05 20 00000001",
    {
      type: "general-ciphering",
      ...header,
      keyInfo: { type: "identified-key", keyId: 1 },
      content: fromHex("2000000001"),
    },
  ],
  [
    "general-ciphering, wrapped key",
    "DD 01 01 08 4D4D4D0000BC614E 00 00 00 01 01 00 02 AABB 05 20 00000001",
    {
      type: "general-ciphering",
      ...header,
      keyInfo: { type: "wrapped-key", kekId: 0, keyCipheredData: fromHex("AABB") },
      content: fromHex("2000000001"),
    },
  ],
  [
    "general-ciphering, agreed key",
    "DD 01 01 08 4D4D4D0000BC614E 00 00 00 01 02 01 02 00 05 21 00000001",
    {
      type: "general-ciphering",
      ...header,
      keyInfo: { type: "agreed-key", keyParameters: fromHex("02"), keyCipheredData: EMPTY },
      content: fromHex("2100000001"),
    },
  ],
  [
    "general-signing",
    "DF 01 01 08 4D4D4D0000BC614E 00 00 00 03 C00102 02 AABB",
    { type: "general-signing", ...header, content: fromHex("C00102"), signature: fromHex("AABB") },
  ],
];

/** Three frames of one push without their HDLC and LLC octets. */
const captured = [
  "E04000010000700F007C83D30C07EA071206103A00FF800000020D010D020412002809060009190900FF0F021200000204120001090600002A0000FF0F02120000020412000109060000600101FF0F02120000020412000109060000600E00FF0F02120000020412000309060100010800FF0F02120000",
  "E040000200006C020412000309060100010802FF0F02120000020412000309060100020801FF0F02120000020412000309060100020802FF0F02120000020412000309060100010800FF0F02120000020412000309060100020800FF0F02120000020412000309060100030800FF0F02120000",
];

describe("general and short-name APDUs", () => {
  for (const [name, hex, value] of examples)
    it(name, () => {
      assert.deepStrictEqual(decodeApdu(fromHex(hex)), value);
      assert.equal(toHex(encodeApdu(value)), hex.replaceAll(" ", ""));
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

  it("captured blocks of a push: streaming, no acknowledgement", () => {
    const blocks = captured.map((hex) => decodeApdu(fromHex(hex)) as Apdu & GeneralBlockTransfer);
    assert.deepStrictEqual(
      blocks.map(({ blockNumber, blockNumberAck, streaming, lastBlock, blockData }) => [
        blockNumber,
        blockNumberAck,
        streaming,
        lastBlock,
        blockData.length,
      ]),
      [
        [1, 0, true, false, 0x70],
        [2, 0, true, false, 0x6c],
      ],
    );
    assert.equal(blocks[0]?.blockData[0], 0x0f);
  });

  it("every tag of a protected APDU decodes under its own name and keeps its octets", () => {
    for (const tag of Object.keys(cipheredTags).map(Number)) {
      const before = { 0xdb: "00", 0xdc: "00", 0xdd: "000000000000", 0xdf: "0000000000" }[tag] ?? "";
      const bytes = Uint8Array.of(tag, ...fromHex(`${before}02AABB${tag === 0xdf ? "00" : ""}`));
      const apdu = decodeApdu(bytes);
      assert.ok(isCiphered(apdu), cipheredTags[tag]);
      assert.deepStrictEqual(apdu.content, fromHex("AABB"));
      assert.deepStrictEqual(encodeApdu(apdu), bytes);
    }
  });

  it("refuses lists that announce more than the octets hold, odd presence octets, blocks cut short", () => {
    for (const hex of [
      "05 84 FFFFFFFF 02 FA08",
      "D9 C0000001 00 82 FFFF 01 0001 00002A0000FF 02",
      "E0 C3 0002 0001 05 AABB",
      "C8 84 7FFFFFFF 30",
      "DD 00 00 00 00 00 03 00 01 02 AABB",
      "DD 00 00 00 00 00 01 03 01 02 AABB",
    ])
      assert.throws(() => decodeApdu(fromHex(hex)), DecodeError, hex);
  });

  it("names what does not fit when encoding", () => {
    const refused = (apdu: unknown, field: string) =>
      assert.throws(
        () => encodeApdu(apdu as Apdu),
        (caught) => caught instanceof DlmsError && (caught.field ?? "").endsWith(field),
      );
    refused(
      {
        type: "general-block-transfer",
        lastBlock: true,
        streaming: false,
        window: 64,
        blockNumber: 1,
        blockNumberAck: 0,
        blockData: EMPTY,
      },
      "window",
    );
    refused(
      { type: "service-ciphering", service: "data-notification", keySet: "global", content: EMPTY },
      "service",
    );
    refused({ type: "read-request", variables: [{ type: "variable-name", name: 70_000 }] }, "name");
  });
});
