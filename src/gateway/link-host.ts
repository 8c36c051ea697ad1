/** What a link needs of the listener it belongs to, and its own end as something that can be waited for. */
import { type Notification } from "../association/index.js";
import { DlmsError } from "../core/errors.js";
import { type Clock } from "../transport/clock.js";
import { type LogEvent, type MeterEventName } from "./events.js";
import { type Gate } from "./gate.js";
import { type MeterLink } from "./meter-link.js";
import { type ResolvedOptions } from "./options.js";
import { type FramingMemory } from "./probe.js";
import { type Keyring } from "./security/keyring.js";

export interface LinkHost {
  readonly options: ResolvedOptions;
  readonly clock: Clock;
  /** Where meters that have shown a serial number wait to associate. */
  readonly gate: Gate;
  /** Where links wait to be asked for one. */
  readonly probes: Gate;
  readonly framings: FramingMemory;
  readonly keyring: Keyring;
  /** Resolves when the link has become the live one of this serial number; may wait parked for long. */
  claim(link: MeterLink, serial: string): Promise<void>;
  /** The link gives up its claim, to make another. */
  unclaim(link: MeterLink): void;
  tell(event: MeterEventName, link: MeterLink, why?: DlmsError | string): void;
  notified(link: MeterLink, notification: Notification): void;
  /** Octets that passed; `login` names the dialect of a login frame or the answer to one. */
  traffic(link: MeterLink, direction: "in" | "out", bytes: Uint8Array, login?: string): void;
  /** Something that the gateway tried by itself on this link did not work. */
  failed(link: MeterLink, what: "associate" | "link", error: DlmsError): void;
  log(level: LogEvent["level"], text: string, link: MeterLink): void;
  ended(link: MeterLink, why: DlmsError | string): void;
}

/** The time a link lives: ends once, and takes every pause with it. */
export class Lifetime {
  readonly #clock: Clock;
  readonly #end = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  end(): void {
    this.#end.abort();
  }

  /** Calls `fire` after `ms` unless the life ends before. */
  after(ms: number, fire: () => void): void {
    this.pause(ms).then(fire, () => undefined);
  }

  /** @throws DlmsError LINK_LOST when the life ends meanwhile. */
  pause(ms: number): Promise<void> {
    const { signal } = this.#end;
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(new DlmsError("LINK_LOST"));
      const lost = (): void => {
        cancel();
        reject(new DlmsError("LINK_LOST"));
      };
      const cancel = this.#clock.at(this.#clock.now() + ms, () => {
        signal.removeEventListener("abort", lost);
        resolve();
      });
      signal.addEventListener("abort", lost, { once: true });
    });
  }
}
