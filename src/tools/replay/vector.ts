/** A recorded conversation as test/vectors/README.md describes it: the keys the replay needs, checked when read. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { usageError } from "../../core/errors.js";

export type Direction = "c2s" | "s2c";

export type ExchangeEntry =
  { readonly dir: Direction; readonly hex: string } | { readonly note: string } | { readonly event: string };

/** What an independent client printed for one step. */
export interface PrintedStep {
  readonly step: string;
  readonly class?: number;
  readonly ln?: string;
  readonly attr?: number;
  readonly value?: unknown;
  readonly error?: string;
  readonly expectError?: boolean;
  readonly rawAxdr?: string;
}

export interface Vector {
  /** File name without path and extension. */
  readonly name: string;
  readonly transport: "hdlc" | "wrapper";
  readonly exchange: readonly ExchangeEntry[];
  readonly decoded: readonly (PrintedStep | string)[];
  readonly plaintextApdus: readonly { readonly dir: Direction; readonly hex: string }[];
  readonly quality: string;
  /** The three conformance octets as the client had them afterwards, in hex. */
  readonly negotiatedConformance?: string;
  /** The server's challenge, in hex. */
  readonly stoc?: string;
}

/** @throws DlmsError FIELD_INVALID naming the key that is not as it must be. */
export function parseVector(name: string, json: unknown): Vector {
  const file = json as Partial<Record<keyof Vector, unknown>>;
  if (typeof file !== "object" || file === null)
    throw usageError("FIELD_INVALID", name, "an object is expected");
  if (file.transport !== "hdlc" && file.transport !== "wrapper")
    throw usageError("FIELD_INVALID", "transport", `${name}: transport must be hdlc or wrapper`);
  if (!Array.isArray(file.exchange))
    throw usageError("FIELD_INVALID", "exchange", `${name}: exchange must be a list`);
  return {
    name,
    transport: file.transport,
    exchange: file.exchange as ExchangeEntry[],
    decoded: (file.decoded ?? []) as (PrintedStep | string)[],
    plaintextApdus: (file.plaintextApdus ?? []) as Vector["plaintextApdus"],
    quality: text(file.quality) ?? "",
    ...optionalText("negotiatedConformance", file.negotiatedConformance),
    ...optionalText("stoc", file.stoc),
  };
}

export function readVector(path: string): Vector {
  return parseVector(basename(path, ".json"), JSON.parse(readFileSync(path, "utf8")));
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function optionalText<N extends string>(name: N, value: unknown): { readonly [K in N]?: string } {
  const found = text(value);
  return (found === undefined || found === "" ? {} : { [name]: found }) as { readonly [K in N]?: string };
}
