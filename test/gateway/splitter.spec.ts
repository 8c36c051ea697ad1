import { strict as assert } from "node:assert";
import fc from "fast-check";
import { concatBytes, fromHex, toHex } from "../../src/bytes/hex.js";
import { type Piece, Splitter } from "../../src/gateway/splitter.js";
import { sniff } from "../../src/gateway/sniff.js";
import {
  dialects,
  hexcellLogin,
  hexingHeartbeat,
  patternDialect,
} from "../../src/meter-types/dialects/index.js";

const login = hexcellLogin.build?.("046000755036") ?? new Uint8Array();
const heartbeat = hexingHeartbeat.build?.("000391800016") ?? new Uint8Array();
const aare = fromHex(
  "0001 0001 0011 002B 6129A109060760857405080101A203020100A305A103020100BE10040E0800065F1F040000501F01F40007",
);
const hdlc = fromHex("7EA00721037301407E 7EA00721037301407E");
/** A DLMS frame whose contents look like a login: it must stay whole. */
const decoy = concatBytes(fromHex("0001 0001 0011 0019 0F 00"), login);

function run(chunks: readonly Uint8Array[]): { link: string; logins: string[] } {
  const splitter = new Splitter(dialects);
  const pieces: Piece[] = chunks.flatMap((chunk) => splitter.push(chunk));
  pieces.push(...splitter.rest());
  const link = pieces.flatMap((piece) => (piece.type === "link" ? [toHex(piece.bytes)] : [])).join("");
  const logins = pieces.flatMap((piece) => (piece.type === "login" ? [piece.id ?? ""] : []));
  return { link, logins };
}

describe("gateway: the splitter", () => {
  it("takes logins out at frame borders in any chunking, and leaves DLMS frames whole and in order", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(login, heartbeat, aare, decoy, hdlc), { minLength: 1, maxLength: 8 }),
        fc.array(fc.nat(60), { maxLength: 20 }),
        (frames, cuts) => {
          const whole = concatBytes(...frames);
          const chunks: Uint8Array[] = [];
          let at = 0;
          for (const cut of cuts) {
            chunks.push(whole.subarray(at, at + cut));
            at += cut;
          }
          chunks.push(whole.subarray(at));
          const { link, logins } = run(chunks);
          const isLogin = (frame: Uint8Array): boolean => frame === login || frame === heartbeat;
          assert.equal(
            link,
            frames
              .filter((frame) => !isLogin(frame))
              .map((frame) => toHex(frame))
              .join(""),
          );
          assert.deepEqual(
            logins,
            frames.filter(isLogin).map((frame) => (frame === login ? "046000755036" : "000391800016")),
          );
        },
      ),
    );
  });

  it("hands on any rubbish in the end, and loses none of it", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }), (chunks) => {
        const { link, logins } = run(chunks);
        if (logins.length === 0) assert.equal(link, toHex(concatBytes(...chunks)));
      }),
    );
  });

  it("an open pattern of the user does not hold DLMS back", () => {
    const open = patternDialect({ name: "open", match: { regex: "DTU(\\d+)" } });
    const splitter = new Splitter([open]);
    assert.equal(splitter.push(aare).length, 1);
    assert.equal(splitter.holds, false);
  });

  it("the first octets say how the meter comes in", () => {
    const kinds: readonly [string, string, string?][] = [
      ["7EA00703219 30F017E", "request", "hdlc"],
      ["7EA02003219 37DD9", "request", "hdlc"],
      ["7EA0430002000361 13", "push", "hdlc"],
      ["7EA00721037301407E", "framing", "hdlc"],
      ["0001 0010 0001 001F 60", "request", "wrapper"],
      ["0001 0001 0066 00DE 0F", "push", "wrapper"],
      ["0001 0001 0040 00DE DB", "push", "wrapper"],
      ["0001 0001 0040 00DE 61", "framing", "wrapper"],
      ["0001 0010", "undecided"],
      ["7E", "undecided"],
      ["68 10 10 68", "foreign"],
      ["60 20 A2", "foreign"],
      ["60 1D A1", "noise"],
      ["41 42 43", "noise"],
      ["16 03 01 02 00", "foreign"],
      ["47 45 54 20 2F", "foreign"],
      ["0D 0A 0D 0A 00 0D 0A 51", "foreign"],
    ];
    for (const [bytes, kind, framing] of kinds) {
      const found = sniff(fromHex(bytes));
      assert.equal(found.kind, kind, bytes);
      assert.equal("framing" in found ? found.framing : undefined, framing, bytes);
    }
  });
});
