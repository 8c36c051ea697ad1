/** How meters come in: logins and heartbeats, silence, pushes, and the association a meter opens itself. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Session } from "../../src/association/index.js";
import { fromHex, toHex } from "../../src/bytes/hex.js";
import { HdlcLink } from "../../src/hdlc/link.js";
import { patternDialect } from "../../src/meter-types/dialects/index.js";
import { presets } from "../../src/meter-types/presets.js";
import { parseObis } from "../../src/cosem/obis.js";
import { ReplyFilter } from "../../src/simulator/reply-filter.js";
import { type SimulatedMeter } from "../../src/simulator/simulated-meter.js";
import { WrapperLink } from "../../src/wrapper/link.js";
import { Asker, aMeter, dialect, dialledIn } from "./asker.js";

const ACK = fromHex("8E310101C117");

function opened(meter: SimulatedMeter): Asker {
  const asker = new Asker(meter);
  asker.tell({ type: "open" });
  return asker;
}

/** The gateway's side of a reverse link: accepts, then asks. */
function reverse(meter: SimulatedMeter, framing: "hdlc" | "wrapper"): string[] {
  const link =
    framing === "hdlc"
      ? new HdlcLink({
          station: "secondary",
          client: { upper: 16, octets: 1 },
          server: { upper: 1, octets: 1 },
          acceptAnyAddress: true,
        })
      : new WrapperLink({ role: "server", clientWPort: 16, serverWPort: 1, acceptAnyAddress: true });
  const session = new Session({ role: "server", link, server: { accept: [{ mechanism: "none" }] } });
  const seen: string[] = [];
  const turn = (): void => {
    for (let moved = true; moved;) {
      moved = false;
      for (let bytes = meter.pollTransmit(); bytes; bytes = meter.pollTransmit()) {
        moved = true;
        session.receive(0, bytes);
      }
      for (let event = session.pollEvent(); event; event = session.pollEvent()) {
        moved = true;
        seen.push(event.type);
        if (event.type === "associated" && !event.info.reversed) session.send(0, { type: "reverse" });
        else if (event.type === "associated")
          session.send(0, {
            type: "request",
            id: 1,
            request: {
              type: "get",
              items: [{ attribute: { classId: 1, instanceId: parseObis("0-0:96.1.0.255"), attributeId: 2 } }],
            },
          });
        else if (event.type === "response" && event.response.type === "get") {
          const [result] = event.response.results;
          assert.ok(result?.type === "data" && result.data.type === "octet-string");
          seen.push(Buffer.from(result.data.value).toString("latin1"));
        }
      }
      for (let bytes = session.pollTransmit(); bytes; bytes = session.pollTransmit()) {
        moved = true;
        meter.receive(0, bytes);
      }
    }
  };
  meter.send(0, { type: "open" });
  turn();
  return seen;
}

describe("simulated dial-in", () => {
  it("repeats its login as a heartbeat", () => {
    const asker = opened(aMeter({ heartbeatMs: 30_000 }));
    asker.advance(95_000);
    assert.equal(asker.sent.length, 4);
    assert.ok(asker.sent.every((frame) => toHex(frame) === toHex(asker.sent[0] as Uint8Array)));
  });

  it("sends the heartbeat of Hexing meters, and takes its one-octet answer", () => {
    const asker = new Asker(
      aMeter({ serial: "000391800016", meterType: presets.hexing, dialect: dialect("hexing-heartbeat") }),
    );
    asker.answersLogins = false;
    asker.tell({ type: "open" });
    assert.equal(toHex(asker.sent[0] as Uint8Array), "000100010001000EDD0C303030333931383030303136");
    asker.inject(fromHex("0001000100010001DA"));
    assert.deepEqual(asker.told(), ["dialled-in", "login-answered"]);
    asker.associate();
  });

  it("repeats an unanswered login and gives the connection up", () => {
    const asker = new Asker(aMeter({ heartbeatMs: 0 }));
    asker.answersLogins = false;
    asker.tell({ type: "open" });
    asker.advance(29_000);
    assert.equal(asker.sent.length, 1);
    asker.advance(70_000);
    assert.equal(asker.sent.length, 3);
    assert.deepEqual(asker.told().slice(-3), ["login-unanswered", "hung-up", "hang-up"]);
  });

  it("logs in by a pattern of the user", () => {
    const pattern = patternDialect({
      name: "own",
      match: { hex: "AA55 ????????????????????????" },
      id: { offset: 2, length: 12, coding: "ascii" },
      reply: "06",
      framing: "wrapper",
    });
    const asker = opened(aMeter({ serial: "METER0000001", meterType: presets.standard, dialect: pattern }));
    assert.equal(toHex(asker.sent[0] as Uint8Array), "AA55" + toHex(Buffer.from("METER0000001")));
    assert.deepEqual(asker.told(), ["dialled-in", "login-answered"]);
    asker.associate();
  });

  it("says nothing where the dialect is silent, and answers when asked", () => {
    for (const name of ["plain-wrapper", "plain-hdlc"]) {
      const asker = opened(aMeter({ meterType: presets.standard, dialect: dialect(name) }));
      asker.advance(3_600_000);
      assert.equal(asker.sent.length, 0);
      asker.associate();
    }
  });

  it("pushes first, self-describing, over wrapper and HDLC, and again later", () => {
    for (const framing of ["wrapper", "hdlc"] as const) {
      const asker = new Asker(
        aMeter({ meterType: presets.standard, dialect: dialect("push"), framing, pushMs: 60_000 }),
      );
      asker.tell({ type: "open" });
      const pushed = () =>
        asker.sessionEvents.flatMap((event) =>
          event.type === "notification" && event.notification.type === "data-notification"
            ? [event.notification.body]
            : [],
        );
      const [body] = pushed();
      assert.ok(body?.type === "array");
      const [serial, , energy] = body.value;
      assert.ok(serial?.type === "structure" && energy?.type === "structure");
      assert.deepEqual(
        serial.value.map((part) => (part.type === "octet-string" ? toHex(part.value) : part.type)),
        ["0000600100FF", toHex(Buffer.from("46000755036"))],
      );
      assert.deepEqual(
        energy.value.map(({ type }) => type),
        ["octet-string", "double-long-unsigned", "structure"],
      );
      asker.advance(120_000);
      assert.equal(pushed().length, 3);
      asker.associate();
    }
  });

  it("opens the association itself and is asked over it, over wrapper and HDLC", () => {
    for (const framing of ["wrapper", "hdlc"] as const) {
      const meter = aMeter({ meterType: presets.readme, dialect: dialect("meter-initiated"), framing });
      assert.deepEqual(
        reverse(meter, framing).filter((type) => type !== "connected"),
        ["associated", "associated", "response", "46000755036"],
      );
    }
  });

  it("reports relay and credit changes as events when told to", () => {
    const asker = dialledIn({ alarms: true, relayDelayMs: 1_000 });
    asker.act(70, "0-0:96.3.10.255", 1, { type: "integer", value: 0 });
    asker.advance(1_000);
    const events = asker.sessionEvents.flatMap((event) =>
      event.type === "notification" && event.notification.type === "event-notification"
        ? [event.notification]
        : [],
    );
    assert.equal(events.length, 1);
    assert.deepEqual(events[0]?.attribute.classId, 70);
    assert.deepEqual(events[0]?.value, { type: "enum", value: 0 });
  });

  it("is the same meter on its next connection", () => {
    const asker = dialledIn();
    asker.write(3, "0-0:19.1.0.255", { type: "visible-string", value: "12345678901234567890" });
    asker.tell({ type: "closed" });
    assert.equal(asker.meter.phase, "offline");
    const again = opened(asker.meter);
    again.associate();
    const used = again.write(3, "0-0:19.1.0.255", { type: "visible-string", value: "12345678901234567890" });
    assert.equal(used, "other-reason");
  });
});

describe("reply filter", () => {
  it("takes answers out at frame borders only, however the stream is cut", () => {
    const inside = fromHex(`00010001001100${"0C"}C401C100${toHex(ACK)}0000`);
    const stream = Buffer.concat([ACK, inside, inside, ACK, ACK, inside.subarray(0, 8 + 12)]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 40, maxLength: 90 }), (sizes) => {
        const filter = new ReplyFilter(ACK, "wrapper");
        const rest: Uint8Array[] = [];
        let replies = 0;
        let at = 0;
        for (const size of [...sizes, stream.length]) {
          const found = filter.push(stream.subarray(at, at + size));
          at += size;
          rest.push(found.rest);
          replies += found.replies;
        }
        assert.equal(replies, 3);
        assert.equal(toHex(Buffer.concat(rest)), toHex(inside).repeat(3));
      }),
    );
  });
});
