/**
 * The secrets of one simulated meter, which a client may change while it lives: keys under the master key (class 64,
 * key_transfer), the secret of HLS (class 15, change_HLS_secret), the least protection (security_activate). A change
 * holds from the next association on. Key pairs and certificates are in meter-certificates.ts.
 */
import { type AcceptRule, type Mechanism } from "../association/session-types.js";
import { type SecurityOptions } from "../association/security-options.js";
import { DlmsError } from "../core/errors.js";
import { Secret } from "../core/secret.js";
import { type MeterType } from "../meter-types/meter-type.js";
import { type SecuritySettings } from "../meter-types/security-settings.js";
import { unwrapKey } from "../security/key-wrap.js";
import { type SecurityKeys } from "../security/keys.js";
import { protectionOf } from "../security/protection.js";
import { ReceivedCounters } from "../security/received-counters.js";
import { type MeterState } from "./meter-state.js";

export interface MeterSecuritySettings {
  readonly mechanism: Mechanism;
  /** The password, or the secret of HLS mechanisms 2, 3, 4 and 6. */
  readonly secret?: Secret<Uint8Array>;
  /** Keys and the meter's own system title; with `protection` the association is ciphered. */
  readonly options?: SecurityOptions;
}

/** What the meter's type says of it, seen from the meter. */
export function securityOf({ association }: MeterType, serial: string): MeterSecuritySettings {
  const { mechanism, secret, security } = association;
  return {
    mechanism,
    ...(secret === undefined ? {} : { secret }),
    ...(security === undefined ? {} : { options: meterOptions(security, serial) }),
  };
}

/** `SIM` and the serial number in five octets. */
export function simulatedTitle(serial: string): Uint8Array {
  let number = BigInt(`0${serial.replace(/\D/g, "")}`) & 0xff_ffff_ffffn;
  const title = Uint8Array.of(0x53, 0x49, 0x4d, 0, 0, 0, 0, 0);
  for (let at = 7; at > 2; at--, number >>= 8n) title[at] = Number(number & 0xffn);
  return title;
}

function meterOptions(settings: SecuritySettings, serial: string): SecurityOptions {
  const { suite, mode, keys, meterSystemTitle, clientSystemTitle, quirks, signing } = settings;
  const protection = protectionOf(mode);
  return {
    suite,
    keys,
    quirks,
    systemTitle: meterSystemTitle ?? simulatedTitle(serial),
    peerSystemTitle: clientSystemTitle,
    ...(protection === undefined ? {} : { protection }),
    ...(signing === undefined ? {} : { signing }),
  };
}

/** Bits of the security policy, version 1; those for signatures are left out. */
const policyBits = {
  requestAuthenticated: 0x04,
  requestEncrypted: 0x08,
  responseAuthenticated: 0x20,
  responseEncrypted: 0x40,
} as const;
const ALL_POLICY_BITS = Object.values(policyBits).reduce((all, bit) => all | bit, 0);

/** HLS mechanisms whose proof is made of a secret. */
const WITH_SECRET: ReadonlySet<Mechanism> = new Set(["hls", "hls-md5", "hls-sha1", "hls-sha256"]);
const MAX_SECRET_OCTETS = 64;

/** Which key a transfer replaces, by its number in class 64. */
export const keyNames = ["unicast", "broadcast", "authentication", "master"] as const;

export class MeterSecrets {
  #settings: MeterSecuritySettings;
  #received: ReceivedCounters;
  #policy: number;

  constructor(settings: MeterSecuritySettings) {
    this.#settings = settings;
    this.#received = settings.options?.received ?? new ReceivedCounters();
    const { protection, demand = protection } = settings.options ?? {};
    this.#policy =
      (demand?.authenticated ? policyBits.requestAuthenticated : 0) |
      (demand?.encrypted ? policyBits.requestEncrypted : 0) |
      (protection?.authenticated ? policyBits.responseAuthenticated : 0) |
      (protection?.encrypted ? policyBits.responseEncrypted : 0);
  }

  /** What is demanded and done from the next association on, as bits (class 64, version 1). */
  get policy(): number {
    return this.#policy;
  }

  /** Bits can be added, none taken away. False for one that would, or that the meter's keys do not allow. */
  raisePolicy(policy: number): boolean {
    const { options } = this.#settings;
    if ((policy & this.#policy) !== this.#policy || (policy & ~ALL_POLICY_BITS) !== 0) return false;
    if (policy === this.#policy) return true;
    if (options?.keys.unicast === undefined || options.keys.authentication === undefined) return false;
    this.#policy = policy;
    const protection = {
      authenticated: (policy & policyBits.responseAuthenticated) !== 0,
      encrypted: (policy & policyBits.responseEncrypted) !== 0,
    };
    const demand = {
      authenticated: (policy & policyBits.requestAuthenticated) !== 0,
      encrypted: (policy & policyBits.requestEncrypted) !== 0,
    };
    this.#settings = { ...this.#settings, options: { ...options, protection, demand } };
    return true;
  }

  /** Undefined where there are neither keys nor titles. */
  get options(): SecurityOptions | undefined {
    return this.#settings.options;
  }

  /** Keys in place of those of the same name; for the curve, of the same name there. */
  useKeys(more: SecurityKeys): void {
    const { options } = this.#settings;
    if (options === undefined) return;
    const curve = more.curve === undefined ? {} : { curve: { ...options.keys.curve, ...more.curve } };
    const keys = { ...options.keys, ...more, ...curve };
    // What was counted under the old key means nothing under the new one.
    if (more.unicast !== undefined) this.#received = new ReceivedCounters();
    this.#settings = { ...this.#settings, options: { ...options, keys } };
  }

  /** How pushes go out where no ciphered association is open: as in one, but unsigned. Undefined: in clear. */
  get notifying(): SecurityOptions | undefined {
    const { options } = this.#settings;
    const { protection, keys } = options ?? {};
    if (options === undefined || protection === undefined || keys?.unicast === undefined) return undefined;
    const { signing, ...unsigned } = options;
    void signing;
    return unsigned;
  }

  get suite(): number {
    return this.#settings.options?.suite ?? 0;
  }

  get systemTitle(): Uint8Array {
    return this.#settings.options?.systemTitle ?? new Uint8Array(0);
  }

  get clientSystemTitle(): Uint8Array {
    return this.#settings.options?.peerSystemTitle ?? new Uint8Array(0);
  }

  /** How the meter type's own client is let in now. */
  get rule(): AcceptRule {
    const { mechanism, secret, options } = this.#settings;
    return {
      mechanism,
      ...(secret === undefined ? {} : { secret }),
      ...(options === undefined ? {} : { security: { ...options, received: this.#received } }),
    };
  }

  /** The highest invocation counter that the client has used; 0 when none. */
  get lastCounter(): number {
    return this.#received.highest("unicast", "apdu", "gmac") ?? 0;
  }

  /** All or none. False for a key that is not wrapped under the master key, or one that does not exist. */
  transfer(wrapped: readonly { readonly id: number; readonly wrapped: Uint8Array }[]): boolean {
    const { options } = this.#settings;
    if (options === undefined) return false;
    let keys: SecurityKeys = {};
    try {
      for (const { id, wrapped: octets } of wrapped) {
        const name = keyNames[id];
        if (name === undefined) return false;
        keys = { ...keys, [name]: unwrapKey(options.suite ?? 0, options.keys.master, octets) };
      }
    } catch (caught) {
      if (caught instanceof DlmsError) return false;
      throw caught;
    }
    this.useKeys(keys);
    return true;
  }

  /** Whether it ciphers or speaks HLS at all. */
  get secured(): boolean {
    const { mechanism, options } = this.#settings;
    return options !== undefined || (mechanism !== "none" && mechanism !== "lls");
  }

  /** The password of LLS. False where there is none, and for an empty one. */
  changePassword(password: Uint8Array): boolean {
    return this.#settings.mechanism === "lls" && this.#change(password);
  }

  /** The secret of HLS. False for a mechanism that proves itself by keys, and for an empty secret. */
  changeSecret(secret: Uint8Array): boolean {
    return WITH_SECRET.has(this.#settings.mechanism) && this.#change(secret);
  }

  #change(secret: Uint8Array): boolean {
    if (secret.length < 1 || secret.length > MAX_SECRET_OCTETS) return false;
    this.#settings = { ...this.#settings, secret: new Secret(secret.slice()) };
    return true;
  }
}

const secrets = new WeakMap<MeterState, MeterSecrets>();

/** Undefined for a state that no meter was made of. */
export function secretsOf(meter: MeterState): MeterSecrets | undefined {
  return secrets.get(meter);
}

export function giveSecrets(meter: MeterState, settings: MeterSecuritySettings): void {
  secrets.set(meter, new MeterSecrets(settings));
}
