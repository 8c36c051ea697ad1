/**
 * Finds out how a silent meter wants to be spoken to: wrapper or HDLC, by what worked last for its address, with the
 * public client first. The names it gives (logical device name, serial number) are read by whoever called.
 */
import { asDlmsError, DlmsError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import { type Framing, type MeterType } from "../meter-types/meter-type.js";
import { type ByteChannel } from "../transport/channel.js";
import { type Clock } from "../transport/clock.js";
import { Association, type AssociationOutside } from "./association.js";
import { type Credentials } from "./security/keyring.js";
import { type LinkFraming } from "./sniff.js";

/** What worked last, by peer address. Bounded: the oldest is forgotten. */
export class FramingMemory {
  readonly #known = new Map<string, LinkFraming>();

  remember(remoteAddress: string, framing: LinkFraming): void {
    this.#known.delete(remoteAddress);
    this.#known.set(remoteAddress, framing);
    const oldest = this.#known.keys().next();
    if (this.#known.size > limits.links && oldest.done !== true) this.#known.delete(oldest.value);
  }

  /** Framings to try, the likeliest first; one alone when it is settled. */
  order(remoteAddress: string, ...settled: readonly (Framing | undefined)[]): readonly LinkFraming[] {
    for (const framing of settled) if (framing !== undefined && framing !== "auto") return [framing];
    return this.#known.get(remoteAddress) === "hdlc" ? ["hdlc", "wrapper"] : ["wrapper", "hdlc"];
  }
}

export interface ProbeOptions {
  readonly lease: () => ByteChannel & { end(): void };
  readonly clock: Clock;
  readonly framings: readonly LinkFraming[];
  readonly meterType: MeterType;
  /** For the meter type's own client; nothing is known yet of the meter. @throws DlmsError when there are none. */
  readonly credentials: () => Promise<readonly Credentials[]>;
  readonly outside: AssociationOutside;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface Probed {
  readonly association: Association;
  readonly framing: LinkFraming;
}

/**
 * Tries the public client, then the meter type's own client, each in every framing.
 * @throws DlmsError IDENTIFY_TIMEOUT when nothing was answered; the meter's refusal when it refused everybody.
 */
export async function probe(options: ProbeOptions): Promise<Probed> {
  const { meterType, signal } = options;
  const { publicClientSap, clientSap, mechanism, security } = meterType.association;
  let framings = options.framings;
  let refusal: DlmsError | undefined;
  const callers = [
    () => Promise.resolve({ clientSap: publicClientSap, mechanism: "none" as const }),
    ...(publicClientSap === clientSap && mechanism === "none" && security === undefined
      ? []
      : [async () => ({ clientSap, mechanism, ...(await options.credentials())[0] })]),
  ];
  for (const caller of callers)
    for (const framing of framings) {
      signal.throwIfAborted();
      try {
        const association = await Association.open({
          channel: options.lease(),
          clock: options.clock,
          framing,
          settings: meterType.association,
          outside: options.outside,
          ...(await caller()),
          responseTimeoutMs: options.timeoutMs,
          retries: 0,
          signal,
        });
        return { association, framing };
      } catch (caught) {
        const error = asDlmsError(caught);
        if (error.code === "RESPONSE_TIMEOUT" || error.code === "CONNECT_TIMEOUT") continue;
        if (error.family === "TransportError" || signal.aborted) throw error;
        // A refusal is an answer: the framing is right, only this client is not.
        refusal = error;
        framings = [framing];
        break;
      }
    }
  throw refusal ?? new DlmsError("IDENTIFY_TIMEOUT", "The meter answered neither in a wrapper nor in HDLC.");
}
