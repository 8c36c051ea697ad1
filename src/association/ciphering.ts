/**
 * The protection of a session's APDUs: which form each gets, and the row in which they wait for invocation counters.
 * Nothing overtakes; what needs a counter and has none stalls, and so does all behind it. Opened APDUs are told by
 * their own tag. Leaves out general-ciphering and general-signing of what we send.
 */
import { toHex } from "../bytes/hex.js";
import { asDlmsError, DlmsError } from "../core/errors.js";
import { type Role } from "../core/link.js";
import { limits } from "../core/limits.js";
import { Secret } from "../core/secret.js";
import {
  type CounterStream,
  type ProtectionForm,
  ReceivedCounters,
  SecurityContext,
  SentCounter,
  type Unprotected,
} from "../security/index.js";
import { cipheredServiceOf, type KeySet } from "../xdlms/index.js";
import { type Outside } from "./outside.js";
import { type CipheredForm, type SecurityOptions } from "./security-options.js";
import { type CipheringInfo } from "./session-types.js";

export interface CipheringHost {
  transmit(now: number, bytes: Uint8Array, unconfirmed: boolean): void;
  /** What waited could not be made or sent. */
  failed(now: number, error: DlmsError): void;
}

interface Waiting {
  readonly counted: boolean;
  run(now: number): void;
}

const EXCEPTION_RESPONSE = 0xd8;
const NOTIFICATIONS: ReadonlySet<number> = new Set([0x0f, 0xc2]);
/** Tag, length, security header, authentication tag; general forms carry the system title too. */
const OVERHEAD = { "service-specific": 1 + 3 + 5 + 12, general: 1 + 9 + 3 + 5 + 12 } as const;

export class Ciphering {
  readonly #role: Role;
  readonly #outside: Outside;
  readonly #host: CipheringHost;
  readonly #sent = new Map<string, SentCounter>();
  readonly #received = new ReceivedCounters();
  #options: SecurityOptions | undefined;
  #context: SecurityContext | undefined;
  #general = false;
  #keySet: KeySet = "global";
  #dedicated = false;
  /** The form of the peer's last APDU, which a server answers in. */
  #peerForm: CipheredForm = "service-specific";
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
    return this.#options?.protection !== undefined;
  }

  /** For the owner; undefined when APDUs travel in clear. */
  get info(): CipheringInfo | undefined {
    const { protection, suite = 0 } = this.#options ?? {};
    if (protection === undefined) return undefined;
    const { authenticated, encrypted } = protection;
    return { suite, authenticated, encrypted, keySet: this.#keySet };
  }

  /** Octets that protection may add to an APDU. */
  get overhead(): number {
    return this.ciphered ? OVERHEAD[this.#general ? "general" : "service-specific"] : 0;
  }

  /** A new association. @throws DlmsError SECURITY_TITLE for a title of ours that is none */
  begin(options: SecurityOptions | undefined): void {
    this.end();
    this.#options = options;
    if (options === undefined) return;
    const { protection = { authenticated: false, encrypted: false }, suite = 0 } = options;
    this.#context = new SecurityContext({
      ...options,
      role: this.#role,
      suite,
      protection,
      sent: this.#sentCounter(options),
      received: options.received ?? this.#received,
    });
  }

  end(): void {
    this.#row = [];
    this.#options = undefined;
    this.#context = undefined;
    this.#general = false;
    this.#keySet = "global";
    this.#dedicated = false;
    this.#peerForm = "service-specific";
  }

  /** Both sides know general protection: the forms of what follows. */
  negotiated(general: boolean): void {
    this.#general = general;
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
    if (this.#row.length >= limits.linkQueueApdus) throw new DlmsError("QUEUE_FULL");
    this.#row.push({ counted: counted && this.#context !== undefined, run });
    this.#advance(now);
  }

  /** Sends an APDU, protected as the association wants it. */
  send(now: number, apdu: Uint8Array, unconfirmed = false): void {
    const inClear = !this.ciphered || apdu[0] === EXCEPTION_RESPONSE;
    if (inClear && this.#row.length === 0 && !this.#running)
      return this.#host.transmit(now, apdu, unconfirmed);
    this.whenReady(now, !inClear, (then) =>
      this.#host.transmit(then, inClear ? apdu : this.#protect(apdu), unconfirmed),
    );
  }

  /** The initiate of AARQ, AARE, RLRQ and RLRE: always with the global key and its own tag. */
  protectInitiate(apdu: Uint8Array): Uint8Array {
    if (!this.ciphered) return apdu;
    return this.#required().protect(apdu, { type: "service-ciphering", keySet: "global" });
  }

  /** The APDU in clear. @throws DlmsError of the security family, DecodeError */
  open(bytes: Uint8Array): Uint8Array {
    const layers = this.#required().unprotect(bytes, streamOf);
    const outer = layers[0] as Unprotected;
    this.#peerForm = outer.form === "service-ciphering" ? "service-specific" : "general";
    if (this.#role === "server") this.#keySet = outer.key === "dedicated" ? "dedicated" : "global";
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
    if (this.#dedicated) this.#keySet = "dedicated";
  }

  #protect(apdu: Uint8Array): Uint8Array {
    return this.#required().protect(apdu, this.#form(apdu));
  }

  #form(apdu: Uint8Array): ProtectionForm {
    const options = this.#options as SecurityOptions;
    const own = options.form ?? (this.#general ? "general" : "service-specific");
    const usual = this.#role === "client" ? own : this.#peerForm;
    const wanted = options.shapeForm?.(apdu) ?? usual;
    const keySet = this.#keySet;
    // Some services have no tag of their own for it.
    if (wanted === "service-specific" && cipheredServiceOf(apdu[0] as number) !== undefined)
      return { type: "service-ciphering", keySet };
    return { type: keySet === "global" ? "general-glo-ciphering" : "general-ded-ciphering" };
  }

  #required(): SecurityContext {
    if (this.#context === undefined)
      throw new DlmsError("SECURITY_KEY_MISSING", "No keys are configured for this association.");
    return this.#context;
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

  #advance(now: number): void {
    if (this.#running) return;
    this.#running = true;
    try {
      for (let first = this.#row[0]; first !== undefined; first = this.#row[0]) {
        const sent = this.#context?.sent;
        if (first.counted && sent !== undefined && sent.remaining === 0 && !sent.spent) {
          this.#reserve(sent);
          return;
        }
        this.#row.shift();
        first.run(now);
      }
      // Ahead of the need, so that nothing has to wait.
      if (this.ciphered && this.#context !== undefined) this.#reserve(this.#context.sent);
    } catch (caught) {
      this.#running = false;
      this.#host.failed(now, asDlmsError(caught));
    } finally {
      this.#running = false;
    }
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
