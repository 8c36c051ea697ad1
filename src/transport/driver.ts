/**
 * The only loop: it turns the six verbs of a machine. Bytes of the channel go in, bytes for the channel come out,
 * events go to the listeners, timers are kept at the clock. After each verb everything the machine has ready is
 * taken out, whoever caused it; listeners may send intents, detach or close while they are being told.
 */
import { concatBytes } from "../bytes/hex.js";
import { asDlmsError, DlmsError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import { type Machine, type Port } from "../core/machine.js";
import { type TraceSink } from "../core/trace.js";
import { type ByteChannel } from "./channel.js";
import { type Clock } from "./clock.js";

export interface DriverOptions<Intent> {
  /** Bytes that were read from the channel before this driver took over. */
  readonly initialBytes?: Uint8Array;
  /** Sent to the machine when the channel has ended, so that its owner hears of it in the order of events. */
  readonly onLost?: (error: DlmsError) => Intent;
  /** Octets the network may lag behind before the channel is given up. */
  readonly maxBufferedBytes?: number;
  readonly trace?: TraceSink;
}

export class Driver<Intent, Event> implements Port<Intent, Event> {
  /**
   * Resolves when the driver is done: `undefined` after an orderly end or `detach`, else the first thing that went
   * wrong - the channel's error, the machine's, or that of a listener. Never rejects.
   */
  readonly closed: Promise<Error | undefined>;

  readonly #machine: Machine<Intent, Event>;
  readonly #channel: ByteChannel;
  readonly #clock: Clock;
  readonly #options: DriverOptions<Intent>;
  readonly #listeners = new Set<(event: Event) => void>();
  #inbox: Uint8Array[] = [];
  #state: "new" | "running" | "done" = "new";
  #turning = false;
  /** The channel has ended; what was read before is still being worked off. */
  #ending = false;
  #lossCause: Error | undefined;
  #timer: { readonly at: number; readonly cancel: () => void } | undefined;
  #error: Error | undefined;
  #resolveClosed: (error: Error | undefined) => void = () => undefined;

  constructor(
    machine: Machine<Intent, Event>,
    channel: ByteChannel,
    clock: Clock,
    options: DriverOptions<Intent> = {},
  ) {
    this.#machine = machine;
    this.#channel = channel;
    this.#clock = clock;
    this.#options = options;
    if (options.initialBytes !== undefined && options.initialBytes.length > 0)
      this.#inbox.push(options.initialBytes);
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
  }

  /** Begins to read and to keep timers. Subscribe before, or events of `initialBytes` are missed. */
  start(): void {
    if (this.#state !== "new") return;
    this.#state = "running";
    this.#channel.onData((bytes) => this.#arrived(bytes));
    this.#channel.onClose((error) => this.#ended(error));
    this.#turn(() => undefined);
  }

  /** @throws what the machine throws for misuse; DlmsError LINK_LOST after the end. */
  send(intent: Intent): void {
    if (this.#state === "done") throw new DlmsError("LINK_LOST", "the link has ended");
    try {
      this.#machine.send(this.#clock.now(), intent);
    } finally {
      if (this.#state === "running") this.#turn(() => undefined);
    }
  }

  subscribe(listener: (event: Event) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Stops driving and leaves the channel open, e.g. for another machine. Returns what was read but not yet used. */
  detach(): Uint8Array {
    const rest = concatBytes(...this.#inbox);
    this.#finish();
    return rest;
  }

  /** Sends what is ready, then ends the channel in an orderly way. */
  close(): void {
    if (this.#state === "done") return;
    if (this.#state === "new") this.start();
    this.#channel.close();
  }

  #arrived(bytes: Uint8Array): void {
    if (this.#state !== "running") return;
    this.#inbox.push(bytes);
    // A channel that answers while it is being written to: the turn under way takes the bytes.
    if (!this.#turning) this.#turn(() => undefined);
  }

  #ended(error?: Error): void {
    if (this.#state !== "running" || this.#ending) return;
    this.#ending = true;
    this.#lossCause = error;
    if (error !== undefined) this.#error ??= error;
    if (!this.#turning) this.#turn(() => undefined);
  }

  /** The channel is gone; the machine's last events still reach the listeners. */
  #lastWords(): void {
    const { onLost } = this.#options;
    if (onLost !== undefined) {
      const cause = this.#lossCause;
      const error = cause instanceof DlmsError ? cause : new DlmsError("LINK_LOST", undefined, { cause });
      this.#guard(() => this.#machine.send(this.#clock.now(), onLost(error)));
      this.#drain();
    }
    this.#finish();
  }

  #finish(): void {
    if (this.#state === "done") return;
    this.#state = "done";
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#inbox = [];
    this.#resolveClosed(this.#error);
  }

  /** One verb, then all that came of it. A machine that throws for what the peer sent has a defect: the link ends. */
  #turn(verb: () => void): void {
    if (this.#turning) {
      this.#guard(verb);
      return;
    }
    this.#turning = true;
    try {
      this.#guard(verb);
      this.#drain();
      for (let bytes = this.#inbox.shift(); bytes !== undefined; bytes = this.#inbox.shift()) {
        const chunk = bytes;
        this.#trace("in", chunk);
        this.#guard(() => this.#machine.receive(this.#clock.now(), chunk));
        this.#drain();
      }
      if (this.#ending && this.#state === "running") this.#lastWords();
    } finally {
      this.#turning = false;
    }
    this.#arm();
  }

  #guard(verb: () => void): void {
    try {
      verb();
    } catch (caught) {
      this.#abort(asDlmsError(caught));
    }
  }

  #drain(): void {
    for (;;) {
      if (this.#state === "done") return;
      const chunk = this.#machine.pollTransmit();
      if (chunk !== undefined) {
        this.#write(chunk);
        continue;
      }
      const event = this.#machine.pollEvent();
      if (event === undefined) return;
      this.#tell(event);
    }
  }

  #write(chunk: Uint8Array): void {
    this.#trace("out", chunk);
    this.#channel.write(chunk);
    if (this.#channel.bufferedBytes > (this.#options.maxBufferedBytes ?? limits.channelBytes))
      this.#abort(new DlmsError("LIMIT_EXCEEDED", "the peer does not take what is sent to it"));
  }

  #tell(event: Event): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (caught) {
        // The others, and the protocol, go on; `closed` reports it.
        this.#error ??= caught instanceof Error ? caught : asDlmsError(caught);
      }
    }
  }

  #abort(error: DlmsError): void {
    // First, or the channel would tell of its end without the reason.
    this.#ended(error);
    this.#channel.destroy();
  }

  #arm(): void {
    if (this.#state !== "running") return;
    const at = this.#machine.nextTimeout();
    if (at === this.#timer?.at) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (at === undefined) return;
    const cancel = this.#clock.at(at, () => {
      this.#timer = undefined;
      if (this.#state === "running") this.#turn(() => this.#machine.handleTimeout(this.#clock.now()));
    });
    this.#timer = { at, cancel };
  }

  #trace(direction: "in" | "out", bytes: Uint8Array): void {
    this.#options.trace?.({ at: this.#clock.now(), direction, layer: "transport", bytes });
  }
}
