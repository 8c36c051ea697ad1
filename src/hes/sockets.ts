/**
 * The bridge's connections as one: the shared socket, and in the per-meter mode a socket for each meter besides it.
 * Which mode `auto` is in is decided here: shared, until told that the backend sends commands without ids.
 */
import { type DlmsError } from "../core/errors.js";
import { type ConnectionBasics } from "./connection.js";
import { MeterSockets, type MeterSocketCounts } from "./meter-sockets.js";
import { type SocketMode } from "./options.js";
import { Rooms } from "./rooms.js";
import { HesSocket } from "./socket.js";

export interface SocketsDeps extends ConnectionBasics {
  readonly socketMode: SocketMode;
  readonly maxMeterSockets: number;
  readonly joinIntervalMs: number;
  readonly reconnectMinMs: number;
  readonly reconnectMaxMs: number;
  /** 0 to below 1. */
  readonly random: () => number;
  /** An event of the shared socket. */
  readonly onShared: (name: string, args: readonly unknown[]) => void;
  /** An event of one meter's socket. */
  readonly onMeter: (serial: string, name: string, args: readonly unknown[]) => void;
  readonly onUp: () => void;
  readonly onDown: (error: DlmsError, nextMs: number) => void;
  readonly onChange: () => void;
}

export interface SocketsView extends MeterSocketCounts {
  readonly mode: "shared" | "per-meter";
  /** Rooms that the shared socket stands in. */
  readonly rooms: number;
}

export class HesSockets {
  readonly #deps: SocketsDeps;
  readonly #shared: HesSocket;
  readonly #rooms: Rooms;
  readonly #meters: MeterSockets;
  /** Online meters with a record: serial number to room. */
  readonly #followed = new Map<string, string>();
  #perMeter: boolean;

  constructor(deps: SocketsDeps) {
    this.#deps = deps;
    this.#perMeter = deps.socketMode === "per-meter";
    this.#shared = new HesSocket({
      ...deps,
      onEvent: deps.onShared,
      onUp: () => {
        (this.#perMeter ? this.#meters : this.#rooms).resume();
        deps.onUp();
      },
      onDown: (error, nextMs) => {
        this.#rooms.pause();
        this.#meters.pause();
        deps.onDown(error, nextMs);
      },
    });
    this.#rooms = new Rooms({ ...deps, join: (room) => this.#shared.emit("join-room", { room }) });
    this.#meters = new MeterSockets({ ...deps, maximum: deps.maxMeterSockets, onEvent: deps.onMeter });
  }

  get connected(): boolean {
    return this.#shared.connected;
  }

  get view(): SocketsView {
    const mode = this.#perMeter ? "per-meter" : "shared";
    return { mode, rooms: this.#rooms.size, ...this.#meters.counts };
  }

  /** The meter that a command without an id on the shared socket can mean. */
  get onlyMeter(): string | undefined {
    return this.#rooms.only;
  }

  /** For what is sent. */
  get shared(): Pick<HesSocket, "emit" | "confirm" | "reply"> {
    return this.#shared;
  }

  start(): void {
    this.#shared.start();
  }

  stop(): void {
    this.#rooms.stop();
    this.#meters.stop();
    this.#shared.stop();
  }

  /** The meter is online and has this record. */
  follow(serial: string, room: string): void {
    this.#followed.set(serial, room);
    (this.#perMeter ? this.#meters : this.#rooms).follow(serial, room);
  }

  drop(serial: string): void {
    this.#followed.delete(serial);
    (this.#perMeter ? this.#meters : this.#rooms).drop(serial);
  }

  /** The backend sends commands without ids to the records' rooms. @returns whether the mode changed. */
  sendsNoIds(): boolean {
    if (this.#perMeter || this.#deps.socketMode !== "auto") return false;
    this.#perMeter = true;
    this.#rooms.stop();
    // A connection without rooms, so that each command arrives at its meter's socket alone.
    this.#shared.renew();
    for (const [serial, room] of this.#followed) this.#meters.follow(serial, room);
    this.#deps.onChange();
    return true;
  }
}
