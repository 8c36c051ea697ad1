/**
 * The clock the outer rings ask: monotonic milliseconds for waits, epoch milliseconds for what people read, and timers.
 * The only place that touches `Date`, `performance` and `setTimeout`.
 */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Milliseconds since 1970, UTC. */
  epochMs(): number;
  /** Calls `fire` once at monotonic `time`; the returned function cancels it. */
  at(time: number, fire: () => void): () => void;
}

/** Timers beyond it would fire at once; a timer this far off is woken early and set again. */
const LONGEST_TIMER_MS = 2_147_483_647;

export const systemClock: Clock = {
  now: () => performance.now(),
  epochMs: () => Date.now(),
  at(time, fire) {
    let timer: NodeJS.Timeout;
    const arm = (): void => {
      // Rounded up, so that a timer never fires before its time and has to be set again.
      const inMs = Math.ceil(Math.max(0, time - performance.now()));
      timer = inMs > LONGEST_TIMER_MS ? setTimeout(arm, LONGEST_TIMER_MS) : setTimeout(fire, inMs);
    };
    arm();
    return () => clearTimeout(timer);
  },
};
