import assert from "node:assert/strict";
import fc from "fast-check";
import { concatBytes, fromHex, toHex } from "../../src/bytes/hex.js";
import { inspectAll } from "../../src/bytes/codec.js";
import { DecodeError, DlmsError } from "../../src/core/errors.js";
import { limits } from "../../src/core/limits.js";
import { type LinkEvent } from "../../src/core/link.js";
import { WrapperDeframer, type WrapperDeframerItem } from "../../src/wrapper/deframer.js";
import { WrapperLink } from "../../src/wrapper/link.js";
import { decodeWrapperPdu, encodeWrapperPdu, wrapperPduCodec } from "../../src/wrapper/pdu.js";
import { byteByByte, randomly } from "../support/chop.js";
import { checkCodec } from "../support/check-codec.js";
import { MachinePair } from "../support/pair.js";
import { recordings } from "../hdlc/vectors.js";

const aarq =
  "00 01 00 10 00 01 00 1F 60 1D A1 09 06 07 60 85 74 05 08 01 01 BE 10 04 0E 01 00 00 00 06 5F 1F 04 00 00 7E 1F 04 B0";

function pdus(items: readonly WrapperDeframerItem[]): string[] {
  return items.flatMap((item) => (item.type === "pdu" ? [toHex(item.bytes)] : []));
}

function link(role: "client" | "server", acceptAnyAddress = false): WrapperLink {
  return new WrapperLink({ role, clientWPort: 16, serverWPort: 1, acceptAnyAddress });
}

function events(machine: WrapperLink): LinkEvent[] {
  const all: LinkEvent[] = [];
  for (let event = machine.pollEvent(); event !== undefined; event = machine.pollEvent()) all.push(event);
  return all;
}

describe("wrapper PDU", () => {
  it("decodes and re-encodes the worked AARQ", () => {
    const pdu = decodeWrapperPdu(fromHex(aarq));
    assert.deepEqual([pdu.source, pdu.destination, pdu.apdu.length], [16, 1, 31]);
    assert.equal(toHex(encodeWrapperPdu(pdu), " "), aarq);
  });

  it("holds for random values and damaged octets", () => checkCodec(wrapperPduCodec));

  it("shows its fields to the inspector and says what is wrong", () => {
    const { root } = inspectAll(wrapperPduCodec, fromHex(aarq));
    assert.deepEqual(
      root.children.map(({ name }) => name),
      ["version", "source", "destination", "length", "apdu"],
    );
    assert.throws(() => decodeWrapperPdu(fromHex("0002001000010000")), DecodeError);
    assert.throws(() => decodeWrapperPdu(fromHex("00010010000100020F")), /2 octets expected, 1 left/);
    assert.throws(
      () => encodeWrapperPdu({ source: 1, destination: 1, apdu: new Uint8Array(65_536) }),
      (error) => error instanceof DlmsError && error.code === "FIELD_INVALID",
    );
  });
});

/** One recorded server states a length of D3 for a PDU of BE octets. */
function isWrong(name: string, bytes: Uint8Array): boolean {
  return name === "gxpy-gxc_wrapper_hls2_longset" && toHex(bytes).startsWith("00010001001200D3");
}

describe("wrapper deframer", () => {
  for (const { name, chunks } of recordings("wrapper"))
    it(`finds the PDUs of ${name}, cut octet by octet and at random`, () => {
      for (const direction of ["c2s", "s2c"] as const) {
        // One recording holds a single HDLC frame; it is the noise of this test.
        const all = chunks
          .filter((chunk) => chunk.direction === direction && !isWrong(name, chunk.bytes))
          .map(({ bytes }) => bytes);
        const expected = all.filter((bytes) => bytes[0] === 0).map((bytes) => toHex(bytes));
        for (const chop of [byteByByte, randomly(3, 40)]) {
          const deframer = new WrapperDeframer();
          const items = chop(concatBytes(...all)).flatMap((chunk) => deframer.push(chunk));
          assert.deepEqual(pdus(items), expected);
          assert.equal(deframer.pending, 0);
        }
      }
    });

  it("takes two PDUs split at every position", () => {
    const stream = concatBytes(fromHex(aarq), fromHex("0001 0001 0010 0003 AABBCC".replaceAll(" ", "")));
    for (let at = 0; at <= stream.length; at++) {
      const deframer = new WrapperDeframer();
      const items = [...deframer.push(stream.subarray(0, at)), ...deframer.push(stream.subarray(at))];
      assert.equal(pdus(items).length, 2, `split at ${at}`);
      assert.ok(items.every((item) => item.type === "pdu"));
    }
  });

  it("goes on at the next header after noise", () => {
    const items = new WrapperDeframer().push(
      concatBytes(fromHex("FF00 02 7E".replaceAll(" ", "")), fromHex(aarq)),
    );
    assert.deepEqual(
      items.map((item) => item.type),
      ["noise", "pdu"],
    );
    assert.equal(toHex(items[0]?.bytes as Uint8Array), "FF00027E");
  });

  it("carries the longest PDU there is", () => {
    const longest = encodeWrapperPdu({ source: 1, destination: 2, apdu: new Uint8Array(65_535).fill(1) });
    const deframer = new WrapperDeframer();
    const items = randomly(5, 5_000)(concatBytes(longest, longest)).flatMap((chunk) => deframer.push(chunk));
    assert.equal(pdus(items).length, 2);
  });

  it("never throws, keeps at most one PDU and accounts for every octet", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.uint8Array(), fc.constant(fromHex(aarq)))), (parts) => {
        const deframer = new WrapperDeframer();
        const items = parts.flatMap((part) => deframer.push(part));
        const seen = items.reduce((sum, { bytes }) => sum + bytes.length, 0);
        assert.equal(seen + deframer.pending, concatBytes(...parts).length);
        assert.ok(deframer.pending < 65_543);
      }),
    );
  });
});

describe("wrapper link", () => {
  it("carries APDUs both ways with the wPorts swapped in the answer", () => {
    const pair = new MachinePair(link("client"), link("server"));
    pair.onEventB = (event) => {
      if (event.type === "apdu") pair.b.send(0, { type: "apdu", bytes: Uint8Array.of(0x61, 0) });
    };
    pair.wire = byteByByte;
    pair.sendA({ type: "connect" });
    pair.sendA({ type: "apdu", bytes: Uint8Array.of(0x60, 0) });
    assert.deepEqual(
      pair.sent.map(({ bytes }) => toHex(bytes)),
      ["00010010000100026000", "00010001001000026100"],
    );
    assert.deepEqual(
      [pair.eventsA, pair.eventsB].map((all) => all.map(({ type }) => type)),
      [
        ["connected", "apdu"],
        ["connected", "apdu"],
      ],
    );
    assert.equal(pair.a.nextTimeout(), undefined);
  });

  it("lets the server ask after the roles are swapped, each keeping its wPort", () => {
    const meter = new WrapperLink({ role: "client", clientWPort: 1, serverWPort: 1 });
    const gateway = new WrapperLink({
      role: "server",
      clientWPort: 16,
      serverWPort: 1,
      acceptAnyAddress: true,
    });
    const pair = new MachinePair(meter, gateway);
    pair.sendA({ type: "connect" });
    pair.sendA({ type: "apdu", bytes: Uint8Array.of(0x60, 0) });
    pair.sendB({ type: "reverse" });
    pair.sendA({ type: "reverse" });
    pair.sendB({ type: "apdu", bytes: Uint8Array.of(0xc0, 1) });
    assert.equal(toHex(pair.sent[1]?.bytes as Uint8Array), "0001000100010002C001");
    assert.equal(pair.eventsA.at(-1)?.type, "apdu");
  });

  it("drops answers meant for another client, and takes pushes to any", () => {
    const client = link("client");
    client.send(0, { type: "connect" });
    client.receive(0, fromHex("0001000100200002C401"));
    client.receive(0, fromHex("00010001006600020F00"));
    assert.deepEqual(events(client).slice(1), [
      { type: "noise", bytes: fromHex("0001000100200002C401"), reason: "from wPort 1 to 32" },
      { type: "apdu", bytes: fromHex("0F00"), unconfirmed: true, peer: { client: 102, server: 1 } },
    ]);
  });

  it("takes what may be a push in blocks or under protection as one only where it isn't meant for us", () => {
    const client = link("client");
    client.send(0, { type: "connect" });
    for (const apdu of ["E000", "DB00", "DD00"]) {
      client.receive(0, fromHex(`0001000100660002${apdu}`));
      client.receive(0, fromHex(`0001000100100002${apdu}`));
    }
    const heard = events(client).slice(1);
    assert.deepEqual(
      heard.map((event) => event.type === "apdu" && event.unconfirmed),
      [true, false, true, false, true, false],
    );
  });

  it("refuses to send before it is connected, except a push", () => {
    const server = link("server");
    assert.throws(
      () => server.send(0, { type: "apdu", bytes: Uint8Array.of(0x61) }),
      (error) => error instanceof DlmsError && error.code === "NOT_CONNECTED",
    );
    server.send(0, { type: "apdu", bytes: Uint8Array.of(0x0f), unconfirmed: true });
    assert.equal(toHex(server.pollTransmit() as Uint8Array), "00010001001000010F");
  });

  it("bounds what waits, in both directions", () => {
    const client = link("client");
    client.send(0, { type: "connect" });
    for (let i = 0; i < limits.linkQueueApdus; i++) client.send(0, { type: "apdu", bytes: Uint8Array.of(1) });
    assert.throws(
      () => client.send(0, { type: "apdu", bytes: Uint8Array.of(1) }),
      (error) => error instanceof DlmsError && error.code === "LIMIT_EXCEEDED",
    );
    const one = fromHex("0001000100100001C4");
    client.receive(0, concatBytes(...Array.from({ length: 3_000 }, () => one)));
    const all = events(client);
    const last = all.at(-1);
    assert.ok(all.length <= limits.machineEvents);
    assert.ok(last?.type === "disconnected" && last.error?.code === "LIMIT_EXCEEDED");
  });

  it("names a wPort that is none", () => {
    assert.throws(
      () => new WrapperLink({ role: "client", clientWPort: 70_000, serverWPort: 1 }),
      (error) => error instanceof DlmsError && error.field === "clientWPort",
    );
  });
});
