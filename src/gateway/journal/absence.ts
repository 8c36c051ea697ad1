/**
 * Waiting for meters that are away. A meter counts as back when one of its links is identified, associated or
 * registered; one that is there and yet could not be spoken to is tried again after a pause.
 */
import { type Clock } from "../../transport/clock.js";
import { type MeterEvent } from "../events.js";

interface Waiter {
  readonly wake: () => void;
}

export interface WaitOptions {
  /** Monotonic milliseconds. */
  readonly until: number;
  /** Try again after this long, whatever happens; absent where only the meter's coming counts. */
  readonly againAfterMs?: number;
  readonly signal: AbortSignal;
}

export class Absence {
  readonly #clock: Clock;
  /** By serial number without leading zeros, since nobody knows yet how the meter will spell its own. */
  readonly #waiting = new Map<string, Set<Waiter>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  readonly heard = ({ event, meterSerialNumber }: MeterEvent): void => {
    if (meterSerialNumber === undefined) return;
    if (event !== "identified" && event !== "associated" && event !== "registered") return;
    for (const { wake } of [...(this.#waiting.get(keyOf(meterSerialNumber)) ?? [])]) wake();
  };

  /** Resolves when it is worth trying again, when the time is over, or when `signal` says so. */
  wait(serial: string, { until, againAfterMs, signal }: WaitOptions): Promise<void> {
    const key = keyOf(serial);
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const wake = (): void => {
        cancel();
        signal.removeEventListener("abort", wake);
        waiters.delete(waiter);
        if (waiters.size === 0) this.#waiting.delete(key);
        resolve();
      };
      const waiter: Waiter = { wake };
      const waiters = this.#waiting.get(key) ?? new Set<Waiter>();
      if (waiters.size === 0) this.#waiting.set(key, waiters);
      waiters.add(waiter);
      const again = againAfterMs === undefined ? Infinity : this.#clock.now() + againAfterMs;
      const cancel = this.#clock.at(Math.min(until, again), wake);
      signal.addEventListener("abort", wake, { once: true });
    });
  }
}

function keyOf(serial: string): string {
  return serial.replace(/^0+(?=.)/, "");
}
