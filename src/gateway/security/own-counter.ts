/**
 * Opening an association with an invocation counter that the meter will take: read by the public client before the
 * first try of this process, and once more when the meter then refuses and turns out to have seen a higher one.
 */
import { type DlmsClient } from "../../client/index.js";
import { asDlmsError, type ErrorCode } from "../../core/errors.js";
import { type MeterType } from "../../meter-types/meter-type.js";
import { type Association, type OpenOptions } from "../association.js";
import { askPublicly } from "../identify.js";
import { type Credentials, type Keyring } from "./keyring.js";
import { readPublicCounter } from "./public-counter.js";

type Caller = Pick<OpenOptions, "clientSap" | "mechanism" | "secret" | "security">;
export type OpenAs = (caller: Caller) => Promise<Association>;
type Ask = (client: DlmsClient) => Promise<void>;

/** How meters say that a counter of ours is too low; some say nothing at all. */
const MAY_BE_TOO_LOW: ReadonlySet<ErrorCode> = new Set([
  "SECURITY_COUNTER_LOW",
  "SECURITY_REFUSED",
  "ASSOCIATION_REJECTED",
  "AUTHENTICATION_FAILED",
  "RESPONSE_TIMEOUT",
]);

export class OwnCounter {
  readonly #keyring: Keyring;
  readonly #meter: string;
  readonly #publicClientSap: number;
  /** What is to be read, and the row it raises; absent where nothing can be learnt. */
  readonly #source: { readonly obis: string; readonly key: string } | undefined;

  /** @param meter names the meter, for what is remembered of it. */
  constructor(
    keyring: Keyring,
    { counterObis: obis, security }: Credentials,
    { association }: MeterType,
    meter: string,
  ) {
    this.#keyring = keyring;
    this.#meter = meter;
    this.#publicClientSap = association.publicClientSap;
    const key = security?.counterKey;
    const isOther = association.publicClientSap !== association.clientSap;
    if (obis !== undefined && key !== undefined && isOther) this.#source = { obis, key };
  }

  /** @param checkFirst also asks the public client. */
  async open(open: OpenAs, caller: Caller, checkFirst: Ask | undefined): Promise<Association> {
    const source = this.#source;
    const mustLearn = source !== undefined && this.#keyring.mustLearn(source.key, this.#meter);
    if (mustLearn || checkFirst !== undefined)
      await this.#publicly(open, async (client) => {
        await checkFirst?.(client);
        if (mustLearn) await this.#learn(client);
      });
    try {
      return await open(this.#above(caller));
    } catch (caught) {
      if (source === undefined || !MAY_BE_TOO_LOW.has(asDlmsError(caught).code)) throw caught;
      let seen: number | undefined;
      await this.#publicly(open, async (client) => {
        seen = await this.#learn(client);
      });
      // Refused for another reason: all that the meter has seen came from us just now.
      if (seen === undefined || seen <= (this.#keyring.counters?.highest(source.key) ?? 0)) throw caught;
      return open(this.#above(caller));
    }
  }

  #publicly(open: OpenAs, ask: Ask): Promise<void> {
    return askPublicly(() => open({ clientSap: this.#publicClientSap, mechanism: "none" }), ask);
  }

  async #learn(client: DlmsClient): Promise<number | undefined> {
    if (this.#source === undefined) return undefined;
    const { obis, key } = this.#source;
    const counter = await readPublicCounter(client, obis);
    if (counter !== undefined) this.#keyring.learn(key, this.#meter, counter);
    return counter;
  }

  #above(caller: Caller): Caller {
    const { security } = caller;
    if (security === undefined || this.#source === undefined) return caller;
    const firstCounter = this.#keyring.expected(this.#source.key, this.#meter);
    return { ...caller, security: { ...security, firstCounter } };
  }
}
