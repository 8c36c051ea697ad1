/**
 * Where a serial number came in from lately. A meter that roams shows ever new addresses; a number that keeps going
 * back and forth between the same few belongs to more than one meter.
 */

const WINDOW_MS = 10 * 60_000;
/** As many changes are a bad mobile network; more are an alarm. */
const CHANGES = 4;

interface Arrival {
  readonly address: string;
  readonly at: number;
}

export class AddressHistory {
  /** Changes of address within the window, and the one before the first. */
  #arrivals: Arrival[] = [];
  /** Monotonic milliseconds of the last arrival that was one too many. */
  #alarmAt: number | undefined;

  /** @returns whether this arrival raises the alarm; further ones while it stands do not raise it again. */
  arrived(address: string, now: number): boolean {
    if (this.#arrivals.at(-1)?.address === address) return false;
    const recent = this.#arrivals.filter(({ at }) => now - at < WINDOW_MS);
    // Where it was before counts as the first address, however long ago.
    const before = recent.length === 0 ? this.#arrivals.slice(-1) : recent;
    this.#arrivals = [...before, { address, at: now }].slice(-16);
    const changes = this.#arrivals.length - 1;
    const addresses = new Set(this.#arrivals.map((arrival) => arrival.address)).size;
    if (changes <= CHANGES || addresses * 2 > changes + 1) return false;
    const stood = this.isAlarmed(now);
    this.#alarmAt = now;
    return !stood;
  }

  isAlarmed(now: number): boolean {
    return this.#alarmAt !== undefined && now - this.#alarmAt < WINDOW_MS;
  }
}
