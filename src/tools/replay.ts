#!/usr/bin/env node
/** `replay FILE…`: holds the engine against recorded conversations; see replay/replay-file.ts. Exit code 1 on a failure. */
import { basename, dirname } from "node:path";
import { parseArgs } from "node:util";
import { readDeviations } from "./replay/deviations.js";
import { judgeDigest, readDigests } from "./replay/digests.js";
import { formatReport, replayFile } from "./replay/replay-file.js";
import { readVector } from "./replay/vector.js";

const HELP = `replay FILE…   Replays recorded DLMS/COSEM conversations (form: test/vectors/README.md).

For each file: frames decoded, frames re-encoded to the same octets, values compared with what independent clients
printed, values that could not be compared (with the reason), deviations expected; ciphered APDUs deciphered with the
file's keys and titles (tags and recorded plaintexts held against ours), APDUs ciphered again to the same octets, values
of HLS passes 3 and 4 verified (made again too, except ECDSA signatures). Deviations of the recorded peers, wrong keys
and repeated counters among them, are listed in deviations.json beside the files, digests of the recordings in
digests.json. These two and INDEX.json are skipped themselves.

  --quiet   only files that fail, and the totals
  --help    this text

Exit code: 0 all passed, 1 something differs, 2 no file given.`;

const NOT_RECORDINGS = ["INDEX.json", "deviations.json", "digests.json"];

function main(args: readonly string[]): number {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { help: { type: "boolean", short: "h" }, quiet: { type: "boolean", short: "q" } },
  });
  if (values.help === true) {
    console.log(HELP);
    return 0;
  }
  const paths = positionals.filter((path) => !NOT_RECORDINGS.includes(basename(path)));
  if (paths.length === 0) {
    console.error(HELP);
    return 2;
  }
  const totals = { files: 0, failed: 0, frames: 0, compared: 0, deviations: 0 };
  const security = { ciphered: 0, deciphered: 0, reciphered: 0, proofs: 0 };
  for (const path of paths) {
    const vector = readVector(path);
    const compared = replayFile(vector, readDeviations(dirname(path)));
    const altered = judgeDigest(vector, readDigests(dirname(path)));
    const report = { ...compared, failures: [...altered, ...compared.failures] };
    const failed = report.failures.length > 0;
    if (failed || values.quiet !== true) console.log(formatReport(report));
    totals.files++;
    totals.failed += failed ? 1 : 0;
    totals.frames += report.frames;
    totals.compared += report.compared;
    totals.deviations += report.deviations;
    security.ciphered += report.ciphered;
    security.deciphered += report.deciphered;
    security.reciphered += report.reciphered;
    security.proofs += report.proofs;
  }
  console.log(
    `${totals.files} files, ${totals.failed} failed; ${totals.frames} frames, ` +
      `${totals.compared} values compared, ${totals.deviations} deviations expected; ` +
      `${security.deciphered} of ${security.ciphered} APDUs deciphered, ${security.reciphered} re-ciphered to the ` +
      `same octets, ${security.proofs} HLS values verified`,
  );
  return totals.failed === 0 ? 0 : 1;
}

process.exitCode = main(process.argv.slice(2));
