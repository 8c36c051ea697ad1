/** Commands through nodes, on real TCP against a simulated meter: one final result each, the message kept. */
import assert from "node:assert/strict";
import { catcher, freePort, load, node, statusOf, useNodeRed, type FlowNode } from "../support/flow.js";

const SERIAL = "45000000001";

/** A listener, a Hexcell meter that dials in, and the nodes under test, each wired to a catcher. */
function bench(port: number, ...more: FlowNode[]): FlowNode[] {
  return [
    { id: "listener", type: "dlms-listener", port: String(port), host: "127.0.0.1" },
    { id: "server", type: "dlms-meter-server", listener: "listener", wires: [["meters"], ["pushes"]] },
    { id: "meters", type: "helper" },
    { id: "pushes", type: "helper" },
    {
      id: "sim",
      type: "dlms-simulator",
      preset: "hexcell",
      serial: SERIAL,
      port: String(port),
      wires: [["did"]],
    },
    { id: "did", type: "helper" },
    ...more,
  ];
}

const read = { id: "read", type: "dlms-read", listener: "listener", wires: [["result"], ["readings"]] };
const relay = { id: "relay", type: "dlms-relay", listener: "listener", wires: [["result"]] };
const token = { id: "token", type: "dlms-token", listener: "listener", wires: [["result"]] };
const catchers = [
  { id: "result", type: "helper" },
  { id: "readings", type: "helper" },
];

async function meterIn(): Promise<void> {
  await catcher("meters").next(({ payload }) => payload.event === "identified", "identified meter");
}

describe("command nodes", () => {
  useNodeRed();

  it("reads codes of the message; the rest of the message passes through; each reading alone on output 2", async () => {
    await load(bench(await freePort(), read, ...catchers));
    const result = catcher("result");
    const readings = catcher("readings");
    await meterIn();
    node("read").receive({
      _msgid: "my-id",
      topic: "mine",
      kept: { deep: 1 },
      payload: {
        meterSerialNumber: SERIAL,
        obisCodes: ["1-0:1.8.0.255", "1.0.32.7.0.255", "0-0:1.2.3.4"],
        commandId: "c-1",
        note: "x",
      },
    });
    const msg = await result.next();
    assert.equal(msg._msgid, "my-id");
    assert.equal(msg.topic, "mine");
    assert.deepEqual((msg as unknown as { kept: unknown }).kept, { deep: 1 });
    const { payload } = msg;
    assert.equal(payload.command, "read-meter");
    assert.equal(payload.commandId, "c-1");
    assert.equal(payload.note, "x");
    assert.equal(payload.meterSerialNumber, SERIAL);
    assert.equal(payload.outcome, "partial");
    const all = payload.readings as Record<string, unknown>[];
    assert.equal(all.length, 3);
    assert.equal(all[0]?.obisCode, "1-0:1.8.0.255");
    assert.equal(typeof all[0]?.value, "number");
    assert.equal(all[1]?.unit, "V");
    assert.ok(all[2]?.error);
    const first = await readings.next();
    assert.equal(first._msgid, "my-id");
    assert.equal(first.payload.meterSerialNumber, SERIAL);
    assert.equal(first.payload.obisCode, "1-0:1.8.0.255");
    await readings.next();
    await readings.next();
  });

  it("reads its own list from a bare trigger, and the meter type's codes", async () => {
    const own = { meter: SERIAL, meterFrom: "str" };
    await load(
      bench(
        await freePort(),
        { ...read, ...own, codesFrom: "list", list: [{ obisCode: "1-0:32.7.0.255", classId: "3" }] },
        { ...read, ...own, id: "read-defaults", codesFrom: "defaults" },
        ...catchers,
      ),
    );
    const result = catcher("result");
    await meterIn();
    node("read").receive({ payload: 1_700_000_000_000 });
    const listed = (await result.next()).payload;
    assert.equal(listed.outcome, "read", JSON.stringify(listed));
    assert.deepEqual(
      (listed.readings as { obisCode: string }[]).map((reading) => reading.obisCode),
      ["1-0:32.7.0.255"],
    );
    node("read-defaults").receive({ payload: {} });
    const defaults = (await result.next()).payload;
    assert.equal(defaults.outcome, "read", JSON.stringify(defaults));
    const codes = (defaults.readings as { obisCode: string }[]).map((reading) => reading.obisCode);
    assert.ok(codes.includes("1-0:96.66.0.255"), "the Hexcell type's credit code");
  });

  it("reads a load profile for a period given by the node", async () => {
    await load(
      bench(
        await freePort(),
        {
          ...read,
          meter: SERIAL,
          meterFrom: "str",
          codes: "1-0:99.1.0.255",
          codesFrom: "str",
          from: "$fromMillis($millis() - 7200000)",
          fromFrom: "jsonata",
        },
        ...catchers,
      ),
    );
    const result = catcher("result");
    await meterIn();
    node("read").receive({ payload: "" });
    const { payload } = await result.next();
    assert.equal(payload.outcome, "read", JSON.stringify(payload).slice(0, 500));
    const [profile] = payload.readings as { value: unknown; classId: number }[];
    assert.equal(profile?.classId, 7);
    assert.ok(Array.isArray(profile.value) || typeof profile.value === "object");
  });

  it("switches the relay, by payload, by text and by its own field", async () => {
    const own = { meter: SERIAL, meterFrom: "str" };
    await load(
      bench(
        await freePort(),
        { ...relay, ...own },
        { ...relay, ...own, id: "always-connect", actionFrom: "connect" },
        ...catchers,
      ),
    );
    const result = catcher("result");
    await meterIn();
    node("relay").receive({ payload: "disconnect" });
    const off = (await result.next()).payload;
    assert.equal(off.outcome, "disconnected", JSON.stringify(off));
    assert.equal(off.success, true);
    assert.equal(off.action, "disconnect");
    node("always-connect").receive({ payload: 0 });
    assert.equal((await result.next()).payload.outcome, "connected");
    assert.match(statusOf("always-connect").text ?? "", /^connected · \d\d:\d\d:\d\d$/);
  });

  it("loads a token once; the second time the first one's result answers; no token stands in a status or a log", async () => {
    await load(bench(await freePort(), token, ...catchers));
    const result = catcher("result");
    const did = catcher("did");
    await meterIn();
    const payload = { meterSerialNumber: SERIAL, token: "12345678901234567890", amount: 5000 };
    node("token").receive({ payload: { ...payload } });
    const first = (await result.next()).payload;
    assert.equal(first.success, true, JSON.stringify(first));
    node("token").receive({ payload: { ...payload, note: 2 } });
    const second = (await result.next()).payload;
    assert.equal(second.outcome, first.outcome, JSON.stringify(second));
    assert.equal(second.repeats, first.commandId);
    assert.equal(second.note, 2);
    assert.equal(did.all.filter(({ payload: { event } }) => String(event).startsWith("token-")).length, 1);
    assert.doesNotMatch(JSON.stringify([first, second, statusOf("token")]), /12345678901234567890/);
  });
});
