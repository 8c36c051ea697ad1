/**
 * `npm run chaos`: tokens, relay commands and reads while the gateway is killed, links are cut, the backend restarts
 * and the store runs full. Exit code 1 when the reckoning is not clean. Needs the build (`npm run build`).
 */
import { parseArgs } from "node:util";
import { formatAccount, isClean } from "./chaos/account.js";
import { runChaos } from "./chaos/run.js";
import { root } from "./steps.js";

const HELP = `npm run chaos -- [options]
  --seed N       what is asked and when it is killed (default: from the clock, printed)
  --meters N     simulated meters (500)
  --commands N   tokens, relay commands and reads (5000)
  --kills N      at least so many SIGKILLs (15)
  --seconds N    over which the commands are spread (150)
  --keep         leaves store and log of the gateway behind when the reckoning is not clean`;

const ACCEPTED_SHARE = 0.95;

function number(text: string | undefined, fallback: number): number {
  const value = text === undefined ? fallback : Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`"${text}" is no positive whole number`);
  return value;
}

async function main(): Promise<void> {
  const option = { type: "string" } as const;
  const { values } = parseArgs({
    options: {
      seed: option,
      meters: option,
      commands: option,
      kills: option,
      seconds: option,
      keep: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const seed = number(values.seed, (Date.now() % 1_000_000) + 1);
  console.log(`seed ${seed}`);
  const commands = number(values.commands, 5_000);
  const startedAt = Date.now();
  const report = await runChaos({
    packageRoot: root,
    seed,
    meters: number(values.meters, 500),
    commands,
    kills: number(values.kills, 15),
    askMs: number(values.seconds, 150) * 1_000,
    drainMs: 100_000,
    keep: values.keep === true,
    log: (text) => console.log(`${((Date.now() - startedAt) / 1_000).toFixed(1).padStart(6)} s  ${text}`),
  });
  const codes = [...report.refusalCodes].map(([code, n]) => `${code} ×${n}`).join(", ");
  console.log(
    `\n${report.asked} commands accepted, ${report.refused} never accepted${codes ? ` (refusals: ${codes})` : ""}; ` +
      `${report.kills} kills, ${report.cuts} links cut, ${report.backendRestarts} backend restarts\n`,
  );
  console.log(formatAccount(report));
  for (const story of report.stories) console.log(`\n${story}`);
  const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
  const phases = report.phases.map(([name, ms]) => `${name} ${seconds(ms)}`).join(", ");
  console.log(`\n${phases}; in all ${seconds(Date.now() - startedAt)}`);
  // A gateway that accepts nothing breaks no promise and keeps none.
  const accepted = report.asked >= ACCEPTED_SHARE * commands;
  const verdict = !accepted ? "TOO FEW ACCEPTED" : isClean(report) ? "clean" : "NOT CLEAN";
  console.log(`\nseed ${seed}: ${verdict}`);
  process.exitCode = verdict === "clean" ? 0 : 1;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
