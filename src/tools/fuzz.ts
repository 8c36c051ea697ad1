/**
 * `npm run fuzz`: hostile input for every decoder, for whole sessions in both roles, for the listener's port and for
 * what backends, browsers and flows send. The same seed gives the same inputs. Exit code 1 when anything was found.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readFind, writeFind } from "./fuzz/finds.js";
import { runAgain, runTarget, type TargetReport } from "./fuzz/run.js";
import { type AnyTarget } from "./fuzz/target.js";
import { targets } from "./fuzz/targets/index.js";
import { root } from "./steps.js";

const HELP = `npm run fuzz -- [options] [find files]
  --seconds N     for all targets together (60)
  --seed N        what is drawn (default: from the clock, printed)
  --iterations N  inputs per target, instead of seconds
  --target NAME   only this one; may stand several times
  --finds FOLDER  where finds are written (.tmp/fuzz); those of test/fuzz/finds are part of the tests
  --list          names the targets
Find files are run again instead.`;

function number(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`"${text}" is no positive whole number`);
  return value;
}

function chosen(names: readonly string[]): readonly AnyTarget[] {
  const unknown = names.find((name) => !targets.some((target) => target.name === name));
  if (unknown !== undefined) throw new Error(`there is no target ${unknown}; --list names them`);
  return names.length === 0 ? targets : targets.filter(({ name }) => names.includes(name));
}

async function again(paths: readonly string[]): Promise<boolean> {
  let clean = true;
  for (const path of paths) {
    const find = readFind(path);
    const [target] = chosen([find.target]);
    try {
      await runAgain(target as AnyTarget, find);
      console.log(`${path}: nothing found any more`);
    } catch (caught) {
      clean = false;
      console.log(`${path}: ${caught instanceof Error ? caught.message : String(caught)}`);
    }
  }
  return clean;
}

const columns = [18, 10, 7, 14, 16, 14] as const;

function line(cells: readonly string[]): string {
  return cells
    .map((cell, i) => (i === 0 ? cell.padEnd(columns[0]) : cell.padStart(columns[i] ?? 0)))
    .join("");
}

function reportLine({ name, inputs, finds, slowestMs, peakBytes, growthBytes }: TargetReport): string {
  const megabytes = (octets: number): string => (octets / 1_048_576).toFixed(1);
  return line([
    name,
    String(inputs),
    String(finds.length),
    slowestMs.toFixed(1),
    megabytes(peakBytes),
    megabytes(growthBytes),
  ]);
}

async function main(): Promise<void> {
  const option = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: option,
      seed: option,
      iterations: option,
      finds: option,
      target: { type: "string", multiple: true },
      list: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return console.log(HELP);
  if (values.list)
    return targets.forEach(({ name, about }) => console.log(`${name.padEnd(columns[0])}${about}`));
  if (positionals.length > 0) {
    process.exitCode = (await again(positionals)) ? 0 : 1;
    return;
  }
  const seed = number(values.seed) ?? (Date.now() % 1_000_000) + 1;
  const iterations = number(values.iterations);
  const some = chosen(values.target ?? []);
  const seconds = iterations === undefined ? (number(values.seconds) ?? 60) / some.length : Infinity;
  const folder = values.finds ?? join(root, ".tmp", "fuzz");
  console.log(`seed ${seed}\n`);
  console.log(line(["target", "inputs", "finds", "slowest ms", "peak memory MB", "kept MB"]));
  let [inputs, found] = [0, 0];
  for (const target of some) {
    const report = await runTarget(target, {
      seed,
      seconds,
      ...(iterations === undefined ? {} : { iterations }),
    });
    console.log(reportLine(report));
    for (const find of report.finds) console.log(`  ${find.kind}: ${find.why}\n  ${writeFind(folder, find)}`);
    inputs += report.inputs;
    found += report.finds.length;
  }
  console.log(`\nseed ${seed}: ${inputs} inputs, ${found} finds`);
  process.exitCode = found === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
