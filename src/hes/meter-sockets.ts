/**
 * One connection per online meter with a record, each in the room of that record: how a meter is told apart when the
 * backend names none in its commands. Opened one after the other, again after every loss, never more than the cap;
 * meters beyond it wait for one to become free.
 */
import { limits } from "../core/limits.js";
import { type Clock } from "../transport/clock.js";
import { HesConnection, type ConnectionBasics } from "./connection.js";

export interface MeterSocketsDeps extends ConnectionBasics {
  readonly maximum: number;
  readonly joinIntervalMs: number;
  readonly reconnectMinMs: number;
  readonly reconnectMaxMs: number;
  readonly random: () => number;
  readonly onEvent: (serial: string, name: string, args: readonly unknown[]) => void;
  /** A socket came up or went, or a meter was left without one. */
  readonly onChange: () => void;
}

export interface MeterSocketCounts {
  /** In their room now. */
  readonly up: number;
  /** Wanted, and not up now. */
  readonly waiting: number;
  /** Left without a socket, because there are as many as may be. */
  readonly withoutSocket: number;
}

interface Entry {
  readonly serial: string;
  readonly room: string;
  readonly connection: HesConnection;
  failures: number;
  up: boolean;
  opening: boolean;
  cancelRetry: (() => void) | undefined;
}

/** Handshakes under way at the same time. */
const OPENING = 32;

export class MeterSockets {
  readonly #deps: MeterSocketsDeps;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  /** Meters beyond the cap, and their rooms. */
  readonly #beyond = new Map<string, string>();
  /** Whose turn it is to be opened. */
  readonly #queue = new Set<Entry>();
  #cancelPump: (() => void) | undefined;
  #paused = true;
  #up = 0;
  #opening = 0;

  constructor(deps: MeterSocketsDeps) {
    this.#deps = deps;
    this.#clock = deps.clock;
  }

  get counts(): MeterSocketCounts {
    const up = this.#up;
    return { up, waiting: this.#entries.size - up, withoutSocket: this.#beyond.size };
  }

  /** The meter is online and has this record. */
  follow(serial: string, room: string): void {
    if (this.#entries.get(serial)?.room === room) return;
    this.drop(serial);
    if (this.#entries.size < this.#deps.maximum) this.#add(serial, room);
    else if (this.#beyond.size < limits.links) this.#beyond.set(serial, room);
    this.#deps.onChange();
  }

  /** The meter has gone, or has no record any more. */
  drop(serial: string): void {
    this.#beyond.delete(serial);
    const entry = this.#entries.get(serial);
    if (entry === undefined) return;
    this.#close(entry);
    for (const [next, room] of this.#beyond) {
      this.#beyond.delete(next);
      this.#add(next, room);
      break;
    }
    this.#deps.onChange();
  }

  /** The backend can be reached: open what waits. */
  resume(): void {
    this.#paused = false;
    this.#pump();
  }

  /** The backend is away: no use in trying one by one. What is up stays up. */
  pause(): void {
    this.#paused = true;
    this.#cancelPump?.();
    this.#cancelPump = undefined;
  }

  stop(): void {
    this.pause();
    this.#beyond.clear();
    for (const entry of [...this.#entries.values()]) this.#close(entry);
  }

  #add(serial: string, room: string): void {
    const entry: Entry = {
      serial,
      room,
      failures: 0,
      up: false,
      opening: false,
      cancelRetry: undefined,
      connection: new HesConnection({
        ...this.#deps,
        onEvent: (name, args) => this.#deps.onEvent(serial, name, args),
        onUp: () => this.#onUp(entry),
        onDown: () => this.#onDown(entry),
      }),
    };
    this.#entries.set(serial, entry);
    this.#enqueue(entry);
  }

  #close(entry: Entry): void {
    this.#entries.delete(entry.serial);
    this.#queue.delete(entry);
    entry.cancelRetry?.();
    this.#settle(entry);
    entry.connection.close();
  }

  #onUp(entry: Entry): void {
    this.#settle(entry);
    entry.failures = 0;
    entry.up = true;
    this.#up += 1;
    // Rooms are lost with the connection, so each connection joins anew.
    entry.connection.emit("join-room", { room: entry.room });
    this.#deps.onChange();
  }

  #onDown(entry: Entry): void {
    this.#settle(entry);
    const { random, reconnectMinMs, reconnectMaxMs } = this.#deps;
    const ceiling = Math.min(reconnectMaxMs, reconnectMinMs * 2 ** Math.min(entry.failures, 20));
    entry.failures += 1;
    // Spread over half the wait: all of them lose the backend at the same moment.
    const at = this.#clock.now() + ceiling * (0.5 + random() / 2);
    entry.cancelRetry = this.#clock.at(at, () => {
      entry.cancelRetry = undefined;
      this.#enqueue(entry);
    });
    this.#deps.onChange();
  }

  #settle(entry: Entry): void {
    if (entry.opening) this.#opening -= 1;
    if (entry.up) this.#up -= 1;
    entry.opening = false;
    entry.up = false;
  }

  #enqueue(entry: Entry): void {
    this.#queue.add(entry);
    this.#pump();
  }

  /** Opens the next in line, and then one per interval. */
  #pump(): void {
    if (this.#paused || this.#cancelPump !== undefined || this.#queue.size === 0) return;
    if (this.#opening < OPENING) {
      for (const entry of this.#queue) {
        this.#queue.delete(entry);
        entry.opening = true;
        this.#opening += 1;
        entry.connection.open();
        break;
      }
    }
    this.#cancelPump = this.#clock.at(this.#clock.now() + this.#deps.joinIntervalMs, () => {
      this.#cancelPump = undefined;
      this.#pump();
    });
  }
}
