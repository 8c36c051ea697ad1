/**
 * The protection of one association: keys, both titles, both counters, and what is demanded of the peer. Stateful but
 * without I/O: counters are asked for through `sent.need()`. Which APDU gets which form is the association's choice.
 */
import { DlmsError } from "../core/errors.js";
import { checkTitle } from "./octets.js";
import { type HlsExchange, proveIdentity, verifyIdentity } from "./hls.js";
import { type PrivateKey, type PublicKey } from "./elliptic.js";
import { curveKeys, type SecurityKeys, type SymmetricKey } from "./keys.js";
import { protect, signApdu } from "./protect.js";
import {
  type Demand,
  type HeaderFields,
  type Protection,
  type ProtectionForm,
  type SecurityUse,
  type Unprotected,
} from "./protection.js";
import { type CounterStream, type ReceivedCounters } from "./received-counters.js";
import { type SentCounter } from "./sent-counter.js";
import { type Role } from "../core/link.js";
import { unprotectAll, type UnprotectAllOptions } from "./unprotect.js";

export interface SecurityContextOptions extends SecurityUse {
  readonly role: Role;
  /** Our own. */
  readonly systemTitle: Uint8Array;
  /** Known beforehand, or learnt with `learnPeer`. */
  readonly peerSystemTitle?: Uint8Array;
  /** How what we send is protected. */
  readonly protection: Protection;
  /** What the peer must do at least. Default: the same as we do. */
  readonly demand?: Demand;
  /** See `UnprotectOptions`. */
  readonly withoutAuthenticationKey?: boolean;
  readonly sent: SentCounter;
  readonly received: ReceivedCounters;
}

export class SecurityContext {
  readonly sent: SentCounter;
  readonly received: ReceivedCounters;
  readonly #options: SecurityContextOptions;
  #keys: SecurityKeys;
  #peer: Uint8Array | undefined;

  constructor(options: SecurityContextOptions) {
    this.#options = options;
    this.#keys = options.keys;
    this.#peer = options.peerSystemTitle;
    this.sent = options.sent;
    this.received = options.received;
    checkTitle(options.role, options.systemTitle);
  }

  get keys(): SecurityKeys {
    return this.#keys;
  }

  get peerSystemTitle(): Uint8Array | undefined {
    return this.#peer;
  }

  /** The title the peer showed. @throws DlmsError SECURITY_TITLE when another one was expected, or it is malformed. */
  learnPeer(title: Uint8Array): void {
    checkTitle("peer", title);
    if (this.#peer !== undefined && title.some((octet, i) => octet !== this.#peer?.[i]))
      throw new DlmsError("SECURITY_TITLE", "The peer shows another system title than the one expected.");
    this.#peer = title;
  }

  /** The key the peer signs with, as its certificate says. */
  learnSigner(peerSigning: PublicKey): void {
    this.#keys = { ...this.#keys, curve: { ...this.#keys.curve, peerSigning } };
  }

  /** The key of this association, sent or received in the initiate request. */
  useDedicatedKey(dedicated: SymmetricKey): void {
    this.#keys = { ...this.#keys, dedicated };
  }

  /** Whether `protect` and GMAC have a counter to use; else put out `sent.need()` and wait. */
  get ready(): boolean {
    return this.sent.remaining > 0;
  }

  /** Protects an APDU and uses up one counter. @throws what `protect` and `SentCounter.take` throw */
  protect(
    apdu: Uint8Array,
    form: ProtectionForm,
    protection: Protection = this.#options.protection,
  ): Uint8Array {
    const { systemTitle } = this.#options;
    return protect(apdu, { ...this.#use(), form, protection, systemTitle, counter: this.sent.take() });
  }

  /** Our ephemeral key of this association, for agreement with two ephemeral keys. */
  useEphemeralKey(ephemeral: PrivateKey): void {
    this.#keys = { ...this.#keys, curve: { ...curveKeys(this.#keys), ephemeral } };
  }

  /** Signs an APDU, protected or not. */
  sign(apdu: Uint8Array, header: HeaderFields): Uint8Array {
    return signApdu(apdu, { ...this.#use(), header, systemTitle: this.#options.systemTitle });
  }

  /**
   * Opens all layers of a received message and holds them against what is demanded and against earlier counters.
   * @returns the layers, outermost first; the last one's `apdu` is in clear.
   * @param stream what the counters count, or how to tell it by the APDU in clear.
   * @param demand in place of the usual one.
   * @throws what `unprotect` throws; SECURITY_UNPROTECTED, SECURITY_COUNTER
   */
  unprotect(
    bytes: Uint8Array,
    stream: CounterStream | ((apdu: Uint8Array) => CounterStream) = "apdu",
    demand?: Demand,
  ): readonly Unprotected[] {
    const usual = this.#receiving();
    const layers = unprotectAll(bytes, demand === undefined ? usual : { ...usual, demand });
    const clear = (layers[layers.length - 1] as Unprotected).apdu;
    const counted = typeof stream === "string" ? stream : stream(clear);
    for (const { originator, key, counter } of layers)
      if (counter !== undefined) this.received.accept(originator, key, counted, counter);
    for (const { scheme, peerEphemeral } of layers)
      if (scheme === "ephemeral-unified" && peerEphemeral !== undefined)
        this.#keys = { ...this.#keys, curve: { ...curveKeys(this.#keys), peerEphemeral } };
    return layers;
  }

  /** Our answer to the peer's challenge; GMAC uses up one counter. */
  prove(exchange: HlsExchange): Uint8Array {
    const counter = exchange.mechanism === "hls-gmac" ? this.sent.take() : undefined;
    return proveIdentity(this.#options.role, { ...this.#use(), ...exchange, keys: this.#keys }, counter);
  }

  /** Judges the peer's answer to ours, its counter included. */
  verify(exchange: HlsExchange, answer: Uint8Array): void {
    const prover = this.#options.role === "client" ? "server" : "client";
    const { counter } = verifyIdentity(prover, { ...this.#use(), ...exchange, keys: this.#keys }, answer);
    if (counter !== undefined)
      this.received.accept(checkTitle("peer", this.#peer), "unicast", "gmac", counter);
  }

  #use(): SecurityUse {
    const { suite, quirks } = this.#options;
    return { suite, keys: this.#keys, ...(quirks === undefined ? {} : { quirks }) };
  }

  #receiving(): UnprotectAllOptions {
    const { systemTitle, withoutAuthenticationKey = false, protection, demand = protection } = this.#options;
    return {
      ...this.#use(),
      demand,
      systemTitle,
      withoutAuthenticationKey,
      ...(this.#peer === undefined ? {} : { peerSystemTitle: this.#peer }),
    };
  }
}
