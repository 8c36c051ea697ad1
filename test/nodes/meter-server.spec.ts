/** What `dlms-meter-server` tells and answers. */
import assert from "node:assert/strict";
import { catcher, freePort, load, node, statusOf, until, useNodeRed } from "../support/flow.js";

const SERIAL = "45000000001";

describe("dlms-meter-server", () => {
  useNodeRed();

  async function withMeter(): Promise<ReturnType<typeof catcher>> {
    const port = String(await freePort());
    await load([
      { id: "listener", type: "dlms-listener", port, host: "127.0.0.1" },
      { id: "server", type: "dlms-meter-server", listener: "listener", wires: [["meters"], ["pushes"]] },
      { id: "meters", type: "helper" },
      { id: "pushes", type: "helper" },
      { id: "sim", type: "dlms-simulator", preset: "hexcell", serial: SERIAL, port, wires: [[]] },
    ]);
    return catcher("meters");
  }

  it("tells a meter's life and counts it in the status", async () => {
    const meters = await withMeter();
    const first = await meters.next();
    assert.equal(first.topic, "connected");
    const { payload, topic } = await meters.next(({ payload }) => payload.event === "identified");
    assert.equal(topic, "identified");
    assert.equal(payload.meterSerialNumber, SERIAL);
    assert.equal(payload.dialect, "hexcell-login");
    assert.equal(payload.meterType, "hexcell");
    await until(() => / · 1 meter$/.test(statusOf("server").text ?? ""), "the meter is counted");
  });

  it("lists, keeping topic and the rest of the message", async () => {
    const meters = await withMeter();
    await meters.next(({ payload }) => payload.event === "identified");
    node("server").receive({ topic: "list", payload: "list", _msgid: "mine" });
    const msg = await meters.next(({ payload }) => Array.isArray(payload));
    assert.equal(msg.topic, "list");
    assert.equal(msg._msgid, "mine");
    const [meter] = msg.payload as unknown as Record<string, unknown>[];
    assert.equal(meter?.meterSerialNumber, SERIAL);
    assert.equal(meter.online, true);
  });

  it("disconnects one meter, by any name; it dials in again", async () => {
    const meters = await withMeter();
    await meters.next(({ payload }) => payload.event === "identified");
    node("server").receive({ payload: { command: "disconnect", serialNumber: SERIAL } });
    const { payload } = await meters.next(({ payload }) => payload.command === "disconnect");
    assert.deepEqual(payload, {
      command: "disconnect",
      meterSerialNumber: SERIAL,
      success: true,
      outcome: "disconnected",
    });
    await until(
      () => meters.all.filter(({ payload }) => payload.event === "identified").length === 2,
      "the meter comes again",
    );
  });

  it("answers wrong input with one result that names the field", async () => {
    const meters = await withMeter();
    await meters.next(({ payload }) => payload.event === "identified");
    for (const [payload, code, field] of [
      ["reboot", "UNKNOWN_COMMAND", "payload"],
      [null, "UNKNOWN_COMMAND", "payload"],
      [{ command: ["disconnect"] }, "UNKNOWN_COMMAND", "payload"],
      [{ command: "disconnect" }, "METER_REQUIRED", "meterSerialNumber"],
      ["disconnect", "METER_REQUIRED", "meterSerialNumber"],
      [{ command: "disconnect", meterSerialNumber: "9" }, "METER_UNKNOWN", "meterSerialNumber"],
      [{ command: "disconnect", meterSerialNumber: {} }, "FIELD_INVALID", "meterSerialNumber"],
      [
        { command: "disconnect", meterSerialNumber: "1".repeat(1_000_000) },
        "FIELD_INVALID",
        "meterSerialNumber",
      ],
    ] as const) {
      node("server").receive({ payload });
      const answer = (await meters.next(({ payload }) => payload.success === false)).payload;
      const error = answer.error as { code: string; field: string };
      assert.deepEqual([error.code, error.field], [code, field]);
      assert.ok(JSON.stringify(answer).length < 1_000);
    }
  });
});
