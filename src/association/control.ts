/**
 * Association control of one session (ACSE inside the table's states): AARQ and AARE, RLRQ and RLRE, for either party.
 * Holds the state and what was agreed; how it comes to that stands in initiator.ts and acceptor.ts. The link's end,
 * timers and services are the session's.
 */
import { type Aarq, type Acse, encodeAcse, type Rlrq } from "../acse/index.js";
import { asDlmsError, DlmsError } from "../core/errors.js";
import { type LinkAddresses, type LinkParameters } from "../core/link.js";
import { type ActionResponseItem } from "../xdlms/index.js";
import { Acceptor } from "./acceptor.js";
import { type Agreement } from "./association.js";
import { type ThirdPassApdu } from "./authentication.js";
import { type Ciphering } from "./ciphering.js";
import { Initiator } from "./initiator.js";
import { NameBook, type ShortNameOptions } from "./name-book.js";
import { type Outside } from "./outside.js";
import { type ExchangeContext, type ServiceRequest } from "./service.js";
import {
  type AssociationInfo,
  type ClientOptions,
  type ServerOptions,
  type SessionEvent,
} from "./session-types.js";
import { type Act, asker, type AssociationState, type Party, transition } from "./transitions.js";

export interface ControlHost {
  readonly ciphering: Ciphering;
  readonly outside: Outside;
  /** Sends ACSE as it stands; must not fail. */
  transmit(now: number, bytes: Uint8Array): void;
  /** Sends the third pass of HLS; its answer comes back to `proven`. */
  ask(now: number, request: ServiceRequest): void;
  /** The peer is not who it has to be, or its messages are not genuine. */
  breach(now: number, error: DlmsError): void;
  emit(event: SessionEvent): void;
  noise(reason: string): void;
  /** Requests and exchanges of an association that is over. */
  forget(error: DlmsError): void;
  /** The AARQ was answered. */
  settled(): void;
  /** The RLRQ was answered. */
  released(now: number): void;
  link(): { readonly addresses: LinkAddresses; readonly parameters: LinkParameters };
}

export class AssociationControl {
  readonly #us: Party;
  readonly #peer: Party;
  readonly #host: ControlHost;
  readonly #initiator: Initiator;
  readonly #acceptor: Acceptor;
  readonly #blockTransfer: "general" | "service-specific";
  readonly #maxApduBytes: number | undefined;
  readonly #shortNames: ShortNameOptions | undefined;
  #state: AssociationState = "idle";
  #agreement: Agreement | undefined;
  #info: AssociationInfo | undefined;
  /** Of this association; made when it is first needed. */
  #names: NameBook | undefined;

  constructor(us: Party, client: ClientOptions, server: ServerOptions, host: ControlHost) {
    this.#us = us;
    this.#peer = us === "initiator" ? "acceptor" : "initiator";
    this.#host = host;
    const own = us === "initiator" ? client : server;
    this.#blockTransfer = own.blockTransfer ?? "general";
    this.#maxApduBytes = own.maxApduBytes;
    this.#shortNames = own.shortNames;
    const { ciphering, outside } = host;
    const common = {
      ciphering,
      outside,
      transmit: (now: number, bytes: Uint8Array) => host.transmit(now, bytes),
      challenged: (agreement: Agreement) => {
        if (this.#isGivenUp) return;
        host.settled();
        this.#state = transition(this.#state, "challenge", "acceptor", us);
        this.#agreement = agreement;
      },
      agreed: (agreement: Agreement) => this.#agreed(agreement),
    };
    this.#initiator = new Initiator(client, {
      ...common,
      ask: (now, request) => host.ask(now, request),
      rejected: (error) => this.rejected(error),
      breach: (now, error) => host.breach(now, error),
    });
    this.#acceptor = new Acceptor(server, { ...common, refused: (error) => this.#refused(error) });
  }

  get state(): AssociationState {
    return this.#state;
  }

  get info(): AssociationInfo | undefined {
    return this.#info;
  }

  /** We sent an AARQ and wait. */
  get awaitsAnswer(): boolean {
    return this.#us === "initiator" && (this.#state === "opening" || this.#state === "proving");
  }

  /** What requests have to know, from the AARE on; without what protection takes of each APDU. */
  get agreed(): Omit<ExchangeContext, "invoke"> | undefined {
    const agreement = this.#info ?? this.#agreement;
    if (agreement === undefined) return undefined;
    const { conformance, maxSendPdu } = agreement;
    const generalBlocks = conformance.has("general-block-transfer") && this.#blockTransfer === "general";
    if (!agreement.logicalNameReferencing) this.#names ??= new NameBook(this.#shortNames ?? {});
    return {
      conformance,
      maxSendPdu: maxSendPdu - this.#host.ciphering.overhead,
      generalBlocks,
      maxApduBytes: this.#maxApduBytes,
      ...(this.#names === undefined ? {} : { shortNames: this.#names }),
    };
  }

  /** Whether we, or the peer, may send requests now. */
  mayAsk(who: "us" | "peer"): boolean {
    return this.#info !== undefined && asker(this.#state) === (who === "us" ? this.#us : this.#peer);
  }

  /** An act of ours. @throws DlmsError when the table doesn't allow it now. */
  enter(act: Act): void {
    this.#state = transition(this.#state, act, this.#us, this.#us);
  }

  /** Throws like `enter`, and changes nothing. */
  expect(act: Act): void {
    transition(this.#state, act, this.#us, this.#us);
  }

  /** No association any more, whoever ended it. */
  reset(): void {
    this.#state = "idle";
    this.#info = undefined;
    this.#agreement = undefined;
    this.#names = undefined;
    this.#initiator.cancel();
    this.#acceptor.cancel();
    this.#host.ciphering.end();
  }

  /** Sends the AARQ once all it needs is there. */
  open(now: number): void {
    this.#agreement = undefined;
    this.#names = undefined;
    this.#initiator.begin(now);
  }

  /** Sends an RLRQ, under protection where the association has it. */
  sendRelease(now: number): void {
    const { ciphering } = this.#host;
    const counted = ciphering.counted && ciphering.options?.protectedRelease !== false;
    ciphering.whenReady(now, counted, (then) => {
      const userInformation = this.#initiator.releaseInformation();
      const rlrq = {
        type: "rlrq",
        reason: 0,
        ...(userInformation === undefined ? {} : { userInformation }),
      } as const;
      this.#host.transmit(then, encodeAcse(rlrq));
    });
  }

  /** The answer to the third pass. */
  proven(now: number, item: ActionResponseItem | undefined): void {
    this.#initiator.proven(now, item);
  }

  /** The peer's request while it still has to prove itself. */
  prove(now: number, request: ThirdPassApdu): void {
    this.#acceptor.prove(now, request);
  }

  reversed(): AssociationInfo {
    const info: AssociationInfo = { ...(this.#info as AssociationInfo), reversed: true };
    this.#info = info;
    return info;
  }

  /** The AARQ was refused, by whatever APDU. */
  rejected(error: DlmsError): void {
    this.#host.settled();
    this.#state = transition(this.#state, "refuse", this.#peer, this.#us);
    this.reset();
    this.#host.emit({ type: "failed", error });
  }

  receive(now: number, acse: Acse): void {
    switch (acse.type) {
      case "aarq":
        if (this.#us === "initiator") return this.#host.noise("an AARQ came from the meter we called");
        return this.#opened(now, acse);
      case "aare": {
        if (!this.awaitsAnswer) return this.#host.noise("an AARE answers no open AARQ");
        // One that comes late must not shake what has got further.
        if (this.#state !== "opening") return this.#host.noise("an AARE came twice");
        return this.#initiator.answered(now, acse);
      }
      case "rlrq":
        return this.#releasedByPeer(now, acse);
      case "rlre":
        if (this.#state !== "releasing") return this.#host.noise("an RLRE answers no open RLRQ");
        return this.#host.released(now);
    }
  }

  /** The acceptor's whole part: AARQ in, AARE out. */
  #opened(now: number, aarq: Aarq): void {
    this.#state = transition(this.#state, "associate", this.#peer, this.#us);
    this.#info = undefined;
    this.#agreement = undefined;
    this.#names = undefined;
    this.#host.forget(new DlmsError("LINK_LOST", "The peer opened a new association."));
    this.#acceptor.opened(now, aarq, this.#host.link().addresses);
  }

  /** The link took no more while an answer was sent: everything open has failed already. */
  get #isGivenUp(): boolean {
    return this.#state === "idle";
  }

  /** The acceptor did not let it in. */
  #refused(error: DlmsError | undefined): void {
    if (this.#isGivenUp) return;
    this.#state = transition(this.#state, "refuse", this.#us, this.#us);
    this.reset();
    if (error !== undefined) this.#host.emit({ type: "failed", error });
  }

  #agreed(agreement: Agreement): void {
    if (this.#isGivenUp) return;
    this.#state = transition(this.#state, "accept", "acceptor", this.#us);
    this.#host.settled();
    const { ciphering } = this.#host;
    ciphering.settled();
    const { addresses, parameters } = this.#host.link();
    const info: AssociationInfo = {
      clientSap: addresses.client,
      serverSap: addresses.server,
      ...agreement,
      link: parameters,
      reversed: false,
      ...(ciphering.info === undefined ? {} : { ciphering: ciphering.info }),
      ...(ciphering.context?.peerSystemTitle === undefined
        ? {}
        : { peerSystemTitle: ciphering.context.peerSystemTitle }),
    };
    this.#info = info;
    this.#host.emit({ type: "associated", info });
  }

  /** An RLRQ is always answered; only one that ends an association is told. */
  #releasedByPeer(now: number, rlrq: Rlrq): void {
    if (this.#us === "initiator" && this.#state !== "reversed")
      return this.#host.noise("an RLRQ came from the meter we called");
    const associated = this.#info !== undefined;
    let initiate: Uint8Array | undefined;
    try {
      initiate = this.#acceptor.released(rlrq);
    } catch (caught) {
      return this.#host.breach(now, asDlmsError(caught));
    }
    this.#host.forget(new DlmsError("LINK_LOST", "The peer released the association."));
    const { ciphering } = this.#host;
    ciphering.whenReady(now, initiate !== undefined && ciphering.counted, (then) => {
      const userInformation = initiate === undefined ? undefined : ciphering.protectInitiate(initiate);
      const rlre = {
        type: "rlre",
        reason: 0,
        ...(userInformation === undefined ? {} : { userInformation }),
      } as const;
      this.reset();
      this.#host.transmit(then, encodeAcse(rlre));
      if (associated) this.#host.emit({ type: "released" });
    });
  }
}
