import { strict as assert } from "node:assert";
import { fromHex, toHex } from "../../src/bytes/hex.js";
import { DlmsError } from "../../src/core/errors.js";
import {
  dialectByName,
  hexcellLogin,
  hexingHeartbeat,
  ivyLogin,
  patternDialect,
  type PatternDeclaration,
} from "../../src/meter-types/dialects/index.js";

function seen(bytes: string, dialect = hexingHeartbeat): string {
  const found = dialect.recognise?.(fromHex(bytes), false);
  return found?.state === "match" ? `${found.id ?? "no id"} in ${found.length}` : (found?.state ?? "never");
}

describe("meter-types: dialects", () => {
  it("Hexcell: BCD id, sum, answer", () => {
    const frame = hexcellLogin.build?.("046000755036") ?? new Uint8Array();
    assert.equal(frame.length, 23);
    assert.equal(toHex(frame.subarray(0, 8)), "8EA1046000755036");
    assert.equal(seen(toHex(frame), hexcellLogin), "046000755036 in 23");
    assert.equal(toHex(hexcellLogin.reply?.({}, frame) ?? new Uint8Array()), "8E310101C117");
    for (let octets = 1; octets < 23; octets++)
      assert.equal(hexcellLogin.recognise?.(frame.subarray(0, octets), false).state, "partial");
    const spoilt = Uint8Array.from(frame);
    spoilt[9] = (spoilt[9] as number) ^ 1;
    assert.equal(hexcellLogin.recognise?.(spoilt, false).state, "no");
  });

  it("Hexing: the answer goes to the meter's own wPort; a flag in front is skipped", () => {
    const frame = hexingHeartbeat.build?.("000391800016", { source: 0x30 }) ?? new Uint8Array();
    assert.equal(toHex(frame), "000100300001000EDD0C303030333931383030303136");
    assert.equal(seen(toHex(frame)), "000391800016 in 22");
    assert.equal(seen(`7E${toHex(frame)}`), "000391800016 in 23");
    assert.equal(
      toHex(hexingHeartbeat.reply?.({ source: 0x30 }, frame) ?? new Uint8Array()),
      "0001000100300001DA",
    );
    assert.equal(seen("0001 0001 0001 000E DD 0C 000030333931383030303136"), "0391800016 in 22");
  });

  it("DD and DA are DLMS tags too: what does not fit exactly is no heartbeat", () => {
    // General ciphering: a transaction id of other length than the frame says, or octets that are no digits.
    assert.equal(seen("0001 0001 0010 0020 DD 08 0000000000000001 00"), "no");
    assert.equal(seen("0001 0001 0010 000A DD 08 4142434445464748"), "no");
    assert.equal(seen("0001 0001 0010 0004 DA 00000001"), "no");
    assert.equal(seen("0001 0010 0001 001F 60 1D"), "no");
    // Nobody has configured this module yet: it is answered, and names no meter.
    assert.equal(seen("0001 0001 0001 0006 DD 04 30303030"), "no id in 14");
  });

  it("IVY: the id stands between fixed octets", () => {
    assert.equal(
      seen("0001 0001 0001 0012 0A020C 303435303030313131323232 0D ABCD", ivyLogin),
      "045000111222 in 26",
    );
    assert.equal(ivyLogin.reply, undefined);
  });

  it("user patterns: hexadecimal with any-octets, id and answer template", () => {
    const dialect = patternDialect({
      name: "box",
      match: { hex: "AA ?? ?? ?? ?? 55" },
      id: { offset: 1, length: 4, coding: "bcd", strip: "0" },
      reply: "06 {id} FF {frame}",
    });
    assert.equal(seen("AA 00 12 34 50 55 99", dialect), "12345 in 6");
    assert.equal(seen("AA 00 12", dialect), "partial");
    assert.equal(seen("AA 00 12 34 50 56", dialect), "no");
    const frame = fromHex("AA0012345055");
    assert.equal(toHex(dialect.reply?.({}, frame) ?? new Uint8Array()), "0600123450FFAA0012345055");
    assert.equal(toHex(dialect.build?.("123450") ?? new Uint8Array()), "AA0012345055");
  });

  it("user patterns: a regular expression takes as much as arrives, and decides when the line is at rest", () => {
    const dialect = patternDialect({ name: "dtu", match: { regex: "IMEI:(?<id>\\d+)" } });
    const text = Uint8Array.from("IMEI:8612345", (c) => c.charCodeAt(0));
    assert.equal(dialect.recognise?.(text, false).state, "partial");
    const found = dialect.recognise?.(text, true);
    assert.ok(found?.state === "match" && found.id === "8612345" && found.length === text.length);
  });

  const unusable: readonly [string, PatternDeclaration, string][] = [
    ["a name with blanks", { name: "my box", match: { hex: "AA" } }, "name"],
    ["odd digits", { name: "x", match: { hex: "AAB" } }, "match.hex"],
    [
      "an id far away",
      { name: "x", match: { hex: "AA" }, id: { offset: 250, length: 20, coding: "ascii" } },
      "id",
    ],
    ["a repeated group", { name: "x", match: { regex: "(a+)+$" } }, "match.regex"],
    ["a back reference", { name: "x", match: { regex: "(a)\\1" } }, "match.regex"],
    ["too many open repetitions", { name: "x", match: { regex: ".*a.*b.*c.*d" } }, "match.regex"],
    ["no expression", { name: "x", match: { regex: "[" } }, "match.regex"],
    ["an answer that is no hex", { name: "x", match: { hex: "AA" }, reply: "hello" }, "reply"],
  ];
  for (const [title, declaration, field] of unusable)
    it(`refuses ${title}, naming the field`, () => {
      assert.throws(
        () => patternDialect(declaration),
        (caught) => caught instanceof DlmsError && caught.code === "FIELD_INVALID" && caught.field === field,
      );
    });

  it("every built-in dialect is found by its name", () => {
    for (const name of [
      "hexcell-login",
      "hexing-heartbeat",
      "plain-wrapper",
      "plain-hdlc",
      "push",
      "meter-initiated",
      "silent",
    ])
      assert.equal(dialectByName(name)?.name, name);
  });
});
