/** Dialog fields to meter types, the presets' hints in the editor, field checks, and the status dots. */
import assert from "node:assert/strict";
import { DlmsError, fullConformance, presets, type CommandResult, type PresetName } from "../../src/index.js";
import { meterTypeOf, type MeterTypeConfig } from "../../nodes/dlms-meter-type/settings.js";
import * as check from "../../nodes/editor/checks.js";
import { presetHints } from "../../nodes/editor/preset-hints.js";
import { bridgeStatus, errorStatus, listenerStatus, resultStatus } from "../../nodes/shared/status.js";

const nothing = (): undefined => undefined;

function typeOf(config: Partial<MeterTypeConfig>, secret = ""): ReturnType<typeof meterTypeOf> {
  return meterTypeOf({ id: "i", type: "dlms-meter-type", z: "", name: "", ...config }, { secret }, nothing);
}

function refusal(run: () => unknown): DlmsError {
  try {
    run();
  } catch (caught) {
    assert.ok(caught instanceof DlmsError, String(caught));
    return caught;
  }
  return assert.fail("nothing was refused");
}

describe("dlms-meter-type settings", () => {
  it("empty fields leave a preset as it is", () => {
    for (const preset of Object.keys(presets) as PresetName[]) {
      assert.deepEqual(typeOf({ preset }).meterType, presets[preset]);
    }
  });

  it("an empty password is the published default and said so; an entered one replaces it", () => {
    assert.equal(typeOf({ preset: "hexcell" }).publishedSecret, true);
    assert.equal(typeOf({ preset: "standard" }).publishedSecret, false);
    const own = typeOf({ preset: "hexcell" }, "12345678");
    assert.equal(own.publishedSecret, false);
    assert.deepEqual(own.meterType.association.secret?.reveal(), new Uint8Array(Buffer.from("12345678")));
    const hex = typeOf({ preset: "hexcell", secretCoding: "hex" }, "00 ff 10");
    assert.deepEqual(hex.meterType.association.secret?.reveal(), new Uint8Array([0, 255, 16]));
  });

  it("replaces single fields", () => {
    const { meterType } = typeOf({
      preset: "hexcell",
      name: "ours",
      clientSap: "1",
      framing: "hdlc",
      hdlcAddressOctets: "4",
      hdlcServerLower: "17",
      stripZerosTo: "13",
      tokenRule: "token-gateway",
      relayObis: "0-0:96.3.11.255",
      allowReverse: "yes",
      responseTimeoutSeconds: "30",
      codesFrom: "list",
      codes: ["1.0.1.8.0.255"],
    });
    assert.equal(meterType.name, "ours");
    assert.deepEqual(
      { ...meterType.association, secret: undefined },
      {
        ...presets.hexcell.association,
        secret: undefined,
        clientSap: 1,
        framing: "hdlc",
        hdlcAddressOctets: 4,
        hdlcServerLower: 17,
        responseTimeoutMs: 30_000,
      },
    );
    assert.equal(meterType.serial.stripZerosTo, 13);
    assert.equal(meterType.tokenRule.name, "token-gateway");
    assert.equal(meterType.relayRule.obis, "0-0:96.3.11.255");
    assert.equal(meterType.allowReverse, true);
    assert.deepEqual(meterType.defaultCodes, ["1-0:1.8.0.255"]);
  });

  it("clock and profiles: nothing entered changes nothing, a word and a number each", () => {
    const clockOf = (config: object) => typeOf({ preset: "standard", ...config }).meterType.clockRule;
    const obis = "0-0:1.0.0.255";
    assert.equal(clockOf({}), undefined);
    assert.deepEqual(clockOf({ clockMethod: "shift" }), { obis, method: "shift" });
    assert.deepEqual(clockOf({ clockDeviation: "-60" }), { obis, method: "set", deviationMinutes: -60 });
    assert.equal(typeOf({ preset: "standard", profileRows: "24" }).meterType.profileRows, 24);
    assert.equal(refusal(() => typeOf({ clockMethod: "wind" })).field, "clockMethod");
    assert.equal(refusal(() => typeOf({ clockDeviation: "900" })).field, "clockDeviation");
    assert.equal(refusal(() => typeOf({ profileRows: "0" })).field, "profileRows");
  });

  it("short names are off unless chosen", () => {
    assert.equal(
      typeOf({ preset: "standard", shortNames: false }).meterType.association.shortNames,
      undefined,
    );
    assert.equal(typeOf({ preset: "standard", shortNames: true }).meterType.association.shortNames, true);
  });

  it("services: as usual, all, or a list whose unknown names are refused", () => {
    const of = (config: object) => typeOf({ preset: "standard", ...config }).meterType.association.services;
    assert.equal(of({ services: "get" }), undefined);
    assert.deepEqual(new Set(of({ servicesFrom: "all" })), fullConformance);
    assert.deepEqual(of({ servicesFrom: "list", services: "get, set action" }), ["get", "set", "action"]);
    for (const services of ["", "get, fetch"])
      assert.equal(refusal(() => of({ servicesFrom: "list", services })).field, "services");
    assert.equal(refusal(() => of({ servicesFrom: "most" })).field, "servicesFrom");
  });

  it("a meter behind a concentrator: network and address, neither half nor out of bounds", () => {
    const of = (config: object) => typeOf({ preset: "standard", ...config }).meterType.association.behind;
    assert.equal(of({ behindNetwork: "", behindDevice: "" }), undefined);
    assert.deepEqual(of({ behindNetwork: "3", behindDevice: "00 1f" }), {
      networkId: 3,
      deviceAddress: new Uint8Array([0, 31]),
    });
    assert.equal(of({ behindDevice: "11" })?.networkId, 0);
    assert.equal(refusal(() => of({ behindNetwork: "256", behindDevice: "11" })).field, "behindNetwork");
    assert.equal(refusal(() => of({ behindNetwork: "3" })).field, "behindDevice");
    for (const behindDevice of ["1", "meter", "00".repeat(128)])
      assert.equal(refusal(() => of({ behindDevice })).field, "behindDevice");
  });

  it("objects of an unlabelled push: rows of the list, the wrong member named", () => {
    const of = (...pushObjects: object[]) =>
      typeOf({ preset: "standard", pushObjects }).meterType.pushObjects;
    assert.equal(of(), undefined);
    const clock = { obisCode: "0-0:1.0.0.255", classId: "8" };
    assert.deepEqual(of(clock, { obisCode: "1.0.1.8.0.255", classId: 3, attributeId: 3 }), [
      { classId: 8, obis: "0-0:1.0.0.255", attributeId: 2, dataIndex: 0 },
      { classId: 3, obis: "1-0:1.8.0.255", attributeId: 3, dataIndex: 0 },
    ]);
    const fieldOf = (row: object) => refusal(() => of(clock, { ...clock, ...row })).field;
    assert.equal(of({ obisCode: "1-0:1.8.0.255" })?.[0]?.classId, 3);
    assert.equal(fieldOf({ obisCode: "1-0:199.199.0.255", classId: "" }), "pushObjects[1].classId");
    assert.equal(fieldOf({ attributeId: "200" }), "pushObjects[1].attributeId");
    assert.equal(fieldOf({ obisCode: "1-0" }), "pushObjects[1].obisCode");
  });

  it("a custom token rule needs its object; the error names the field and never the password", () => {
    const custom = {
      preset: "standard",
      tokenRule: "custom",
      tokenService: "action",
      tokenEncoding: "ascii",
    };
    const object = { tokenClass: "9", tokenObis: "0-0:10.0.1.255", tokenMember: "1" };
    assert.deepEqual(typeOf({ ...custom, ...object }).meterType.tokenRule, {
      name: "custom",
      request: { service: "action", classId: 9, obis: "0-0:10.0.1.255", methodId: 1 },
      encoding: "ascii",
      status: { source: "none" },
    });
    for (const field of ["tokenClass", "tokenObis", "tokenMember"] as const)
      assert.equal(refusal(() => typeOf({ ...custom, ...object, [field]: "" })).field, field);
    assert.equal(refusal(() => typeOf({ serialObis: "1-0" })).field, "serialObis");
    assert.equal(refusal(() => typeOf({ hdlcAddressOctets: "3" })).field, "hdlcAddressOctets");
    assert.equal(refusal(() => typeOf({ preset: "other" })).field, "preset");
    assert.equal(refusal(() => typeOf({ preset: "standard", mechanism: "lls" })).field, "secret");
    const wrong = refusal(() => typeOf({ preset: "hexcell", secretCoding: "hex" }, "not-hex-at-all"));
    assert.equal(wrong.field, "secret");
    assert.doesNotMatch(wrong.message, /not-hex-at-all/);
  });

  it("the dialog's hints say what the presets say", () => {
    const yesNo = (flag: boolean): string => (flag ? "yes" : "no");
    for (const [name, meterType] of Object.entries(presets)) {
      const { association, serial } = meterType;
      assert.deepEqual(presetHints[name], {
        framing: association.framing,
        clientSap: String(association.clientSap),
        serverSap: String(association.serverSap),
        hdlcAddressOctets: String(association.hdlcAddressOctets),
        mechanism: association.mechanism,
        responseTimeoutSeconds: String(association.responseTimeoutMs / 1_000),
        interRequestMs: String(association.interRequestMs),
        serialObis: serial.obis,
        serialCoding: serial.coding,
        stripZerosTo: String(serial.stripZerosTo ?? ""),
        readSerialPublicly: yesNo(association.readSerialPublicly),
        tokenRule: meterType.tokenRule.name,
        relayObis: meterType.relayRule.obis,
        allowReverse: yesNo(meterType.allowReverse),
        codes: meterType.defaultCodes.join(", "),
      });
    }
  });
});

describe("field checks of the editor", () => {
  before(() => {
    Object.assign(globalThis, { RED: { _: (key: string) => key.split(":")[1] } });
  });
  after(() => {
    delete (globalThis as { RED?: unknown }).RED;
  });

  it("accept what the runtime accepts, and empty fields", () => {
    for (const value of ["", "1", "65535", " 4000 ", "${PORT}", undefined])
      assert.equal(check.port(value), true);
    for (const value of ["0", "65536", "x", "1.5", "-1"])
      assert.equal(typeof check.port(value), "string", value);
    for (const value of [
      "1-0:1.8.0.255",
      "1-0:1.8.0*255",
      "1-0:1.8.0",
      "1.0.1.8.0",
      "1.8.0",
      "0100010800FF",
      "${CODE}",
      "",
    ])
      assert.equal(check.obis(value), true, value);
    for (const value of ["1-0:1.8", "1-0:256.8.0.255", "1.0.1.8", "96.1.0", "x", "0100010800F"])
      assert.equal(typeof check.obis(value), "string", value);
    for (const value of ["", "http://a", "https://a:5000/x", "${URL}"])
      assert.equal(check.url(value), true, value);
    for (const value of ["a:5000", "ftp://a", "http://"])
      assert.equal(typeof check.url(value), "string", value);
    assert.equal(check.patterns('[{"name":"a","match":{"hex":"AA"}}]'), true);
    for (const value of ["[", "{}", '[{"name":"a"}]', "[null]"])
      assert.equal(typeof check.patterns(value), "string");
    assert.equal(check.obisList([{ obisCode: "1-0:1.8.0.255" }, "1.0.1.8.0.255"]), true);
    assert.equal(typeof check.obisList([{ obisCode: "" }]), "string");
  });
});

describe("status dots", () => {
  const result = (fields: Partial<CommandResult>): CommandResult => ({
    meterSerialNumber: "1",
    commandId: "c",
    command: "read-meter",
    success: false,
    outcome: "failed",
    startedAt: "",
    finishedAt: "",
    attempts: 0,
    ...fields,
  });
  const at = new Date(2026, 0, 31, 12, 3, 4);

  it("a listener shows port and meters, or what is wrong", () => {
    const life = { phase: "listening", port: 4000, meters: 12 } as const;
    assert.deepEqual(listenerStatus(life), { fill: "green", shape: "dot", text: ":4000 · 12 meters" });
    assert.equal(listenerStatus({ ...life, meters: 1 }).text, ":4000 · 1 meter");
    const taken = listenerStatus({ ...life, phase: "retrying", error: { code: "PORT_IN_USE" } });
    assert.deepEqual(taken, { fill: "red", shape: "ring", text: ":4000 port in use" });
  });

  it("a result shows green only when it succeeded", () => {
    const good = resultStatus(result({ success: true, outcome: "read" }), at);
    assert.deepEqual(good, { fill: "green", shape: "dot", text: "read · 12:03:04" });
    assert.deepEqual(resultStatus(result({ outcome: "armed" }), at), {
      fill: "yellow",
      shape: "ring",
      text: "armed",
    });
    const bad = result({ error: { code: "METER_OFFLINE", message: "long sentence", retry: "later" } });
    assert.deepEqual(resultStatus(bad, at), { fill: "red", shape: "dot", text: "meter offline" });
  });

  it("the bridge is never green while it is away, and says that nothing is durable", () => {
    assert.match(
      bridgeStatus({ phase: "connected", login: "off", durable: false }).text ?? "",
      /not durable/,
    );
    assert.equal(bridgeStatus({ phase: "away", login: "off", durable: false }).fill, "red");
    assert.equal(errorStatus({ code: "NOT_CONFIGURED", field: "url" }).text, "url: check");
  });
});
