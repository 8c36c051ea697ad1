/**
 * Half-open links: an established connection proves nothing. A link that is silent for 2.2 heartbeats (as learnt from
 * its logins), or for the set time where it sends none, is given up.
 */
import { type Clock } from "../transport/clock.js";
import { type ListenerTimes } from "./options.js";

const HEARTBEATS = 2.2;

export class IdleWatch {
  readonly #clock: Clock;
  readonly #times: ListenerTimes;
  readonly #onIdle: () => "busy" | "ended";
  #lastHeard: number;
  #lastLogin: number | undefined;
  #heartbeatMs: number | undefined;
  #learnt = false;
  #cancel: () => void;

  /** @param onIdle ends the link, or says that a request is under way and decides for itself. */
  constructor(clock: Clock, times: ListenerTimes, onIdle: () => "busy" | "ended") {
    this.#clock = clock;
    this.#times = times;
    this.#onIdle = onIdle;
    this.#lastHeard = clock.now();
    this.#cancel = clock.at(this.#lastHeard + this.limitMs, () => this.#check());
  }

  get limitMs(): number {
    const { idleMs, minIdleMs } = this.#times;
    return this.#heartbeatMs === undefined ? idleMs : Math.max(minIdleMs, HEARTBEATS * this.#heartbeatMs);
  }

  heard(): void {
    this.#lastHeard = this.#clock.now();
  }

  /** What the dialect says before anything was learnt. */
  expect(heartbeatMs: number | undefined): void {
    this.#heartbeatMs ??= heartbeatMs;
    this.#arm();
  }

  /** A login or heartbeat came. The longest pause so far counts: a meter repeats a login that was answered late. */
  heartbeat(): void {
    const now = this.#clock.now();
    const learnt = this.#lastLogin === undefined ? undefined : now - this.#lastLogin;
    this.#lastLogin = now;
    if (learnt === undefined) return;
    this.#heartbeatMs = Math.max(this.#learnt ? (this.#heartbeatMs ?? 0) : 0, learnt);
    this.#learnt = true;
    this.#arm();
  }

  stop(): void {
    this.#cancel();
  }

  #arm(): void {
    this.#cancel();
    this.#cancel = this.#clock.at(this.#lastHeard + this.limitMs, () => this.#check());
  }

  #check(): void {
    const now = this.#clock.now();
    if (now - this.#lastHeard >= this.limitMs) {
      if (this.#onIdle() === "ended") return;
      this.#lastHeard = now;
    }
    this.#arm();
  }
}
