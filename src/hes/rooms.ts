/**
 * The rooms that the shared socket stands in: one for each online meter with a record, because a backend may send a
 * command to the record's room only. There is no way to leave a room, so one that was joined counts until the
 * connection ends, and a command without an id means a meter only while exactly one was joined.
 */
import { limits } from "../core/limits.js";
import { type Clock } from "../transport/clock.js";

export interface RoomsDeps {
  readonly clock: Clock;
  readonly joinIntervalMs: number;
  /** False when there is no connection. */
  readonly join: (room: string) => boolean;
}

/** Joins handed to the socket at once. */
const BATCH = 50;

export class Rooms {
  readonly #deps: RoomsDeps;
  /** Serial number to room, of meters that are online now. */
  readonly #wanted = new Map<string, string>();
  /** Room to serial number, joined on this connection. */
  readonly #joined = new Map<string, string>();
  readonly #queue = new Set<string>();
  #cancelPump: (() => void) | undefined;
  #up = false;

  constructor(deps: RoomsDeps) {
    this.#deps = deps;
  }

  /** Joined on this connection. */
  get size(): number {
    return this.#joined.size;
  }

  /** The one meter that a command without an id can mean. */
  get only(): string | undefined {
    return this.#joined.size === 1 ? this.#joined.values().next().value : undefined;
  }

  follow(serial: string, room: string): void {
    if (this.#wanted.get(serial) === room) return;
    this.#wanted.set(serial, room);
    this.#queue.add(serial);
    this.#pump();
  }

  drop(serial: string): void {
    this.#wanted.delete(serial);
    this.#queue.delete(serial);
  }

  /** A new connection stands in no room. */
  resume(): void {
    this.#joined.clear();
    this.#queue.clear();
    for (const serial of this.#wanted.keys()) this.#queue.add(serial);
    this.#up = true;
    this.#pump();
  }

  pause(): void {
    this.#up = false;
    this.#joined.clear();
    this.#cancelPump?.();
    this.#cancelPump = undefined;
  }

  stop(): void {
    this.pause();
    this.#wanted.clear();
    this.#queue.clear();
  }

  #pump(): void {
    if (!this.#up || this.#cancelPump !== undefined || this.#queue.size === 0) return;
    let left = BATCH;
    for (const serial of this.#queue) {
      if (left === 0) break;
      left -= 1;
      this.#queue.delete(serial);
      const room = this.#wanted.get(serial);
      if (room === undefined) continue;
      // A record may have gone over to another meter. Rooms of meters that have gone count, too, up to a bound.
      if (this.#joined.has(room)) this.#joined.set(room, serial);
      else if (this.#joined.size < 2 * limits.links && this.#deps.join(room)) this.#joined.set(room, serial);
    }
    const { clock, joinIntervalMs } = this.#deps;
    this.#cancelPump = clock.at(clock.now() + joinIntervalMs, () => {
      this.#cancelPump = undefined;
      this.#pump();
    });
  }
}
