/**
 * Association control of one session (ACSE inside the table's states): AARQ and AARE, RLRQ and RLRE, for either party.
 * Holds the state and what was agreed. The link's end, timers and services are the session's.
 */
import { type Aarq, type Acse } from "../acse/index.js";
import { DlmsError } from "../core/errors.js";
import { type LinkAddresses, type LinkParameters } from "../core/link.js";
import { type Agreement, buildAarq, judgeAare, judgeAarq } from "./association.js";
import {
  type AssociationInfo,
  type ClientOptions,
  type ServerOptions,
  type SessionEvent,
} from "./session-types.js";
import { type Act, asker, type AssociationState, type Party, transition } from "./transitions.js";

export interface ControlHost {
  /** Sends an answer; must not fail. */
  answer(now: number, acse: Acse): void;
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
  readonly #client: ClientOptions;
  readonly #server: ServerOptions;
  readonly #host: ControlHost;
  #state: AssociationState = "idle";
  #info: AssociationInfo | undefined;

  constructor(us: Party, client: ClientOptions, server: ServerOptions, host: ControlHost) {
    this.#us = us;
    this.#peer = us === "initiator" ? "acceptor" : "initiator";
    this.#client = client;
    this.#server = server;
    this.#host = host;
  }

  get state(): AssociationState {
    return this.#state;
  }

  get info(): AssociationInfo | undefined {
    return this.#info;
  }

  /** We sent an AARQ and wait. */
  get awaitsAnswer(): boolean {
    return this.#us === "initiator" && this.#state === "opening";
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
  }

  aarq(): Aarq {
    return buildAarq(this.#client);
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
    this.#host.emit({ type: "failed", error });
  }

  receive(now: number, acse: Acse): void {
    switch (acse.type) {
      case "aarq":
        if (this.#us === "initiator") return this.#host.noise("an AARQ came from the meter we called");
        return this.#opened(now, acse);
      case "aare": {
        if (!this.awaitsAnswer) return this.#host.noise("an AARE answers no open AARQ");
        const verdict = judgeAare(acse, this.#client);
        if (verdict instanceof DlmsError) return this.rejected(verdict);
        this.#host.settled();
        return this.#agreed(verdict);
      }
      case "rlrq":
        return this.#releasedByPeer(now);
      case "rlre":
        if (this.#state !== "releasing") return this.#host.noise("an RLRE answers no open RLRQ");
        return this.#host.released(now);
    }
  }

  /** The acceptor's whole part: AARQ in, AARE out. */
  #opened(now: number, aarq: Aarq): void {
    this.#state = transition(this.#state, "associate", this.#peer, this.#us);
    this.#info = undefined;
    this.#host.forget(new DlmsError("LINK_LOST", "The peer opened a new association."));
    const { aare, agreement } = judgeAarq(aarq, this.#host.link().addresses, this.#server);
    this.#host.answer(now, aare);
    if (agreement === undefined) this.#state = transition(this.#state, "refuse", this.#us, this.#us);
    else this.#agreed(agreement);
  }

  #agreed(agreement: Agreement): void {
    this.#state = transition(this.#state, "accept", "acceptor", this.#us);
    const { addresses, parameters } = this.#host.link();
    const info: AssociationInfo = {
      clientSap: addresses.client,
      serverSap: addresses.server,
      ...agreement,
      logicalNameReferencing: true,
      link: parameters,
      reversed: false,
    };
    this.#info = info;
    this.#host.emit({ type: "associated", info });
  }

  /** An RLRQ is always answered; only one that ends an association is told. */
  #releasedByPeer(now: number): void {
    if (this.#us === "initiator" && this.#state !== "reversed")
      return this.#host.noise("an RLRQ came from the meter we called");
    const associated = this.#info !== undefined;
    this.reset();
    this.#host.forget(new DlmsError("LINK_LOST", "The peer released the association."));
    this.#host.answer(now, { type: "rlre", reason: 0 });
    if (associated) this.#host.emit({ type: "released" });
  }
}
