/**
 * Runs the script on a file until it is killed, or holds a store open. Every acknowledged call is a line on stdout,
 * written before anything else can happen.
 * Arguments: file, engine, call at which to kill (-1: while opening), delay after that call was made in microseconds
 * (-1: once it is acknowledged).
 */
import { writeSync } from "node:fs";
import { openStore, type EngineName } from "../../src/store/index.js";
import { script } from "./script.js";

function kill(): never {
  process.kill(process.pid, "SIGKILL");
  throw new Error("still here");
}

/** The event loop stands still meanwhile, the store's thread does not. */
function waitMicroseconds(delay: number): void {
  const end = process.hrtime.bigint() + BigInt(delay) * 1_000n;
  while (process.hrtime.bigint() < end);
}

async function main(): Promise<void> {
  const [file = "", engine, at, delay] = process.argv.slice(2);
  const killAt = Number(at);
  const user = process.env["STORE_TEST_USER"];
  if (user !== undefined) process.seteuid?.(Number(user));
  const opening = openStore(file, { engine: engine as EngineName });
  if (killAt === -1)
    setTimeout(
      () => {
        waitMicroseconds(Number(delay) % 1_000);
        kill();
      },
      Number(delay) / 1_000,
    );
  const store = await opening;
  writeSync(1, "open\n");
  for (const [i, step] of script.entries()) {
    const done = step(store);
    if (i === killAt && Number(delay) >= 0)
      // Behind the microtask that hands the call over, ahead of any answer.
      queueMicrotask(() => {
        waitMicroseconds(Number(delay));
        kill();
      });
    await done;
    writeSync(1, `${i}\n`);
    if (i === killAt) kill();
  }
  // Nothing was to be killed: hold the store until told otherwise.
  await new Promise((resolve) => process.stdin.once("data", resolve));
  await store.release();
  process.stdin.destroy();
}

void main();
