import assert from "node:assert/strict";
import fc from "fast-check";
import { concatBytes, fromHex } from "../../src/bytes/hex.js";
import { limits } from "../../src/core/limits.js";
import { controlFromOctet } from "../../src/hdlc/control.js";
import { decodeHdlcFrame, encodeHdlcFrame } from "../../src/hdlc/frame.js";
import { client, connect, endings, linkPair, server } from "./link-pair.js";
import { workedFrames } from "./worked-frames.js";

const small = { maxInfoTransmit: 128, maxInfoReceive: 128, responseTimeoutMs: 1_000 };

describe("HDLC link: hostile input", () => {
  const frames = Object.values(workedFrames).map((hex) => fromHex(hex));
  const anyControl = fc
    .nat(255)
    .chain((octet) =>
      fc.tuple(fc.constant(octet), fc.boolean(), fc.uint8Array({ maxLength: 40 }), fc.boolean()),
    );

  it("never throws, whatever frames and octets come to either station", () => {
    const item = fc.oneof(
      fc.uint8Array({ maxLength: 50 }),
      fc.constantFrom(...frames),
      anyControl.map(([octet, toServer, information, segmented]) =>
        encodeHdlcFrame({
          segmented,
          destination: toServer ? server : client,
          source: toServer ? client : server,
          control: controlFromOctet(octet),
          ...(information.length > 20 ? {} : { information }),
        }),
      ),
    );
    fc.assert(
      fc.property(fc.array(item, { maxLength: 60 }), (parts) => {
        const pair = linkPair({ ...small, acceptAnyAddress: true, maxApduBytes: 200 });
        pair.a.send(0, { type: "connect" });
        let now = 0;
        for (const part of parts) {
          pair.a.receive(now, part);
          pair.b.receive(now, part);
          now += 400;
          pair.a.handleTimeout(now);
          pair.b.handleTimeout(now);
        }
        for (const link of [pair.a, pair.b]) {
          let count = 0;
          while (link.pollEvent() !== undefined) count += 1;
          while (link.pollTransmit() !== undefined) count += 1;
          assert.ok(count <= 2 * limits.machineEvents);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("ends with a LimitError when a flood of frames outgrows its queues", () => {
    const pair = connect(linkPair(small));
    const poll = encodeHdlcFrame({
      ...decodeHdlcFrame(fromHex(workedFrames.disc)),
      control: { type: "RR", receiveSequence: 0, pollFinal: true },
    });
    pair.b.receive(0, concatBytes(...Array.from({ length: 3_000 }, () => poll)));
    pair.settle();
    assert.ok(endings(pair.eventsB).includes("protocol-error LIMIT_EXCEEDED"));
  });
});
