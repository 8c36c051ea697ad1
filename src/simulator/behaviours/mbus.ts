/**
 * A gas meter on the M-Bus port (class 72, Blue Book 4.8.2): installed or not, its identification, its key, when it
 * was read last. What it has counted follows from the seed and the time.
 */
import { between } from "./random.js";

/** Attribute 14. */
export const keyStatus = { none: 0, set: 1, transferred: 2, both: 3, inUse: 4 } as const;

export interface MbusDevice {
  readonly primaryAddress: number;
  /** Eight digits as they are sent: packed BCD read as a number. */
  readonly identification: number;
  readonly manufacturer: number;
  readonly version: number;
  readonly deviceType: number;
}

const GAS = 3;
/** "SIM", five bits a letter. */
const MANUFACTURER = ((0x53 - 64) << 10) | ((0x49 - 64) << 5) | (0x4d - 64);
export const MAX_PRIMARY_ADDRESS = 250;
const HOUR_MS = 3_600_000;

export function gasMeter(seed: number, primaryAddress: number): MbusDevice {
  const digits = String(Math.floor(between(10_000_000, 99_999_999, seed, 72, 1)));
  return {
    primaryAddress,
    identification: Number.parseInt(digits, 16),
    manufacturer: MANUFACTURER,
    version: 1,
    deviceType: GAS,
  };
}

/** Hundredths of a cubic metre counted at `t` since `from`; never less later. */
export function gasVolume(seed: number, from: number, t: number): number {
  const perHour = between(8, 40, seed, 72, 2);
  return Math.floor((Math.max(0, t - from) / HOUR_MS) * perHour);
}

export class MbusPort {
  #device: MbusDevice | undefined;
  #key: number = keyStatus.none;
  #readings = 0;
  /** When it was read by hand, or was let go. */
  #lastAt: number;
  /** Before it there is no regular reading: installed then. */
  #since: number;

  constructor(device: MbusDevice, installedAt: number) {
    this.#device = device;
    this.#lastAt = installedAt;
    this.#since = installedAt;
  }

  get device(): MbusDevice | undefined {
    return this.#device;
  }

  get keyStatus(): number {
    return this.#key;
  }

  /** Counts up with each reading by hand, in one octet. */
  get accessNumber(): number {
    return this.#readings % 256;
  }

  /** When it was read last before `t`: by hand or at a multiple of the period, 0 for none. */
  lastReading(t: number, periodMs: number): number {
    if (this.#device === undefined || periodMs === 0) return this.#lastAt;
    const regular = Math.floor(t / periodMs) * periodMs;
    return regular > this.#since ? Math.max(regular, this.#lastAt) : this.#lastAt;
  }

  install(t: number, device: MbusDevice): boolean {
    if (this.#device !== undefined) return false;
    this.#device = device;
    this.#since = t;
    return true;
  }

  /** The last reading stays. */
  deinstall(t: number, periodMs: number): boolean {
    if (this.#device === undefined) return false;
    this.#lastAt = this.lastReading(t, periodMs);
    this.#device = undefined;
    this.#key = keyStatus.none;
    this.#readings = 0;
    return true;
  }

  capture(t: number): boolean {
    if (this.#device === undefined) return false;
    this.#lastAt = t;
    this.#readings++;
    if (this.#key === keyStatus.both) this.#key = keyStatus.inUse;
    return true;
  }

  /** The key that the electricity meter deciphers with; an empty one is none. */
  setKey(isEmpty: boolean): void {
    if (isEmpty) this.#key = keyStatus.none;
    else this.#key = this.#key === keyStatus.transferred ? keyStatus.both : keyStatus.set;
  }

  /** The key goes to the gas meter, which uses it from the next reading on. */
  transferKey(): void {
    this.#key = this.#key === keyStatus.none ? keyStatus.transferred : keyStatus.both;
  }
}
