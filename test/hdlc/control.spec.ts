import assert from "node:assert/strict";
import { controlFromOctet, controlToOctet, formatControl } from "../../src/hdlc/control.js";

describe("HDLC control field", () => {
  it("gives every octet back as it came", () => {
    for (let octet = 0; octet < 256; octet++) assert.equal(controlToOctet(controlFromOctet(octet)), octet);
  });

  const known: readonly (readonly [number, string])[] = [
    [0x10, "I(S=0 R=0 P/F)"],
    [0x30, "I(S=0 R=1 P/F)"],
    [0x32, "I(S=1 R=1 P/F)"],
    [0x74, "I(S=2 R=3 P/F)"],
    [0x51, "RR(R=2 P/F)"],
    [0x55, "RNR(R=2 P/F)"],
    [0x59, "REJ(R=2 P/F)"],
    [0x93, "SNRM P/F"],
    [0x83, "SNRM"],
    [0x53, "DISC P/F"],
    [0x73, "UA P/F"],
    [0x1f, "DM P/F"],
    [0x0f, "DM"],
    [0x97, "FRMR P/F"],
    [0x13, "UI P/F"],
    [0x03, "UI"],
    [0x5d, "unknown control 5D"],
  ];
  for (const [octet, text] of known)
    it(`reads ${octet.toString(16)} as ${text}`, () =>
      assert.equal(formatControl(controlFromOctet(octet)), text));
});
