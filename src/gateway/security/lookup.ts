/** What the key directory knows of the meter at the other end of one link, while its keys are not needed yet. */
import { asDlmsError } from "../../core/errors.js";
import { type KeyQuery, type MeterKeys } from "../../security/index.js";
import { type Keyring } from "./keyring.js";

export class Lookup {
  readonly #keyring: Keyring;
  readonly #warn: (text: string) => void;
  #typeName: string | undefined;

  constructor(keyring: Keyring, warn: (text: string) => void) {
    this.#keyring = keyring;
    this.#warn = warn;
  }

  /** The meter type that it named last. */
  get typeName(): string | undefined {
    return this.#typeName;
  }

  /** Never rejects: the keys are asked for again when they are needed, and then it counts. */
  async find(query: KeyQuery): Promise<MeterKeys | undefined> {
    try {
      const known = await this.#keyring.find(query);
      this.#typeName = known?.meterType ?? this.#typeName;
      return known;
    } catch (caught) {
      this.#warn(asDlmsError(caught).message);
      return undefined;
    }
  }
}
