import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { acseCodec, isAcseTag } from "../../src/acse/index.js";
import { type Codec, decodeAll, inspectAll } from "../../src/bytes/codec.js";
import { fromHex } from "../../src/bytes/hex.js";
import { DecodeError } from "../../src/core/errors.js";
import { frameCodec } from "../../src/hdlc/index.js";
import { replayLink } from "../../src/tools/replay/link-layer.js";
import { readVector } from "../../src/tools/replay/vector.js";
import { wrapperPduCodec } from "../../src/wrapper/index.js";
import { apduCodec } from "../../src/xdlms/index.js";

const VECTORS = join(__dirname, "../vectors");

/** Both modes give the same value, or fail at the same octet with the same words; only tracing names the path. */
function bothModes<T>(codec: Codec<T>, bytes: Uint8Array, where: string): void {
  const traced = inspectAll(codec, bytes);
  try {
    assert.deepStrictEqual(traced.value, decodeAll(codec, bytes), where);
  } catch (caught) {
    if (!(caught instanceof DecodeError)) throw caught;
    assert.equal(traced.error?.message, caught.message, where);
    assert.equal(traced.error?.offset, caught.offset, where);
  }
}

describe("good-path and tracing mode", () => {
  for (const file of readdirSync(VECTORS)) {
    if (!file.endsWith(".json") || ["INDEX.json", "deviations.json", "digests.json"].includes(file)) continue;
    it(`agree on ${file}`, () => {
      const vector = readVector(join(VECTORS, file));
      vector.exchange.forEach((entry, frame) => {
        if (!("hex" in entry)) return;
        const bytes = fromHex(entry.hex);
        if (vector.transport === "hdlc") bothModes(frameCodec, bytes, `frame ${frame}`);
        else bothModes(wrapperPduCodec, bytes, `frame ${frame}`);
      });
      const apdus = [
        ...replayLink(vector).apdus.map(({ bytes }) => bytes),
        ...vector.plaintextApdus.map(({ hex }) => fromHex(hex)),
      ];
      apdus.forEach((bytes, i) => {
        if (isAcseTag(bytes[0])) bothModes(acseCodec, bytes, `APDU ${i}`);
        else bothModes(apduCodec, bytes, `APDU ${i}`);
      });
    });
  }
});
