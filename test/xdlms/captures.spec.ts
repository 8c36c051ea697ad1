import assert from "node:assert/strict";
import { type Data } from "../../src/axdr/index.js";
import { concatBytes, fromHex, toHex, toLatin1 } from "../../src/bytes/hex.js";
import { decodeHdlcFrame, stripLlc } from "../../src/hdlc/index.js";
import { decodeApdu, encodeApdu } from "../../src/xdlms/index.js";

/** A push in three UI frames, captured from an Iskra AM550. */
const AM550 = [
  "7EA8A4CF0223039996E6E7000F0004022C0C07E50B020215330000FFC4000210020209060000600100FF09083738333434353337020209060000600101FF0906313331333034020309060101010700FF060000000002020F00161B020309060101020700FF060000000002020F00161B020309060101010800FF060000E3A402020F00161E020309060101020800FF0600000BDE02020F00161E02030906010020070002C87E",
  "7EA8A4CF0223039996FF12092002020FFF1623020309060100340700FF12000002020FFF1623020309060100480700FF12000002020FFF16230203090601001F0700FF12000002020FFE1621020309060100330700FF12000002020FFE1621020309060100470700FF12000002020FFE1621020309060101010801FF060000848102020F00161E020309060101010802FF0600005F2302020F00161E02030906010102E7517E",
  "7EA02DCF022313717C0801FF060000000002020F00161E020309060101020802FF0600000BDE02020F00161EE3F67E",
];

const elements = (data: Data | undefined): readonly Data[] => (data?.type === "structure" ? data.value : []);

describe("captured APDUs", () => {
  it("Iskra AM550 push: 16 elements, the voltage is 2336 · 10^-1 V", () => {
    const information = AM550.map((hex) => decodeHdlcFrame(fromHex(hex)).information ?? new Uint8Array(0));
    const { apdu } = stripLlc(concatBytes(...information));
    const push = decodeApdu(apdu);
    assert.ok(push.type === "data-notification");
    assert.equal(toHex(push.dateTime ?? new Uint8Array(0)), "07E50B020215330000FFC400");
    assert.equal(push.longInvoke.invokeId, 0x04022c);
    const rows = elements(push.body);
    assert.equal(rows.length, 16);
    const [, serial] = elements(rows[0]);
    assert.ok(serial?.type === "octet-string");
    assert.equal(toLatin1(serial.value), "78344537");
    const [name, value, scalerUnit] = elements(rows[6]);
    assert.deepEqual(name, { type: "octet-string", value: fromHex("0100200700FF") });
    assert.deepEqual(value, { type: "long-unsigned", value: 2336 });
    assert.deepEqual(elements(scalerUnit), [
      { type: "integer", value: -1 },
      { type: "enum", value: 35 },
    ]);
    assert.deepEqual(encodeApdu(push), apdu);
  });

  it("GET response whose FCS holds 7E", () => {
    const { information = new Uint8Array(0) } = decodeHdlcFrame(
      fromHex("7EA01B0300023C4752D551E6E700C401C10009060100202000FF7E8C7E"),
    );
    const { apdu } = stripLlc(information);
    assert.deepEqual(decodeApdu(apdu), {
      type: "get-response",
      response: {
        type: "normal",
        invoke: { invokeId: 1, confirmed: true, highPriority: true },
        result: { type: "data", data: { type: "octet-string", value: fromHex("0100202000FF") } },
      },
    });
  });
});
