/**
 * New keys and secrets of meters, from before they are sent until the key directory knows them: what was offered, and
 * what an association has proved. Durable in the store, encrypted under a key derived from the secrets that type and
 * directory know, so that the store alone tells nobody anything.
 */
import { createHash, hkdfSync } from "node:crypto";
import { fromHex, toHex } from "../../bytes/hex.js";
import { type NewKeys } from "../../client/security.js";
import { asDlmsError, DlmsError } from "../../core/errors.js";
import { Secret } from "../../core/secret.js";
import { type SecurityKeys } from "../../security/index.js";
import { type Store } from "../../store/index.js";
import { seal, unseal } from "../keys/sealed.js";

/** What a meter was given, or is to be given. */
export interface KeyChange {
  readonly keys?: NewKeys;
  readonly secret?: Secret<Uint8Array>;
}

/** All secrets of a meter at one time. */
export interface MeterSecrets {
  readonly keys: SecurityKeys;
  readonly secret?: Secret<Uint8Array> | undefined;
}

/** Changes beyond what type and directory know. */
export interface KnownChanges {
  /** An association was opened with it. */
  readonly proved?: KeyChange;
  /** It was sent, or was about to be; the meter may have it or not. */
  readonly offered?: KeyChange;
}

interface Kept {
  readonly sealed: string;
  /** Names the secrets that make this entry needless, once type or directory know them. */
  readonly until: readonly string[];
}

const keyNames = ["unicast", "broadcast", "authentication", "master"] as const;
const PREFIX = "keys/";

export class KeyChanges {
  readonly #store: () => Promise<Store>;
  #kept: Promise<Map<string, Kept>> | undefined;

  constructor(store: () => Promise<Store>) {
    this.#store = store;
  }

  /**
   * @param usual what type and directory know.
   * @throws DlmsError SECURITY_KEYS_UNAVAILABLE when it was kept beside other secrets than these.
   */
  async find(meter: string, usual: MeterSecrets): Promise<KnownChanges> {
    const kept = (await this.#all()).get(meter);
    if (kept === undefined) return {};
    if (kept.until.includes(nameOf(usual))) {
      await this.forget(meter);
      return {};
    }
    try {
      const { proved, offered } = JSON.parse(unseal(kept.sealed, sealingKey(usual), meter)) as Plain;
      return {
        ...(proved === undefined ? {} : { proved: changeOf(proved) }),
        ...(offered === undefined ? {} : { offered: changeOf(offered) }),
      };
    } catch (caught) {
      throw new DlmsError(
        "SECURITY_KEYS_UNAVAILABLE",
        "New keys of this meter are kept beside other old ones than those that are configured.",
        { cause: asDlmsError(caught) },
      );
    }
  }

  /** Resolves when it is durable: from now on it is tried, and what held before as well. */
  async offer(meter: string, usual: MeterSecrets, change: KeyChange): Promise<void> {
    const { proved } = await this.find(meter, usual);
    const offered = { ...proved, ...change, keys: { ...proved?.keys, ...change.keys } };
    await this.#keep(meter, usual, { ...(proved === undefined ? {} : { proved }), offered });
  }

  /** An association was opened with what was offered: what held before counts no more. */
  async prove(meter: string, usual: MeterSecrets): Promise<void> {
    const { offered } = await this.find(meter, usual);
    if (offered !== undefined) await this.#keep(meter, usual, { proved: offered });
  }

  /** The meter refused what was offered. */
  async withdraw(meter: string, usual: MeterSecrets): Promise<void> {
    const { proved } = await this.find(meter, usual);
    if (proved === undefined) await this.forget(meter);
    else await this.#keep(meter, usual, { proved });
  }

  /** What type and directory know holds again. */
  async forget(meter: string): Promise<void> {
    const all = await this.#all();
    if (!all.has(meter)) return;
    await (await this.#store()).keep(PREFIX + meter);
    all.delete(meter);
  }

  async #keep(meter: string, usual: MeterSecrets, changes: KnownChanges): Promise<void> {
    const { proved, offered } = changes;
    const plain: Plain = {
      ...(proved === undefined ? {} : { proved: plainOf(proved) }),
      ...(offered === undefined ? {} : { offered: plainOf(offered) }),
    };
    const kept: Kept = {
      sealed: seal(JSON.stringify(plain), sealingKey(usual), meter),
      until: [proved, offered].flatMap((change) =>
        change === undefined ? [] : [nameOf(changed(usual, change))],
      ),
    };
    await (await this.#store()).keep(PREFIX + meter, JSON.stringify(kept));
    (await this.#all()).set(meter, kept);
  }

  #all(): Promise<Map<string, Kept>> {
    this.#kept ??= this.#load();
    this.#kept.catch(() => (this.#kept = undefined));
    return this.#kept;
  }

  async #load(): Promise<Map<string, Kept>> {
    const rows = Object.entries(await (await this.#store()).kept(PREFIX));
    return new Map(rows.map(([key, text]) => [key.slice(PREFIX.length), JSON.parse(text) as Kept]));
  }
}

/** The secrets after a change. */
export function changed(usual: MeterSecrets, { keys, secret = usual.secret }: KeyChange): MeterSecrets {
  return { keys: { ...usual.keys, ...keys }, secret };
}

type PlainChange = Readonly<Partial<Record<(typeof keyNames)[number] | "secret", string>>>;
interface Plain {
  readonly proved?: PlainChange;
  readonly offered?: PlainChange;
}

function plainOf({ keys, secret }: KeyChange): PlainChange {
  const plain: Partial<Record<keyof PlainChange, string>> = {};
  for (const name of keyNames) {
    const key = keys?.[name];
    if (key !== undefined) plain[name] = toHex(key.reveal());
  }
  if (secret !== undefined) plain.secret = toHex(secret.reveal());
  return plain;
}

function changeOf({ secret, ...plain }: PlainChange): KeyChange {
  const entries = Object.entries(plain).map(([name, hex]) => [name, new Secret(fromHex(hex))] as const);
  return {
    keys: Object.fromEntries(entries),
    ...(secret === undefined ? {} : { secret: new Secret(fromHex(secret)) }),
  };
}

/** Of the strongest of them: a password alone is a weak key, but who has only that has nothing better. */
function sealingKey({ keys, secret }: MeterSecrets): Secret<Uint8Array> {
  const source = keys.master ?? keys.unicast ?? secret;
  if (source === undefined)
    throw new DlmsError("SECURITY_KEY_MISSING", "Without an old key or secret a new one cannot be kept.");
  const octets = hkdfSync("sha256", source.reveal(), new Uint8Array(0), "kept keys of a meter", 32);
  return new Secret(new Uint8Array(octets));
}

/** The same for the same secrets; they cannot be found from it more easily than from what is sealed under them. */
function nameOf(secrets: MeterSecrets): string {
  const hash = createHash("sha256");
  for (const name of keyNames) hash.update(`${name}:`).update(secrets.keys[name]?.reveal() ?? "");
  hash.update("secret:").update(secrets.secret?.reveal() ?? "");
  return hash.digest("hex").slice(0, 16);
}
