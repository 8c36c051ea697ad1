/**
 * The protection of a recorded conversation, held against ring 3: each ciphered APDU opened with the file's keys and
 * titles and ciphered again to the same octets, each HLS value verified and, where it has one right form only, made
 * again. Keeps what it opened and verified. Left out: ciphering general-ciphering and general-signing again.
 */
import { type Aare, type Aarq, type Acse, mechanisms } from "../../acse/index.js";
import { fromHex, fromLatin1, toHex } from "../../bytes/hex.js";
import { DlmsError } from "../../core/errors.js";
import { type Role } from "../../core/link.js";
import { Secret } from "../../core/secret.js";
import {
  type HlsExchange,
  type HlsMechanism,
  protect,
  type ProtectionForm,
  proveIdentity,
  ReceivedCounters,
  type SecurityKeys,
  unprotect,
  type Unprotected,
  type UnprotectOptions,
  verifyIdentity,
} from "../../security/index.js";
import { type Apdu, type CipheredApdu } from "../../xdlms/index.js";
import { expectSame, type Fault, type RecordedApdu } from "./link-layer.js";
import { recordedKeys } from "./recorded-keys.js";
import { type Direction, type RecordedSecurity } from "./vector.js";

/** A ciphered APDU whose tag is right, and what opened it. */
export interface OpenedApdu extends Unprotected {
  readonly frame: number;
  readonly dir: Direction;
  readonly bytes: Uint8Array;
  readonly options: UnprotectOptions;
}

/** The value of pass 3 or 4 that is right. */
export interface Proof {
  readonly prover: Role;
  readonly exchange: HlsExchange;
  readonly answer: Uint8Array;
}

const PARTY = { c2s: "client", s2c: "server" } as const;
const HLS = /^hls/;
const ASSOCIATION = 15;
const REPLY_TO_HLS = 1;

export class SecurityLayer {
  /** Ciphered APDUs met, whether or not they could be opened. */
  ciphered = 0;
  reciphered = 0;
  readonly opened: OpenedApdu[] = [];
  readonly proofs: Proof[] = [];
  /** What a peer did wrong, or what an altered recording shows. */
  readonly found: Fault[] = [];
  readonly keys: Readonly<Record<Role, SecurityKeys>>;
  readonly #recorded: RecordedSecurity;
  readonly #received = new ReceivedCounters();
  readonly #nonces = new Set<string>();
  #aarq: Aarq | undefined;
  #aare: Aare | undefined;
  /** The client sent its HLS value and waits for the server's. */
  #replyDue = false;
  #lastAsked: { readonly frame: number; readonly counter: number } | undefined;

  constructor(recorded: RecordedSecurity) {
    this.#recorded = recorded;
    this.keys = recordedKeys(recorded);
  }

  /** @throws DlmsError when titles or challenge are not those of the file. */
  learn(acse: Acse): void {
    const { titles, ctos } = this.#recorded;
    if (acse.type === "aarq") {
      this.#aarq = acse;
      expectRecorded("the client's system title", acse.callingApTitle, titles.client);
      if (HLS.test(mechanismOf(acse) ?? ""))
        expectRecorded("the client's challenge", acse.callingAuthenticationValue, ctos);
    } else if (acse.type === "aare") {
      this.#aare = acse;
      expectRecorded("the server's system title", acse.respondingApTitle, titles.server);
    }
  }

  /**
   * @returns the APDU in clear, or undefined when it does not open, which is kept among `found`.
   * @throws DecodeError; DlmsError INTERNAL when it ciphers to other octets.
   */
  open({ frame, dir, bytes }: RecordedApdu, closed: CipheredApdu): Uint8Array | undefined {
    this.ciphered++;
    const options: UnprotectOptions = {
      suite: this.#recorded.suite,
      keys: this.keys.client,
      peerSystemTitle: this.#title(PARTY[dir]),
    };
    return this.#judge(frame, () => {
      const opened = unprotect(bytes, options);
      this.opened.push({ ...opened, frame, dir, bytes, options });
      const { counter, originator, key } = opened;
      if (counter !== undefined) {
        if (dir === "c2s") this.#lastAsked = { frame, counter };
        this.#nonces.add(nonceName(originator, key, counter));
        this.#judge(frame, () => this.#received.accept(originator, key, "apdu", counter));
        this.#cipherAgain(bytes, opened, counter, closed, options);
      }
      return opened.apdu;
    });
  }

  /** Looks at an APDU in clear for HLS values, and for a server that finds the client's counter too low. */
  see({ frame, dir }: RecordedApdu, apdu: Apdu): void {
    if (apdu.type === "action-request" && dir === "c2s" && apdu.request.type === "normal") {
      const { method, parameters } = apdu.request;
      this.#replyDue = method.classId === ASSOCIATION && method.methodId === REPLY_TO_HLS;
      if (this.#replyDue && parameters?.type === "octet-string")
        this.#prove(frame, "client", parameters.value);
    } else if (apdu.type === "action-response" && dir === "s2c" && this.#replyDue) {
      this.#replyDue = false;
      const answer = apdu.response.type === "normal" ? apdu.response.returnParameters : undefined;
      if (answer?.type === "data" && answer.data.type === "octet-string")
        this.#prove(frame, "server", answer.data.value);
    } else if (apdu.type === "exception-response" && apdu.invocationCounter !== undefined) {
      const [expected, asked] = [apdu.invocationCounter, this.#lastAsked];
      if (asked !== undefined && asked.counter < expected)
        this.found.push({
          frame: asked.frame,
          reason: `the invocation counter ${asked.counter} is below ${expected}, which the server expects`,
        });
    }
  }

  #cipherAgain(
    bytes: Uint8Array,
    opened: Unprotected,
    counter: number,
    closed: CipheredApdu,
    options: UnprotectOptions,
  ): void {
    const form = formOf(closed);
    if (form === undefined || opened.control === undefined) return;
    const { originator: systemTitle, control: protection } = opened;
    expectSame(
      "ciphered APDU",
      protect(opened.apdu, { ...options, form, protection, systemTitle, counter }),
      bytes,
    );
    this.reciphered++;
  }

  #prove(frame: number, prover: Role, answer: Uint8Array): void {
    const exchange = this.#exchange();
    if (exchange === undefined) return;
    const verifier = prover === "client" ? "server" : "client";
    this.#judge(frame, () => {
      const { counter } = verifyIdentity(prover, { ...exchange, keys: this.keys[verifier] }, answer);
      this.proofs.push({ prover, exchange, answer });
      if (counter !== undefined) this.#judgeGmacCounter(frame, prover, counter);
      // A signature holds a random number, so that it is never the same again.
      if (exchange.mechanism === "hls-ecdsa") return;
      const again = proveIdentity(prover, { ...exchange, keys: this.keys[prover] }, counter);
      expectSame("HLS value", again, answer);
    });
  }

  #judgeGmacCounter(frame: number, prover: Role, counter: number): void {
    const title = this.#title(prover) ?? new Uint8Array(0);
    if (this.#nonces.has(nonceName(title, "unicast", counter)))
      this.found.push({ frame, reason: `GMAC and a ciphered APDU share the invocation counter ${counter}` });
    this.#judge(frame, () => this.#received.accept(title, "unicast", "gmac", counter));
  }

  #exchange(): HlsExchange | undefined {
    const [aarq, aare] = [this.#aarq, this.#aare];
    const mechanism = aarq === undefined ? undefined : mechanismOf(aarq);
    if (mechanism === undefined || !HLS.test(mechanism)) return undefined;
    const { suite, secret } = this.#recorded;
    return {
      mechanism: mechanism as HlsMechanism,
      ctos: aarq?.callingAuthenticationValue ?? new Uint8Array(0),
      stoc: aare?.respondingAuthenticationValue ?? new Uint8Array(0),
      clientSystemTitle: this.#title("client"),
      serverSystemTitle: this.#title("server"),
      suite,
      ...(secret === undefined ? {} : { secret: new Secret(fromLatin1(secret)) }),
    };
  }

  #title(party: Role): Uint8Array | undefined {
    const recorded = this.#recorded.titles[party];
    if (recorded !== "") return fromHex(recorded, `systemTitles.${party}`);
    return party === "client" ? this.#aarq?.callingApTitle : this.#aare?.respondingApTitle;
  }

  /** Runs `step`; what security refuses is kept among `found`. */
  #judge<T>(frame: number, step: () => T): T | undefined {
    try {
      return step();
    } catch (caught) {
      if (!(caught instanceof DlmsError) || caught.family !== "SecurityError") throw caught;
      this.found.push({ frame, reason: caught.message });
      return undefined;
    }
  }
}

function mechanismOf({ mechanism }: Aarq): string | undefined {
  return Object.entries(mechanisms).find(([, identifier]) => identifier === mechanism)?.[0];
}

function nonceName(title: Uint8Array, key: string, counter: number): string {
  return `${toHex(title)}/${key}/${counter}`;
}

function formOf(closed: CipheredApdu): ProtectionForm | undefined {
  switch (closed.type) {
    case "service-ciphering":
      return { type: closed.type, keySet: closed.keySet };
    case "general-glo-ciphering":
    case "general-ded-ciphering":
      return { type: closed.type, withoutTitle: closed.systemTitle.length === 0 };
    case "general-ciphering":
    case "general-signing":
      return undefined;
  }
}

/** What was on the wire is what the file says, where both say something. */
function expectRecorded(what: string, seen: Uint8Array | undefined, recorded = ""): void {
  if (seen !== undefined && recorded !== "" && toHex(seen) !== recorded.toUpperCase())
    throw new DlmsError("INTERNAL", `${what} is ${toHex(seen)} instead of ${recorded}`);
}

/** A release whose lengths are wrong: the ciphered initiate inside it runs to its end. */
export function insideOfMalformed(octets: Uint8Array): Uint8Array | undefined {
  const at = octets.findIndex(
    (octet, i) => (octet === 0x21 || octet === 0x28) && octets[i + 1] === octets.length - i - 2,
  );
  return at < 0 ? undefined : octets.subarray(at);
}
