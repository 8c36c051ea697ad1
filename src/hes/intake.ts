/**
 * Which meter a command means by the way it came in, before anybody looks at its fields: over the shared socket, in
 * the only room joined there, or over a meter's own socket. A command without an id that reached the shared socket as
 * well was sent to everybody and means no meter; to see that, one on a meter's own socket is held back for a moment.
 */
import { DlmsError } from "../core/errors.js";
import { isRecord } from "../gateway/fields.js";
import { type Clock } from "../transport/clock.js";
import { Arrivals, digestOf } from "./arrivals.js";
import { type Answer, type CommandAck, type CommandEvent } from "./contract.js";
import { type RegistryLike } from "./options.js";
import { lacksMeter, resolveMeter } from "./resolve-meter.js";

type Ack = (answer: CommandAck) => void;

/** An event of the backend on its way to whoever runs it. */
export interface Incoming {
  readonly name: CommandEvent;
  readonly payload: unknown;
  /** The meter it means although it names none. */
  readonly home?: string | undefined;
}

export interface IntakeDeps {
  readonly clock: Clock;
  readonly registry: RegistryLike;
  readonly roomCheckMs: number;
  /**
   * Runs it, or refuses it for what it says; never rejects. `started` is called with the answer before the flow gets
   * the command.
   */
  readonly run: (incoming: Incoming, started: Ack) => Answer;
  readonly refuse: (incoming: Incoming, error: DlmsError) => CommandAck;
  /** The shared socket is up: without it nobody sees what was sent to everybody. */
  readonly isSharedUp: () => boolean;
  /** Rooms joined by the shared socket, and the meter if it is one. */
  readonly rooms: () => { readonly size: number; readonly only: string | undefined };
  /** A command without an id came to a socket that stands in meters' rooms. */
  readonly onNoId: () => void;
}

/** Commands held back at the same time. */
const HELD = 10_000;

export class Intake {
  readonly #deps: IntakeDeps;
  readonly #arrivals: Arrivals;
  readonly #held = new Set<() => void>();

  constructor(deps: IntakeDeps) {
    this.#deps = deps;
    this.#arrivals = new Arrivals(deps.clock);
  }

  /** An event of the shared socket. */
  shared(name: CommandEvent, args: readonly unknown[]): void {
    const { payload, ack } = parts(args);
    const digest = digestOf(name, payload);
    if (!lacksId(payload)) {
      this.#answer(ack, (started) =>
        this.#arrivals.take(digest, "shared", () => this.#deps.run({ name, payload }, started)),
      );
      return;
    }
    const { size, only } = this.#deps.rooms();
    // In rooms, an arrival says nothing about who else got it.
    if (size === 0) this.#arrivals.note(digest);
    if (size > 1) {
      const text = "The command names no meter and this socket stands in the rooms of several.";
      this.#answer(ack, () => this.#deps.refuse({ name, payload }, ambiguous(text)));
    } else {
      const home = only === undefined ? {} : { home: only };
      this.#answer(ack, (started) => this.#deps.run({ name, payload, ...home }, started));
    }
    if (size > 0) this.#deps.onNoId();
  }

  /** An event of the socket that stands in this meter's room. */
  own(serial: string, name: CommandEvent, args: readonly unknown[]): void {
    const { payload, ack } = parts(args);
    const digest = digestOf(name, payload);
    const incoming = { name, payload, home: serial };
    if (!lacksId(payload) && this.#names(payload, serial)) {
      this.#answer(ack, (started) =>
        this.#arrivals.take(digest, "own", () => this.#deps.run(incoming, started)),
      );
    } else if (lacksId(payload)) {
      if (this.#held.size >= HELD) {
        this.#answer(ack, () => this.#deps.refuse(incoming, new DlmsError("QUEUE_FULL")));
      } else {
        const nth = this.#arrivals.room(digest, serial);
        this.#hold(() => this.#roomCommand(incoming, digest, nth, ack));
      }
    } else if (this.#held.size < HELD) {
      this.#hold(() => this.#stray(incoming, digest, ack));
    }
  }

  stop(): void {
    for (const cancel of this.#held) cancel();
    this.#held.clear();
  }

  #hold(release: () => void): void {
    const { clock, roomCheckMs } = this.#deps;
    const cancel = clock.at(clock.now() + roomCheckMs, () => {
      this.#held.delete(cancel);
      release();
    });
    this.#held.add(cancel);
  }

  /** Without an id: this room's meter is meant, unless everybody got it. */
  #roomCommand(incoming: Incoming, digest: string, nth: number, ack: Ack | undefined): void {
    if (this.#wasShared(digest, nth)) {
      // The shared socket has refused it for all; here it only ends.
      ack?.({ accepted: false, code: "AMBIGUOUS_METER" });
    } else if (this.#deps.isSharedUp()) {
      this.#answer(ack, (started) => this.#deps.run(incoming, started));
    } else {
      const text = "The command names no meter, and whether everybody got it could not be seen.";
      this.#answer(ack, () => this.#deps.refuse(incoming, ambiguous(text)));
    }
  }

  /** Names another meter than the room's: told to everybody, and then the shared socket runs it; else a contradiction. */
  #stray(incoming: Incoming, digest: string, ack: Ack | undefined): void {
    if (this.#wasShared(digest, 1) || !this.#deps.isSharedUp()) return;
    this.#arrivals.note(digest);
    const text = "The command came to the room of one meter and does not name that one.";
    this.#answer(ack, () => this.#deps.refuse({ ...incoming, home: undefined }, ambiguous(text)));
  }

  /** Within the moment that this was held back, or as long before. */
  #wasShared(digest: string, times: number): boolean {
    const { clock, roomCheckMs } = this.#deps;
    return this.#arrivals.wasShared(digest, times, clock.now() - 2 * roomCheckMs);
  }

  /** Once, however many times it is tried. */
  #answer(ack: Ack | undefined, act: (started: Ack) => Answer): void {
    let answered = false;
    const once: Ack = (answer) => {
      if (answered) return;
      answered = true;
      ack?.(answer);
    };
    const answer = act(once);
    if (answer instanceof Promise) void answer.then(once);
    else once(answer);
  }

  #names(payload: unknown, serial: string): boolean {
    if (!isRecord(payload)) return false;
    try {
      const named = resolveMeter(payload, this.#deps.registry);
      return this.#deps.registry.normalise(named.meterSerialNumber) === this.#deps.registry.normalise(serial);
    } catch (caught) {
      // Names nobody here, or several. What is wrong with it is said where it is refused.
      return caught === undefined;
    }
  }
}

function lacksId(payload: unknown): boolean {
  return isRecord(payload) && lacksMeter(payload);
}

function ambiguous(text: string): DlmsError {
  return new DlmsError("AMBIGUOUS_METER", text, { field: "meterSerialNumber" });
}

function parts(args: readonly unknown[]): { payload: unknown; ack: Ack | undefined } {
  const last = args[args.length - 1];
  return {
    payload: typeof args[0] === "function" ? undefined : args[0],
    ack: typeof last === "function" ? (last as Ack) : undefined,
  };
}
