/**
 * The protection of a session's APDUs: opening them, and the row in which ours wait for invocation counters and keys
 * made for them alone. Nothing overtakes; what lacks something stalls, and so does all behind it. Opened APDUs are told by
 * their own tag. Which form each gets stands in sent-protection.ts.
 */
import { toHex } from "../bytes/hex.js";
import { asDlmsError, DlmsError } from "../core/errors.js";
import { type Role } from "../core/link.js";
import { limits } from "../core/limits.js";
import { Secret } from "../core/secret.js";
import {
  certifiedKey,
  type CounterStream,
  curveOf,
  ReceivedCounters,
  SecurityContext,
  securitySuites,
  SentCounter,
  type Unprotected,
} from "../security/index.js";
import { type Outside } from "./outside.js";
import { demandOf, isCiphered, isUnauthenticated, type SecurityOptions } from "./security-options.js";
import { type Plan, SentProtection } from "./sent-protection.js";
import { type CipheringInfo } from "./session-types.js";

export interface CipheringHost {
  transmit(now: number, bytes: Uint8Array, unconfirmed: boolean): void;
  /** What waited could not be made or sent. */
  failed(now: number, error: DlmsError): void;
}

interface Waiting {
  counted: boolean;
  /** Belongs to no association, so that none takes it along when it ends; its counters. */
  sent?: SentCounter;
  /** Made when its turn comes: how an APDU goes out may depend on what was heard meanwhile. */
  plan?: () => Plan;
  planned?: { readonly plan: Plan; random: Uint8Array | undefined };
  run(now: number, protectedApdu: Uint8Array): void;
}

const EXCEPTION_RESPONSE = 0xd8;
const NOTIFICATIONS: ReadonlySet<number> = new Set([0x0f, 0xc2]);
const NOTHING = new Uint8Array(0);

export class Ciphering {
  readonly #role: Role;
  readonly #outside: Outside;
  readonly #host: CipheringHost;
  readonly #sent = new Map<string, SentCounter>();
  readonly #received = new ReceivedCounters();
  #options: SecurityOptions | undefined;
  #context: SecurityContext | undefined;
  #sending: SentProtection | undefined;
  #dedicated = false;
  #row: Waiting[] = [];
  #running = false;
  #relearnt = false;

  constructor(role: Role, outside: Outside, host: CipheringHost) {
    this.#role = role;
    this.#outside = outside;
    this.#host = host;
  }

  /** Keys, titles and counters of the association; undefined when it has none. */
  get context(): SecurityContext | undefined {
    return this.#context;
  }

  get options(): SecurityOptions | undefined {
    return this.#options;
  }

  /** Whether APDUs are protected, not only the parties authenticated. */
  get ciphered(): boolean {
    return isCiphered(this.#options);
  }

  /** Whether protecting an initiate uses up an invocation counter. */
  get counted(): boolean {
    return this.ciphered && this.#sending?.enciphers === true;
  }

  /** For the owner; undefined when APDUs travel in clear. */
  get info(): CipheringInfo | undefined {
    const options = this.#options;
    if (options === undefined || !isCiphered(options)) return undefined;
    const { protection, suite = 0, signing } = options;
    return {
      suite,
      authenticated: protection?.authenticated ?? false,
      encrypted: protection?.encrypted ?? false,
      keySet: this.#sending?.keySet ?? "global",
      ...(signing === undefined ? {} : { signed: true }),
      ...(isUnauthenticated(options) ? { unauthenticated: true } : {}),
    };
  }

  /** Octets that protection may add to an APDU. */
  get overhead(): number {
    return this.ciphered ? (this.#sending?.overhead ?? 0) : 0;
  }

  /** A new association. @throws DlmsError SECURITY_TITLE for a title of ours that is none */
  begin(options: SecurityOptions | undefined): void {
    this.end();
    this.#options = options;
    if (options === undefined) return;
    this.#context = this.#contextOf(options);
    this.#sending = new SentProtection(this.#role, options, this.#context);
  }

  end(): void {
    this.#row = this.#row.filter(({ sent }) => sent !== undefined);
    this.#options = undefined;
    this.#context = undefined;
    this.#sending = undefined;
    this.#dedicated = false;
  }

  /**
   * Takes the peer's signing key from the certificate it shows, where certificates are wanted. Its system title must
   * be known by then. @throws DlmsError SECURITY_CERTIFICATE, also for one that belongs to another title
   */
  certified(certificate: Uint8Array | undefined): void {
    const { peerCertificate, suite = 0 } = this.#options ?? {};
    if (peerCertificate === undefined) return;
    if (certificate === undefined)
      throw new DlmsError("SECURITY_CERTIFICATE", "The peer showed no certificate.");
    const context = this.#required();
    const { peerSystemTitle } = context;
    const { publicKey } = certifiedKey(certificate, {
      ...peerCertificate,
      curve: curveOf(securitySuites[suite]),
      ...(peerSystemTitle === undefined ? {} : { systemTitle: peerSystemTitle }),
    });
    context.learnSigner(publicKey);
  }

  /** Both sides know general protection: the forms of what follows. */
  negotiated(general: boolean): void {
    if (this.#sending !== undefined) this.#sending.general = general;
  }

  /** Once the association is open ded-… takes the place of glo-…, not yet for the passes of HLS; messages of an earlier dedicated key count no more. */
  useDedicatedKey(key: Uint8Array): void {
    const { context } = this;
    if (context === undefined) return;
    context.useDedicatedKey(new Secret(new Uint8Array(key)));
    this.#dedicated = true;
    if (context.peerSystemTitle !== undefined) context.received.forget(context.peerSystemTitle, "dedicated");
  }

  /** Runs it in its turn, once a counter is there if it needs one. @throws DlmsError QUEUE_FULL */
  whenReady(now: number, counted: boolean, run: (now: number) => void): void {
    this.#wait(now, { counted: counted && this.#context !== undefined, run });
  }

  /** Sends an APDU, protected as the association wants it. */
  send(now: number, apdu: Uint8Array, unconfirmed = false): void {
    const inClear = !this.ciphered || apdu[0] === EXCEPTION_RESPONSE;
    if (inClear && this.#row.length === 0 && !this.#running)
      return this.#host.transmit(now, apdu, unconfirmed);
    this.#wait(now, {
      counted: false,
      ...(inClear ? {} : { plan: () => this.#protection().plan(apdu) }),
      run: (then, sealed) => this.#host.transmit(then, inClear ? apdu : sealed, unconfirmed),
    });
  }

  /** A notification that belongs to no association: general-glo, which shows our title. @throws DlmsError QUEUE_FULL */
  notify(now: number, apdu: Uint8Array, options: SecurityOptions): void {
    const context = this.#contextOf(options);
    const sending = new SentProtection(this.#role, { ...options, shapeForm: () => "general" }, context);
    this.#wait(now, {
      counted: false,
      sent: context.sent,
      plan: () => sending.plan(apdu),
      run: (then, sealed) => this.#host.transmit(then, sealed, true),
    });
  }

  /** The initiate of AARQ, AARE, RLRQ and RLRE. */
  protectInitiate(apdu: Uint8Array): Uint8Array {
    return this.ciphered ? this.#protection().initiate(apdu) : apdu;
  }

  /** The peer's initiate in clear; signed it need be only where nothing else protects it. @throws as `open` */
  openInitiate(bytes: Uint8Array): Uint8Array {
    if (!this.ciphered) return bytes;
    const { authenticated, encrypted, signed = false } = demandOf(this.#options as SecurityOptions);
    const alone = signed && !authenticated && !encrypted;
    const layers = this.#required().unprotect(bytes, "apdu", { authenticated, encrypted, signed: alone });
    return (layers[layers.length - 1] as Unprotected).apdu;
  }

  /** The APDU in clear. @throws DlmsError of the security family, DecodeError */
  open(bytes: Uint8Array): Uint8Array {
    const layers = this.#required().unprotect(bytes, streamOf);
    this.#protection().heard(layers);
    return (layers[layers.length - 1] as Unprotected).apdu;
  }

  /** The peer has seen a higher counter of ours. False when that was told before: then it is no help. */
  relearn(seen: number | undefined): boolean {
    if (seen === undefined || this.#context === undefined || this.#relearnt) return false;
    this.#relearnt = true;
    this.#context.sent.learn(seen);
    return true;
  }

  /** The association is open: another step back of our counter would be another event. */
  settled(): void {
    this.#relearnt = false;
    if (this.#sending === undefined) return;
    this.#sending.open = true;
    if (this.#dedicated) this.#sending.keySet = "dedicated";
  }

  #protection(): SentProtection {
    if (this.#sending === undefined) throw noKeys();
    return this.#sending;
  }

  #required(): SecurityContext {
    if (this.#context === undefined) throw noKeys();
    return this.#context;
  }

  #contextOf(options: SecurityOptions): SecurityContext {
    const { protection = { authenticated: false, encrypted: false }, suite = 0 } = options;
    return new SecurityContext({
      ...options,
      role: this.#role,
      suite,
      protection,
      demand: demandOf(options),
      sent: this.#sentCounter(options),
      received: options.received ?? this.#received,
    });
  }

  #sentCounter({ systemTitle, counterKey, counterBlock, firstCounter }: SecurityOptions): SentCounter {
    const key = counterKey ?? toHex(systemTitle);
    const known = this.#sent.get(key);
    if (known !== undefined) return known;
    const counter = new SentCounter({
      key,
      ...(counterBlock === undefined ? {} : { blockSize: counterBlock }),
      ...(firstCounter === undefined ? {} : { atLeast: firstCounter }),
    });
    this.#sent.set(key, counter);
    return counter;
  }

  #wait(now: number, waiting: Waiting): void {
    if (this.#row.length >= limits.linkQueueApdus) throw new DlmsError("QUEUE_FULL");
    this.#row.push(waiting);
    this.#advance(now);
  }

  #advance(now: number): void {
    if (this.#running) return;
    this.#running = true;
    try {
      for (let first = this.#row[0]; first !== undefined; first = this.#row[0]) {
        if (!this.#hasAll(first)) return;
        this.#row.shift();
        const { plan, random = NOTHING } = first.planned ?? {};
        first.run(now, plan?.make(random) ?? NOTHING);
      }
      // Ahead of the need, so that nothing has to wait.
      if (this.counted && this.#context !== undefined) this.#reserve(this.#context.sent);
    } catch (caught) {
      this.#running = false;
      this.#host.failed(now, asDlmsError(caught));
    } finally {
      this.#running = false;
    }
  }

  /** Whether it can go now; asks for what it lacks. */
  #hasAll(first: Waiting): boolean {
    if (first.planned === undefined && first.plan !== undefined) {
      const plan = first.plan();
      first.planned = { plan, random: plan.random === 0 ? NOTHING : undefined };
      first.counted = plan.counted;
      if (plan.random > 0) this.#makeRandom(first.planned);
    }
    const sent = first.sent ?? this.#context?.sent;
    if (first.counted && sent !== undefined && sent.remaining === 0 && !sent.spent) {
      this.#reserve(sent);
      return false;
    }
    return first.planned === undefined || first.planned.random !== undefined;
  }

  #makeRandom(planned: NonNullable<Waiting["planned"]>): void {
    this.#outside.random(planned.plan.random, (now, random) => {
      planned.random = random;
      this.#advance(now);
    });
  }

  #reserve(sent: SentCounter): void {
    const need = sent.need();
    if (need === undefined) return;
    this.#outside.counters(need, (now, range) => {
      sent.provided(range);
      this.#advance(now);
    });
  }
}

function streamOf(apdu: Uint8Array): CounterStream {
  return NOTIFICATIONS.has(apdu[0] as number) ? "push" : "apdu";
}

function noKeys(): DlmsError {
  return new DlmsError("SECURITY_KEY_MISSING", "No keys are configured for this association.");
}
