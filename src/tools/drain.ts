/**
 * `npm run drain`: a day's readings of a thousand meters wait in the store while the backend is away, and drain when it
 * returns. Prints rates, memory and the file's size. Exit code 1 when one is lost or out of order.
 */
import { parseArgs } from "node:util";
import { isDrained, runDrain } from "./drain/run.js";

const HELP = `npm run drain -- [options]
  --meters N     how many report (1000)
  --quarters N   quarters of an hour that the backend is away (96: a day), five readings each`;

function number(text: string | undefined, fallback: number): number {
  const value = text === undefined ? fallback : Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`"${text}" is no positive whole number`);
  return value;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { meters: { type: "string" }, quarters: { type: "string" }, help: { type: "boolean" } },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const report = await runDrain({
    meters: number(values.meters, 1_000),
    quarters: number(values.quarters, 96),
    log: (text) => console.log(text),
  });
  const { readings, inMs, outMs, fileOctets, rss, counts, lost, dropped, errors } = report;
  const rate = (ms: number): string =>
    `${Math.round(readings / (ms / 1_000))} readings/s (${(ms / 1_000).toFixed(1)} s)`;
  const megabytes = (octets: number): string => `${(octets / 1_048_576).toFixed(0)} MB`;
  const lines: readonly (readonly [string, string | number])[] = [
    ["readings", readings],
    ["in", rate(inMs)],
    ["out", rate(outMs)],
    ["store file", `${megabytes(fileOctets)}, ${Math.round(fileOctets / readings)} octets a reading`],
    [
      "memory of the gateway",
      `${megabytes(rss.before)} before, at most ${megabytes(rss.in)} in, ${megabytes(rss.out)} out`,
    ],
    ["lost", lost],
    ["dropped", dropped],
    ["out of order", counts.outOfOrder],
    ["duplicates", counts.duplicates],
  ];
  for (const [label, value] of lines) console.log(`${label.padEnd(24)} ${value}`);
  for (const error of errors.slice(0, 10)) console.log(`error: ${error}`);
  process.exitCode = isDrained(report) ? 0 : 1;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
