/**
 * The meters that associated with this listener in any of its lives, kept in the store: a command for one of them is
 * worth a wait, also while nobody has dialled in since the start, and is known under the number the meter uses itself.
 */
import { limits } from "../../core/limits.js";
import { type Store } from "../../store/index.js";
import { type MeterEvent } from "../events.js";
import { normaliseSerial } from "../identity.js";

export interface KnownMetersOptions {
  /** The journal's name in the store. */
  readonly owner: string;
  readonly store: () => Promise<Store>;
  readonly failed: (caught: unknown) => void;
}

export class KnownMeters {
  readonly #options: KnownMetersOptions;
  readonly #serials = new Set<string>();
  /** By number without leading zeros. */
  readonly #bySignificant = new Map<string, Set<string>>();
  #writing: Promise<unknown> = Promise.resolve();
  #isOpen = false;

  constructor(options: KnownMetersOptions) {
    this.#options = options;
  }

  get #prefix(): string {
    return `meter ${this.#options.owner} `;
  }

  /** The store was opened: reads what is there, and writes down whom it does not have yet. */
  async load(store: Store): Promise<void> {
    const kept = Object.keys(await store.kept(this.#prefix)).map((key) => key.slice(this.#prefix.length));
    const isKept = new Set(kept);
    for (const serial of kept) this.#add(serial);
    this.#isOpen = true;
    for (const serial of this.#serials) if (!isKept.has(serial)) this.#write(serial, "");
  }

  readonly heard = ({ event, meterSerialNumber: serial }: MeterEvent): void => {
    if (event !== "associated" || serial === undefined || this.#serials.has(serial)) return;
    this.#add(serial);
    if (this.#isOpen) this.#write(serial, "");
  };

  /** The meter's own spelling, where the number means one known meter only. */
  find(serial: string): string | undefined {
    const key = normaliseSerial(serial);
    if (this.#serials.has(key)) return key;
    const found = [...(this.#bySignificant.get(significant(key)) ?? [])].filter(
      (known) => normaliseSerial(key, known.length) === known,
    );
    return found.length === 1 ? found[0] : undefined;
  }

  /** Resolves when nothing is being written any more. */
  async close(): Promise<void> {
    this.#isOpen = false;
    await this.#writing;
  }

  #add(serial: string): void {
    if (this.#serials.size >= limits.links) {
      const [oldest] = this.#serials;
      if (oldest !== undefined) this.#forget(oldest);
    }
    this.#serials.add(serial);
    const same = this.#bySignificant.get(significant(serial)) ?? new Set<string>();
    this.#bySignificant.set(significant(serial), same.add(serial));
  }

  #forget(serial: string): void {
    this.#serials.delete(serial);
    const same = this.#bySignificant.get(significant(serial));
    same?.delete(serial);
    if (same?.size === 0) this.#bySignificant.delete(significant(serial));
    if (this.#isOpen) this.#write(serial, undefined);
  }

  #write(serial: string, value: string | undefined): void {
    const { store, failed } = this.#options;
    const written = store()
      .then((opened) => opened.keep(this.#prefix + serial, value))
      .catch(failed);
    this.#writing = Promise.all([this.#writing, written]);
  }
}

function significant(serial: string): string {
  return serial.replace(/^0+(?=.)/, "");
}
