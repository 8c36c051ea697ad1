/**
 * What a HDLC link is told at its start, and the defaults where it is not told. Sizes are those of the information
 * field, LLC included in the first segment; the standard's ranges are 128 to 2030 octets and windows of 1 to 7.
 */
import { limits } from "../core/limits.js";
import { type LinkParameters } from "../core/link.js";
import { type TraceSink } from "../core/trace.js";
import { type HdlcAddress } from "./address.js";
import { clampParameters } from "./parameters.js";

export interface HdlcLinkOptions {
  /** The primary sends SNRM; the secondary waits for it. */
  readonly station: "primary" | "secondary";
  readonly client: HdlcAddress;
  readonly server: HdlcAddress;
  /** Secondary: takes both addresses from the SNRM. */
  readonly acceptAnyAddress?: boolean;
  /** What this side proposes or grants at most, in octets of information field and frames. Defaults 2030 and 1. */
  readonly maxInfoTransmit?: number;
  readonly maxInfoReceive?: number;
  readonly windowTransmit?: number;
  readonly windowReceive?: number;
  /** From a poll to its answer. Default 10 000. */
  readonly responseTimeoutMs?: number;
  /** Repetitions after the first attempt. Default 3. */
  readonly retries?: number;
  /** A connected link without any frame for so long is given up. Default: never. */
  readonly inactivityTimeoutMs?: number;
  /** The rest of a frame that has begun is waited for so long. Default: the response timeout. */
  readonly interOctetTimeoutMs?: number;
  /** SNRM without parameters from the start, for meters that refuse them silently. */
  readonly bareSnrm?: boolean;
  /** Longest APDU taken from segments. */
  readonly maxApduBytes?: number;
  readonly trace?: TraceSink;
}

export interface ResolvedOptions {
  readonly offer: LinkParameters;
  readonly responseTimeoutMs: number;
  readonly interOctetTimeoutMs: number;
  readonly retries: number;
  readonly bareSnrm: boolean;
  readonly maxApduBytes: number;
}

export function resolveOptions(options: HdlcLinkOptions): ResolvedOptions {
  const responseTimeoutMs = options.responseTimeoutMs ?? 10_000;
  return {
    offer: clampParameters({
      maxInfoTransmit: options.maxInfoTransmit ?? limits.hdlcInfoMax,
      maxInfoReceive: options.maxInfoReceive ?? limits.hdlcInfoMax,
      windowTransmit: options.windowTransmit ?? 1,
      windowReceive: options.windowReceive ?? 1,
    }),
    responseTimeoutMs,
    interOctetTimeoutMs: options.interOctetTimeoutMs ?? responseTimeoutMs,
    retries: options.retries ?? 3,
    bareSnrm: options.bareSnrm ?? false,
    maxApduBytes: options.maxApduBytes ?? limits.apduBytes,
  };
}
