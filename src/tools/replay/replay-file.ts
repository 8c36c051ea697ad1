/**
 * Replays one recorded conversation: every layer decoded and encoded again, deciphered and ciphered again, values
 * compared, deviations judged.
 */
import { replayApdus } from "./apdu-layer.js";
import { compareGuruxCLines } from "./compare/gurux-c-lines.js";
import { compareGuruxJavaLines } from "./compare/gurux-java-lines.js";
import { compareJdlmsLines } from "./compare/jdlms-lines.js";
import { compareSteps } from "./compare/steps.js";
import { Tally } from "./compare/tally.js";
import { pair } from "./conversation.js";
import { type Deviation, judgeDeviations } from "./deviations.js";
import { type Fault, replayLink } from "./link-layer.js";
import { type Vector } from "./vector.js";

export interface ReplayReport {
  readonly name: string;
  readonly frames: number;
  readonly decoded: number;
  readonly reencoded: number;
  readonly compared: number;
  /** How many values could not be compared, by reason. */
  readonly notComparable: ReadonlyMap<string, number>;
  readonly deviations: number;
  /** Ciphered APDUs, those inside AARQ, AARE and releases among them. */
  readonly ciphered: number;
  /** How many of them opened, tag and plaintext right. */
  readonly deciphered: number;
  /** How many of them were ciphered again to the same octets. */
  readonly reciphered: number;
  /** Values of HLS passes 3 and 4 that are right. */
  readonly proofs: number;
  /** Empty when the file passed. */
  readonly failures: readonly string[];
}

export function replayFile(vector: Vector, deviations: readonly Deviation[]): ReplayReport {
  const link = replayLink(vector);
  const layer = replayApdus(vector, link);
  const paired = pair(layer.apdus);
  const tally = new Tally();
  const lines = vector.decoded.filter((entry) => typeof entry === "string");
  const [client] = vector.name.split("-");
  if (client === "jcli") compareJdlmsLines(lines, paired.outcomes, tally);
  else if (client === "gxcli") compareGuruxCLines(lines, paired.outcomes, tally);
  else if (client === "gxjcli") compareGuruxJavaLines(lines, layer.apdus, paired.outcomes, tally);
  else compareSteps(vector, layer.apdus, paired.outcomes, tally);

  const faults = [...link.faults, ...layer.faults, ...paired.faults];
  const found = [...faults, ...layer.tolerated, ...paired.tolerated];
  const judged = judgeDeviations(vector, found, deviations);
  const { security } = layer;
  const frames = (some: readonly Fault[]): number => new Set(some.map(({ frame }) => frame)).size;
  return {
    name: vector.name,
    frames: link.frames,
    decoded: link.frames - frames(faults.filter(({ decoded }) => decoded !== true)),
    reencoded: link.frames - frames(faults),
    compared: tally.compared,
    notComparable: tally.notComparable,
    deviations: judged.expected,
    ciphered: security.ciphered,
    deciphered: security.opened.length,
    reciphered: security.reciphered,
    proofs: security.proofs.length,
    failures: [...judged.failures, ...tally.mismatches],
  };
}

/** The counts of a file, those of security where it has any, then what failed. */
export function formatReport(report: ReplayReport): string {
  const skipped = [...report.notComparable.values()].reduce((sum, count) => sum + count, 0);
  const lines = [
    `${report.failures.length === 0 ? "ok  " : "FAIL"} ${report.name}`,
    `     frames decoded       ${report.decoded} of ${report.frames}`,
    `     frames re-encoded    ${report.reencoded}`,
    `     values compared      ${report.compared}`,
    `     not comparable       ${skipped}${listed(report.notComparable)}`,
    `     deviations expected  ${report.deviations}`,
  ];
  if (report.ciphered > 0)
    lines.push(
      `     APDUs deciphered     ${report.deciphered} of ${report.ciphered}`,
      `     APDUs re-ciphered    ${report.reciphered}`,
    );
  if (report.proofs > 0) lines.push(`     HLS values verified  ${report.proofs}`);
  for (const failure of report.failures) lines.push(`     ! ${failure}`);
  return lines.join("\n");
}

function listed(counts: ReadonlyMap<string, number>): string {
  const parts = [...counts].map(([what, count]) => `${count} × ${what}`);
  return parts.length === 0 ? "" : ` (${parts.join("; ")})`;
}
