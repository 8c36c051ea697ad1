/** Meters behind a concentrator: each APDU behind the prefix that names network and device. */
import assert from "node:assert/strict";
import { GatewayLink, Session, type SessionEvent, type SessionIntent } from "../../src/association/index.js";
import { data } from "../../src/axdr/index.js";
import { fromHex, toHex } from "../../src/bytes/hex.js";
import { DlmsError } from "../../src/core/errors.js";
import { HdlcLink } from "../../src/hdlc/index.js";
import { WrapperLink } from "../../src/wrapper/index.js";
import { gatewayPrefix } from "../../src/xdlms/index.js";
import { checkCodec } from "../support/check-codec.js";
import { MachinePair } from "../support/pair.js";
import { ObjectStore } from "../support/store.js";
import { get } from "./secured.js";

const device = { networkId: 5, deviceAddress: fromHex("0A0B0C") };
const address = { upper: 1, octets: 1 } as const;

function pairOf(framing: "hdlc" | "wrapper", behind = device) {
  const [a, b] =
    framing === "wrapper"
      ? [
          new WrapperLink({ role: "client", clientWPort: 16, serverWPort: 1 }),
          new WrapperLink({ role: "server", clientWPort: 16, serverWPort: 1 }),
        ]
      : [
          new HdlcLink({ station: "primary", client: address, server: address }),
          new HdlcLink({ station: "secondary", client: address, server: address }),
        ];
  const client = { mechanism: "none" } as const;
  const server = { accept: [client] } as const;
  const pair = new MachinePair<SessionIntent, SessionEvent, SessionIntent, SessionEvent>(
    new Session({ role: "client", link: new GatewayLink(a, "client", device), client }),
    new Session({ role: "server", link: new GatewayLink(b, "server", behind), server }),
  );
  const store = new ObjectStore();
  store.put(3, "1-0:1.8.0.255", 2, data.unsigned(42));
  pair.onEventB = (event) => {
    if (event.type === "indication")
      pair.b.send(pair.now, { type: "respond", id: event.id, response: store.answer(event.request) });
  };
  return pair;
}

describe("gateway prefix", () => {
  it("encodes and decodes", () => checkCodec(gatewayPrefix));

  for (const framing of ["wrapper", "hdlc"] as const)
    it(`${framing}: associates, reads and releases through the concentrator`, () => {
      const pair = pairOf(framing);
      pair.sendA({ type: "associate" });
      pair.sendA(get);
      pair.sendA({ type: "release" });
      assert.deepEqual(
        pair.eventsA.map(({ type }) => type),
        ["associated", "response", "released"],
      );
      if (framing === "hdlc") return;
      const apdus = pair.sent.map(({ bytes }) => toHex(bytes.subarray(8)));
      assert.ok(apdus[0]?.startsWith("E605030A0B0C60"));
      assert.ok(apdus[1]?.startsWith("E705030A0B0C61"));
      assert.equal(apdus[3], "E705030A0B0C" + "C4014100112A");
    });

  it("another device's APDUs, and those of none, are noise; a refusal of the concentrator is heard", () => {
    const pair = pairOf("wrapper");
    pair.sendA({ type: "associate" });
    pair.wire = (chunk, way) => (way === "a>b" ? [] : [chunk]);
    pair.sendA(get);
    const say = (apdu: string): void => {
      const bytes = fromHex(`0001000100100000${apdu}`);
      bytes[7] = apdu.length / 2;
      pair.a.receive(0, bytes);
      pair.settle();
    };
    pair.eventsA.length = 0;
    for (const apdu of [
      "E705030A0B0D" + "C4014100112A",
      "E706030A0B0C" + "C4014100112A",
      "C4014100112A",
      "E705",
      "E705030A0B0C",
    ])
      say(apdu);
    assert.deepEqual(
      pair.eventsA.map(({ type }) => type),
      ["noise", "noise", "noise", "noise", "noise"],
    );
    say("D80101");
    const [failed] = pair.eventsA.slice(5);
    assert.ok(failed?.type === "failed" && failed.error.code === "SERVICE_EXCEPTION");
  });

  it("a device hears only what is for it", () => {
    const pair = pairOf("wrapper", { ...device, networkId: 6 });
    pair.sendA({ type: "associate" });
    assert.deepEqual(
      pair.eventsB.map(({ type }) => type),
      ["noise"],
    );
  });

  it("refuses addresses that no prefix can carry", () => {
    const link = new WrapperLink({ role: "client", clientWPort: 16, serverWPort: 1 });
    for (const bad of [
      { ...device, networkId: 256 },
      { ...device, deviceAddress: new Uint8Array(128) },
    ])
      assert.throws(
        () => new GatewayLink(link, "client", bad),
        (error) => error instanceof DlmsError && error.code === "FIELD_INVALID",
      );
  });
});
