import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Aare,
  aare,
  aarq,
  acseCodec,
  applicationContexts,
  decodeAcse,
  encodeAcse,
  isAcseTag,
  mechanisms,
  rlre,
  rlrq,
} from "../../src/acse/index.js";
import { fromHex, toHex } from "../../src/bytes/hex.js";
import { DecodeError } from "../../src/core/errors.js";
import { checkCodec, checkDamaged } from "../support/check-codec.js";

const INITIATE = "01 00 00 00 06 5F 1F 04 00 00 7E 1F 04 B0";
const GRANTED = "08 00 06 5F 1F 04 00 00 50 1F 01 F4 00 07";
const CONTEXT = "A1 09 06 07 60 85 74 05 08 01 01";

const examples: readonly (readonly [string, string, ReturnType<typeof decodeAcse>])[] = [
  [
    "AARQ without security",
    `60 1D ${CONTEXT} BE 10 04 0E ${INITIATE}`,
    {
      type: "aarq",
      applicationContext: applicationContexts["logical-name"],
      userInformation: fromHex(INITIATE),
    },
  ],
  [
    "AARQ with a password",
    `60 36 ${CONTEXT} 8A 02 07 80 8B 07 60 85 74 05 08 02 01 AC 0A 80 08 31 32 33 34 35 36 37 38 BE 10 04 0E ${INITIATE}`,
    {
      type: "aarq",
      applicationContext: applicationContexts["logical-name"],
      senderAcseRequirements: "1",
      mechanism: mechanisms.lls,
      callingAuthenticationValue: fromHex("3132333435363738"),
      userInformation: fromHex(INITIATE),
    },
  ],
  [
    "AARQ with a challenge",
    `60 36 ${CONTEXT} 8A 02 07 80 8B 07 60 85 74 05 08 02 05 AC 0A 80 08 4B 35 36 69 56 61 67 59 BE 10 04 0E ${INITIATE}`,
    {
      type: "aarq",
      applicationContext: applicationContexts["logical-name"],
      senderAcseRequirements: "1",
      mechanism: mechanisms["hls-gmac"],
      callingAuthenticationValue: fromHex("4B35366956616759"),
      userInformation: fromHex(INITIATE),
    },
  ],
  [
    "AARE accepted",
    `61 29 ${CONTEXT} A2 03 02 01 00 A3 05 A1 03 02 01 00 BE 10 04 0E ${GRANTED}`,
    {
      type: "aare",
      applicationContext: applicationContexts["logical-name"],
      result: 0,
      resultSource: "service-user",
      diagnostic: 0,
      userInformation: fromHex(GRANTED),
    },
  ],
  [
    "AARE with a challenge",
    `61 42 ${CONTEXT} A2 03 02 01 00 A3 05 A1 03 02 01 0E 88 02 07 80 89 07 60 85 74 05 08 02 05 AA 0A 80 08 50 36 77 52 4A 32 31 46 BE 10 04 0E ${GRANTED}`,
    {
      type: "aare",
      applicationContext: applicationContexts["logical-name"],
      result: 0,
      resultSource: "service-user",
      diagnostic: 14,
      responderAcseRequirements: "1",
      mechanism: mechanisms["hls-gmac"],
      respondingAuthenticationValue: fromHex("503677524A323146"),
      userInformation: fromHex(GRANTED),
    },
  ],
  [
    "AARE rejected without user information",
    `61 17 ${CONTEXT} A2 03 02 01 01 A3 05 A1 03 02 01 0D`,
    {
      type: "aare",
      applicationContext: applicationContexts["logical-name"],
      result: 1,
      resultSource: "service-user",
      diagnostic: 13,
    },
  ],
  [
    "AARE with protocol-version, refused by the provider",
    `61 1B 80 02 07 80 ${CONTEXT} A2 03 02 01 02 A3 05 A2 03 02 01 02`,
    {
      type: "aare",
      protocolVersion: "1",
      applicationContext: applicationContexts["logical-name"],
      result: 2,
      resultSource: "service-provider",
      diagnostic: 2,
    },
  ],
  ["RLRQ", "62 03 80 01 00", { type: "rlrq", reason: 0 }],
  ["RLRE", "63 03 80 01 00", { type: "rlre", reason: 0 }],
  ["RLRQ without a reason", "62 00", { type: "rlrq" }],
];

describe("ACSE", () => {
  for (const [name, hex, value] of examples)
    it(name, () => {
      assert.deepStrictEqual(decodeAcse(fromHex(hex)), value);
      assert.equal(toHex(encodeAcse(value)), hex.replaceAll(" ", ""));
    });

  it("gives back all octets of a ciphered AARQ with system title", () => {
    const hex =
      "6066A109060760857405080103A60A04084D4D4D0000BC614E8A0207808B0760857405080201AC0A80083132333435363738BE340432" +
      "21303001234567801302FF8A7874133D414CED25B42534D28DB0047720606B175BD52211BE6841DB204D39EE6FDB8E356855";
    const value = decodeAcse(fromHex(hex));
    assert.ok(value.type === "aarq");
    assert.equal(toHex(value.callingApTitle ?? new Uint8Array(0)), "4D4D4D0000BC614E");
    assert.equal(value.applicationContext, applicationContexts["logical-name-ciphered"]);
    assert.equal(toHex(encodeAcse(value)), hex);
  });

  const odd: readonly (readonly [string, string])[] = [
    ["lengths in the long form", `60 81 1F A1 81 09 06 07 60 85 74 05 08 01 01 BE 81 10 04 0E ${INITIATE}`],
    ["elements out of order", `60 1D BE 10 04 0E ${INITIATE} ${CONTEXT}`],
    ["unknown elements", `60 21 ${CONTEXT} 9A 02 01 02 BE 10 04 0E ${INITIATE}`],
    ["unused bits that are not zero", `60 0F ${CONTEXT} 8A 02 07 FF`],
    ["garbage for user information", `61 1B ${CONTEXT} A2 03 02 01 01 A3 05 A1 03 02 01 0D BE 02 FF FF`],
    ["an integer with leading zeros", `61 18 ${CONTEXT} A2 04 02 02 00 01 A3 05 A1 03 02 01 0D`],
  ];
  for (const [what, hex] of odd)
    it(`gives back the octets of ${what}`, () => {
      const bytes = fromHex(hex.replace("60 81 1F", "60 81 1F"));
      assert.equal(toHex(encodeAcse(decodeAcse(bytes))), toHex(bytes));
    });

  it("tells result and diagnostic although user information is garbage", () => {
    const value = decodeAcse(fromHex(odd[4]?.[1] ?? "")) as Aare;
    assert.equal(value.result, 1);
    assert.equal(value.diagnostic, 13);
    assert.equal(value.userInformation, undefined);
  });

  it("refuses a missing context or result, a repeated element, another tag", () => {
    for (const hex of ["60 00", `61 0B ${CONTEXT}`, `60 16 ${CONTEXT} ${CONTEXT}`, "64 00", "60", ""])
      assert.throws(() => decodeAcse(fromHex(hex)), DecodeError, hex);
  });

  it("knows its tags", () => {
    assert.ok([0x60, 0x61, 0x62, 0x63].every((tag) => isAcseTag(tag)));
    assert.ok(![0x64, 0xc0, undefined].some((tag) => isAcseTag(tag)));
  });

  for (const [name, codec] of Object.entries({ aarq, aare, rlrq, rlre, acseCodec }))
    it(`${name}: random values, truncations and bit flips`, () =>
      checkCodec(codec as typeof acseCodec, { runs: 100 }));

  it("survives damage to the examples", () => {
    for (const [, hex] of examples) {
      const bytes = fromHex(hex);
      for (let at = 0; at < bytes.length; at++) {
        checkDamaged(acseCodec, bytes.subarray(0, at));
        for (let bit = 0; bit < 8; bit++) {
          const flipped = bytes.slice();
          flipped[at] = (flipped[at] as number) ^ (1 << bit);
          checkDamaged(acseCodec, flipped);
        }
      }
    }
  });

  it("survives random octets behind each tag", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0x60, max: 0x63 }), fc.uint8Array({ maxLength: 60 }), (tag, rest) =>
        checkDamaged(acseCodec, Uint8Array.of(tag, rest.length, ...rest)),
      ),
      { numRuns: 2000 },
    );
  });
});
