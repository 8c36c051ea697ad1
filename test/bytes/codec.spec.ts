import assert from "node:assert/strict";
import {
  choice,
  constant,
  decodeAll,
  encodeAll,
  fixedBytes,
  flags,
  i8,
  inspectAll,
  literal,
  named,
  optional,
  refine,
  seq,
  seqOf,
  u16,
  u32,
  u64,
  u8,
} from "../../src/bytes/codec.js";
import { merged, nested, valueOf } from "../../src/bytes/fields.js";
import { fromHex, toHex } from "../../src/bytes/hex.js";
import { formatTrace } from "../../src/bytes/inspect.js";
import { DecodeError, DlmsError } from "../../src/core/errors.js";
import { checkCodec } from "../support/check-codec.js";

const point = seq({ x: u8, y: i8 });
const shape = choice({ dot: [1, point], line: [2, seq({ from: point, to: point })], none: [0, seq({})] });
const shapes = seq({
  label: fixedBytes(2),
  shapes: seqOf(u8, shape),
  note: refine(u16, (n) => n < 1000, "a note below 1000"),
});

describe("codec combinators", () => {
  it("round-trip random values, survive truncation and bit flips", () => {
    checkCodec(shapes);
    checkCodec(merged(seq({ a: u32 }), valueOf(u64)));
    checkCodec(
      flags(2, {
        first: 0,
        last: 15,
        ninth: 8,
        b: 1,
        c: 2,
        d: 3,
        e: 4,
        f: 5,
        g: 6,
        h: 7,
        i: 9,
        j: 10,
        k: 11,
        l: 12,
        m: 13,
        n: 14,
      }),
    );
  });

  it("name the element that fails, with its offset", () => {
    assert.throws(
      () => decodeAll(shapes, fromHex("4142 02 01 05 FF 09 00 00")),
      (caught) => caught instanceof DecodeError && caught.offset === 6 && caught.path === "shapes[1]",
    );
    assert.throws(
      () => decodeAll(shapes, fromHex("4142 00 FFFF")),
      /a note below 1000 expected at octet 3 \(note\)/,
    );
    assert.throws(() => decodeAll(shapes, fromHex("4142 00 0001 00")), /1 octets left over/);
  });

  it("name the field that does not fit when encoding", () => {
    const fails = (field: string, value: unknown): void => {
      assert.throws(
        () => encodeAll(shapes, value as never),
        (caught) => caught instanceof DlmsError && caught.code === "FIELD_INVALID" && caught.field === field,
      );
    };
    const good = { label: new Uint8Array(2), shapes: [], note: 1 };
    fails("label", { ...good, label: new Uint8Array(3) });
    fails("note", { ...good, note: 1000 });
    fails("shapes[1].line.to.y", {
      ...good,
      shapes: [{ type: "none" }, { type: "line", from: { x: 0, y: 0 }, to: { x: 0, y: 128 } }],
    });
    fails("shapes[0].type", { ...good, shapes: [{ type: "constructor" }] });
  });

  it("hold a count against the octets left before allocating", () => {
    assert.throws(() => decodeAll(seqOf(u32, u8), fromHex("FFFFFFFF 00")), DecodeError);
    assert.throws(() => decodeAll(seqOf(u8, u8, { max: 1 }), fromHex("02 00 00")), /count 2 outside 0..1/);
  });

  it("bound recursion both ways, and only nesting counts", () => {
    const twice = nested(1, u8);
    const pair = seq({ a: twice, b: twice });
    assert.deepEqual(decodeAll(pair, fromHex("0102")), { a: 1, b: 2 });
    assert.throws(() => decodeAll(nested(1, nested(1, u8)), fromHex("01")), /nested deeper than 1/);
    assert.throws(() => encodeAll(nested(1, nested(1, u8)), 1), DlmsError);
  });

  it("pass unknown codes through as numbers", () => {
    const code = named(u8, { yes: 1, no: 2 });
    assert.equal(decodeAll(code, fromHex("01")), "yes");
    assert.equal(decodeAll(code, fromHex("63")), 99);
    assert.equal(toHex(encodeAll(code, "no")), "02");
    assert.equal(toHex(encodeAll(code, 99)), "63");
    assert.throws(() => encodeAll(code, "maybe" as never), DlmsError);
  });

  it("treat fixed octets, constants and optionals", () => {
    assert.throws(() => decodeAll(literal(0xe6, 0xe7), fromHex("E6E6")), /E7 expected, E6 found at octet 1/);
    assert.equal(decodeAll(constant("x"), new Uint8Array(0)), "x");
    assert.equal(decodeAll(optional(u8), fromHex("00")), undefined);
    assert.equal(decodeAll(optional(u8), fromHex("0105")), 5);
  });

  it("show the layered table, also of what was understood before a failure", () => {
    const bytes = fromHex("4142 01 01 05 FF 0001");
    const { root } = inspectAll(shapes, bytes);
    assert.deepEqual(
      formatTrace(bytes, root, 4)
        .split("\n")
        .map((line) => line.trimEnd()),
      [
        "    0  41 42         label: 4142",
        "    2  01 01 05 FF   shapes [0] dot",
        "    4  05              x: 5",
        "    5  FF              y: -1",
        "    6  00 01         note: 1",
      ],
    );
    const failed = inspectAll(shapes, fromHex("4142 01 09"));
    assert.equal(failed.error?.path, "shapes[0]");
    assert.equal(failed.root.children[0]?.text, "4142");
  });
});
