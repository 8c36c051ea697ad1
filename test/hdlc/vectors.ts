/** The recorded HDLC frames, and the worked frames and captures of the standard's users, as test data. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromHex } from "../../src/bytes/hex.js";

export interface RecordedChunk {
  readonly direction: "c2s" | "s2c";
  readonly bytes: Uint8Array;
}

export interface Recording {
  readonly name: string;
  /** Correct on both sides; otherwise one side misbehaves somewhere. */
  readonly golden: boolean;
  readonly chunks: readonly RecordedChunk[];
}

const FOLDER = join(__dirname, "..", "vectors");

export function recordings(transport: "hdlc" | "wrapper"): Recording[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(".json") && file !== "INDEX.json")
    .map((file) => ({ file, content: JSON.parse(readFileSync(join(FOLDER, file), "utf8")) }))
    .filter(({ content }) => content.transport === transport)
    .map(({ file, content }) => ({
      name: file.replace(".json", ""),
      golden: content.quality === "golden",
      chunks: (content.exchange as { dir: "c2s" | "s2c"; hex?: string }[])
        .filter((entry) => entry.hex !== undefined)
        .map((entry) => ({ direction: entry.dir, bytes: fromHex(entry.hex as string) })),
    }));
}
