/** The reverse link: the meter opens the association, and whoever accepted it asks. Both ends are sessions of ours. */
import assert from "node:assert/strict";
import { type SessionEvent, type SessionIntent } from "../../src/association/index.js";
import { data } from "../../src/axdr/index.js";
import { toHex } from "../../src/bytes/hex.js";
import { DlmsClient } from "../../src/client/index.js";
import { type Port } from "../../src/core/machine.js";
import { SessionPair } from "../support/session-pair.js";

const energy = { classId: 3, obis: "1-0:1.8.0.255", attributeId: 2 };
const relay = { classId: 70, obis: "0-0:96.3.10.255", methodId: 1 };

/** The meter is the pair's client end `a`, the gateway its server end `b`. */
function reversed(framing: "hdlc" | "wrapper", pdu = 65_535) {
  const pair = new SessionPair({
    framing,
    clientOptions: { maxReceivePdu: pdu },
    serverOptions: { maxReceivePdu: pdu },
  });
  pair.onEventA = (event) => {
    if (event.type === "associated" && !event.info.reversed) pair.a.send(pair.now, { type: "reverse" });
    if (event.type === "indication")
      pair.a.send(pair.now, { type: "respond", id: event.id, response: pair.store.answer(event.request) });
  };
  const listeners = new Set<(event: SessionEvent) => void>();
  pair.onEventB = (event) => {
    if (event.type === "associated" && !event.info.reversed) pair.b.send(pair.now, { type: "reverse" });
    for (const listener of listeners) listener(event);
  };
  const port: Port<SessionIntent, SessionEvent> = {
    send: (intent) => {
      pair.b.send(pair.now, intent);
      queueMicrotask(() => pair.settle());
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const client = new DlmsClient(port);
  pair.sendA({ type: "associate" });
  return { pair, client };
}

describe("the reverse link", () => {
  for (const framing of ["hdlc", "wrapper"] as const)
    for (const pdu of [100, 65_535])
      it(`reads, writes and switches over ${framing}, PDUs of ${pdu}`, async () => {
        const { pair, client } = reversed(framing, pdu);
        assert.equal(client.association?.reversed, true);
        const long = data.octetString(new Uint8Array(400).fill(0x55));
        pair.store.put(3, energy.obis, 2, data.unsigned(5));
        pair.store.methods.set(`70/${relay.obis}/1`, (parameters) => ({
          result: "success",
          returnParameters: { type: "data", data: parameters ?? data.null() },
        }));
        assert.deepEqual(await client.get(energy), data.unsigned(5));
        await client.set(energy, long);
        assert.deepEqual(await client.getMany([energy, energy]), [long, long]);
        assert.deepEqual(await client.action(relay, long), long);
        await client.release();
        assert.equal(client.association, undefined);
      });

  it("carries the HDLC numbers on and swaps addresses and LLC", async () => {
    const { pair, client } = reversed("hdlc");
    pair.store.put(3, energy.obis, 2, data.unsigned(5));
    await client.get(energy);
    const asked = pair.sent.filter(({ direction }) => direction === "b>a").at(-1);
    const answered = pair.sent.at(-1);
    // From the server's address 1 to the client's 16: I-frame N(S)=1 N(R)=1 P; back N(S)=1 N(R)=2 F.
    assert.equal(toHex(asked?.bytes ?? new Uint8Array(0)).slice(0, 12), "7EA019210332");
    assert.equal(toHex(asked?.bytes ?? new Uint8Array(0)).slice(16, 22), "E6E600");
    assert.equal(answered?.direction, "a>b");
    assert.equal(toHex(answered?.bytes ?? new Uint8Array(0)).slice(6, 12), "032152");
    assert.equal(toHex(answered?.bytes ?? new Uint8Array(0)).slice(16, 22), "E6E700");
  });

  it("leaves the meter nothing to ask", () => {
    const { pair } = reversed("wrapper");
    const attribute = { classId: 3, instanceId: new Uint8Array(6), attributeId: 2 };
    assert.throws(
      () => pair.a.send(0, { type: "request", id: 1, request: { type: "get", items: [{ attribute }] } }),
      {
        code: "LOCAL_PROTOCOL",
      },
    );
    assert.throws(() => pair.b.send(0, { type: "reverse" }), { code: "LOCAL_PROTOCOL" });
  });
});
