/**
 * Who watches which meter, and what they are told: every frame with its layers, logins, and what the gateway does in
 * between. Nothing is recorded while nobody watches. While somebody does, the first frames of links that have not said
 * yet whose they are wait (bounded), so that a meter's dial-in can be watched from its first octet.
 */
import { fromHex, toHex } from "../bytes/hex.js";
import { asDlmsError } from "../core/errors.js";
import { Secret } from "../core/secret.js";
import { parseObis } from "../cosem/obis.js";
import { FrameCutter, FrameTrace, type InspectedFrame, type SecretFacts } from "../inspect/index.js";
import { type MeterType } from "../meter-types/meter-type.js";
import { type Clock } from "../transport/clock.js";

/** A frame, a login, or a word about what happens, in the order of events. Secrets are hidden. */
export interface TraceEntry extends InspectedFrame {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly linkId: string;
  /** As seen from the gateway; `note` carries no octets. */
  readonly direction: "in" | "out" | "note";
}

/** What is asked of a link. */
export interface WatchedLink {
  readonly id: string;
  readonly serial: string | undefined;
  readonly meterType: MeterType;
}

type Hear = (entry: TraceEntry) => void;

interface LinkState {
  readonly cutter: FrameCutter;
  readonly trace: FrameTrace;
  /** Tells what was held, oldest first. */
  readonly early: ((hear: Hear) => void)[];
}

/** Told later, once the link's meter is known. */
const EARLY_ENTRIES = 32;
const EARLY_LINKS = 256;
const TOKENS = 16;
/** Of one piece that arrived. */
const FRAMES_AT_ONCE = 100;

export class Watches<Link extends WatchedLink> {
  readonly #clock: Clock;
  readonly #hearers = new Map<string, Set<Hear>>();
  readonly #states = new Map<Link, LinkState>();
  /** Tokens that were handed to a link's meter, in the forms they are sent in. */
  readonly #tokens = new WeakMap<Link, Uint8Array[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param serial the meter's key. @returns what ends the watch. */
  watch(serial: string, hear: Hear): () => void {
    const hearers = this.#hearers.get(serial) ?? new Set();
    const own: Hear = (entry) => hear(entry);
    hearers.add(own);
    this.#hearers.set(serial, hearers);
    return () => {
      hearers.delete(own);
      if (hearers.size === 0 && this.#hearers.get(serial) === hearers) this.#hearers.delete(serial);
      if (this.#hearers.size === 0) this.#states.clear();
    };
  }

  /** Octets as they passed; `login` names the dialect of a whole login frame. */
  passed(link: Link, direction: "in" | "out", bytes: Uint8Array, login?: string): void {
    if (!this.#concerns(link)) return;
    const now = this.#clock.now();
    const { cutter } = this.#stateOf(link);
    if (direction === "out" || login !== undefined)
      for (const late of cutter.rest(now)) this.#frame(link, "in", late);
    if (login !== undefined) this.#tell(link, direction, loginFrame(bytes, login));
    else if (direction === "out") this.#frame(link, direction, Uint8Array.from(bytes));
    else this.#frames(link, cutter.push(now, bytes));
  }

  note(link: Link, text: string): void {
    if (this.#concerns(link)) this.#tell(link, "note", { octets: 0, summary: text, hex: "", table: "" });
  }

  /** From now on these digits stay hidden on this link. */
  conceal(link: Link, token: Secret<string>): void {
    const digits = token.reveal();
    const forms = [
      fromHex(digits.length % 2 === 0 ? digits : `0${digits}`),
      new TextEncoder().encode(digits),
    ];
    this.#tokens.set(link, [...forms, ...(this.#tokens.get(link) ?? [])].slice(0, TOKENS));
  }

  /** The link's meter is known: what was held is told to those who watch it. */
  identified(link: Link): void {
    const state = this.#states.get(link);
    if (state === undefined) return;
    const hearers = this.#hearersOf(link);
    for (const tell of state.early.splice(0)) for (const hear of hearers) tell(hear);
    if (hearers.length === 0) this.#states.delete(link);
  }

  ended(link: Link): void {
    this.#states.delete(link);
  }

  #concerns(link: Link): boolean {
    if (this.#hearers.size === 0) return false;
    if (link.serial !== undefined) return this.#hearers.has(link.serial);
    return this.#states.has(link) || this.#states.size < EARLY_LINKS;
  }

  #hearersOf({ serial }: Link): readonly Hear[] {
    return serial === undefined ? [] : [...(this.#hearers.get(serial) ?? [])];
  }

  #stateOf(link: Link): LinkState {
    let state = this.#states.get(link);
    if (state === undefined) {
      state = { cutter: new FrameCutter(), trace: new FrameTrace(), early: [] };
      this.#states.set(link, state);
    }
    return state;
  }

  /** Frames that came in one piece; thousands of them tell no more than the first ones do. */
  #frames(link: Link, frames: readonly Uint8Array[]): void {
    for (const frame of frames.slice(0, FRAMES_AT_ONCE)) this.#frame(link, "in", frame);
    if (frames.length > FRAMES_AT_ONCE)
      this.note(link, `${frames.length - FRAMES_AT_ONCE} more frames came at once and are not shown`);
  }

  #frame(link: Link, direction: "in" | "out", bytes: Uint8Array): void {
    const secrets: SecretFacts = {
      objects: tokenObjects(link.meterType),
      literals: [...secretsOf(link.meterType), ...(this.#tokens.get(link) ?? [])],
    };
    let inspected: InspectedFrame;
    try {
      inspected = this.#stateOf(link).trace.inspect(bytes, direction, secrets);
    } catch (caught) {
      // A defect of the view must not end the link it looks at, nor show octets that were to be hidden.
      const reason = asDlmsError(caught).message;
      inspected = { octets: bytes.length, summary: `cannot be shown: ${reason}`, hex: "", table: "" };
    }
    this.#tell(link, direction, inspected);
  }

  #tell(link: Link, direction: TraceEntry["direction"], frame: InspectedFrame): void {
    const at = new Date(this.#clock.epochMs()).toISOString();
    const entry: TraceEntry = { at, linkId: link.id, direction, ...frame };
    const { early } = this.#stateOf(link);
    if (link.serial === undefined) {
      if (early.length < EARLY_ENTRIES) early.push((hear) => hear(entry));
    } else for (const hear of this.#hearersOf(link)) hear(entry);
  }
}

function loginFrame(bytes: Uint8Array, dialect: string): InspectedFrame {
  const hex = toHex(bytes.subarray(0, 512), " ");
  return { octets: bytes.length, summary: `login or heartbeat: ${dialect}`, hex, table: "" };
}

/** Where tokens are written, and where the meter lists those it took. */
function tokenObjects({ tokenRule: { request, status } }: MeterType): SecretFacts["objects"] {
  const objects = [{ classId: request.classId, instanceId: toHex(parseObis(request.obis)) }];
  if (status.source === "token-log") objects.push({ classId: 7, instanceId: toHex(parseObis(status.obis)) });
  return objects;
}

/** Every secret of a meter type, wherever its settings keep it. */
function secretsOf(settings: unknown, depth = 0): Uint8Array[] {
  if (settings instanceof Secret) return bytesOf(settings.reveal());
  if (typeof settings !== "object" || settings === null || settings instanceof Uint8Array || depth > 5)
    return [];
  return Object.values(settings).flatMap((value: unknown) => secretsOf(value, depth + 1));
}

function bytesOf(value: unknown): Uint8Array[] {
  if (value instanceof Uint8Array) return [value];
  if (typeof value === "string") return [new TextEncoder().encode(value)];
  return secretsOf(value);
}
