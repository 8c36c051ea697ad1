import assert from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes/hex.js";
import { DecodeError } from "../../src/core/errors.js";
import { decodeHdlcFrame } from "../../src/hdlc/frame.js";
import {
  decodeParameterField,
  defaultParameters,
  encodeParameterField,
  grantField,
  negotiate,
  parameterFieldCodec,
  readOffer,
  readParameters,
  writeParameters,
} from "../../src/hdlc/parameters.js";
import { checkCodec } from "../support/check-codec.js";
import { recordings } from "./vectors.js";
import { workedFrames } from "./worked-frames.js";

const information = (hex: string): Uint8Array => decodeHdlcFrame(fromHex(hex)).information as Uint8Array;

describe("HDLC parameters", () => {
  it("writes what the worked SNRM and UA carry", () => {
    const large = { maxInfoTransmit: 2030, maxInfoReceive: 2030, windowTransmit: 1, windowReceive: 1 };
    assert.equal(
      toHex(encodeParameterField(writeParameters(large))),
      toHex(information(workedFrames.snrmWithParameters)),
    );
    assert.equal(
      toHex(encodeParameterField(writeParameters(defaultParameters))),
      toHex(information(workedFrames.uaWithParameters)),
    );
  });

  it("reads any length, skips unknown parameters and user groups, and gives all of it back", () => {
    const hex = "81 80 10 05 04 00 00 02 00 06 01 FF 07 01 03 09 02 AB CD F0 03 01 02 03".replaceAll(" ", "");
    const field = decodeParameterField(fromHex(hex));
    assert.deepEqual(readParameters(field), {
      maxInfoTransmit: 512,
      maxInfoReceive: 255,
      windowTransmit: 3,
      windowReceive: 1,
    });
    assert.equal(toHex(encodeParameterField(field)), hex);
  });

  it("re-encodes every recorded negotiation", () => {
    let seen = 0;
    for (const { chunks } of recordings("hdlc"))
      for (const { bytes } of chunks) {
        const { control, information: octets } = decodeHdlcFrame(bytes);
        if ((control.type !== "SNRM" && control.type !== "UA") || octets === undefined) continue;
        seen += 1;
        assert.equal(toHex(encodeParameterField(decodeParameterField(octets))), toHex(octets));
      }
    assert.ok(seen > 20);
  });

  it("holds for random values and damaged octets", () => checkCodec(parameterFieldCodec));

  it("pulls senseless values into the standard's ranges", () => {
    const field = decodeParameterField(fromHex("81800A0502FFFF060100070100"));
    assert.deepEqual(readParameters(field), {
      maxInfoTransmit: 2030,
      maxInfoReceive: 32,
      windowTransmit: 1,
      windowReceive: 1,
    });
  });

  it("lets each receiver bound the other's sender", () => {
    const own = { maxInfoTransmit: 2030, maxInfoReceive: 512, windowTransmit: 7, windowReceive: 2 };
    const peer = { maxInfoTransmit: 1024, maxInfoReceive: 256, windowTransmit: 1, windowReceive: 4 };
    assert.deepEqual(negotiate(own, peer), {
      maxInfoTransmit: 256,
      maxInfoReceive: 512,
      windowTransmit: 4,
      windowReceive: 1,
    });
  });

  it("falls back to the defaults where nothing readable came", () => {
    assert.deepEqual(readOffer(undefined), defaultParameters);
    assert.deepEqual(readOffer(fromHex("8180FF0501")), defaultParameters);
    assert.throws(() => decodeParameterField(fromHex("8180FF0501")), DecodeError);
  });

  it("answers a bare SNRM bare unless less than the defaults is granted", () => {
    assert.equal(grantField(undefined, defaultParameters), undefined);
    assert.notEqual(grantField(undefined, { ...defaultParameters, maxInfoReceive: 64 }), undefined);
    assert.notEqual(grantField(Uint8Array.of(0x81), defaultParameters), undefined);
  });
});
