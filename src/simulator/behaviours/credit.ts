/**
 * What is left of a prepayment meter's credit, in Wh: what was granted less what consumption cost. Consumption costs
 * `rate` Wh of credit a Wh. The floor is where supply ends: 0, or below while an emergency credit is in use. A debt
 * is paid off by a share of every token. While not prepaid the credit stands still.
 */
import { type History } from "./history.js";

/** Ten thousandths. */
const WHOLE = 10_000;
/** Registers count tens of Wh in 31 bits: what is owed or charged beyond that is not told any more. */
const MOST_WH = 21_474_836_470;
/** More than a household draws in a thousand years. */
const ENDLESS_WH = 1e10;

export class Credit {
  readonly #history: History;
  /** All credit ever granted, less what was charged before `#ratedFromWh` at other rates. */
  #grantedWh: number;
  /** The stand of the active energy from which on `#rate` holds. */
  #ratedFromWh = 0;
  #rate = 1;
  #stoppedAtWh: number | undefined;
  /** Charged at earlier rates. */
  #chargedWh = 0;
  #emergencyWh = 0;
  #debt = { leftWh: 0, paidWh: 0, share: 0 };

  constructor(history: History, t: number, creditWh: number) {
    this.#history = history;
    this.#grantedWh = this.#active(t) + creditWh;
  }

  get prepaid(): boolean {
    return this.#stoppedAtWh === undefined;
  }

  get rate(): number {
    return this.#rate;
  }

  /** The credit at which supply ends: 0 or negative. */
  get floorWh(): number {
    return -this.#emergencyWh;
  }

  /** A debt, what was paid of it, and the share of a token that goes to it, in ten thousandths. */
  get debt(): Readonly<{ leftWh: number; paidWh: number; share: number }> {
    return this.#debt;
  }

  /** Remaining credit; negative is owed. */
  at(t: number): number {
    const running = this.#grantedWh - this.#rate * (this.#active(t) - this.#ratedFromWh);
    return Math.max(-MOST_WH, this.#stoppedAtWh ?? running);
  }

  /** All that consumption has cost since the meter was installed. */
  chargedWh(t: number): number {
    if (!this.prepaid) return this.#chargedWh;
    return Math.min(MOST_WH, this.#chargedWh + this.#rate * (this.#active(t) - this.#ratedFromWh));
  }

  /** What may still be consumed before supply ends; undefined when it never does. */
  consumableWh(t: number): number | undefined {
    if (!this.prepaid || this.#rate === 0) return undefined;
    const consumable = (this.at(t) - this.floorWh) / this.#rate;
    return consumable < ENDLESS_WH ? consumable : undefined;
  }

  /** Adds credit. Once there is some again an emergency credit is paid back, and is no longer in use. */
  grant(t: number, energyWh: number): void {
    this.#grantedWh += energyWh;
    if (this.#stoppedAtWh !== undefined) this.#stoppedAtWh += energyWh;
    if (this.at(t) > 0) this.#emergencyWh = 0;
  }

  /** Takes the debt's share out of a token. @returns what is left of it. */
  afterDebt(energyWh: number): number {
    const { leftWh, paidWh, share } = this.#debt;
    const collected = Math.min(leftWh, Math.floor((energyWh * share) / WHOLE));
    this.#debt = { leftWh: leftWh - collected, paidWh: paidWh + collected, share };
    return energyWh - collected;
  }

  owe(leftWh: number, share: number): void {
    this.#debt = { ...this.#debt, leftWh, share };
  }

  /** Another price of consumption from `t` on. */
  setRate(t: number, rate: number): void {
    const credit = this.at(t);
    this.#chargedWh = this.chargedWh(t);
    this.#rate = rate;
    this.#ratedFromWh = this.#active(t);
    this.#grantedWh = credit;
  }

  setPrepaid(t: number, prepaid: boolean): void {
    if (prepaid === this.prepaid) return;
    const credit = this.at(t);
    this.#chargedWh = this.chargedWh(t);
    this.#ratedFromWh = this.#active(t);
    this.#grantedWh = credit;
    this.#stoppedAtWh = prepaid ? undefined : credit;
  }

  useEmergency(energyWh: number): void {
    this.#emergencyWh = energyWh;
  }

  #active(t: number): number {
    return this.#history.standAt(t).activeWh;
  }
}
