/** The table of bad inputs, each sent through its node: one result, the right code and field, never a Catch. */
import assert from "node:assert/strict";
import { badInputs, OFFLINE, ONLINE, type BadInput } from "../../src/tools/bad-inputs.js";
import { catcher, freePort, load, node, useNodeRed } from "../support/flow.js";

const SERIAL = "45000000001";
const GONE = "45000000002";
const nodeOf = {
  "remote-load": "token",
  "remote-control": "relay",
  "read-meter": "read",
  "write-meter": "write",
  "call-method": "action",
  "read-profile": "profile",
  "meter-clock": "clock",
  "meter-firmware": "firmware",
} as const;

/** A number is an Inject node's time here: a trigger, not a payload. */
const cases = badInputs.filter(
  ({ command, payload }) => command !== undefined && typeof payload !== "number",
);

function filled({ payload }: BadInput): unknown {
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) return payload;
  return Object.fromEntries(
    Object.entries(payload).map(([key, value]) => [
      key,
      value === ONLINE ? SERIAL : value === OFFLINE ? GONE : (value as unknown),
    ]),
  );
}

describe("bad input through nodes", () => {
  useNodeRed();

  it(`${cases.length} cases: exactly one result each, done, and the meter is asked nothing`, async () => {
    const port = String(await freePort());
    const listener = "listener";
    await load([
      { id: listener, type: "dlms-listener", port, host: "127.0.0.1", offline: "fail" },
      { id: "server", type: "dlms-meter-server", listener, wires: [["meters"], []] },
      { id: "meters", type: "helper" },
      {
        id: "sim",
        type: "dlms-simulator",
        preset: "hexcell",
        serial: SERIAL,
        count: "2",
        port,
        wires: [["did"]],
      },
      { id: "did", type: "helper" },
      { id: "read", type: "dlms-read", listener, wires: [["result"], []] },
      { id: "relay", type: "dlms-relay", listener, wires: [["result"]] },
      { id: "token", type: "dlms-token", listener, wires: [["result"]] },
      { id: "write", type: "dlms-write", listener, wires: [["result"]] },
      { id: "action", type: "dlms-action", listener, wires: [["result"]] },
      { id: "profile", type: "dlms-load-profile", listener, wires: [["result"], []] },
      { id: "clock", type: "dlms-clock", listener, wires: [["result"]] },
      { id: "firmware", type: "dlms-firmware", listener, wires: [["result"]] },
      { id: "result", type: "helper" },
    ]);
    const meters = catcher("meters");
    const result = catcher("result");
    const did = catcher("did");
    for (const serial of [SERIAL, GONE]) {
      await meters.next(({ payload }) => payload.event === "identified", `meter ${serial}`);
    }
    node("server").receive({ payload: { command: "disconnect", meterSerialNumber: GONE } });
    await meters.next(({ payload }) => payload.event === "disconnected", "meter that hangs up");

    for (const bad of cases) {
      const name = nodeOf[bad.command ?? "read-meter"];
      node(name).receive({ payload: filled(bad) });
      const { payload } = await result.next();
      const error = payload.error as { code: string; field?: string; message: string };
      assert.equal(payload.success, false, bad.input);
      assert.equal(error.code, bad.code, bad.input);
      assert.equal(error.field, bad.field, bad.input);
      assert.ok(error.message.length < 400, `${bad.input}: a short sentence`);
      assert.ok(JSON.stringify(payload).length < 4_000, `${bad.input}: nothing huge is echoed`);
      assert.equal(payload.command, bad.command, bad.input);
    }
    assert.equal(result.all.length, cases.length, "exactly one result each");
    assert.deepEqual(
      did.all.filter(({ payload }) => payload.event === "request").map(({ payload }) => payload.text),
      [],
    );
  });
});
