import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromHex, toHex } from "../../src/bytes/hex.js";
import { decodeHdlcFrame, encodeHdlcFrame } from "../../src/hdlc/index.js";
import { protect } from "../../src/security/index.js";
import { replayApdus } from "../../src/tools/replay/apdu-layer.js";
import { readDeviations } from "../../src/tools/replay/deviations.js";
import { digestOf, judgeDigest, readDigests } from "../../src/tools/replay/digests.js";
import { replayLink } from "../../src/tools/replay/link-layer.js";
import { type ReplayReport, formatReport, replayFile } from "../../src/tools/replay/replay-file.js";
import { type OpenedApdu } from "../../src/tools/replay/security-layer.js";
import { type ExchangeEntry, type Vector, parseVector, readVector } from "../../src/tools/replay/vector.js";

const VECTORS = join(__dirname, "../vectors");
const deviations = readDeviations(VECTORS);
const names = readdirSync(VECTORS)
  .filter(
    (name) => name.endsWith(".json") && !["INDEX.json", "deviations.json", "digests.json"].includes(name),
  )
  .map((name) => name.slice(0, -5));

const vectorOf = (name: string): Vector => readVector(join(VECTORS, `${name}.json`));
const replay = (vector: Vector): ReplayReport => replayFile(vector, deviations);

/** `hex` with one bit changed in the octet that stands `offset` octets behind `context`. */
function flip(hex: string, context: string, offset: number): string {
  const bytes = fromHex(hex);
  const at = hex.indexOf(context) / 2 + offset;
  bytes[at] = (bytes[at] as number) ^ 0x01;
  return toHex(bytes);
}

/** The recording with the first answer that holds `context` changed. HCS and FCS are made to fit again. */
function altered(vector: Vector, context: string, change: (hex: string) => string): Vector {
  let done = false;
  const exchange = vector.exchange.map((entry): ExchangeEntry => {
    if (done || !("hex" in entry) || entry.dir !== "s2c" || !entry.hex.includes(context)) return entry;
    done = true;
    if (vector.transport === "wrapper") return { ...entry, hex: change(entry.hex) };
    const frame = decodeHdlcFrame(fromHex(entry.hex));
    const information = fromHex(change(toHex(frame.information ?? new Uint8Array(0))));
    return { ...entry, hex: toHex(encodeHdlcFrame({ ...frame, information })) };
  });
  assert.ok(done, `${vector.name} holds no ${context}`);
  return { ...vector, exchange };
}

const flipped = (vector: Vector, context: string, offset: number): Vector =>
  altered(vector, context, (hex) => flip(hex, context, offset));

/** The first ciphered answer that holds `context` in clear. */
function openedWith(vector: Vector, context: string): OpenedApdu {
  const { opened } = replayApdus(vector, replayLink(vector)).security;
  const found = opened.find(({ dir, apdu }) => dir === "s2c" && toHex(apdu).includes(context));
  assert.ok(found !== undefined, `${vector.name} holds no ${context}`);
  return found;
}

function flippedPlaintext(vector: Vector, context: string, offset: number): Vector {
  const clear = toHex(openedWith(vector, context).apdu);
  const plaintextApdus = vector.plaintextApdus.map((apdu) =>
    apdu.hex === clear ? { ...apdu, hex: flip(clear, context, offset) } : apdu,
  );
  return { ...vector, plaintextApdus };
}

/** The value changed as its sender would have changed it: ciphered anew, tag and recorded plaintext fit again. */
function flippedInside(vector: Vector, context: string, offset: number): Vector {
  const { bytes, apdu, options, control, counter, originator } = openedWith(vector, context);
  assert.ok(control !== undefined && counter !== undefined);
  const again = protect(fromHex(flip(toHex(apdu), context, offset)), {
    ...options,
    form: { type: "service-ciphering", keySet: "global" },
    protection: control,
    systemTitle: originator,
    counter,
  });
  const before = toHex(bytes);
  return altered(flippedPlaintext(vector, context, offset), before, (hex) =>
    hex.replace(before, toHex(again)),
  );
}

describe("replay", () => {
  it("has recordings to replay", () => assert.equal(names.length, 60));

  for (const name of names)
    it(`passes ${name}`, () => {
      const report = replay(vectorOf(name));
      assert.deepEqual(report.failures, [], formatReport(report));
    });

  it("compares nearly everything that was printed", () => {
    let compared = 0;
    let skipped = 0;
    for (const name of names) {
      const report = replay(vectorOf(name));
      compared += report.compared;
      for (const count of report.notComparable.values()) skipped += count;
    }
    assert.ok(compared > 25_000, `${compared} compared`);
    assert.ok(skipped < 150, `${skipped} not comparable`);
  });

  it("deciphers, ciphers again and proves all that was recorded", () => {
    const totals = { ciphered: 0, deciphered: 0, reciphered: 0, proofs: 0 };
    for (const name of names) {
      const { ciphered, deciphered, reciphered, proofs } = replay(vectorOf(name));
      // Only the recordings made with a wrong key hold what does not open.
      assert.equal(ciphered - deciphered, name.includes("wrong_key") ? 1 : 0, name);
      assert.equal(reciphered, deciphered, name);
      totals.ciphered += ciphered;
      totals.deciphered += deciphered;
      totals.reciphered += reciphered;
      totals.proofs += proofs;
    }
    assert.deepEqual(totals, { ciphered: 722, deciphered: 720, reciphered: 720, proofs: 60 });
  });

  it("stops at nothing: each APDU ends as values, unless a wrong key was recorded", () => {
    for (const name of names) {
      const vector = vectorOf(name);
      const { apdus } = replayApdus(vector, replayLink(vector));
      const closed = apdus.filter(({ apdu }) => "content" in apdu || apdu.type === "general-block-transfer");
      assert.equal(closed.length, name.includes("wrong_key") ? 1 : 0, name);
    }
  });

  it("compares the members of ACCESS", () => {
    const vector = vectorOf("gxpy-gxj_hdlc_hls2_gbt_access");
    for (const [offset, part] of [
      [1, "the device name"],
      [15, "the minute of the clock"],
      [30, "the reason of the third refusal"],
    ] as const) {
      const { failures } = replay(flipped(vector, "083538203538203538090C07EA0B", offset));
      assert.ok(
        failures.some((failure) => failure.startsWith("ACCESS") && failure.includes(": printed ")),
        `${part}: ${failures.join("; ")}`,
      );
    }
  });

  it("says of negative recordings what they show", () => {
    const findings = (name: string): string[] =>
      deviations.filter(({ file }) => file === name).map(({ finding }) => finding);
    for (const transport of ["hdlc", "wrapper"]) {
      assert.match(findings(`gxpy-gxc_${transport}_gmac_wrong_key`).join(), /tag does not match/);
      assert.match(findings(`gxpy-gxc_${transport}_gmac_replayed_ic`).join(), /counter 3 is below \d+/);
    }
    assert.equal(findings("gxcli-gxc_wrapper_gmac_readall").length, 3);
  });

  it("knows each recording by its digest, and says when one was altered", () => {
    const digests = readDigests(VECTORS);
    for (const name of names) {
      const vector = vectorOf(name);
      assert.equal(digests[name], digestOf(vector), name);
      const at = vector.exchange.findIndex((entry) => "hex" in entry);
      const exchange = vector.exchange.map((entry, i) =>
        i === at && "hex" in entry
          ? { ...entry, hex: entry.hex.replace(/.$/, (d) => (d === "0" ? "1" : "0")) }
          : entry,
      );
      assert.equal(judgeDigest({ ...vector, exchange }, digests).length, 1, name);
    }
  });

  describe("fails when one octet of a value differs", () => {
    const flips: readonly (readonly [file: string, context: string, offset: number, what: string])[] = [
      ["gxpy-gxc_hdlc_lls_full", "C401C100090C07EA", 6, "the month of the clock"],
      ["gxpy-gxc_hdlc_hls2_full", "C401C10002020FFE161E", 9, "the unit of a register"],
      ["gxpy-jdlms_wrapper_lls", "C401C10006075BCD15", 8, "the value of a register"],
      ["gxpy-jdlms_wrapper_bigprofile", "090C07EA0B0107001E0000FFC400", 40, "a value in row 2 of 1000"],
      ["dcosem-gxc_hdlc_lls", "C401C40103", 4, "the reason of a refusal"],
      ["dcosem-gxc_wrapper_none", "C401C00009104752", 21, "the last character of the device name"],
      ["jcli-gxc_hdlc_lls", "401100090600002B0001FF", 8, "a logical name inside blocks inside segments"],
      ["jcli-gxc_wrapper_none", "02030F03", 3, "an attribute id of the object list"],
      ["gxcli-gxc_wrapper_none_readall", "090C07EA0B160707", 7, "the hour of the clock"],
      ["gxjcli-gxj_wrapper_plain", "090C07EA0B16070734", 8, "the minute of the clock"],
    ];
    for (const [file, context, offset, what] of flips)
      it(`${file}: ${what}`, () => {
        const { failures } = replay(flipped(vectorOf(file), context, offset));
        assert.ok(failures.length > 0);
        assert.ok(
          failures.some((failure) => failure.includes(": printed ")),
          failures.join("\n"),
        );
      });
  });

  describe("fails when one octet of a ciphered answer differs", () => {
    const flips: readonly (readonly [file: string, context: string, offset: number, what: string])[] = [
      ["gxpy-gxc_hdlc_gmac_glo_full", "C401C10009104752", 12, "a character of the device name"],
      ["gxpy-gxj_wrapper_gmac_glo", "C401C100090C07EA", 13, "the clock status"],
    ];
    for (const [file, context, offset, what] of flips) {
      const vector = vectorOf(file);
      it(`${file}: ${what}, ciphered anew: by what was printed`, () => {
        const { failures, deciphered, ciphered } = replay(flippedInside(vector, context, offset));
        assert.equal(deciphered, ciphered);
        assert.ok(failures.length > 0);
        for (const failure of failures) assert.match(failure, /: printed /);
      });

      it(`${file}: ${what}, in the recorded plaintext: by comparison`, () => {
        const { failures } = replay(flippedPlaintext(vector, context, offset));
        assert.equal(failures.length, 1);
        assert.match(String(failures[0]), /deciphers to s2c [0-9A-F]+ instead of plaintextApdus\[\d+\]/);
      });

      it(`${file}: each octet of the ciphertext and its tag: by the tag`, () => {
        const before = toHex(openedWith(vector, context).bytes);
        for (let offset = 7; offset < before.length / 2; offset++) {
          const { failures, deciphered, ciphered } = replay(flipped(vector, before, offset));
          assert.equal(deciphered, ciphered - 1);
          assert.ok(
            failures.some((failure) => failure.includes("tag does not match")),
            `octet ${offset}`,
          );
        }
      });
    }
  });

  it("fails when an HLS value, a key or a title is another", () => {
    for (const [file, context] of [
      ["gxpy-gxc_hdlc_hls2_full", "C701C100010009"],
      ["gxpy-gxj_wrapper_md5", "C701C100010009"],
      ["gxpy-gxj_hdlc_sha1", "C701C100010009"],
      ["gxpy-gxj_wrapper_sha256", "C701C100010009"],
      ["gxjcli-gxj_wrapper_ecdsa", "C701C100010009"],
    ] as const) {
      const vector = vectorOf(file);
      const { proofs } = replay(vector);
      const report = replay(flipped(vector, context, 12));
      assert.equal(report.proofs, proofs - 1, file);
      assert.ok(report.failures.length > 0, file);
    }
    const vector = vectorOf("gxpy-gxc_wrapper_gmac_ded_basic");
    const { security } = vector;
    for (const [key, closed] of [
      ["guek", 4],
      ["gak", 32],
      ["dedicated", 28],
    ] as const) {
      const keys = { ...security.keys, [key]: "00".repeat(16) };
      const { ciphered, deciphered, failures } = replay({ ...vector, security: { ...security, keys } });
      assert.equal(ciphered - deciphered, closed, key);
      assert.ok(failures.length >= closed, key);
    }
    const titles = { ...security.titles, server: "4142434445464749" };
    assert.notDeepEqual(replay({ ...vector, security: { ...security, titles } }).failures, []);
  });

  it("fails on any octet of a frame that is not made to fit again", () => {
    const vector = vectorOf("gxpy-gxc_hdlc_none_basic");
    const frame = vector.exchange.findIndex((entry) => "hex" in entry && entry.hex.includes("C401C1"));
    const entry = vector.exchange[frame];
    assert.ok(entry !== undefined && "hex" in entry);
    for (let at = 0; at < entry.hex.length / 2; at++) {
      const bytes = fromHex(entry.hex);
      bytes[at] = (bytes[at] as number) ^ 0x10;
      const exchange = vector.exchange.map((one, i) => (i === frame ? { ...entry, hex: toHex(bytes) } : one));
      assert.notDeepEqual(replay({ ...vector, exchange }).failures, [], `octet ${at}`);
    }
  });

  it("fails when a listed deviation no longer occurs, and when one is not listed", () => {
    const [listed] = deviations;
    assert.ok(listed !== undefined);
    const vector = vectorOf(listed.file);
    const gone = replayFile(vector, [...deviations, { ...listed, frame: 0 }]);
    assert.ok(gone.failures.some((failure) => failure.includes("no longer occurs")));
    const unlisted = replayFile(
      vector,
      deviations.filter((one) => one !== listed),
    );
    assert.ok(unlisted.failures.some((failure) => failure === `frame ${listed.frame}: ${listed.finding}`));
    const otherBytes = replayFile(vector, [{ ...listed, bytes: "00" }]);
    assert.ok(otherBytes.failures.length >= 2);
  });

  it("names every deviation's clause and owner", () => {
    for (const { file, clause, owner } of deviations) {
      assert.ok(names.includes(file), file);
      assert.match(clause, /^(IEC|ISO\/IEC) \d+/);
      assert.notEqual(owner, "");
    }
  });

  it("refuses a file of another form, naming the key", () => {
    assert.throws(() => parseVector("x", { transport: "serial", exchange: [] }), /transport/);
    assert.throws(() => parseVector("x", { transport: "hdlc" }), /exchange/);
  });

  it("ends with 0, 1 or 2 from the command line", () => {
    const run = (...args: string[]): { status: number | null; output: string } => {
      const tool = join(__dirname, "../../src/tools/replay.ts");
      const { status, stdout, stderr } = spawnSync(process.execPath, ["-r", "tsx/cjs", tool, ...args], {
        encoding: "utf8",
      });
      return { status, output: stdout + stderr };
    };
    const good = run(join(VECTORS, "INDEX.json"), join(VECTORS, "gxpy-jdlms_wrapper_lls.json"));
    assert.equal(good.status, 0, good.output);
    assert.match(good.output, /^1 files, 0 failed; 46 frames, \d+ values compared/m);
    const ciphered = run("--quiet", join(VECTORS, "gxpy-gxc_wrapper_gmac_ded_basic.json"));
    assert.match(
      ciphered.output,
      /; 32 of 32 APDUs deciphered, 32 re-ciphered to the same octets, 2 HLS values verified$/m,
    );
    for (const count of [
      "frames decoded",
      "frames re-encoded",
      "values compared",
      "not comparable",
      "deviations expected",
    ])
      assert.ok(good.output.includes(count), count);
    const directory = mkdtempSync(join(tmpdir(), "replay-"));
    try {
      const bad = join(directory, "gxpy-jdlms_wrapper_lls.json");
      writeFileSync(
        bad,
        JSON.stringify(flipped(vectorOf("gxpy-jdlms_wrapper_lls"), "C401C10006075BCD15", 8)),
      );
      assert.equal(run(bad).status, 1);
    } finally {
      rmSync(directory, { recursive: true });
    }
    assert.equal(run().status, 2);
    assert.equal(run("--help").status, 0);
  });
});
