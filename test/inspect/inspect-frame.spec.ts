import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fromHex } from "../../src/bytes/hex.js";
import { encodeHdlcFrame } from "../../src/hdlc/index.js";
import { inspectFrame } from "../../src/inspect/inspect-frame.js";

const table = (hex: string): string[] => inspectFrame(fromHex(hex)).split("\n");
/** Offset, and what the name column says, for each line. */
const names = (hex: string): string[] =>
  table(hex)
    .slice(1)
    .map((line) => line.replace(/^ *(\d+) {2}.{49} *(.*)$/, "$1 $2"));

describe("inspect", () => {
  it("shows HDLC frame, LLC, AARQ and initiate in one table", () => {
    assert.deepEqual(
      names("7EA02B032110FBAFE6E600601DA109060760857405080101BE10040E01000000065F1F0400007E1F04B0CAEA7E"),
      [
        "0 HDLC frame",
        "0 flag",
        "1 format: length 43",
        "3 destination: upper 1 (1 octet)",
        "4 source: upper 16 (1 octet)",
        "5 control: I(S=0 R=0 P/F)",
        "6 hcs: AFFB",
        "8 information",
        "8 LLC, asking: E6E600",
        "11 aarq",
        "13 applicationContext: 2.16.756.5.8.1.1",
        "24 userInformation initiate-request",
        "29 dedicatedKey: absent",
        "30 responseAllowed: 0",
        "31 proposedQualityOfService: absent",
        "32 dlmsVersion: 6",
        "33 conformance: priority-mgmt attribute0-get block-transfer-get block-transfer-set block-transfer-action " +
          "multiple-references get set selective-access event-notification action",
        "40 clientMaxReceivePduSize: 1200",
        "42 fcs: EACA",
        "44 flag",
      ],
    );
  });

  it("shows wrapper, GET response and Data with their octets", () => {
    const lines = table("000100010010000AC401C10002020FFE161E");
    assert.equal(lines[1], `    0  00 01 00 01 00 10 00 0A C4 01 C1 00 02 02 0F FE … wrapper PDU`);
    assert.ok(lines.some((line) => /^ {3}14 {2}0F FE +\[0\] integer: -2$/.test(line)));
    assert.ok(lines.some((line) => /^ {3}16 {2}16 1E +\[1\] enum: 30$/.test(line)));
    assert.ok(!lines.some((line) => line.startsWith("stopped")));
  });

  it("shows a bare APDU", () => {
    assert.deepEqual(names("C301C10046000060030AFF01010F00"), [
      "0 action-request request normal",
      "2 invoke: invokeId 1, confirmed, highPriority",
      "3 method",
      "3 classId: 70",
      "5 instanceId: 000060030AFF",
      "11 methodId: 1",
      "12 parameters integer: 0",
    ]);
  });

  it("shows link parameters of a UA, and several frames after one another", () => {
    const lines = names(
      "7EA01E210373C37A818012050180060180070400000001080400000001533B7E7EA00703219 30F017E".replaceAll(
        " ",
        "",
      ),
    );
    assert.ok(lines.includes("5 control: UA P/F"));
    assert.ok(lines.some((line) => line.startsWith("29 fcs")));
    assert.ok(lines.includes("32 HDLC frame"));
    assert.ok(lines.includes("37 control: SNRM P/F"));
  });

  it("says what was understood and why it stopped", () => {
    const lines = table("C401C10002020FFE16");
    assert.ok(lines.some((line) => line.endsWith("[0] integer: -2")));
    assert.equal(
      lines[lines.length - 1],
      "stopped: 1 octets expected, 0 left at octet 9 (get-response.response.normal.result.data.data.structure[1].enum)",
    );
    assert.match(inspectFrame(fromHex("7EA0070321930F027E")), /stopped: wrong FCS at octet 6/);
    assert.match(inspectFrame(fromHex("FF")), /stopped: unknown tag FF at octet 0/);
    assert.match(inspectFrame(fromHex("0001")), /stopped: 2 octets expected, 0 left/);
    assert.match(inspectFrame(new Uint8Array(0)), /stopped: there are no octets/);
  });

  it("shows the first segment of an APDU without calling its end a fault", () => {
    const first = encodeHdlcFrame({
      segmented: true,
      destination: { upper: 16, octets: 1 },
      source: { upper: 1, octets: 1 },
      control: { type: "I", sendSequence: 0, receiveSequence: 1, pollFinal: true },
      information: fromHex("E6E700C401C10001020202"),
    });
    const text = inspectFrame(first);
    assert.match(text, /continued in the next segment/);
    assert.doesNotMatch(text, /stopped/);
  });

  it("ends with 0, 1 or 2 from the command line", () => {
    const run = (...args: string[]): number | null =>
      spawnSync(process.execPath, ["-r", "tsx/cjs", join(__dirname, "../../src/tools/inspect.ts"), ...args])
        .status;
    assert.equal(run("C0 01 C1", "0008000001 0000FF0200"), 0);
    assert.equal(run("C001"), 1);
    assert.equal(run("XY"), 2);
  });
});
