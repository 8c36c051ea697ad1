/**
 * Binds the meters that dialled in to their records at the backend: asks once when a meter is identified, keeps
 * asking at intervals for those without a record, and asks for all again when the backend was away.
 */
import { type Clock } from "../transport/clock.js";
import { type HesApi, type Lookup } from "./api.js";
import { type RegistryLike } from "./options.js";

export interface RegistrationDeps {
  readonly api: Pick<HesApi, "lookup" | "forget" | "stop">;
  readonly registry: RegistryLike;
  readonly clock: Clock;
  readonly sweepMs: number;
  /** Told for every look-up of a meter that is still followed, before the registry is. */
  readonly onLookup: (serial: string, result: Lookup) => void;
}

interface Followed {
  busy: boolean;
  /** When to ask again; undefined once bound. */
  again: number | undefined;
  /** What the registry was told last, so that a lasting state is not told twice. */
  told: string | undefined;
}

export class Registration {
  readonly #deps: RegistrationDeps;
  readonly #followed = new Map<string, Followed>();
  #cancelSweep: (() => void) | undefined;
  #stopped = false;

  constructor(deps: RegistrationDeps) {
    this.#deps = deps;
  }

  /** A meter was identified, for the first time or again. */
  follow(serial: string): void {
    // Told again on purpose: to the registry a new link starts without a binding.
    this.#followed.set(serial, { busy: false, again: undefined, told: undefined });
    this.#ask(serial);
  }

  forget(serial: string): void {
    this.#followed.delete(serial);
  }

  /** The backend is back, perhaps with other records: everything is asked again. */
  recheck(): void {
    this.#deps.api.forget();
    for (const serial of this.#followed.keys()) this.#ask(serial);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelSweep?.();
    this.#deps.api.stop();
    this.#followed.clear();
  }

  #ask(serial: string): void {
    const entry = this.#followed.get(serial);
    if (entry === undefined || entry.busy) return;
    entry.busy = true;
    this.#deps.api
      .lookup(serial)
      .then(({ result, until }) => {
        entry.busy = false;
        // Gone, or dialled in anew meanwhile: then another look-up speaks for it.
        if (this.#stopped || this.#followed.get(serial) !== entry) return;
        entry.again = result.type === "found" ? undefined : until;
        this.#tell(serial, entry, result);
        if (entry.again !== undefined) this.#sweepLater();
      })
      .catch(() => {
        entry.busy = false; // lookup() itself never rejects; a throwing listener of ours must not end the sweep
      });
  }

  #tell(serial: string, entry: Followed, result: Lookup): void {
    this.#deps.onLookup(serial, result);
    const told = result.type === "found" ? `found ${result.backendId}` : result.type;
    // A known record stays bound while nobody can be asked.
    if (told === entry.told || (result.type === "unavailable" && entry.told?.startsWith("found"))) return;
    entry.told = told;
    const { registry } = this.#deps;
    if (result.type === "found") registry.bind(serial, { backendId: result.backendId });
    else if (result.type === "unknown") registry.bind(serial, { reason: result.reason });
    else registry.bind(serial, { reason: result.error.message, unavailable: true });
  }

  #sweepLater(): void {
    if (this.#cancelSweep !== undefined || this.#stopped) return;
    const { clock, sweepMs } = this.#deps;
    this.#cancelSweep = clock.at(clock.now() + sweepMs, () => {
      this.#cancelSweep = undefined;
      const now = clock.now();
      let open = false;
      for (const [serial, entry] of this.#followed) {
        if (entry.again === undefined) continue;
        open = true;
        if (entry.again <= now) this.#ask(serial);
      }
      if (open) this.#sweepLater();
    });
  }
}
