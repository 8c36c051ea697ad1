/**
 * Draws and runs inputs of one target until the time or the number is used up, and judges each: what it threw, what
 * nobody caught, its CPU time, its memory. A slow or large input is run again before it counts, since compiling and
 * collecting fall on whichever input is under way.
 */
import { runInNewContext } from "node:vm";
import { setFlagsFromString } from "node:v8";
import { asDlmsError } from "../../core/errors.js";
import { root } from "../steps.js";
import { type Find } from "./finds.js";
import { Random } from "./random.js";
import { shrink } from "./shrink.js";
import { type AnyTarget, type Watch } from "./target.js";

export interface RunOptions {
  readonly seed: number;
  /** Whichever is reached first. */
  readonly seconds?: number;
  readonly iterations?: number;
  readonly bounds?: Partial<Bounds>;
}

export interface Bounds {
  /** CPU of one step, milliseconds. Infinity: not judged. */
  readonly cpuMs: number;
  /** What one input allocates, kept or not, octets. */
  readonly inputBytes: number;
  /** What is still held after all inputs, octets. */
  readonly growthBytes: number;
}

export const defaultBounds: Bounds = { cpuMs: 50, inputBytes: 256 << 20, growthBytes: 32 << 20 };

export interface TargetReport {
  readonly name: string;
  readonly inputs: number;
  readonly finds: readonly Find[];
  readonly slowestMs: number;
  /** The most that was held at any time, octets. */
  readonly peakBytes: number;
  /** What is held after the run beyond what was before, octets. */
  readonly growthBytes: number;
}

interface Outcome {
  readonly threw?: unknown;
  readonly uncaught?: unknown;
  readonly cpuMs: number;
  readonly bytes: number;
}

/** Finds of the same kind and reason are kept once; beyond this many a target is stopped. */
const ENOUGH = 20;
const AGAIN = 3;
/** Attempts at a smaller input that shows the same. */
const MANY = 400;
const FEW = 30;

export async function runTarget(target: AnyTarget, options: RunOptions): Promise<TargetReport> {
  const { seed, seconds = Infinity, iterations = Infinity } = options;
  const bounds = boundsOf(target, options.bounds);
  const judge = new Judge(target, seed, bounds);
  const finds = new Map<string, Find>();
  let [inputs, slowestMs, peakBytes] = [0, 0, 0];
  await target.open?.();
  try {
    const end = performance.now() + seconds * 1_000;
    const before = collected();
    for (; inputs < iterations && performance.now() < end && finds.size < ENOUGH; inputs++) {
      const input = target.draw(new Random(seed, target.name, inputs)) as unknown;
      const { find, cpuMs } = await judge.judge(input, inputs);
      slowestMs = Math.max(slowestMs, cpuMs);
      if (inputs % 64 === 0) peakBytes = Math.max(peakBytes, held());
      if (find !== undefined && !finds.has(sameness(find)))
        finds.set(sameness(find), await judge.smaller(find));
    }
    const growthBytes = collected() - before;
    if (growthBytes > bounds.growthBytes && inputs > 0)
      finds.set("growth", {
        ...{ target: target.name, kind: "memory", seed, index: inputs, input: null },
        why: `${growthBytes} octets are still held after ${inputs} inputs`,
      });
    return { name: target.name, inputs, finds: [...finds.values()], slowestMs, peakBytes, growthBytes };
  } finally {
    await target.close?.();
    judge.end();
  }
}

/** Runs one kept input. @throws what it finds. */
export async function runAgain(target: AnyTarget, find: Find, options: Partial<Bounds> = {}): Promise<void> {
  const judge = new Judge(target, find.seed, boundsOf(target, options));
  await target.open?.();
  try {
    const { find: found } = await judge.judge(find.input, find.index);
    if (found !== undefined) throw new Error(`${target.name}: ${found.kind}: ${found.why}`);
  } finally {
    await target.close?.();
    judge.end();
  }
}

function boundsOf({ cpuMs = defaultBounds.cpuMs }: AnyTarget, own: Partial<Bounds> = {}): Bounds {
  return { ...defaultBounds, cpuMs, ...own };
}

class Judge {
  readonly #target: AnyTarget;
  readonly #seed: number;
  readonly #bounds: Bounds;
  #uncaught: { readonly error: unknown } | undefined;
  readonly #hear = (error: unknown): void => {
    this.#uncaught ??= { error };
  };

  constructor(target: AnyTarget, seed: number, bounds: Bounds) {
    this.#target = target;
    this.#seed = seed;
    this.#bounds = bounds;
    process.on("uncaughtException", this.#hear);
    process.on("unhandledRejection", this.#hear);
  }

  end(): void {
    process.off("uncaughtException", this.#hear);
    process.off("unhandledRejection", this.#hear);
  }

  async judge(input: unknown, index: number): Promise<{ readonly find?: Find; readonly cpuMs: number }> {
    const { cpuMs: most, inputBytes } = this.#bounds;
    const first = await this.#once(input);
    const fault = faultOf(first);
    const tell = (kind: Find["kind"], why: string): { readonly find: Find; readonly cpuMs: number } => ({
      find: { target: this.#target.name, kind, why, seed: this.#seed, index, input },
      cpuMs,
    });
    let { cpuMs, bytes } = first;
    for (let i = 0; fault === undefined && i < AGAIN && (cpuMs > most || bytes > inputBytes); i++) {
      const again = await this.#once(input);
      cpuMs = Math.min(cpuMs, again.cpuMs);
      bytes = Math.min(bytes, again.bytes);
    }
    if (fault !== undefined) return tell(...fault);
    if (cpuMs > most) return tell("slow", `${cpuMs.toFixed(0)} ms of CPU`);
    if (bytes > inputBytes) return tell("memory", `${bytes} octets allocated`);
    return { cpuMs };
  }

  /** The same find with a smaller input. */
  async smaller(find: Find): Promise<Find> {
    if (find.kind === "memory") return find;
    const attempts = find.kind === "slow" ? FEW : MANY;
    const input = await shrink(find.input, attempts, async (smaller) => {
      const { find: again } = await this.judge(smaller, find.index);
      return again?.kind === find.kind && (find.kind === "slow" || sameness(again) === sameness(find));
    });
    return { ...find, input };
  }

  async #once(input: unknown): Promise<Outcome> {
    this.#uncaught = undefined;
    let longest: number | undefined;
    const watch: Watch = (step) => {
      const from = process.cpuUsage();
      try {
        return step();
      } finally {
        longest = Math.max(longest ?? 0, sinceMs(from));
      }
    };
    const before = held();
    const from = process.cpuUsage();
    let threw: { readonly error: unknown } | undefined;
    try {
      const running = this.#target.run(input, watch);
      if (running !== undefined) {
        await running;
        // A rejection nobody handles is told only after the turn it happened in.
        await new Promise((resolve) => setImmediate(resolve));
      }
    } catch (caught) {
      threw = { error: caught };
    }
    const wholeMs = sinceMs(from);
    const bytes = held() - before;
    return {
      ...(threw === undefined ? {} : { threw: threw.error }),
      ...this.#takeUncaught(),
      cpuMs: longest ?? wholeMs,
      bytes,
    };
  }

  #takeUncaught(): { readonly uncaught?: unknown } {
    return this.#uncaught === undefined ? {} : { uncaught: this.#uncaught.error };
  }
}

function faultOf(outcome: Outcome): [Find["kind"], string] | undefined {
  if ("uncaught" in outcome) return ["uncaught", describe(outcome.uncaught)];
  return "threw" in outcome ? ["threw", describe(outcome.threw)] : undefined;
}

function describe(caught: unknown): string {
  const { name, message, stack = "" } = caught instanceof Error ? caught : asDlmsError(caught);
  const at = /\n\s+at (.*)/.exec(stack)?.[1] ?? "";
  return `${name}: ${message.slice(0, 500)} at ${at}`.replaceAll(`${root}/`, "");
}

/** The same kind of error at the same place, whatever values it names. */
function sameness({ kind, why }: Find): string {
  if (kind === "slow") return kind;
  const [, name = ""] = /^(\w+): /.exec(why) ?? [];
  const place = why.slice(why.lastIndexOf(" at "));
  // What a target itself holds to be broken is told apart by its words.
  return `${kind} ${name} ${place.includes("fuzz/target.ts") ? why.replace(/\d+/g, "#") : place}`;
}

function sinceMs(from: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1_000;
}

function held(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

let collect: (() => void) | undefined;

/** Octets held once everything that nobody needs is gone. */
function collected(): number {
  if (collect === undefined) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  collect();
  return held();
}
