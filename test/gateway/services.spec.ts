/** Meters of other manners: objects by short names, all services proposed, behind a concentrator. Over real sockets. */
import assert from "node:assert/strict";
import { fullConformance, supportedConformance } from "../../src/association/index.js";
import { fromHex } from "../../src/bytes/hex.js";
import { dialectByName, type Dialect } from "../../src/meter-types/dialects/index.js";
import { checkMeterType } from "../../src/meter-types/check.js";
import { type AssociationSettings, type MeterType } from "../../src/meter-types/meter-type.js";
import { presets } from "../../src/meter-types/presets.js";
import { Bench } from "./bench.js";

const serial = "46000099001";
const dialects = {
  hdlc: dialectByName("plain-hdlc") as Dialect,
  wrapper: dialectByName("hexcell-login") as Dialect,
};
const withoutLists = [...fullConformance].filter((bit) => bit !== "multiple-references");
const typeWith = (association: Partial<AssociationSettings>): MeterType =>
  checkMeterType({ ...presets.hexcell, association: { ...presets.hexcell.association, ...association } });

describe("gateway: meters of other manners", () => {
  const types: readonly (readonly [string, MeterType, RegExp])[] = [
    // READ, WRITE, and no GET.
    ["objects by short names", typeWith({ shortNames: true }), /0501(02|04)/],
    ["ACCESS in the place of lists, general blocks", typeWith({ services: withoutLists }), /D9[0-9A-F]{8}00/],
    [
      "behind a concentrator",
      typeWith({ behind: { networkId: 3, deviceAddress: fromHex("AB01") } }),
      /E60302AB01C0/,
    ],
    ["no more than usual", typeWith({ services: [...supportedConformance] }), /C003/],
  ];
  for (const [what, meterType, seen] of types)
    for (const framing of ["hdlc", "wrapper"] as const)
      it(`${what}, ${framing}: read, switched and credited`, async () => {
        const bench = await new Bench({ defaultMeterType: meterType, framing }).open();
        try {
          const meter = await bench.dialIn({
            serial,
            meterType,
            dialect: dialects[framing],
            framing,
            objects: "hexcell",
            maxPdu: 200,
          });
          await bench.event("associated", serial);
          const on = { meterSerialNumber: serial };
          const read = await bench.run("read-meter", {
            ...on,
            obisCodes: ["1-0:1.8.0.255", "1-0:32.7.0.255", "0-0:96.1.0.255"],
          });
          assert.equal(read.success, true, JSON.stringify(read));
          assert.deepEqual(
            read.readings?.map(({ unit }) => unit),
            ["Wh", "V", undefined],
          );
          const off = await bench.run("remote-control", { ...on, action: "disconnect" });
          assert.equal(off.outcome, "disconnected", JSON.stringify(off));
          const back = await bench.run("remote-control", { ...on, action: "connect" });
          assert.equal(back.outcome, "connected", JSON.stringify(back));
          const loaded = await bench.run("remote-load", { ...on, token: "12345678901234567890" });
          assert.equal(loaded.outcome, "accepted", JSON.stringify(loaded));
          assert.match(meter.received(), seen);
        } finally {
          await bench.close();
        }
      });
});
