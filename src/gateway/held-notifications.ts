/**
 * Notifications of links that are not yet some meter's live link. A push often comes before the meter is identified,
 * by the push itself even, and a parked link only claims to be a meter: what they send waits, bounded, and is handed
 * on under the serial number once the link is the meter's. A link that never showed one hands them on without.
 */
import { type NotificationEvent } from "./events.js";

type Waiting = Omit<NotificationEvent, "meterSerialNumber">;

/** Per link; beyond it the oldest go. */
const HELD = 32;

export class HeldNotifications<Link> {
  readonly #held = new Map<Link, Waiting[]>();
  readonly #emit: (event: NotificationEvent) => void;
  readonly #dropped: (link: Link) => void;

  constructor(emit: (event: NotificationEvent) => void, dropped: (link: Link) => void) {
    this.#emit = emit;
    this.#dropped = dropped;
  }

  hold(link: Link, notification: Waiting): void {
    const waiting = this.#held.get(link) ?? [];
    if (waiting.length === 0) this.#held.set(link, waiting);
    waiting.push(notification);
    if (waiting.length <= HELD) return;
    waiting.shift();
    this.#dropped(link);
  }

  /** The link is the meter's now, or has ended without ever naming one. */
  release(link: Link, meterSerialNumber?: string): void {
    const waiting = this.#held.get(link) ?? [];
    this.#held.delete(link);
    for (const notification of waiting)
      this.#emit({ ...(meterSerialNumber === undefined ? {} : { meterSerialNumber }), ...notification });
  }

  /** The link has ended and its claim was never settled: nobody knows whose these were. */
  discard(link: Link): void {
    if (this.#held.delete(link)) this.#dropped(link);
  }
}
