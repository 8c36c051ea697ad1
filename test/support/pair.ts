/**
 * Two machines joined by an imaginary wire and an imaginary clock: deterministic, and as lossy as a test wants.
 * `a` and `b` are the two ends; everything they emit is kept in order.
 */
import assert from "node:assert/strict";
import { type Machine } from "../../src/core/machine.js";

export type Direction = "a>b" | "b>a";

/** What becomes of the chunk number `index` (counted per direction from 0) on its way: any number of chunks. */
export type Wire = (chunk: Uint8Array, direction: Direction, index: number) => readonly Uint8Array[];

export class MachinePair<IntentA, EventA, IntentB, EventB> {
  readonly eventsA: EventA[] = [];
  readonly eventsB: EventB[] = [];
  /** What was put on the wire, before the wire did anything to it. */
  readonly sent: { readonly direction: Direction; readonly bytes: Uint8Array }[] = [];
  now = 0;
  wire: Wire = (chunk) => [chunk];
  /** Called with each event as it comes; may send intents. */
  onEventA: (event: EventA) => void = () => undefined;
  onEventB: (event: EventB) => void = () => undefined;
  readonly #counts = { "a>b": 0, "b>a": 0 };

  constructor(
    readonly a: Machine<IntentA, EventA>,
    readonly b: Machine<IntentB, EventB>,
  ) {}

  sendA(intent: IntentA): void {
    this.a.send(this.now, intent);
    this.settle();
  }

  sendB(intent: IntentB): void {
    this.b.send(this.now, intent);
    this.settle();
  }

  /** Carries bytes and events until neither side has anything left; time stands still. */
  settle(): void {
    for (let rounds = 0; ; rounds++) {
      assert.ok(rounds < 100_000, "the two machines never come to rest");
      const busy = [
        this.#tell(this.a, this.eventsA, this.onEventA),
        this.#tell(this.b, this.eventsB, this.onEventB),
        this.#carry(this.a, this.b, "a>b"),
        this.#carry(this.b, this.a, "b>a"),
      ];
      if (!busy.includes(true)) return;
    }
  }

  /** Lets time pass, timer by timer. */
  advance(ms: number): void {
    const target = this.now + ms;
    this.settle();
    for (;;) {
      const next = Math.min(this.a.nextTimeout() ?? Infinity, this.b.nextTimeout() ?? Infinity);
      if (next > target) break;
      this.now = Math.max(this.now, next);
      this.a.handleTimeout(this.now);
      this.b.handleTimeout(this.now);
      this.settle();
    }
    this.now = target;
  }

  #tell<E>(machine: Machine<never, E>, events: E[], listener: (event: E) => void): boolean {
    let any = false;
    for (let event = machine.pollEvent(); event !== undefined; event = machine.pollEvent()) {
      any = true;
      events.push(event);
      listener(event);
    }
    return any;
  }

  #carry(from: Machine<never, unknown>, to: Machine<never, unknown>, direction: Direction): boolean {
    const bytes = from.pollTransmit();
    if (bytes === undefined) return false;
    this.sent.push({ direction, bytes });
    const index = this.#counts[direction]++;
    for (const chunk of this.wire(bytes, direction, index)) to.receive(this.now, chunk);
    return true;
  }
}
