/** A simulated meter over a real session: every object readable, who may see what, dialling in by each dialect. */
import assert from "node:assert/strict";
import { toHex } from "../../src/bytes/hex.js";
import { type Data, dataCodec } from "../../src/axdr/index.js";
import { encodeAll } from "../../src/bytes/codec.js";
import { formatObis, parseObis } from "../../src/cosem/obis.js";
import { presets } from "../../src/meter-types/presets.js";
import { listedObjects, listedProfiles } from "../../src/simulator/data/hexcell-prepaid.js";
import { Asker, aMeter, dialect, dialledIn } from "./asker.js";

const ACK = Uint8Array.of(0x8e, 0x31, 0x01, 0x01, 0xc1, 0x17);

function elements(data: Data): readonly Data[] {
  assert.ok(data.type === "array" || data.type === "structure", data.type);
  return data.value;
}

describe("simulated meter", () => {
  it("logs in as Hexcell meters do, and is read through its session", () => {
    const asker = new Asker(aMeter());
    asker.answersLogins = false;
    asker.tell({ type: "open" });
    assert.equal(toHex(asker.sent[0] as Uint8Array).slice(0, 16), "8EA1046000755036");
    asker.inject(ACK);
    const info = asker.associate();
    assert.equal(info.mechanism, "lls");
    assert.equal(info.clientSap, 0x11);
    const serial = asker.value(1, "0-0:96.1.0.255");
    assert.ok(serial.type === "octet-string");
    assert.equal(toHex(serial.value), "046000755036");
    assert.deepEqual(asker.told().slice(0, 3), ["dialled-in", "login-answered", "associated"]);
  });

  it("answers every readable attribute of the 707 listed objects", () => {
    const asker = dialledIn();
    for (const { obis, classId, access, type } of listedObjects)
      for (const right of access.split(" ")) {
        const [id = "", rights = ""] = right.split(":");
        if (!rights.includes("R")) continue;
        const value = asker.value(classId, obis, Number(id));
        if (id === "2" && type !== undefined) assert.equal(value.type, type, obis);
      }
    assert.equal(listedObjects.length, 707);
  });

  it("lists all of them, with access rights and selectors", () => {
    const asker = dialledIn();
    const list = elements(asker.value(15, "0-0:40.0.0.255"));
    const rights = new Map<string, Data>();
    for (const element of list) {
      const [classId, , name, access] = elements(element);
      assert.ok(classId?.type === "long-unsigned" && name?.type === "octet-string" && access !== undefined);
      rights.set(`${classId.value} ${formatObis(name.value)}`, access);
    }
    for (const { obis, classId } of listedObjects) assert.ok(rights.has(`${classId} ${obis}`), obis);
    for (const { obis } of listedProfiles) assert.ok(rights.has(`7 ${obis}`), obis);
    assert.equal(rights.size, list.length, "no object twice");
    const token = encodeAll(dataCodec, rights.get("1 1-0:129.129.2.255") as Data);
    // {array{ {1, r, null}, {2, w, null} }, array{}}
    assert.equal(toHex(token), "02020102" + "02030F01160100" + "02030F02160200" + "0100");
    const profile = encodeAll(dataCodec, rights.get("7 1-0:99.1.0.255") as Data);
    assert.ok(toHex(profile).includes("02030F02160101020F010F02"), "attribute 2 with selectors 1 and 2");
    const relay = encodeAll(dataCodec, rights.get("70 0-0:96.3.10.255") as Data);
    assert.ok(toHex(relay).endsWith("0102" + "02020F011601" + "02020F021601"), "both methods");
  });

  it("shows the public client identity, clock, association and SAP, and nothing else", () => {
    const asker = dialledIn({}, { clientSap: 16 });
    const names = elements(asker.value(15, "0-0:40.0.0.255")).map((element) => {
      const name = elements(element)[2];
      assert.ok(name?.type === "octet-string");
      return formatObis(name.value);
    });
    assert.deepEqual(
      new Set(names),
      new Set(["0-0:42.0.0.255", "0-0:41.0.0.255", "0-0:40.0.0.255", "0-0:96.1.0.255", "0-0:1.0.0.255"]),
    );
    const ldn = asker.value(1, "0-0:42.0.0.255");
    assert.ok(ldn.type === "octet-string");
    assert.equal(Buffer.from(ldn.value).toString("latin1"), "SIM46000755036");
    assert.deepEqual(asker.read(3, "1-0:1.8.0.255"), {
      type: "data-access-error",
      error: "object-undefined",
    });
  });

  it("refuses a wrong password and the public client's way in for its own", () => {
    const asker = new Asker(aMeter(), { password: "00000001" });
    asker.tell({ type: "open" });
    assert.throws(() => asker.associate(), { code: "AUTHENTICATION_FAILED" });
  });

  it("says what is wrong with a request", () => {
    const asker = dialledIn();
    assert.deepEqual(asker.read(3, "1-0:1.8.0.77"), { type: "data-access-error", error: "object-undefined" });
    assert.deepEqual(asker.read(1, "1-0:1.8.0.255"), {
      type: "data-access-error",
      error: "object-class-inconsistent",
    });
    assert.deepEqual(asker.read(1, "1-0:129.129.2.255"), {
      type: "data-access-error",
      error: "read-write-denied",
    });
    assert.equal(
      asker.write(3, "1-0:1.8.0.255", { type: "double-long-unsigned", value: 1 }),
      "read-write-denied",
    );
    assert.equal(asker.act(3, "1-0:1.8.0.255", 1), "object-undefined");
  });

  it("answers lists of items in one response", () => {
    const asker = dialledIn();
    const items = ["1-0:1.8.0.255", "1-0:32.7.0.255", "1-0:9.9.9.9"].map((obis) => ({
      attribute: { classId: 3, instanceId: parseObis(obis), attributeId: 2 },
    }));
    const response = asker.ask({ type: "get", items });
    assert.ok(response.type === "get");
    assert.deepEqual(
      response.results.map((result) => result.type),
      ["data", "data", "data-access-error"],
    );
  });

  it("serves HDLC with every address length", () => {
    for (const hdlcAddressOctets of [1, 2, 4] as const) {
      const association = {
        ...presets.standard.association,
        framing: "hdlc" as const,
        hdlcAddressOctets,
        ...(hdlcAddressOctets === 1 ? {} : { hdlcServerLower: 17 }),
      };
      const asker = dialledIn({
        meterType: { ...presets.standard, association },
        dialect: dialect("plain-hdlc"),
        hdlc: { maxInfo: 128 },
      });
      assert.equal(elements(asker.value(15, "0-0:40.0.0.255")).length, asker.meter.model.objects.length);
      const serial = asker.value(1, "0-0:96.1.0.255");
      assert.ok(serial.type === "octet-string");
      assert.equal(Buffer.from(serial.value).toString("latin1"), "46000755036");
    }
  });
});
