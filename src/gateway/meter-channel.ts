/**
 * The byte channel of one dial-in link, with logins and heartbeats taken out by the splitter. Associations come and go
 * over it: each drives a lease, and only the newest lease hears what arrives. Bytes that arrive while nobody listens
 * are kept (bounded) for whoever comes next.
 */
import { concatBytes } from "../bytes/hex.js";
import { DlmsError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import { type Dialect } from "../meter-types/dialects/index.js";
import { type ByteChannel } from "../transport/channel.js";
import { type Clock } from "../transport/clock.js";
import { type Piece, Splitter } from "./splitter.js";

export interface MeterChannelHooks {
  /** Anything arrived. */
  readonly activity: () => void;
  /** Octets that pass, logins as whole frames. */
  readonly traffic: (direction: "in" | "out", bytes: Uint8Array, login?: Dialect) => void;
  readonly login: (piece: Extract<Piece, { type: "login" }>) => void;
  /** Bytes arrived that no lease takes. */
  readonly backlog: () => void;
  /** A frame is longer, or takes longer, than any may. The link is to be ended. */
  readonly exceeded: (error: DlmsError) => void;
  readonly closed: (error?: Error) => void;
}

export interface MeterChannelOptions {
  readonly dialects: readonly Dialect[];
  /** Bounds of one frame. */
  readonly maxFrameBytes: number;
  readonly frameMs: number;
}

/** After this long without a byte, what the splitter holds is decided as it is. */
const REST_MS = 500;

export class MeterChannel {
  readonly #inner: ByteChannel;
  readonly #clock: Clock;
  readonly #options: MeterChannelOptions;
  readonly #splitter: Splitter;
  readonly #hooks: MeterChannelHooks;
  #lease: Lease | undefined;
  #backlog: Uint8Array = new Uint8Array(0);
  #cancelRest: (() => void) | undefined;
  /** The frame under way, by its number, and what ends its time. */
  #frame: { readonly number: number; readonly cancel: () => void } | undefined;
  #octetsSent = 0;
  #isClosed = false;
  #closeError: Error | undefined;

  constructor(inner: ByteChannel, clock: Clock, options: MeterChannelOptions, hooks: MeterChannelHooks) {
    this.#inner = inner;
    this.#clock = clock;
    this.#hooks = hooks;
    this.#options = options;
    this.#splitter = new Splitter(options.dialects);
  }

  start(): void {
    this.#inner.onData((bytes) => this.#receive(bytes));
    this.#inner.onClose((error) => this.#ended(error));
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Octets that associations have handed on; answers to logins do not count. */
  get octetsSent(): number {
    return this.#octetsSent;
  }

  /** What arrived with nobody listening. */
  get backlog(): Uint8Array {
    return this.#backlog;
  }

  /** What arrived with nobody listening, once. */
  takeBacklog(): Uint8Array {
    const taken = this.#backlog;
    this.#backlog = new Uint8Array(0);
    return taken;
  }

  /** The answer to a login. */
  write(bytes: Uint8Array, login: Dialect): void {
    if (this.#isClosed) return;
    this.#hooks.traffic("out", bytes, login);
    this.#inner.write(bytes);
  }

  /** A channel for one association. The lease before it hears nothing more. */
  lease(): ByteChannel & { end(): void } {
    this.#lease?.end();
    const lease = new Lease(
      this.#inner,
      (bytes) => {
        this.#octetsSent += bytes.length;
        this.#hooks.traffic("out", bytes);
      },
      (ended) => {
        if (this.#lease === ended) this.#lease = undefined;
      },
    );
    this.#lease = lease;
    if (this.#isClosed) lease.closed(this.#closeError);
    return lease;
  }

  /** Orderly: the answers already written still go out. */
  close(): void {
    this.#inner.close();
    this.#ended();
  }

  destroy(): void {
    this.#inner.destroy();
    this.#ended();
  }

  #receive(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    this.#hooks.activity();
    this.#cancelRest?.();
    this.#cancelRest = undefined;
    const pieces = this.#splitter.push(bytes);
    if (!this.#isWithinBounds()) return;
    this.#handOn(pieces);
    if (this.#splitter.holds && !this.#isClosed)
      this.#cancelRest = this.#clock.at(this.#clock.now() + REST_MS, () => {
        this.#cancelRest = undefined;
        this.#handOn(this.#splitter.rest());
      });
  }

  /** False when the link was ended over the frame under way. */
  #isWithinBounds(): boolean {
    const { frameOctets, frames: number } = this.#splitter;
    if (this.#frame !== undefined && (frameOctets === 0 || this.#frame.number !== number)) {
      this.#frame.cancel();
      this.#frame = undefined;
    }
    const { frameMs, maxFrameBytes } = this.#options;
    if (frameOctets > maxFrameBytes) {
      const text = `A frame of ${frameOctets} octets was announced; ${maxFrameBytes} are taken.`;
      this.#hooks.exceeded(new DlmsError("LIMIT_EXCEEDED", text));
      return false;
    }
    if (frameOctets > 0 && this.#frame === undefined) {
      const cancel = this.#clock.at(this.#clock.now() + frameMs, () => {
        const text = `A frame was not whole ${Math.ceil(frameMs / 1_000)} s after it began.`;
        this.#hooks.exceeded(new DlmsError("LIMIT_EXCEEDED", text));
      });
      this.#frame = { number, cancel };
    }
    return true;
  }

  #handOn(pieces: readonly Piece[]): void {
    for (const piece of pieces) {
      if (this.#isClosed) return;
      if (piece.type === "login") this.#hooks.traffic("in", piece.frame, piece.dialect);
      else this.#hooks.traffic("in", piece.bytes);
      if (piece.type === "login") this.#hooks.login(piece);
      else if (this.#lease?.listens === true) this.#lease.deliver(piece.bytes);
      else {
        this.#backlog = concatBytes(this.#backlog, piece.bytes).slice(-limits.deframerBytes);
        this.#hooks.backlog();
      }
    }
  }

  #ended(error?: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#closeError = error;
    this.#cancelRest?.();
    this.#frame?.cancel();
    this.#lease?.closed(error);
    this.#hooks.closed(error);
  }
}

class Lease implements ByteChannel {
  readonly #inner: ByteChannel;
  readonly #onWrite: (bytes: Uint8Array) => void;
  readonly #onEnd: (lease: Lease) => void;
  #onData: ((bytes: Uint8Array) => void) | undefined;
  readonly #closeListeners: ((error?: Error) => void)[] = [];
  #isOver = false;

  constructor(inner: ByteChannel, onWrite: (bytes: Uint8Array) => void, onEnd: (lease: Lease) => void) {
    this.#inner = inner;
    this.#onWrite = onWrite;
    this.#onEnd = onEnd;
  }

  get remoteAddress(): string | undefined {
    return this.#inner.remoteAddress;
  }

  get remotePort(): number | undefined {
    return this.#inner.remotePort;
  }

  get bufferedBytes(): number {
    return this.#inner.bufferedBytes;
  }

  get listens(): boolean {
    return !this.#isOver && this.#onData !== undefined;
  }

  write(bytes: Uint8Array): void {
    if (this.#isOver) return;
    this.#onWrite(bytes);
    this.#inner.write(bytes);
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#onData = listener;
  }

  onClose(listener: (error?: Error) => void): void {
    this.#closeListeners.push(listener);
  }

  deliver(bytes: Uint8Array): void {
    this.#onData?.(bytes);
  }

  closed(error?: Error): void {
    if (this.#isOver) return;
    this.end();
    for (const listener of this.#closeListeners) listener(error);
  }

  /** The link stays; this association is done with it. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onEnd(this);
  }

  /** Ends the lease only: whether the link itself goes is the meter link's decision. */
  close(): void {
    this.end();
  }

  /** The driver's last resort: a peer that takes nothing any more loses the whole link. */
  destroy(): void {
    this.end();
    this.#inner.destroy();
  }
}
