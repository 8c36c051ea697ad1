/**
 * test/vectors/deviations.json: frames of recorded peers that break the standard, each with the clause broken and the
 * fault's owner. A deviation that is found must be listed; one that is listed must be found.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Fault } from "./link-layer.js";
import { type Vector } from "./vector.js";

export interface Deviation {
  /** The recording, without extension. */
  readonly file: string;
  /** Index in `exchange`. */
  readonly frame: number;
  /** The frame, in hex. */
  readonly bytes: string;
  /** What our decoder says about it. */
  readonly finding: string;
  /** The clause of the standard it breaks. */
  readonly clause: string;
  /** Which peer broke it. */
  readonly owner: string;
}

/** Those that stand beside the recordings; none when there is no such file. */
export function readDeviations(directory: string): readonly Deviation[] {
  const path = join(directory, "deviations.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Deviation[]) : [];
}

export interface Judged {
  readonly expected: number;
  readonly failures: readonly string[];
}

export function judgeDeviations(
  vector: Vector,
  found: readonly Fault[],
  listed: readonly Deviation[],
): Judged {
  const mine = listed.filter(({ file }) => file === vector.name);
  const failures: string[] = [];
  const met = new Set<Deviation>();
  for (const { frame, reason } of found) {
    const entry = vector.exchange[frame];
    const bytes = entry !== undefined && "hex" in entry ? entry.hex : "";
    const match = mine.find(
      (one) => one.frame === frame && one.bytes === bytes && one.finding === reason && !met.has(one),
    );
    if (match === undefined) failures.push(`frame ${frame}: ${reason}`);
    else met.add(match);
  }
  for (const one of mine)
    if (!met.has(one))
      failures.push(`frame ${one.frame}: the listed deviation no longer occurs (${one.finding})`);
  return { expected: met.size, failures };
}
