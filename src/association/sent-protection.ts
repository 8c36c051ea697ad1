/**
 * What protection each APDU of ours gets (IEC 62056-5-3): its form, how the peer learns the key, our signature, and what
 * has to be there before it can be made. A client does as it is told, a server as it was asked. Receiving is
 * ciphering.ts' and security/'s.
 */
import { lengthOctets } from "../axdr/length.js";
import { DlmsError } from "../core/errors.js";
import { type Role } from "../core/link.js";
import { Secret } from "../core/secret.js";
import {
  type HeaderFields,
  type KeyTransport,
  pairOctets,
  privateKeyFromRandom,
  type Protection,
  type ProtectionForm,
  type SecurityContext,
  securitySuites,
  type Unprotected,
} from "../security/index.js";
import { cipheredServiceOf, type KeySet } from "../xdlms/index.js";
import { type CipheredForm, type KeyTransportName, type SecurityOptions } from "./security-options.js";

/** How one APDU will be protected. */
export interface Plan {
  /** It uses up an invocation counter. */
  readonly counted: boolean;
  /** Octets of a cryptographic source that it needs. */
  readonly random: number;
  make(random: Uint8Array): Uint8Array;
}

/** The peer's last APDU. */
interface Heard {
  readonly form: CipheredForm;
  readonly transport?: KeyTransportName;
  readonly transactionId?: Uint8Array;
}

const TITLE_FIELD = 9;
/** Length of the content, security control, counter, authentication tag. */
const CONTENT = 3 + 5 + 12;
/** Tag, transaction id, both titles, two empty fields. */
const HEADER = 1 + 3 * TITLE_FIELD + 2;

export class SentProtection {
  readonly #role: Role;
  readonly #options: SecurityOptions;
  readonly #context: SecurityContext;
  readonly #protection: Protection;
  /** Both sides know general protection. */
  general = false;
  keySet: KeySet = "global";
  /** The association is open. Until then all concerns one meter alone. */
  open = false;
  #heard: Heard = { form: "service-specific" };
  #transactions = 0;

  constructor(role: Role, options: SecurityOptions, context: SecurityContext) {
    this.#role = role;
    this.#options = options;
    this.#context = context;
    this.#protection = options.protection ?? { authenticated: false, encrypted: false };
  }

  /** Whether there is a layer beside the signature; without it no counter is used. */
  get enciphers(): boolean {
    const { authenticated, encrypted } = this.#protection;
    return authenticated || encrypted || this.#options.signing === undefined;
  }

  /** Octets that protection may add to an APDU. */
  get overhead(): number {
    const { signing, suite = 0 } = this.#options;
    const { curve } = securitySuites[suite];
    const pair = curve === undefined ? 0 : pairOctets(curve);
    return (
      (this.enciphers ? this.#layerOctets(pair) : 0) +
      (signing === undefined ? 0 : HEADER + 3 + lengthOctets(pair) + pair)
    );
  }

  /** The peer's APDU was opened: a server answers as it was asked. */
  heard(layers: readonly Unprotected[]): void {
    const named = layers.find(({ header }) => header !== undefined)?.header;
    const ciphered = layers.find(({ form }) => form !== "general-signing");
    if (this.#role === "server") this.keySet = ciphered?.key === "dedicated" ? "dedicated" : "global";
    const transactionId = named === undefined ? {} : { transactionId: named.transactionId };
    if (ciphered?.form === "general-ciphering")
      this.#heard = { form: "general-ciphering", transport: transportOf(ciphered), ...transactionId };
    else if (ciphered !== undefined)
      this.#heard = {
        form: ciphered.form === "service-ciphering" ? "service-specific" : "general",
        ...transactionId,
      };
    else this.#heard = { ...this.#heard, ...transactionId };
  }

  /** A service's APDU. */
  plan(apdu: Uint8Array): Plan {
    const { signing } = this.#options;
    const header =
      signing === undefined && this.#formName(apdu) !== "general-ciphering" ? {} : this.#header();
    const sign = (octets: Uint8Array) => this.#context.sign(octets, header);
    if (!this.enciphers) return { counted: false, random: 0, make: () => sign(apdu) };
    const { random, form } = this.#form(apdu, header);
    const protection = this.open && this.keySet === "global" ? this.#protection : this.#unicast();
    return {
      counted: true,
      random,
      make: (octets) => {
        const inner = signing === "inside" ? sign(apdu) : apdu;
        const sealed = this.#context.protect(inner, form(octets), protection);
        return signing === "outside" ? sign(sealed) : sealed;
      },
    };
  }

  /**
   * The initiate of AARQ, AARE, RLRQ and RLRE: under its own tag with the global key, in whatever form the services
   * go; signed only where nothing else protects it.
   */
  initiate(apdu: Uint8Array): Uint8Array {
    if (!this.enciphers) return this.#context.sign(apdu, this.#header());
    return this.#context.protect(apdu, { type: "service-ciphering", keySet: "global" }, this.#unicast());
  }

  #unicast(): Protection {
    const broadcast = this.keySet === "global" && this.#context.keys.unicast === undefined;
    return broadcast ? this.#protection : { ...this.#protection, broadcast: false };
  }

  #formName(apdu: Uint8Array): CipheredForm {
    const { form, shapeForm } = this.#options;
    const own = form ?? (this.general ? "general" : "service-specific");
    return shapeForm?.(apdu) ?? (this.#role === "client" ? own : this.#heard.form);
  }

  #form(
    apdu: Uint8Array,
    header: HeaderFields,
  ): { readonly random: number; readonly form: (random: Uint8Array) => ProtectionForm } {
    const name = this.#formName(apdu);
    if (name === "general-ciphering") {
      const { random, key } = this.#transport();
      return { random, form: (octets) => ({ type: "general-ciphering", header, key: key(octets) }) };
    }
    const { keySet } = this;
    // Some services have no tag of their own for it, and a signed message is none of them.
    const own =
      name === "service-specific" &&
      this.#options.signing !== "inside" &&
      cipheredServiceOf(apdu[0] as number) !== undefined;
    const form: ProtectionForm = own
      ? { type: "service-ciphering", keySet }
      : { type: keySet === "global" ? "general-glo-ciphering" : "general-ded-ciphering" };
    return { random: 0, form: () => form };
  }

  get #transportName(): KeyTransportName {
    const heard = this.#role === "server" ? this.#heard.transport : undefined;
    return this.#options.keyTransport ?? heard ?? "identified";
  }

  #transport(): { readonly random: number; readonly key: (random: Uint8Array) => KeyTransport } {
    const scheme = this.#transportName;
    const { keyOctets, curve } = securitySuites[this.#options.suite ?? 0];
    if (scheme === "identified") return { random: 0, key: () => ({ type: "identified" }) };
    if (scheme === "wrapped")
      return {
        random: keyOctets,
        key: (random) => ({ type: "wrapped", key: new Secret(new Uint8Array(random)) }),
      };
    if (curve === undefined)
      throw new DlmsError("SECURITY_SUITE", "Security suite 0 has neither signatures nor key agreement.");
    const fresh =
      scheme === "one-pass" ||
      (scheme === "ephemeral-unified" && this.#context.keys.curve?.ephemeral === undefined);
    if (!fresh) return { random: 0, key: () => ({ type: "agreed", scheme }) };
    return {
      random: pairOctets(curve) / 2 + 8,
      key: (random) => {
        const ephemeral = privateKeyFromRandom(curve, random);
        // With two ephemeral keys the peer needs ours for its answer, so it stays for the association.
        if (scheme === "ephemeral-unified") this.#context.useEphemeralKey(ephemeral);
        return { type: "agreed", scheme, ephemeral };
      },
    };
  }

  /** A server answers under the number it was asked under. */
  #header(): HeaderFields {
    const { peerSystemTitle } = this.#context;
    const heard = this.#role === "server" ? this.#heard.transactionId : undefined;
    return {
      transactionId: heard ?? this.#nextTransaction(),
      ...(peerSystemTitle === undefined ? {} : { recipientSystemTitle: peerSystemTitle }),
    };
  }

  #nextTransaction(): Uint8Array {
    this.#transactions += 1;
    const octets = new Uint8Array(8);
    new DataView(octets.buffer).setUint32(4, this.#transactions);
    return octets;
  }

  #layerOctets(pair: number): number {
    const form =
      this.#role === "server"
        ? this.#heard.form
        : (this.#options.form ?? (this.general ? "general" : "service-specific"));
    if (form === "service-specific" && this.#options.signing !== "inside") return 1 + CONTENT;
    if (form !== "general-ciphering") return 1 + TITLE_FIELD + CONTENT;
    const { keyOctets } = securitySuites[this.#options.suite ?? 0];
    const transport = this.#transportName;
    if (transport === "identified") return HEADER + 3 + CONTENT;
    if (transport === "wrapped") return HEADER + 4 + keyOctets + 8 + CONTENT;
    const agreed = transport === "static-unified" ? 0 : 2 * pair;
    return HEADER + 4 + lengthOctets(agreed) + agreed + CONTENT;
  }
}

function transportOf({ key, scheme }: Unprotected): KeyTransportName {
  if (key === "wrapped") return "wrapped";
  return key === "agreed" && scheme !== undefined ? scheme : "identified";
}
