/**
 * All that a listener knows of secrets and counters, put together for one association: what the meter type says, what
 * the key directory knows of the meter, the row its counters are taken from, what was received before.
 */
import { type SecurityOptions, type UnaskedOptions } from "../../association/index.js";
import { asDlmsError, DlmsError } from "../../core/errors.js";
import { Secret } from "../../core/secret.js";
import { type MeterType } from "../../meter-types/meter-type.js";
import { type SecuritySettings } from "../../meter-types/security-settings.js";
import {
  checkSeen,
  fingerprintOf,
  type KeyQuery,
  type KeyStore,
  type MeterKeys,
  type MeterSecurity,
  protectionOf,
  type SecurityKeys,
} from "../../security/index.js";
import { type Store } from "../../store/index.js";
import { type Clock } from "../../transport/clock.js";
import { changed, type KeyChange, KeyChanges, type KnownChanges, type MeterSecrets } from "./key-changes.js";
import { ReceivedMemory } from "./received-memory.js";
import { SentCounters } from "./sent-counters.js";

export interface KeyringOptions {
  readonly clock: Clock;
  /** Keeps counters. Without it nothing can be ciphered. */
  readonly store?: (() => Promise<Store>) | undefined;
  /** Knows single meters. */
  readonly directory?: KeyStore | undefined;
  readonly log: (level: "warn" | "error", text: string) => void;
  readonly nearEnd: (key: string, counter: number) => void;
}

/** Secret and security of one association of ours. */
export interface Credentials {
  readonly secret?: Secret<Uint8Array>;
  readonly security?: SecurityOptions;
  /** Where the public client may learn the counter that the meter expects of us. */
  readonly counterObis?: string;
  /** To be called when they let us in: the meter has what it was offered. */
  readonly shown?: () => Promise<void>;
}

/** How long the directory may take. */
const FIND_MS = 15_000;
/** Numbers that an association takes at once. */
const COUNTER_BLOCK = 16;
const MAX_LEARNT = 40_000;

export class Keyring {
  readonly counters: SentCounters | undefined;
  readonly changes: KeyChanges | undefined;
  readonly #options: KeyringOptions;
  readonly #received: ReceivedMemory | undefined;
  /** The next counter that each meter expects of us, by name of the row and serial number; as far as it was read. */
  readonly #expected = new Map<string, number>();

  constructor(options: KeyringOptions) {
    this.#options = options;
    const { store, clock, nearEnd, log } = options;
    if (store === undefined) return;
    this.counters = new SentCounters({ store, clock, nearEnd });
    this.changes = new KeyChanges(store);
    this.#received = new ReceivedMemory({
      store,
      failed: (error) => log("error", `invocation counters received were not written: ${error.message}`),
    });
  }

  /**
   * What the directory knows of a meter.
   * @throws DlmsError SECURITY_KEYS_UNAVAILABLE when it does not say in time, or cannot say.
   */
  async find(query: KeyQuery): Promise<MeterKeys | undefined> {
    const { directory, clock } = this.#options;
    if (directory === undefined) return undefined;
    let cancel: (() => void) | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      cancel = clock.at(clock.now() + FIND_MS, () => reject(new DlmsError("SECURITY_KEYS_UNAVAILABLE")));
    });
    try {
      return await Promise.race([directory.find(query), late]);
    } finally {
      cancel?.();
    }
  }

  /**
   * For an association that we open: what is to be tried, in this order. Of a change that no association has proved
   * yet the new secrets, then the old ones.
   * @throws DlmsError NOT_CONFIGURED, SECURITY_KEYS_UNAVAILABLE, of the store
   */
  async credentials(meterType: MeterType, query: KeyQuery): Promise<readonly Credentials[]> {
    const { mechanism, security: settings } = meterType.association;
    if (mechanism === "none" && settings === undefined) return [{}];
    const known = await this.find(query);
    const meter = query.meterSerialNumber;
    const { proved, offered } = await this.#changesOf(meterType, known, meter);
    const usual = secretsOf(meterType, known);
    const of = (change: KeyChange | undefined): Promise<Credentials> =>
      this.#credentials(meterType, known, change && changed(usual, change));
    if (offered === undefined || meter === undefined) return [await of(proved)];
    const shown = async (): Promise<void> => {
      try {
        await this.changes?.prove(meter, usual);
      } catch (caught) {
        // Both are tried on, and the next association proves it again.
        this.#options.log("error", `${meter}: ${asDlmsError(caught).message}`);
      }
    };
    return [{ ...(await of(offered)), shown }, await of(proved)];
  }

  /** What type and directory know of a meter's secrets. */
  async usual(meterType: MeterType, query: KeyQuery): Promise<MeterSecrets> {
    return secretsOf(meterType, await this.find(query));
  }

  async #credentials(
    meterType: MeterType,
    known: MeterKeys | undefined,
    { keys, secret } = secretsOf(meterType, known),
  ): Promise<Credentials> {
    const { mechanism, security: settings } = meterType.association;
    if (secret === undefined && needsSecret(mechanism))
      throw new DlmsError(
        "NOT_CONFIGURED",
        `Meter type ${meterType.name} has no password or secret for this meter.`,
        { field: "secret" },
      );
    const given = secret === undefined ? {} : { secret };
    if (settings === undefined) return given;
    const security = await this.#security(settings, { ...known, keys });
    const { counterObis } = settings;
    return {
      ...given,
      security: clientSecurity(settings, security),
      ...(counterObis === undefined || security.counterKey === undefined ? {} : { counterObis }),
    };
  }

  /** Changes that are kept for this meter; those that cannot be had or opened are told and left alone. */
  async #changesOf(
    meterType: MeterType,
    known: MeterKeys | undefined,
    meter: string | undefined,
  ): Promise<KnownChanges> {
    if (meter === undefined || this.changes === undefined) return {};
    try {
      return await this.changes.find(meter, secretsOf(meterType, known));
    } catch (caught) {
      const error = asDlmsError(caught);
      // Without a store reads go on, with what type and directory know.
      if (error.family !== "SecurityError" && error.family !== "StoreError") throw caught;
      this.#options.log("warn", `${meter}: ${error.message}`);
      return {};
    }
  }

  /** For a meter that shows itself by its system title. Never rejects: who cannot be looked up is unknown. */
  async byTitle(meterType: MeterType, query: KeyQuery): Promise<MeterSecurity | undefined> {
    const { security: settings } = meterType.association;
    try {
      const known = await this.find(query);
      if (settings === undefined || (known?.keys ?? settings.keys).unicast === undefined) return undefined;
      const { proved, offered } = await this.#changesOf(meterType, known, known?.meterSerialNumber);
      const usual = secretsOf(meterType, known);
      const of = (change: KeyChange | undefined): Promise<MeterSecurity> => {
        const { keys, secret } = change === undefined ? usual : changed(usual, change);
        return this.#security(settings, { ...known, keys, ...defined("secret", secret) });
      };
      if (offered === undefined) return await of(proved);
      const { keys: previousKeys, counterKey: previousCounterKey } = await of(proved);
      return { ...(await of(offered)), previousKeys, ...defined("previousCounterKey", previousCounterKey) };
    } catch (caught) {
      this.#options.log("warn", `no keys for a system title: ${asDlmsError(caught).message}`);
      return undefined;
    }
  }

  /** Whether the meter's own counter is still to be read. */
  mustLearn(counterKey: string, meter: string): boolean {
    return !this.#expected.has(`${counterKey} ${meter}`);
  }

  /**
   * The meter expects this counter of us next, or has seen it: ours will be above.
   * @throws DlmsError SECURITY_COUNTER_SPENT for one that would leave hardly any.
   */
  learn(counterKey: string, meter: string, counter: number): void {
    checkSeen(counter);
    const name = `${counterKey} ${meter}`;
    const known = this.#expected.get(name) ?? 0;
    this.#expected.delete(name);
    this.#expected.set(name, Math.max(known, counter + 1));
    const oldest = this.#expected.keys().next();
    if (this.#expected.size > MAX_LEARNT && oldest.done !== true) this.#expected.delete(oldest.value);
  }

  /** The lowest counter that the meter may still take; 1 when nothing is known. */
  expected(counterKey: string, meter: string): number {
    return this.#expected.get(`${counterKey} ${meter}`) ?? 1;
  }

  /** Resolves when what was received is written. */
  async close(): Promise<void> {
    await this.#received?.flush();
  }

  async #security(settings: SecuritySettings, known: MeterKeys | undefined): Promise<MeterSecurity> {
    const { clientSystemTitle } = settings;
    const keys: SecurityKeys = { ...settings.keys, ...known?.keys };
    const systemTitle = known?.systemTitle ?? settings.meterSystemTitle;
    const secret = known?.secret;
    const named = keys.unicast ?? keys.authentication ?? new Secret(new Uint8Array(0));
    const fingerprint = fingerprintOf(named, clientSystemTitle);
    const received = await this.#received?.of(fingerprint);
    return {
      suite: known?.suite ?? settings.suite,
      keys,
      counterKey: `tx/${fingerprint}`,
      ...(systemTitle === undefined ? {} : { systemTitle }),
      ...(secret === undefined ? {} : { secret }),
      ...(received === undefined ? {} : { received }),
    };
  }
}

/** The options of a session; for an accepting one `askKeys` replaces keys and titles by the meter's own. */
export function sessionSecurity(settings: SecuritySettings): SecurityOptions {
  const protection = protectionOf(settings.mode);
  const { suite, keys, clientSystemTitle, meterSystemTitle, form, keySet, quirks } = settings;
  const { keyTransport, signing } = settings;
  return {
    suite,
    keys,
    systemTitle: clientSystemTitle,
    keySet,
    quirks,
    counterBlock: COUNTER_BLOCK,
    protectedRelease: settings.protectedRelease,
    withoutAuthenticationKey: settings.withoutAuthenticationKey,
    ...(form === "auto" ? {} : { form }),
    ...defined("keyTransport", keyTransport),
    ...defined("signing", signing),
    ...(protection === undefined ? {} : { protection }),
    ...(meterSystemTitle === undefined ? {} : { peerSystemTitle: meterSystemTitle }),
  };
}

/** How messages are opened that come without an association. */
export function unaskedOptions(settings: SecuritySettings): UnaskedOptions {
  const { clientSystemTitle, mode, withoutAuthenticationKey, quirks } = settings;
  const demand = protectionOf(mode);
  return {
    systemTitle: clientSystemTitle,
    withoutAuthenticationKey,
    quirks,
    ...(demand === undefined ? {} : { demand }),
  };
}

function clientSecurity(settings: SecuritySettings, known: MeterSecurity): SecurityOptions {
  const { suite, keys, systemTitle, received, counterKey } = known;
  return {
    ...sessionSecurity(settings),
    suite,
    keys,
    ...(systemTitle === undefined ? {} : { peerSystemTitle: systemTitle }),
    ...(received === undefined ? {} : { received }),
    ...(counterKey === undefined ? {} : { counterKey }),
  };
}

function needsSecret(mechanism: MeterType["association"]["mechanism"]): boolean {
  return mechanism !== "none" && mechanism !== "hls-gmac" && mechanism !== "hls-ecdsa";
}

function secretsOf({ association }: MeterType, known: MeterKeys | undefined): MeterSecrets {
  const { secret, security } = association;
  return { keys: { ...security?.keys, ...known?.keys }, secret: known?.secret ?? secret };
}

function defined<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: V });
}
