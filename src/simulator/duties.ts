/**
 * When the objects of one meter act by themselves: schedules, calendars, limiters, transfers. The next time of each is
 * kept and asked for anew whenever something changed, so that an idle meter costs one comparison.
 */
import { type ObjectStore } from "./object-store.js";

export class Duties<S> {
  readonly #store: ObjectStore<S>;
  readonly #subject: S;
  #times: (number | undefined)[];

  constructor(store: ObjectStore<S>, subject: S, t: number) {
    this.#store = store;
    this.#subject = subject;
    this.#times = [];
    this.changed(t);
  }

  /** Epoch ms of the earliest. */
  next(): number | undefined {
    let earliest: number | undefined;
    for (const time of this.#times)
      if (time !== undefined && (earliest === undefined || time < earliest)) earliest = time;
    return earliest;
  }

  /** Something was written, called or happened at `t`. */
  changed(t: number): void {
    this.#times = this.#store.duties.map((duty) => {
      const next = duty.next(this.#subject, t, this.#store);
      // Time goes on, whatever a duty says.
      return next === undefined ? undefined : Math.max(next, t + 1);
    });
  }

  /** Lets act what is due at `t`; whoever calls lets no duty's time pass by. */
  act(t: number): void {
    const due = this.#store.duties.filter((_, i) => (this.#times[i] ?? Infinity) <= t);
    if (due.length === 0) return;
    for (const duty of due) duty.act(this.#subject, t, this.#store);
    this.changed(t);
  }
}
