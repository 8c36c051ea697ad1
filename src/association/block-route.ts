/**
 * Where general block transfer stands in a session: between protection and link, so that a protected APDU is cut, or
 * above protection, so that every block is protected. Whoever sends the first block decides for both.
 */
import { asDlmsError, type DlmsError } from "../core/errors.js";
import { type LinkAddresses } from "../core/link.js";
import { type Apdu, encodeApdu, type LongInvokeIdAndPriority } from "../xdlms/index.js";
import { type AskingSide } from "./asking-side.js";
import { type Ciphering } from "./ciphering.js";
import { type AssociationControl } from "./control.js";
import { GeneralBlocks } from "./general-blocks.js";
import { exception } from "./refusal.js";
import { type SessionEvent, type TransferOptions } from "./session-types.js";
import { readUnit } from "./unit.js";

export interface BlockRouteParts {
  readonly options: TransferOptions;
  readonly control: AssociationControl;
  readonly ciphering: Ciphering;
  readonly asking: AskingSide;
}

export interface BlockRouteHost {
  /** Tells the link how many APDUs are due. */
  expect(now: number, apdus: number): void;
  /** Refuses a request; must not fail. */
  answer(now: number, apdu: Apdu): void;
  /** The asking half may have something to send. */
  next(now: number): void;
  emit(event: SessionEvent): void;
  /** Onto the link. */
  put(now: number, bytes: Uint8Array, unconfirmed: boolean, between?: LinkAddresses): void;
}

const GENERAL_BLOCK_TRANSFER = 0xe0;

export class BlockRoute {
  readonly #parts: BlockRouteParts;
  readonly #host: BlockRouteHost;
  readonly #blocks: GeneralBlocks;
  /** The peer protects each of its blocks, or not; undefined before its first. */
  #peerProtectsEach: boolean | undefined;

  constructor(parts: BlockRouteParts, host: BlockRouteHost) {
    this.#parts = parts;
    this.#host = host;
    const { control, ciphering, asking } = parts;
    const { generalBlocks, maxApduBytes } = parts.options;
    this.#blocks = new GeneralBlocks(
      { ...generalBlocks, maxApduBytes },
      {
        transmit: (now, bytes, unconfirmed) =>
          this.#each ? ciphering.send(now, bytes, unconfirmed) : host.put(now, bytes, unconfirmed),
        room: () => {
          const { agreed } = control;
          if (agreed === undefined || !this.#negotiated) return undefined;
          return this.#each ? agreed.maxSendPdu : agreed.maxSendPdu + ciphering.overhead;
        },
        role: () => (asking.busy ? "asking" : control.mayAsk("peer") ? "answering" : "neither"),
        expect: (now, apdus) => host.expect(now, apdus),
        progress: (now) => asking.progress(now),
        patienceMs: () => asking.timeoutMs,
        broken: (now, error) => this.#broken(now, error),
        noise: (bytes, error) => host.emit({ type: "noise", bytes, reason: error.message, error }),
      },
    );
  }

  get deadline(): number | undefined {
    return this.#blocks.deadline;
  }

  /** An APDU of ours, in clear. */
  send(now: number, apdu: Uint8Array, unconfirmed = false): void {
    if (this.#each) this.#blocks.send(now, apdu, unconfirmed);
    else this.#parts.ciphering.send(now, apdu, unconfirmed);
  }

  /** A notification of ours, in clear; protected also where the association does not cipher, if it has to be. */
  notify(now: number, apdu: Uint8Array): void {
    const { ciphering, options } = this.#parts;
    const { notifying } = options;
    if (notifying === undefined || ciphering.ciphered) this.send(now, apdu, true);
    else ciphering.notify(now, apdu, notifying);
  }

  /** Answers a notification. Where that can't be sent the meter will say it again. */
  confirm(now: number, longInvoke: LongInvokeIdAndPriority, between: LinkAddresses): void {
    const apdu = encodeApdu({ type: "data-notification-confirm", longInvoke });
    try {
      if (this.#parts.ciphering.ciphered) this.send(now, apdu, true);
      else this.#host.put(now, apdu, true, between);
    } catch (caught) {
      this.#host.emit({ type: "noise", bytes: apdu, reason: asDlmsError(caught).message });
    }
  }

  /** What protection has made of an APDU or a block of ours. */
  sealed(now: number, bytes: Uint8Array, unconfirmed: boolean): void {
    if (this.#each) this.#host.put(now, bytes, unconfirmed);
    else this.#blocks.send(now, bytes, unconfirmed);
  }

  /**
   * Something of the peer, its own protection taken off.
   * @param isProtected it came protected.
   * @returns undefined for a block that leaves its APDU unfinished; the whole APDU with its last block; what was given
   * when it is no block, or none that was agreed on.
   */
  receive(now: number, bytes: Uint8Array, isProtected: boolean, unconfirmed = false): Uint8Array | undefined {
    if (bytes[0] !== GENERAL_BLOCK_TRANSFER) return bytes;
    const { asking, control, ciphering } = this.#parts;
    const belongs = !unconfirmed && (asking.busy || control.mayAsk("peer"));
    if (belongs && !this.#negotiated) return bytes;
    const unit = readUnit(bytes, false);
    if (unit.kind !== "apdu" || unit.apdu.type !== "general-block-transfer") return bytes;
    if (belongs && ciphering.ciphered && unit.apdu.blockData.length > 0) this.#peerProtectsEach = isProtected;
    return this.#blocks.receive(now, unit.apdu, unconfirmed);
  }

  /** The peer began another exchange, without blocks. Must not fail. */
  overtaken(now: number): void {
    this.#blocks.overtaken(now);
  }

  /** The exchange under way is over. @param unfinished blocks of it may still come. */
  drop(unfinished = false): void {
    this.#blocks.drop(unfinished);
    this.#peerProtectsEach = undefined;
  }

  /** Something of a long answer arrived, but not yet an APDU. */
  progress(now: number): void {
    this.#parts.asking.progress(now);
    this.#blocks.progress(now);
  }

  handleTimeout(now: number): void {
    this.#blocks.handleTimeout(now);
  }

  #broken(now: number, error: DlmsError): void {
    const { asking } = this.#parts;
    if (!asking.busy)
      return this.#host.answer(
        now,
        exception(error.code === "LIMIT_EXCEEDED" ? "pdu-too-long" : "other-reason"),
      );
    asking.fail(error);
    this.#host.next(now);
  }

  get #negotiated(): boolean {
    return this.#parts.control.agreed?.conformance.has("general-block-transfer") ?? false;
  }

  get #each(): boolean {
    if (!this.#parts.ciphering.ciphered) return false;
    return this.#peerProtectsEach ?? this.#parts.options.generalBlocks?.protect === "each";
  }
}
