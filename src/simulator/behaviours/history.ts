/**
 * What a meter has lived through, kept as a short list of segments: within one, the supply and the clock's error
 * did not change, so energy and clock at any instant follow from the load's closed form. Bounded: old segments are
 * dropped, the month ends in them are kept.
 */
import { energyWhBetween, type Load, reactiveVarhBetween } from "./load.js";

export interface Segment {
  /** Epoch ms at which it begins. */
  readonly at: number;
  readonly supplied: boolean;
  /** Energy counted up to `at`. */
  readonly activeWh: number;
  readonly reactiveVarh: number;
  /** Meter clock minus true time, ms. */
  readonly clockErrorMs: number;
}

/** Active and reactive import energy, Wh and varh. */
export interface EnergyStand {
  readonly activeWh: number;
  readonly reactiveVarh: number;
}

const MAX_SEGMENTS = 256;
const MAX_MONTHS = 13;

export class History {
  readonly #load: Load;
  #segments: Segment[];
  #monthEnds: { readonly at: number; readonly stand: EnergyStand }[] = [];

  /** A meter that counts since `installedAt`, supplied from the first moment. */
  constructor(load: Load, installedAt: number, clockErrorMs = 0) {
    this.#load = load;
    this.#segments = [{ at: installedAt, supplied: true, activeWh: 0, reactiveVarh: 0, clockErrorMs }];
  }

  /** The segment `t` lies in; the first one for times before the meter existed. */
  segmentAt(t: number): Segment {
    for (let i = this.#segments.length - 1; i > 0; i--) {
      const segment = this.#segments[i] as Segment;
      if (segment.at <= t) return segment;
    }
    return this.#segments[0] as Segment;
  }

  /** All segments still known, oldest first. */
  get segments(): readonly Segment[] {
    return this.#segments;
  }

  get current(): Segment {
    return this.#segments[this.#segments.length - 1] as Segment;
  }

  /** Counter stands at `t`. Before the first segment known only month ends are, else the first segment's start. */
  standAt(t: number): EnergyStand {
    const segment = this.segmentAt(t);
    if (t < segment.at) {
      const kept = this.#monthEnds.find((end) => end.at === t);
      return kept?.stand ?? segment;
    }
    if (!segment.supplied) return segment;
    return {
      activeWh: segment.activeWh + energyWhBetween(this.#load, segment.at, t),
      reactiveVarh: segment.reactiveVarh + reactiveVarhBetween(this.#load, segment.at, t),
    };
  }

  /** Something changed at `t`: closes the running segment and begins the next. */
  change(
    t: number,
    changed: { readonly supplied?: boolean; readonly clockErrorMs?: number },
    monthEnds: readonly number[],
  ): void {
    const { activeWh, reactiveVarh } = this.standAt(t);
    const last = this.current;
    this.#segments.push({
      at: t,
      supplied: changed.supplied ?? last.supplied,
      activeWh,
      reactiveVarh,
      clockErrorMs: changed.clockErrorMs ?? last.clockErrorMs,
    });
    if (this.#segments.length > MAX_SEGMENTS) this.#dropOldest(monthEnds);
  }

  /** `monthEnds` are the month ends a billing register may still ask for. */
  #dropOldest(monthEnds: readonly number[]): void {
    const next = this.#segments[1] as Segment;
    const kept = monthEnds
      .filter((at) => at < next.at && !this.#monthEnds.some((end) => end.at === at))
      .map((at) => ({ at, stand: this.standAt(at) }));
    this.#monthEnds = [...this.#monthEnds, ...kept].sort((x, y) => x.at - y.at).slice(-MAX_MONTHS);
    this.#segments = this.#segments.slice(1);
  }
}
