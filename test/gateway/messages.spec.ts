import { strict as assert } from "node:assert";
import { DlmsError, type ErrorCode } from "../../src/core/errors.js";
import { type CommandName, parseCommand, refuse } from "../../src/gateway/messages.js";

const id = "12345678";
const token = "12345678901234567890";
const huge = "9".repeat(1_000_000);

function refusal(name: CommandName, payload: unknown): DlmsError {
  try {
    parseCommand(name, payload);
  } catch (caught) {
    assert.ok(caught instanceof DlmsError, String(caught));
    return caught;
  }
  throw new Error(`accepted: ${JSON.stringify(payload).slice(0, 200)}`);
}

/** Command, payload, code, field. */
const bad: readonly [CommandName, unknown, ErrorCode, string][] = [
  ["remote-load", { meterSerialNumber: id }, "TOKEN_REQUIRED", "token"],
  ["remote-load", { meterSerialNumber: id, token: null }, "TOKEN_REQUIRED", "token"],
  ["remote-load", { meterSerialNumber: id, token: "" }, "TOKEN_REQUIRED", "token"],
  ["remote-load", { meterSerialNumber: id, token: 1234567890123456 }, "TOKEN_INVALID", "token"],
  ["remote-load", { meterSerialNumber: id, token: [token] }, "TOKEN_INVALID", "token"],
  ["remote-load", { meterSerialNumber: id, token: "1234567890123456789" }, "TOKEN_INVALID", "token"],
  ["remote-load", { meterSerialNumber: id, token: `${token}1` }, "TOKEN_INVALID", "token"],
  ["remote-load", { meterSerialNumber: id, token: "1234567890123456789x" }, "TOKEN_INVALID", "token"],
  ["remote-load", { meterSerialNumber: id, token: "73786976294838206464" }, "TOKEN_INVALID", "token"],
  ["remote-load", { meterSerialNumber: id, token: huge }, "TOKEN_INVALID", "token"],
  ["remote-load", { meterSerialNumber: id, token, amount: "much" }, "FIELD_INVALID", "amount"],
  ["remote-load", { meterSerialNumber: id, token, amount: -1 }, "FIELD_INVALID", "amount"],
  ["remote-load", { meterSerialNumber: id, token, amount: [5] }, "FIELD_INVALID", "amount"],
  ["remote-control", { meterSerialNumber: id }, "ACTION_INVALID", "action"],
  ["remote-control", { meterSerialNumber: id, action: "toggle" }, "ACTION_INVALID", "action"],
  ["remote-control", { meterSerialNumber: id, action: null }, "ACTION_INVALID", "action"],
  ["remote-control", { meterSerialNumber: id, action: ["connect"] }, "ACTION_INVALID", "action"],
  ["remote-control", { meterSerialNumber: id, action: huge }, "ACTION_INVALID", "action"],
  ["read-meter", { meterSerialNumber: id }, "OBIS_REQUIRED", "obisCode"],
  ["read-meter", { meterSerialNumber: id, obisCodes: [] }, "OBIS_REQUIRED", "obisCode"],
  ["read-meter", { meterSerialNumber: id, obisCode: "1-0:1.8" }, "OBIS_INVALID", "obisCode"],
  ["read-meter", { meterSerialNumber: id, obisCode: 10800 }, "OBIS_INVALID", "obisCode"],
  ["read-meter", { meterSerialNumber: id, obisCode: huge }, "OBIS_INVALID", "obisCode"],
  ["read-meter", { meterSerialNumber: id, obisCodes: ["1-0:1.8.0", null] }, "OBIS_INVALID", "obisCodes[1]"],
  [
    "read-meter",
    { meterSerialNumber: id, obisCodes: new Array(257).fill("1-0:1.8.0") },
    "LIMIT_EXCEEDED",
    "obisCodes",
  ],
  ["read-meter", { meterSerialNumber: id, items: "x" }, "FIELD_INVALID", "items"],
  [
    "read-meter",
    { meterSerialNumber: id, items: [{ obisCode: "1-0:1.8.0", classId: -3 }] },
    "FIELD_INVALID",
    "items[0].classId",
  ],
  [
    "read-meter",
    { meterSerialNumber: id, obisCode: "1-0:1.8.0", attributeId: 2.5 },
    "FIELD_INVALID",
    "attributeId",
  ],
  [
    "read-meter",
    { meterSerialNumber: id, obisCode: "1-0:99.1.0", from: "yesterday" },
    "FIELD_INVALID",
    "from",
  ],
  [
    "read-meter",
    { meterSerialNumber: id, obisCode: "1-0:99.1.0", from: "2025-02-01", to: "2025-01-01" },
    "FIELD_INVALID",
    "from",
  ],
  ["read-meter", { obisCode: "1-0:1.8.0" }, "METER_REQUIRED", "meterSerialNumber"],
  ["read-meter", { meterId: null, obisCode: "1-0:1.8.0" }, "METER_REQUIRED", "meterId"],
  ["read-meter", { meterSerialNumber: [id], obisCode: "1-0:1.8.0" }, "FIELD_INVALID", "meterSerialNumber"],
  [
    "read-meter",
    { meterSerialNumber: { $ne: 1 }, obisCode: "1-0:1.8.0" },
    "FIELD_INVALID",
    "meterSerialNumber",
  ],
  ["read-meter", { meterSerialNumber: 2 ** 60, obisCode: "1-0:1.8.0" }, "FIELD_INVALID", "meterSerialNumber"],
  ["read-meter", { serialNumber: huge, obisCode: "1-0:1.8.0" }, "FIELD_INVALID", "serialNumber"],
  [
    "read-meter",
    { meterSerialNumber: id, meterNumber: "87654321", obisCode: "1-0:1.8.0" },
    "AMBIGUOUS_METER",
    "meterNumber",
  ],
  [
    "read-meter",
    { meterSerialNumber: id, meterId: "87654321", obisCode: "1-0:1.8.0" },
    "AMBIGUOUS_METER",
    "meterId",
  ],
  ["read-meter", { meterSerialNumber: id, obisCode: "1-0:1.8.0", ttl: "soon" }, "FIELD_INVALID", "ttl"],
  [
    "read-meter",
    { meterSerialNumber: id, obisCode: "1-0:1.8.0", expiresAt: [] },
    "FIELD_INVALID",
    "expiresAt",
  ],
  [
    "read-meter",
    { meterSerialNumber: id, obisCode: "1-0:1.8.0", commandId: {} },
    "FIELD_INVALID",
    "commandId",
  ],
  ["remote-control", null, "FIELD_INVALID", "payload"],
  ["remote-control", 42, "FIELD_INVALID", "payload"],
];

describe("gateway: commands from messages", () => {
  for (const [name, payload, code, field] of bad)
    it(`${name} ${JSON.stringify(payload).slice(0, 70)} -> ${code}`, () => {
      const error = refusal(name, payload);
      assert.equal(error.code, code);
      assert.equal(error.field, field);
      assert.ok(error.message.length < 200 && !error.message.includes(token));
      const result = refuse(name, payload, error);
      assert.equal(result.success, false);
      assert.equal(result.outcome, "invalid");
      assert.equal(result.command, name);
      assert.equal(result.error?.code, code);
      assert.equal(result.attempts, 0);
      assert.ok(result.commandId.length > 0);
      assert.ok(JSON.stringify(result).length < 20_000);
    });

  it("takes every spelling of the id, as text or as a number, and keeps leading zeros", () => {
    for (const field of ["meterSerialNumber", "meterNumber", "serialNumber", "meterId", "_id"]) {
      const command = parseCommand("read-meter", { [field]: " 0045abc ", obisCode: "1.0.1.8.0.255" });
      assert.equal(command.meterSerialNumber, "0045ABC");
      assert.equal(
        parseCommand("read-meter", { [field]: 45000755036, obisCode: "1-0:1.8.0" }).meterSerialNumber,
        "45000755036",
      );
    }
  });

  it("keeps a record id beside a serial number, letters as sent", () => {
    const command = parseCommand("remote-control", {
      meterNumber: id,
      meterId: "65f0c0ffee65f0c0ffee65f0",
      action: " Connect ",
      requestId: 7,
      operator: { name: "Ada" },
    });
    assert.equal(command.meterSerialNumber, id);
    assert.equal(command.backendId, "65f0c0ffee65f0c0ffee65f0");
    assert.equal(command.commandId, "7");
    assert.deepEqual(command.extra, { operator: { name: "Ada" } });
    assert.ok(command.command === "remote-control" && command.action === "connect");
  });

  it("takes times as seconds to live, epoch or ISO, whichever ends first", () => {
    const at = (fields: object): number | undefined =>
      parseCommand("remote-control", { meterId: id, action: "connect", ...fields }, { nowMs: 1_000_000 })
        .expiresAt;
    assert.equal(at({ ttl: 60 }), 1_060_000);
    assert.equal(at({ expiresAt: "2030-01-01T00:00:00Z" }), Date.UTC(2030, 0, 1));
    assert.equal(at({ expiresAt: 1_900_000_000 }), 1_900_000_000_000);
    assert.equal(at({ expiresAt: 1_900_000_000_000, ttl: 1 }), 1_001_000);
    assert.equal(at({}), undefined);
  });

  it("takes items with their own class, attribute and range, and lists in the node's own settings", () => {
    const command = parseCommand("read-meter", {
      meterId: id,
      obisCodes: [
        "1-0:1.8.0*255",
        { obisCode: "1-0:99.1.0.255", classId: 7, from: "2025-01-01T00:00:00Z", to: "2025-01-02T00:00:00Z" },
      ],
      classId: 3,
    });
    assert.ok(command.command === "read-meter");
    assert.deepEqual(command.items, [
      { obisCode: "1-0:1.8.0.255", classId: 3 },
      {
        obisCode: "1-0:99.1.0.255",
        classId: 7,
        from: "2025-01-01T00:00:00.000Z",
        to: "2025-01-02T00:00:00.000Z",
      },
    ]);
    const own = parseCommand("read-meter", {}, { meterSerialNumber: id, obisCodes: ["1-0:32.7.0"] });
    assert.ok(own.command === "read-meter" && own.items[0]?.obisCode === "1-0:32.7.0.255");
  });

  it("a payload cannot fake a result, and the token is not echoed", () => {
    const command = parseCommand("remote-load", {
      meterId: id,
      token: "1234-5678-9012-3456-7890",
      success: true,
      outcome: "accepted",
    });
    assert.deepEqual(command.extra, {});
    assert.ok(!JSON.stringify(command).includes("12345678901234567890"));
    const refused = refuse(
      "remote-load",
      { meterId: id, token: "1".repeat(19), success: true },
      refusal("remote-load", { meterId: id, token: "1".repeat(19) }),
    );
    assert.equal(refused.success, false);
    assert.ok(!JSON.stringify(refused).includes("1".repeat(19)));
  });
});
