import { strict as assert } from "node:assert";
import { readFile } from "node:fs/promises";
import { dialectByName } from "../../src/meter-types/dialects/index.js";
import { presets } from "../../src/meter-types/presets.js";
import { Bench, until } from "./bench.js";

const serial = "12345678";
const token = "12345678901234567890";

describe("gateway: the link that the meter initiated", () => {
  for (const framing of ["hdlc", "wrapper"] as const) {
    it(`goes over ${framing} as docs/reverse-link.md shows, octet by octet`, async () => {
      const text = await readFile(`${__dirname}/../../docs/reverse-link.md`, "utf8");
      const block = new RegExp(`\`\`\`${framing}\\n([^\`]+)\`\`\``).exec(text)?.[1] ?? "";
      const frames = (side: "M" | "G"): string =>
        [...block.matchAll(/^([MG]) ([0-9A-F]+)$/gm)]
          .filter(([, by]) => by === side)
          .map(([, , hex]) => hex)
          .join("");
      const bench = await new Bench({ defaultMeterType: presets.readme }).open();
      try {
        const dialect = dialectByName("meter-initiated");
        assert.ok(dialect);
        const meter = await bench.dialIn({ serial, meterType: presets.readme, dialect, framing });
        await bench.event("associated", serial);
        await bench.run("remote-control", { meterSerialNumber: serial, action: "disconnect" });
        assert.ok(frames("M").length > 100);
        assert.equal(meter.sent().slice(0, frames("M").length), frames("M"));
        assert.equal(meter.received().slice(0, frames("G").length), frames("G"));
      } finally {
        await bench.close();
      }
    });

    it(`with preset readme over ${framing}: read, disconnect, connect, token`, async () => {
      const bench = await new Bench({ defaultMeterType: presets.readme }).open();
      try {
        const dialect = dialectByName("meter-initiated");
        assert.ok(dialect);
        const meter = await bench.dialIn({ serial, meterType: presets.readme, dialect, framing });
        await bench.event("associated", serial);
        const read = await bench.run("read-meter", { meterSerialNumber: serial, obisCode: "1-0:1.8.0.255" });
        assert.equal(read.outcome, "read", JSON.stringify(read));
        const off = await bench.run("remote-control", { meterSerialNumber: serial, action: "disconnect" });
        assert.equal(off.outcome, "disconnected", JSON.stringify(off));
        const on = await bench.run("remote-control", { meterSerialNumber: serial, action: "connect" });
        assert.equal(on.outcome, "connected", JSON.stringify(on));
        const load = await bench.run("remote-load", { meterSerialNumber: serial, token });
        assert.equal(load.outcome, "delivered-unverified", JSON.stringify(load));
        assert.equal(bench.ledger.credits(serial).length, 1);
        // The gateway never sent an AARQ or SNRM of its own.
        assert.doesNotMatch(meter.received(), /601DA109|0321930F01/);
        assert.match(meter.received(), /C3 ?01..0046000060030AFF01010F00/);
      } finally {
        await bench.close();
      }
    });

    it(`with another preset over ${framing}: REVERSE_NOT_ALLOWED, and nothing is sent`, async () => {
      const bench = await new Bench({ defaultMeterType: presets.standard }).open();
      try {
        const dialect = dialectByName("meter-initiated");
        assert.ok(dialect);
        const meter = await bench.dialIn({ serial, meterType: presets.standard, dialect, framing });
        await bench.event("associated", serial);
        const before = meter.received().length;
        for (const [name, fields] of [
          ["remote-control", { action: "disconnect" }],
          ["remote-load", { token }],
          ["write-meter", { obisCode: "0-0:1.0.0.255", attributeId: 3, value: 0 }],
          ["call-method", { obisCode: "0-0:1.0.0.255", methodId: 3 }],
          ["meter-clock", { action: "set" }],
          ["meter-firmware", { image: new Uint8Array(4), identifier: "FW" }],
        ] as const) {
          const result = await bench.run(name, { meterSerialNumber: serial, ...fields });
          assert.equal(result.error?.code, "REVERSE_NOT_ALLOWED", JSON.stringify(result));
          assert.equal(result.outcome, "not-sent");
          assert.equal(result.attempts, 0);
        }
        assert.equal(meter.received().length, before);
        const read = await bench.run("read-meter", { meterSerialNumber: serial, obisCode: "1-0:1.8.0.255" });
        assert.equal(read.outcome, "read", JSON.stringify(read));
      } finally {
        await bench.close();
      }
    });
  }

  it("a wrong password in the meter's AARQ is not let in", async () => {
    const bench = await new Bench({ defaultMeterType: { ...presets.hexcell, allowReverse: true } }).open();
    try {
      const dialect = dialectByName("meter-initiated");
      assert.ok(dialect);
      await bench.dialIn({ serial, meterType: presets.readme, dialect, framing: "wrapper" });
      await until(() => bench.listener.state.links === 0 && bench.meterEvents.length > 1, "the link ends");
      assert.equal(bench.listener.registry.find(serial), undefined);
    } finally {
      await bench.close();
    }
  });
});
