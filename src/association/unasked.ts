/**
 * Protected notifications that come without a ciphered association, as pushes of meters do: the keys are asked for by
 * the system title that the message shows (general-glo-ciphering, general-ciphering), and the notification inside is
 * told like any other. Left out: general-ded-ciphering, whose key ends with its association.
 */
import { toHex } from "../bytes/hex.js";
import { asDlmsError, DlmsError } from "../core/errors.js";
import {
  type Demand,
  type MeterSecurity,
  type SecurityQuirks,
  unprotectAll,
  type Unprotected,
} from "../security/index.js";
import { decodeApdu, decodeCipheredApdu } from "../xdlms/index.js";
import { type Outside } from "./outside.js";
import { type SessionEvent } from "./session-types.js";

export interface UnaskedOptions {
  /** Our own system title: a message for another one is refused. Default: whoever it is for. */
  readonly systemTitle?: Uint8Array;
  /** The least that each must have. Default: authentication. */
  readonly demand?: Demand;
  /** Opens messages although no authentication key is known; their tags are not checked. Default false. */
  readonly withoutAuthenticationKey?: boolean;
  readonly quirks?: SecurityQuirks;
}

const GENERAL: ReadonlySet<number> = new Set([0xdb, 0xdd]);
/** Messages that wait for keys; more is somebody who never had any. */
const MAX_WAITING = 16;

export class Unasked {
  readonly #options: UnaskedOptions;
  readonly #outside: Outside;
  readonly #emit: (event: SessionEvent) => void;
  #waiting = 0;

  constructor(options: UnaskedOptions, outside: Outside, emit: (event: SessionEvent) => void) {
    this.#options = options;
    this.#outside = outside;
    this.#emit = emit;
  }

  /** Whether this message is looked after here: what it holds is told once its keys have come. */
  takes(bytes: Uint8Array): boolean {
    if (!GENERAL.has(bytes[0] as number)) return false;
    const refuse = (error: DlmsError): void =>
      this.#emit({ type: "noise", bytes, reason: `a protected message: ${error.message}`, error });
    try {
      const systemTitle = titleOf(bytes);
      if (this.#waiting >= MAX_WAITING)
        throw new DlmsError("LIMIT_EXCEEDED", `More than ${MAX_WAITING} messages wait for their keys.`);
      this.#waiting += 1;
      this.#outside.keys({ systemTitle }, (_now, security) => {
        this.#waiting -= 1;
        try {
          this.#open(bytes, systemTitle, security);
        } catch (caught) {
          refuse(asDlmsError(caught));
        }
      });
    } catch (caught) {
      refuse(asDlmsError(caught));
    }
    return true;
  }

  #open(bytes: Uint8Array, title: Uint8Array, security: MeterSecurity | undefined): void {
    if (security === undefined)
      throw new DlmsError("SECURITY_KEY_MISSING", `No keys are known for system title ${toHex(title)}.`);
    const layers = this.#unprotect(bytes, title, security);
    const apdu = decodeApdu((layers[layers.length - 1] as Unprotected).apdu);
    if (apdu.type !== "data-notification" && apdu.type !== "event-notification")
      throw new DlmsError("UNEXPECTED_APDU", `A ${apdu.type} came without an association.`);
    for (const { originator, key, counter } of layers)
      if (counter !== undefined) security.received?.accept(originator, key, "push", counter);
    const vouched = layers.some(({ authenticated }) => authenticated);
    const mark = vouched ? {} : ({ unauthenticated: true } as const);
    this.#emit({ type: "notification", notification: { ...apdu, ...mark } });
  }

  /** With the keys that hold, or with those before a change the meter has not made yet. */
  #unprotect(bytes: Uint8Array, title: Uint8Array, security: MeterSecurity): readonly Unprotected[] {
    const { demand = { authenticated: true, encrypted: false }, ...options } = this.#options;
    const { suite, keys, previousKeys } = security;
    const all = { ...options, demand, suite, peerSystemTitle: title };
    try {
      return unprotectAll(bytes, { ...all, keys });
    } catch (caught) {
      if (previousKeys === undefined || asDlmsError(caught).code !== "SECURITY_TAG") throw caught;
      return unprotectAll(bytes, { ...all, keys: previousKeys });
    }
  }
}

/** @throws DlmsError SECURITY_TITLE for a message that names no sender; DecodeError */
function titleOf(bytes: Uint8Array): Uint8Array {
  const apdu = decodeCipheredApdu(bytes);
  const title =
    apdu.type === "general-glo-ciphering"
      ? apdu.systemTitle
      : apdu.type === "general-ciphering"
        ? apdu.originatorSystemTitle
        : new Uint8Array(0);
  if (title.length === 0)
    throw new DlmsError("SECURITY_TITLE", "A protected message came without a system title.");
  return new Uint8Array(title);
}
