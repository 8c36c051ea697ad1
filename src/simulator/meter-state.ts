/**
 * The state of one simulated meter and the verbs that change it: relay, credit, tokens, clock, logs. Small on
 * purpose, since one process carries thousands: values are computed from the load and the history when asked for.
 * Every verb takes the epoch time `t` (ms); `advance` first lets happen what was due before it.
 */
import { type Data } from "../axdr/data.js";
import { maskToken } from "../core/secret.js";
import { monthStarts } from "./behaviours/calendar.js";
import { between } from "./behaviours/random.js";
import { Credit } from "./behaviours/credit.js";
import { History } from "./behaviours/history.js";
import { type Load, loadOf, timeOfEnergy } from "./behaviours/load.js";
import {
  type ControlMode,
  type ControlState,
  movesContacts,
  nextControlState,
  type RelayEvent,
} from "./behaviours/relay.js";
import { MAX_CREDIT_WH, TokenMemory, type TokenVerdict } from "./behaviours/tokens.js";
import { type CreditChannel, type Ledger, type RelayCause } from "./ledger.js";
import { EventLogs } from "./event-logs.js";

export interface MeterStateOptions {
  readonly serial: string;
  readonly seed: number;
  /** Epoch ms at which the simulation begins; the meter has counted since long before. */
  readonly startedAt: number;
  readonly phases: 1 | 3;
  /** Minutes east of UTC of the place the meter stands at. */
  readonly utcOffsetMinutes: number;
  readonly controlMode: ControlMode;
  /** How long the relay's contacts travel. */
  readonly relayDelayMs: number;
  /** Remaining credit at the start. */
  readonly creditWh: number;
  /** How much load profile there already is. */
  readonly profileHistoryMs: number;
  readonly ledger: Ledger;
  /** Pushes ask to be confirmed. */
  readonly confirmedPushes?: boolean;
}

/** Something worth telling people; `name` is stable, `text` is for reading. */
export interface MeterNote {
  readonly at: number;
  readonly name:
    | "relay"
    | "token-credited"
    | "token-refused"
    | "credit-changed"
    | "credit-exhausted"
    | "clock-set"
    | "image"
    | "script"
    | "calendar"
    | "limiter"
    | "monitor"
    | "push"
    | "mbus"
    | "security";
  readonly text: string;
}

/** What an object wants to be sent now; it is told whether there was a connection to send it over. */
export interface Push {
  readonly body: Data;
  readonly done: (t: number, sent: boolean) => void;
}

/** The outcome of the last token given to the token gateway (class 115). */
export interface GatewayToken {
  readonly token: Uint8Array;
  readonly at: number;
  readonly verdict: TokenVerdict;
}

const CAUSES: Readonly<Record<RelayEvent, RelayCause>> = {
  "remote-disconnect": "remote",
  "remote-reconnect": "remote",
  "manual-disconnect": "manual",
  "manual-reconnect": "manual",
  "local-disconnect": "local",
  "local-reconnect": "local",
};
const DAY_MS = 86_400_000;
const MAX_NOTES = 64;
const MAX_PUSHES = 16;

export class MeterState {
  readonly options: MeterStateOptions;
  readonly load: Load;
  readonly history: History;
  readonly credit: Credit;
  readonly tokens = new TokenMemory();
  readonly logs: EventLogs;
  /** Attributes that were written and that nothing else computes; keyed by `ObjectStore`. */
  readonly written = new Map<string, Data>();
  readonly controlMode: ControlMode;
  /** Epoch ms since when it counts. */
  readonly installedAt: number;
  /** Load profile: capture period and the time before which its buffer is empty. */
  capturePeriodS = 900;
  profileSince: number;
  /** The last token credited, whatever way it came. */
  lastCredit: { readonly token: string; readonly energyWh: number } | undefined;
  gatewayToken: GatewayToken | undefined;
  /** The last token taken by the token register (class 3). */
  registerToken = "";
  /** Minutes to add to local time to get UTC, as the clock object shows it; only a display setting. */
  deviationMinutes: number;

  #controlState: ControlState = 1;
  #moving: { readonly to: ControlState; readonly at: number; readonly cause: RelayCause } | undefined;
  #exhaustsAt: number | undefined;
  #notes: MeterNote[] = [];
  #pushes: Push[] = [];

  constructor(options: MeterStateOptions) {
    const { seed, startedAt } = options;
    this.options = options;
    this.load = loadOf(seed, options.phases, options.utcOffsetMinutes);
    this.installedAt = startedAt - Math.floor(between(400, 800, seed, 20)) * DAY_MS;
    this.history = new History(this.load, this.installedAt);
    this.logs = new EventLogs(seed, startedAt);
    this.controlMode = options.controlMode;
    this.deviationMinutes = -options.utcOffsetMinutes;
    this.profileSince = startedAt - options.profileHistoryMs;
    this.credit = new Credit(this.history, startedAt, options.creditWh);
    this.#planExhaustion(startedAt);
  }

  get controlState(): ControlState {
    return this.#controlState;
  }

  /** Whether the contacts were closed at `t`, also in the past. */
  suppliedAt(t: number): boolean {
    return this.history.segmentAt(t).supplied;
  }

  /** What the meter's own clock showed at `t`, epoch ms. */
  clockAt(t: number): number {
    return t + this.history.segmentAt(t).clockErrorMs;
  }

  get prepaid(): boolean {
    return this.credit.prepaid;
  }

  /** Remaining credit; negative is debt. */
  creditWh(t: number): number {
    return this.credit.at(t);
  }

  /** When something will happen by itself. */
  nextDeadline(): number | undefined {
    const { at } = this.#moving ?? {};
    if (at === undefined || this.#exhaustsAt === undefined) return at ?? this.#exhaustsAt;
    return Math.min(at, this.#exhaustsAt);
  }

  /** Lets everything due up to `t` happen, in order. */
  advance(t: number): void {
    for (let next = this.nextDeadline(); next !== undefined && next <= t; next = this.nextDeadline()) {
      if (this.#moving?.at === next) {
        const { to, cause } = this.#moving;
        this.#moving = undefined;
        this.#enterState(next, to, cause);
      } else {
        this.#exhaustsAt = undefined;
        this.note(next, "credit-exhausted", "credit is used up");
        this.relay(next, "local-disconnect");
      }
    }
  }

  /**
   * A relay event. @returns false when the meter refuses: it does not close its contacts without credit. An event the
   * control mode has no transition for is no refusal, it just does nothing.
   */
  relay(t: number, event: RelayEvent): boolean {
    this.advance(t);
    if (event === "remote-disconnect" || event === "remote-reconnect") {
      const { serial, ledger } = this.options;
      ledger.relayRequested({
        serial,
        at: t,
        action: event === "remote-reconnect" ? "connect" : "disconnect",
      });
    }
    const from = this.#moving?.to ?? this.#controlState;
    const to = nextControlState(this.controlMode, from, event);
    if (to === from) return true;
    if (to === 1 && this.#isOut(t)) return false;
    this.#moving = undefined;
    // Told the opposite while travelling: the contacts go back to where they were.
    if (to === this.#controlState) return true;
    const cause = CAUSES[event];
    if (movesContacts(this.#controlState, to) && this.options.relayDelayMs > 0)
      this.#moving = { to, at: t + this.options.relayDelayMs, cause };
    else this.#enterState(t, to, cause);
    return true;
  }

  /** A token through any of the objects that take one: judged, credited at most once, logged. */
  enterToken(t: number, token: string, via: CreditChannel): TokenVerdict {
    this.advance(t);
    const { serial, ledger } = this.options;
    const verdict = this.tokens.enter(t, token, this.creditWh(t));
    if (verdict.verdict === "refused") {
      ledger.refuse({ serial, token, at: t, reason: verdict.reason, via });
      this.note(t, "token-refused", `token ${maskToken(token)} refused: ${verdict.reason}`);
      return verdict;
    }
    const { energyWh } = verdict;
    ledger.credit({ serial, token, at: t, energyWh, via });
    this.lastCredit = { token, energyWh };
    this.logs.tokenCredited(t, this.clockAt(t), this.deviationMinutes, token, energyWh);
    this.#grant(t, this.credit.afterDebt(energyWh));
    this.note(
      t,
      "token-credited",
      `token ${maskToken(token)} credited ${energyWh / 1000} kWh, ${kwh(this.creditWh(t))} kWh left`,
    );
    return verdict;
  }

  /** An amount through the credit object. @returns false when the credit would leave its range. */
  adjustCredit(t: number, energyWh: number): boolean {
    this.advance(t);
    const after = this.creditWh(t) + energyWh;
    if (Math.abs(after) > MAX_CREDIT_WH) return false;
    const { serial, ledger } = this.options;
    ledger.credit({ serial, at: t, energyWh, via: "credit" });
    this.#grant(t, energyWh);
    this.note(t, "credit-changed", `credit changed by ${energyWh / 1000} kWh, ${kwh(after)} kWh left`);
    return true;
  }

  /** Sets the meter's clock: its error from now on. */
  setClock(t: number, shows: number): void {
    this.advance(t);
    this.history.change(t, { clockErrorMs: shows - t }, monthStarts(t, this.options.utcOffsetMinutes));
    this.note(t, "clock-set", `clock set, ${Math.round((shows - t) / 1000)} s off true time`);
  }

  /** Prepayment on or off; while off the credit stands still. */
  setPrepaid(t: number, prepaid: boolean): void {
    this.advance(t);
    if (prepaid === this.prepaid) return;
    const credit = this.creditWh(t);
    const { activeWh } = this.history.standAt(t);
    this.credit.setPrepaid(t, prepaid);
    this.logs.modeChanged(t, this.clockAt(t), this.deviationMinutes, prepaid, credit, activeWh);
    this.#planExhaustion(t);
  }

  /** What a unit of consumption costs from now on, in units of credit. */
  setRate(t: number, rate: number): void {
    this.advance(t);
    this.credit.setRate(t, rate);
    this.#planExhaustion(t);
  }

  /** Lets supply go on below zero, by `energyWh`. */
  useEmergency(t: number, energyWh: number): void {
    this.advance(t);
    const wasOut = this.#isOut(t);
    this.credit.useEmergency(energyWh);
    this.note(t, "credit-changed", `emergency credit of ${kwh(energyWh)} kWh in use`);
    this.#planExhaustion(t);
    if (wasOut && !this.#isOut(t)) this.relay(t, "local-reconnect");
  }

  /** Leaves something to be sent with the next turn; of too many the oldest are lost. */
  push(push: Push): void {
    this.#pushes.push(push);
    if (this.#pushes.length > MAX_PUSHES) this.#pushes.shift();
  }

  takePushes(): readonly Push[] {
    const pushes = this.#pushes;
    if (pushes.length > 0) this.#pushes = [];
    return pushes;
  }

  takeNotes(): readonly MeterNote[] {
    const notes = this.#notes;
    if (notes.length > 0) this.#notes = [];
    return notes;
  }

  /** Tells people; the oldest of too many untold ones goes. */
  note(at: number, name: MeterNote["name"], text: string): void {
    this.#notes.push({ at, name, text });
    if (this.#notes.length > MAX_NOTES) this.#notes.shift();
  }

  #isOut(t: number): boolean {
    return this.prepaid && this.creditWh(t) <= this.credit.floorWh;
  }

  #grant(t: number, energyWh: number): void {
    const wasOut = this.creditWh(t) <= this.credit.floorWh;
    this.credit.grant(t, energyWh);
    this.#planExhaustion(t);
    if (wasOut && this.creditWh(t) > this.credit.floorWh) this.relay(t, "local-reconnect");
  }

  #enterState(t: number, state: ControlState, cause: RelayCause): void {
    const supplied = state === 1;
    const was = this.#controlState === 1;
    this.#controlState = state;
    const { serial, ledger } = this.options;
    ledger.relayChanged({ serial, at: t, state, cause });
    if (supplied !== was) {
      this.history.change(t, { supplied }, monthStarts(t, this.options.utcOffsetMinutes));
      this.logs.relayMoved(t, this.clockAt(t), this.deviationMinutes, supplied);
    }
    this.#planExhaustion(t);
    const words = ["disconnected", "connected", "ready for reconnection"] as const;
    this.note(t, "relay", `relay ${words[state]} (${cause})`);
  }

  /** In control mode 0 the contacts never open, so nothing ends when the credit does. */
  #planExhaustion(t: number): void {
    const consumableWh = this.credit.consumableWh(t);
    const runs = consumableWh !== undefined && this.controlMode !== 0 && this.#controlState === 1;
    this.#exhaustsAt = runs ? timeOfEnergy(this.load, t, consumableWh) : undefined;
  }
}

function kwh(wh: number): string {
  return (wh / 1000).toFixed(2);
}
