/** OBIS text in every spelling, and what is refused with which words. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type DlmsError } from "../../src/core/errors.js";
import { formatObis, normaliseObis, obisGroups, parseObis, readObis } from "../../src/cosem/obis.js";

describe("cosem/obis", () => {
  const same = [
    "1-0:1.8.0*255",
    "1-0:1.8.0&255",
    "1-0:1.8.0.255",
    "1-0:1.8.0",
    "1.0.1.8.0.255",
    "1.0.1.8.0*255",
    "1.0.1.8.0",
    "1.8.0",
    "1.8.0*255",
    "0100010800FF",
    "0100010800ff",
    "0x0100010800FF",
    "01 00 01 08 00 FF",
    "01-00-01-08-00-ff",
    "01:00:01:08:00:FF",
    "  1-0:1.8.0.255\t",
  ];
  for (const text of same)
    it(`reads ${JSON.stringify(text)} as 1-0:1.8.0.255`, () => {
      assert.deepEqual([...parseObis(text)], [1, 0, 1, 8, 0, 255]);
    });

  it("keeps a given F and leading zeros in groups", () => {
    assert.equal(normaliseObis("1-0:1.8.0*12"), "1-0:1.8.0.12");
    assert.equal(normaliseObis("1-0:15.8.04.01"), "1-0:15.8.4.1");
    assert.equal(normaliseObis("15.8.4*1"), "1-0:15.8.4.1");
  });

  it("takes the short form only where it can mean nothing but electricity", () => {
    for (const [text, full] of [
      ["2.8.1", "1-0:2.8.1.255"],
      ["31.7.0", "1-0:31.7.0.255"],
      ["32.7.0", "1-0:32.7.0.255"],
      ["13.7.0", "1-0:13.7.0.255"],
      ["1.6.1", "1-0:1.6.1.255"],
      ["1.29.0", "1-0:1.29.0.255"],
    ] as const)
      assert.equal(normaliseObis(text), full);
    // Clock, auto connect, relay, serial, payment, M-Bus, IPv6, profile, maker: all exist elsewhere too.
    for (const text of [
      "1.0.0",
      "2.1.0",
      "96.3.10",
      "96.1.0",
      "19.7.0",
      "24.4.0",
      "25.7.0",
      "99.1.0",
      "129.129.2",
    ])
      assert.throws(
        () => parseObis(text),
        (error: DlmsError) => error.code === "OBIS_INVALID" && error.message.includes("ambiguous"),
        text,
      );
  });

  const refused: readonly (readonly [string, RegExp])[] = [
    ["", /obisCode is empty/],
    ["   ", /obisCode is empty/],
    ["1-0:1.8.256", /group E is 256/],
    ["1-0:300.8.0.255", /group C is 300/],
    ["999-0:1.8.0.255", /group A is 999/],
    ["1.0.1.8.0.1000", /group F is 1000/],
    ["1.8.999", /group E is 999/],
    ["1-0:1.8", /has 4 groups/],
    ["1.8.0.255", /has 4 groups/],
    ["energy", /"n" does not belong/],
    ["1-0:1.8.0.255.7", /is no OBIS code/],
    ["1-0:1.8.-1.255", /is no OBIS code/],
    ["0100010800", /is no OBIS code/],
    ["01 00 01 08 00 F", /is no OBIS code/],
    ["01 00-01 08 00 FF", /is no OBIS code/],
    ["1".repeat(100_000), /1{40}…" is no OBIS code/],
  ];
  for (const [text, words] of refused)
    it(`refuses ${JSON.stringify(text.slice(0, 30))}`, () => {
      assert.throws(
        () => parseObis(text),
        (error: DlmsError) => {
          assert.equal(error.code, "OBIS_INVALID");
          assert.equal(error.field, "obisCode");
          assert.match(error.message, words);
          assert.ok(error.message.length < 200);
          return true;
        },
      );
    });

  it("names the field it was told and refuses what is no text", () => {
    assert.throws(
      () => parseObis("x", "items[2].obisCode"),
      (error: DlmsError) =>
        error.field === "items[2].obisCode" && error.message.startsWith("items[2].obisCode"),
    );
    for (const wrong of [null, 7, {}, [1, 0, 1, 8, 0, 255], undefined])
      assert.throws(() => parseObis(wrong as string), { code: "OBIS_INVALID" });
    assert.throws(() => formatObis(new Uint8Array(5)), { code: "OBIS_INVALID" });
    assert.throws(() => obisGroups(new Uint8Array(7)), { code: "OBIS_INVALID" });
  });

  it("gives every logical name back from its text, dotted or hexadecimal", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), (octets) => {
        const text = formatObis(octets);
        assert.deepEqual(parseObis(text), octets);
        assert.deepEqual(parseObis([...octets].join(".")), octets);
        assert.deepEqual(parseObis(Buffer.from(octets).toString("hex")), octets);
        const { a, b, c, d, e, f } = obisGroups(text);
        assert.deepEqual([a, b, c, d, e, f], [...octets]);
      }),
    );
  });

  it("tells the problem as data, for whoever words it in another language", () => {
    assert.deepEqual(readObis("1-0:1.8.0"), Uint8Array.of(1, 0, 1, 8, 0, 255));
    assert.deepEqual(readObis(" "), { problem: "empty" });
    assert.deepEqual(readObis("1-0:1.300.0.255"), { problem: "group", letter: "D", value: "300" });
    assert.deepEqual(readObis("1.8.300"), { problem: "group", letter: "E", value: "300" });
    assert.deepEqual(readObis("96.1.0"), { problem: "ambiguous" });
    assert.deepEqual(readObis("1-0:1.8.0.25😀"), { problem: "character", character: "😀" });
    assert.deepEqual(readObis("1.0.1.8"), { problem: "count", count: 4 });
    assert.deepEqual(readObis("1-0:1.8.0.255.255"), { problem: "form" });
    assert.deepEqual(readObis("9".repeat(1_000)), { problem: "form" });
  });
});
