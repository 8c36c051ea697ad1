/**
 * Opening an association with the secrets that may hold: after a change of keys the new ones first, then the old ones,
 * which stay until the new ones have been let in.
 */
import { asDlmsError, type ErrorCode } from "../../core/errors.js";
import { type DlmsClient } from "../../client/index.js";
import { type MeterType } from "../../meter-types/meter-type.js";
import { type Association, type OpenOptions } from "../association.js";
import { type Credentials, type Keyring } from "./keyring.js";
import { type OpenAs, OwnCounter } from "./own-counter.js";

/** How meters refuse keys or secrets that they do not have. */
const REFUSED: ReadonlySet<ErrorCode> = new Set([
  "SECURITY_REFUSED",
  "SECURITY_TAG",
  "SECURITY_ANSWER",
  "SECURITY_COUNTER_LOW",
  "ASSOCIATION_REJECTED",
  "AUTHENTICATION_FAILED",
  "RESPONSE_TIMEOUT",
]);

export class SecuredOpening {
  readonly #keyring: Keyring;
  readonly #alternatives: readonly Credentials[];
  readonly #meterType: MeterType;
  readonly #meter: string;

  constructor(keyring: Keyring, alternatives: readonly Credentials[], meterType: MeterType, meter: string) {
    this.#keyring = keyring;
    this.#alternatives = alternatives;
    this.#meterType = meterType;
    this.#meter = meter;
  }

  /** @throws what the last of them came to. */
  async open(
    open: OpenAs,
    caller: Pick<OpenOptions, "clientSap" | "mechanism">,
    checkFirst: ((client: DlmsClient) => Promise<void>) | undefined,
  ): Promise<Association> {
    let check = checkFirst;
    let failure: unknown;
    for (const credentials of this.#alternatives) {
      const { secret, security, shown } = credentials;
      const secrets = {
        ...(secret === undefined ? {} : { secret }),
        ...(security === undefined ? {} : { security }),
      };
      const counter = new OwnCounter(this.#keyring, credentials, this.#meterType, this.#meter);
      try {
        const association = await counter.open(open, { ...caller, ...secrets }, check);
        await shown?.();
        return association;
      } catch (caught) {
        failure = caught;
        if (!REFUSED.has(asDlmsError(caught).code)) break;
      }
      // Who is at the other end has been asked already.
      check = undefined;
    }
    throw failure;
  }
}
