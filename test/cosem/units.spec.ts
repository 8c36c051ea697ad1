/** The unit table holds every assigned code, once, and knows the codes that are often wrong elsewhere. */
import assert from "node:assert/strict";
import { unitByCode, units } from "../../src/cosem/units.js";

describe("cosem/units", () => {
  it("holds exactly the assigned codes", () => {
    const reserved = (code: number): boolean =>
      [0, 58, 59, 68, 69].includes(code) || (code >= 73 && code <= 127) || (code >= 175 && code <= 253);
    const expected = Array.from({ length: 256 }, (_, code) => code).filter((code) => !reserved(code));
    assert.deepEqual(
      units.map((unit) => unit.code),
      expected,
    );
    for (const unit of units) {
      assert.ok(unit.quantity.length > 2, String(unit.code));
      assert.equal(unit.symbol === "", unit.code === 255);
    }
  });

  it("names the common ones and the traps", () => {
    for (const [code, symbol] of [
      [9, "°C"],
      [13, "m³"],
      [27, "W"],
      [28, "VA"],
      [29, "var"],
      [30, "Wh"],
      [31, "VAh"],
      [32, "varh"],
      [33, "A"],
      [35, "V"],
      [44, "Hz"],
      [48, "V²h"],
      [49, "A²h"],
      [53, "1/V²h"],
      [54, "1/A²h"],
      [56, "%"],
      [70, "dBm"],
      [171, "BTU/s"],
    ] as const)
      assert.equal(unitByCode(code).symbol, symbol);
    assert.deepEqual(unitByCode(255), { code: 255, symbol: "", quantity: "count" });
  });

  it("shows a reserved code instead of failing", () => {
    assert.deepEqual(unitByCode(73), { code: 73, symbol: "unit-73", quantity: "reserved" });
  });
});
