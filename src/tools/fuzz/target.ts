/**
 * What is fuzzed: a target draws inputs and runs them. Whatever its `run` throws is a find; so is an input that takes
 * too long or too much memory, and an error nobody caught.
 */
import { DlmsError } from "../../core/errors.js";
import { type Random } from "./random.js";

export interface Target<Input = unknown> {
  readonly name: string;
  /** In a sentence, for the list of targets. */
  readonly about: string;
  /** A single input takes turns of a network. */
  readonly isSlow?: true;
  /** CPU that a whole input may take, milliseconds, where the hostile side's own work counts with it. */
  readonly cpuMs?: number;
  draw(random: Random): Input;
  /** @param watch times the steps of an input that takes many; without a call of it the whole run counts. */
  run(input: Input, watch: Watch): void | Promise<void>;
  /** What all inputs share, such as an open port. */
  open?(): Promise<void>;
  close?(): Promise<void>;
}

/** Runs one step of an input and keeps its CPU time. */
export type Watch = <T>(step: () => T) => T;

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a list of targets of any input
export type AnyTarget = Target<any>;

/** A refusal in the words of the error table is what hostile input deserves; anything else is a defect. */
export function isRefusal(caught: unknown): caught is DlmsError {
  return caught instanceof DlmsError && caught.code !== "INTERNAL";
}

/** Runs `attempt`; refusals are fine. */
export function refusable<T>(attempt: () => T): T | undefined {
  try {
    return attempt();
  } catch (caught) {
    if (isRefusal(caught)) return undefined;
    throw caught;
  }
}

/** @throws Error when something that must hold does not. */
export function hold(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}
