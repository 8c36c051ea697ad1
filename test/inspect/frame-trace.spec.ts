import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromHex, toHex } from "../../src/bytes/hex.js";
import { encodeHdlcFrame } from "../../src/hdlc/index.js";
import { FrameTrace, type SecretFacts } from "../../src/inspect/index.js";

const nothing: SecretFacts = { objects: [], literals: [] };
const TOKEN_OBJECT = { classId: 1, instanceId: "0100818102FF" };
const vectors = join(__dirname, "../vectors");

const segment = (information: string, segmented: boolean, sendSequence = 0): Uint8Array =>
  encodeHdlcFrame({
    segmented,
    destination: { upper: 1, octets: 1 },
    source: { upper: 16, octets: 1 },
    control: { type: "I", sendSequence, receiveSequence: 1, pollFinal: true },
    information: fromHex(information),
  });

describe("frame trace", () => {
  it("sums a frame up and shows its octets and layers", () => {
    const { summary, hex, table, octets } = new FrameTrace().inspect(
      fromHex("0001001000010 00DC001C100030100010800FF0200".replaceAll(" ", "")),
      "out",
      nothing,
    );
    assert.equal(summary, "get-request normal: class 3 1-0:1.8.0.255 attribute 2");
    assert.equal(octets, 21);
    assert.match(hex, /^00 01 00 10/);
    assert.match(table, /instanceId: 0100010800FF/);
  });

  it("hides a password, not a challenge", () => {
    const low =
      "7EA04103231001D9E6E6006033A1090607608574050801018A0207808B0760857405080201AC0780054775727578BE10040E01000000065F1F0400401E5DFFFFB9EB7E";
    const shown = new FrameTrace().inspect(fromHex(low), "out", nothing);
    assert.equal(shown.summary, "aarq");
    for (const text of [shown.hex, shown.table]) {
      assert.doesNotMatch(text.replaceAll(" ", ""), /4775727578/);
      assert.match(text, /••/);
    }
    assert.match(shown.table, /callingAuthenticationValue: \(hidden\)/);
    const high = low.replace("60857405080201", "60857405080205");
    assert.match(new FrameTrace().inspect(fromHex(high), "out", nothing).hex, /47 75 72 75 78/);
  });

  it("hides a token that is written, and the answer of a later look at it, but no other answer", () => {
    const trace = new FrameTrace();
    const facts: SecretFacts = { objects: [TOKEN_OBJECT], literals: [] };
    const written = trace.inspect(
      fromHex("C101C100010100818102FF0200090A12345678901234567890"),
      "out",
      facts,
    );
    assert.match(written.summary, /set-request normal: class 1 1-0:129.129.2.255 attribute 2/);
    assert.doesNotMatch(written.table + written.hex, /12 ?34 ?56/);
    trace.inspect(fromHex("C001C100010100818102FF0200"), "out", facts);
    const answer = trace.inspect(fromHex("C401C100090A12345678901234567890"), "in", facts);
    assert.doesNotMatch(answer.table + answer.hex, /12 ?34 ?56/);
    trace.inspect(fromHex("C001C100030100010800FF0200"), "out", facts);
    assert.match(trace.inspect(fromHex("C401C1000600001234"), "in", facts).table, /4660/);
  });

  it("hides every segment and block of what concerns a secret, and all of it while that is unknown", () => {
    const facts: SecretFacts = { objects: [TOKEN_OBJECT], literals: [] };
    const trace = new FrameTrace();
    const first = trace.inspect(
      segment("E6E600C101C100010100818102FF0200090A1234567890", true),
      "out",
      facts,
    );
    const second = trace.inspect(segment("1234567890", false, 1), "out", facts);
    for (const { hex, table } of [first, second]) assert.doesNotMatch(hex + table, /34 ?56 ?78/);
    const late = new FrameTrace().inspect(segment("1234567890", false, 1), "out", facts);
    assert.doesNotMatch(late.hex + late.table, /34 ?56 ?78/);
    const block = new FrameTrace().inspect(
      fromHex("C103C101000000020512345678 90".replace(" ", "")),
      "out",
      facts,
    );
    assert.doesNotMatch(block.hex + block.table, /34 ?56 ?78/);
  });

  it("hides known secrets wherever they stand, and contents that are only authenticated", () => {
    const token = fromHex("12345678901234567890");
    const anywhere = new FrameTrace().inspect(fromHex(`0F0000000100090A${toHex(token)}`), "in", {
      objects: [],
      literals: [token],
    });
    assert.doesNotMatch(anywhere.hex + anywhere.table, /34 ?56 ?78/);
    const authenticated = new FrameTrace().inspect(fromHex("CB0A1000000001AABBCCDDEE"), "out", nothing);
    assert.doesNotMatch(authenticated.hex + authenticated.table, /AA ?BB ?CC/);
    const encrypted = new FrameTrace().inspect(fromHex("CB0A3000000001AABBCCDDEE"), "out", nothing);
    assert.match(encrypted.hex, /AA BB CC/);
  });

  it("shows no password of any recorded conversation", () => {
    let seen = 0;
    for (const file of readdirSync(vectors).filter((name) => /lls/.test(name))) {
      const { secret, exchange } = JSON.parse(readFileSync(join(vectors, file), "utf8")) as {
        secret?: string;
        exchange: { dir?: string; hex?: string }[];
      };
      if (secret === undefined) continue;
      const hex = toHex(Uint8Array.from(Buffer.from(secret, "latin1")));
      const trace = new FrameTrace();
      for (const { dir, hex: frame } of exchange) {
        if (frame === undefined) continue;
        const shown = trace.inspect(fromHex(frame), dir === "c2s" ? "out" : "in", nothing);
        if (frame.includes(hex)) seen++;
        assert.ok(!(shown.hex + shown.table).replaceAll(" ", "").includes(hex), `${file}: ${frame}`);
      }
    }
    assert.ok(seen >= 3, `${seen} frames held a password`);
  });

  it("is bounded, whatever a frame holds", () => {
    const elements = 60_000;
    const apdu =
      `0F0000000100 01 83${elements.toString(16).padStart(6, "0")}${"00".repeat(elements)}`.replaceAll(
        " ",
        "",
      );
    const { hex, table, octets } = new FrameTrace().inspect(fromHex(apdu), "in", nothing);
    assert.ok(octets > elements);
    assert.ok(hex.length < 7_000 && table.length < 60_000, `${hex.length}, ${table.length}`);
    assert.match(table, /…$/);
  });
});
