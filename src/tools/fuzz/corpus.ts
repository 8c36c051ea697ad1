/** Recorded traffic of test/vectors, taken apart into what the fuzzer mutates. Read once, when it is first asked for. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { concatBytes, fromHex, toHex } from "../../bytes/hex.js";
import { replayLink } from "../replay/link-layer.js";
import { type Direction, readVector, type Vector } from "../replay/vector.js";
import { root } from "../steps.js";

export interface Corpus {
  /** Wire units: HDLC frames and wrapper PDUs. */
  readonly hdlc: readonly Uint8Array[];
  readonly wrapper: readonly Uint8Array[];
  /** APDUs, ciphered ones both as they were sent and in clear. */
  readonly apdus: readonly Uint8Array[];
  /** What one side sent during a whole conversation, unit by unit. */
  readonly streams: readonly {
    readonly transport: "hdlc" | "wrapper";
    readonly dir: Direction;
    readonly units: readonly Uint8Array[];
  }[];
}

/** Beyond it an APDU is a long profile, of which there are enough. */
const LONG_APDU = 8_192;
const NOT_VECTORS = new Set(["INDEX.json", "deviations.json", "digests.json"]);

let read: Corpus | undefined;

export function corpus(): Corpus {
  return (read ??= readCorpus(join(root, "test", "vectors")));
}

function readCorpus(folder: string): Corpus {
  const names = readdirSync(folder).filter((name) => name.endsWith(".json") && !NOT_VECTORS.has(name));
  const vectors = names.sort().map((name) => readVector(join(folder, name)));
  const streams = vectors.flatMap((vector) =>
    (["c2s", "s2c"] as const).map((dir) => ({
      transport: vector.transport,
      dir,
      units: unitsOf(vector, dir),
    })),
  );
  const of = (transport: Vector["transport"]): Uint8Array[] =>
    streams.filter((stream) => stream.transport === transport).flatMap(({ units }) => units);
  const apdus = vectors.flatMap((vector) => [
    ...replayLink(vector).apdus.map(({ bytes }) => bytes),
    ...vector.plaintextApdus.map(({ hex }) => fromHex(hex)),
  ]);
  return {
    hdlc: distinct(of("hdlc")),
    wrapper: distinct(of("wrapper")),
    apdus: distinct(apdus.filter(({ length }) => length > 0 && length <= LONG_APDU)),
    streams: streams.filter(({ units }) => units.length > 0),
  };
}

function unitsOf({ exchange }: Vector, dir: Direction): Uint8Array[] {
  return exchange.flatMap((entry) => ("hex" in entry && entry.dir === dir ? [fromHex(entry.hex)] : []));
}

function distinct(all: readonly Uint8Array[]): Uint8Array[] {
  return [...new Map(all.map((octets) => [toHex(octets), octets])).values()];
}

/** Some units of one recorded side, from anywhere in it. */
export function passage(units: readonly Uint8Array[], from: number, count: number): Uint8Array {
  return concatBytes(...units.slice(from, from + count));
}
