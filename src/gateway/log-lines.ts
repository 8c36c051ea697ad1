/**
 * Log lines at a bounded rate. Strangers have a share of their own, so that a flood of them drowns no line about a
 * meter. What was left out is counted, and the count becomes a line of its own.
 */
import { Rate } from "../core/rate.js";
import { type Clock } from "../transport/clock.js";
import { type LogEvent } from "./events.js";

/** So much of a second's lines may come at once. */
const BURST_SECONDS = 10;
/** How long lines that are left out are counted before the count is told. */
const COUNT_MS = 10_000;

interface Share {
  readonly name: "strangers" | "meters";
  readonly rate: Rate;
  swallowed: number;
  cancelCount: (() => void) | undefined;
}

export class LogLines {
  readonly #clock: Clock;
  readonly #write: (entry: LogEvent) => void;
  readonly #strangers: Share;
  readonly #meters: Share;
  #swallowed = 0;

  constructor(perSecond: number, clock: Clock, write: (entry: LogEvent) => void) {
    this.#clock = clock;
    this.#write = write;
    const share = (name: Share["name"]): Share => ({
      name,
      rate: new Rate(perSecond, BURST_SECONDS * perSecond),
      swallowed: 0,
      cancelCount: undefined,
    });
    this.#strangers = share("strangers");
    this.#meters = share("meters");
  }

  /** Lines that were left out so far. */
  get swallowed(): number {
    return this.#swallowed;
  }

  /** @param ofStranger it is about a link without a serial number. */
  say(entry: LogEvent, ofStranger: boolean): void {
    const share = ofStranger ? this.#strangers : this.#meters;
    const now = this.#clock.now();
    if (share.rate.take(now)) return this.#write(entry);
    this.#swallowed++;
    share.swallowed++;
    share.cancelCount ??= this.#clock.at(now + COUNT_MS, () => this.#tell(share));
  }

  /** Tells what is still to be told. */
  close(): void {
    this.#tell(this.#strangers);
    this.#tell(this.#meters);
  }

  #tell(share: Share): void {
    share.cancelCount?.();
    share.cancelCount = undefined;
    const { swallowed } = share;
    if (swallowed === 0) return;
    share.swallowed = 0;
    const about = share.name === "strangers" ? "links without a serial number" : "meters and the listener";
    const text = `${swallowed} log lines about ${about} were left out: more came than are written`;
    this.#write({ level: "warn", text, at: new Date(this.#clock.epochMs()).toISOString() });
  }
}
