/**
 * Key pairs and certificates of one simulated meter (class 64, version 1, methods 3 to 8). A pair that was generated
 * is used once a certificate of it was imported, a client's key once the client's was. Certificates are taken as they
 * are: no issuer is known who must have signed them. Pairs are made of the meter's seed, so they are no secret of
 * anybody who knows it.
 */
import { concatBytes, equalBytes, fromLatin1 } from "../bytes/hex.js";
import { DlmsError } from "../core/errors.js";
import {
  agreeAsRecipient,
  type CertificateNames,
  certificateNames,
  certificateRequest,
  type CertifiedKey,
  certifiedKey,
  type Curve,
  pairOctets,
  type PrivateKey,
  privateKeyFromRandom,
  publicKeyOf,
  securitySuites,
  signRaw,
} from "../security/index.js";
import { RandomStream } from "./behaviours/random.js";
import { keyNames, type MeterSecrets } from "./meter-secrets.js";

/** As class 64 numbers them. */
export const entities = { server: 0, client: 1 } as const;
export const uses = ["signature", "agreement"] as const;
export type Use = (typeof uses)[number];

export interface StoredCertificate extends CertificateNames {
  readonly entity: number;
  readonly systemTitle: Uint8Array;
  readonly der: Uint8Array;
}

/** Which certificate is meant. */
export type Sought =
  | {
      readonly by: "entity";
      readonly entity: number;
      readonly use: Use | undefined;
      readonly systemTitle: Uint8Array;
    }
  | { readonly by: "serial"; readonly serialNumber: Uint8Array; readonly issuer: Uint8Array };

const MAX_CERTIFICATES = 16;
/** More than a scalar has, so that no value is likelier than another. */
const RANDOM_OCTETS = 64;

export class MeterCertificates {
  readonly #secrets: MeterSecrets;
  readonly #random: RandomStream;
  readonly #pairs = new Map<Use, PrivateKey>();
  #stored: StoredCertificate[] = [];

  constructor(secrets: MeterSecrets, seed: number) {
    this.#secrets = secrets;
    this.#random = new RandomStream(seed ^ 0x64);
  }

  get stored(): readonly StoredCertificate[] {
    return this.#stored;
  }

  /** Undefined with suite 0, which has none. */
  get curve(): Curve | undefined {
    return securitySuites[this.#secrets.options?.suite ?? 0].curve;
  }

  generate(use: Use): boolean {
    const { curve } = this;
    if (curve === undefined) return false;
    this.#pairs.set(use, this.#newPair(curve));
    return true;
  }

  /** PKCS #10; undefined while there is no pair. */
  request(use: Use): Uint8Array | undefined {
    const pair = this.#pairs.get(use);
    return pair === undefined || this.curve === undefined
      ? undefined
      : certificateRequest(this.curve, pair, this.#secrets.systemTitle);
  }

  /** False for what is no certificate of this curve, or of a pair of the meter's that it does not have. */
  import(der: Uint8Array): boolean {
    const { curve } = this;
    if (curve === undefined) return false;
    let names: CertificateNames;
    let certified: CertifiedKey;
    try {
      names = certificateNames(der);
      certified = certifiedKey(der, { curve });
    } catch (caught) {
      if (caught instanceof DlmsError) return false;
      throw caught;
    }
    const isOwn = equalBytes(certified.systemTitle, this.#secrets.systemTitle);
    if (!(isOwn ? this.#useOwn(curve, certified) : this.#usePeer(names.use, certified))) return false;
    const entity = isOwn ? entities.server : entities.client;
    const others = this.#stored.filter((each) => each.entity !== entity || each.use !== names.use);
    if (others.length >= MAX_CERTIFICATES) return false;
    this.#stored = [...others, { ...names, entity, systemTitle: certified.systemTitle, der: der.slice() }];
    return true;
  }

  find(sought: Sought): StoredCertificate | undefined {
    return this.#stored.find((each) =>
      sought.by === "entity"
        ? each.entity === sought.entity &&
          each.use === sought.use &&
          equalBytes(each.systemTitle, sought.systemTitle)
        : equalBytes(each.serialNumber, sought.serialNumber) &&
          equalBytes(fromLatin1(each.issuer), sought.issuer),
    );
  }

  remove(sought: Sought): boolean {
    const found = this.find(sought);
    this.#stored = this.#stored.filter((each) => each !== found);
    return found !== undefined;
  }

  /**
   * key_agreement with ephemeral keys of both sides: the keys are in use afterwards.
   * @returns ours for each of theirs; undefined when a signature or a key does not fit, and nothing was changed.
   */
  agree(offers: readonly { readonly id: number; readonly data: Uint8Array }[]) {
    const { options } = this.#secrets;
    const suite = securitySuites[options?.suite ?? 0];
    const { curve } = suite;
    const signing = options?.keys.curve?.signing;
    if (options === undefined || curve === undefined || signing === undefined) return undefined;
    const parties = { originator: this.#secrets.clientSystemTitle, recipient: this.#secrets.systemTitle };
    const agreed: { readonly id: number; readonly data: Uint8Array }[] = [];
    let keys = {};
    try {
      for (const { id, data } of offers) {
        const name = keyNames[id];
        if (name === undefined || data.length !== 2 * pairOctets(curve)) return undefined;
        const ephemeral = this.#newPair(curve);
        const withOurs = { ...options.keys, curve: { ...options.keys.curve, ephemeral } };
        keys = { ...keys, [name]: agreeAsRecipient(suite, "ephemeral-unified", withOurs, parties, data) };
        const ours = publicKeyOf(curve, ephemeral);
        agreed.push({ id, data: concatBytes(ours, signRaw(curve, signing, ours)) });
      }
    } catch (caught) {
      if (caught instanceof DlmsError) return undefined;
      throw caught;
    }
    this.#secrets.useKeys(keys);
    return agreed;
  }

  /** The certificate of a pair that was generated puts it in use. */
  #useOwn(curve: Curve, { publicKey }: CertifiedKey): boolean {
    for (const [use, pair] of this.#pairs)
      if (equalBytes(publicKeyOf(curve, pair), publicKey)) {
        this.#secrets.useKeys({ curve: use === "signature" ? { signing: pair } : { agreement: pair } });
        return true;
      }
    return false;
  }

  #usePeer(use: Use, { publicKey }: CertifiedKey): boolean {
    this.#secrets.useKeys({
      curve: use === "signature" ? { peerSigning: publicKey } : { peerAgreement: publicKey },
    });
    return true;
  }

  #newPair(curve: Curve): PrivateKey {
    return privateKeyFromRandom(
      curve,
      Uint8Array.from({ length: RANDOM_OCTETS }, () => this.#random.octet()),
    );
  }
}
