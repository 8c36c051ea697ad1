/** A recorded conversation as test/vectors/README.md describes it: the keys the replay needs, checked when read. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { usageError } from "../../core/errors.js";
import { type SecuritySuite } from "../../security/index.js";

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

/** Keys, titles and secrets of one conversation, as the file gives them: octets in hex, the secret as text. */
export interface RecordedSecurity {
  readonly suite: SecuritySuite;
  readonly secret?: string;
  /** `guek`, `gak`, `dedicated`; `client.priv.pkcs8`, `client.pub.spki` and the same of the server. */
  readonly keys: Readonly<Record<string, string>>;
  /** Empty where the party shows none. */
  readonly titles: { readonly client: string; readonly server: string };
  /** The client's challenge. */
  readonly ctos?: string;
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
  readonly security: RecordedSecurity;
}

/** A file's keys; those of `security` stand at the top of the file. */
type VectorFile = Partial<
  Record<keyof Vector | keyof RecordedSecurity | "securitySuite" | "systemTitles" | "commandLine", unknown>
>;

/** @throws DlmsError FIELD_INVALID naming the key that is not as it must be. */
export function parseVector(name: string, json: unknown): Vector {
  const file = json as VectorFile;
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
    security: securityOf(file),
  };
}

function securityOf(file: VectorFile): RecordedSecurity {
  const titles = (file.systemTitles ?? {}) as Readonly<Record<string, unknown>>;
  const suite = file.securitySuite;
  return {
    suite: suite === 1 || suite === 2 ? suite : 0,
    keys: (file.keys ?? {}) as Readonly<Record<string, string>>,
    titles: { client: text(titles.client) ?? "", server: text(titles.server) ?? "" },
    ...optionalText("secret", file.secret ?? /-P (\S+)/.exec(text(file.commandLine) ?? "")?.[1]),
    ...optionalText("ctos", file.ctos),
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
