/** Image transfer: blocks in any order, resumed, verified by seal, activated; what is refused. */
import assert from "node:assert/strict";
import { data } from "../../../src/axdr/index.js";
import { fromLatin1, toLatin1 } from "../../../src/bytes/hex.js";
import {
  ImageReceiver,
  imageStatus,
  MAX_IMAGE_OCTETS,
  sealImage,
} from "../../../src/simulator/behaviours/image.js";
import { Asker, dialledIn } from "../asker.js";

const IMAGE = "0-0:44.0.0.255";
const NAME = "FW04.00-25101";
const SECOND = 1000;

function body(octets: number): Uint8Array {
  return Uint8Array.from({ length: octets }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
}

function initiate(asker: Asker, name: string, size: number): string | number | undefined {
  const parameter = data.structure([data.octetString(fromLatin1(name)), data.doubleLongUnsigned(size)]);
  return asker.act(18, IMAGE, 1, parameter);
}

function send(asker: Asker, image: Uint8Array, number: number, size = asker.number(18, IMAGE, 2)) {
  const octets = image.slice(number * size, (number + 1) * size);
  return asker.act(18, IMAGE, 2, data.structure([data.doubleLongUnsigned(number), data.octetString(octets)]));
}

describe("simulated image transfer", () => {
  it("takes an image of hundreds of kilobytes, verifies and activates it", () => {
    const asker = dialledIn();
    const image = sealImage(body(300_000), NAME);
    const size = asker.number(18, IMAGE, 2);
    assert.equal(asker.number(18, IMAGE, 6), imageStatus.notInitiated);
    assert.equal(initiate(asker, NAME, image.length), "success");
    const blocks = Math.ceil(image.length / size);
    for (let number = 0; number < blocks; number++)
      assert.equal(send(asker, image, number, size), "success", `block ${number}`);
    assert.equal(asker.number(18, IMAGE, 4), blocks);
    assert.equal(asker.act(18, IMAGE, 3, data.integer(0)), "temporary-failure");
    assert.equal(asker.number(18, IMAGE, 6), imageStatus.verifying);
    asker.advance(SECOND);
    assert.equal(asker.number(18, IMAGE, 6), imageStatus.verified);
    assert.equal(asker.act(18, IMAGE, 3, data.integer(0)), "success");
    assert.deepEqual(
      asker.value(18, IMAGE, 7),
      data.array([
        data.structure([
          data.doubleLongUnsigned(image.length),
          data.octetString(fromLatin1(NAME)),
          data.octetString(image.slice(-8)),
        ]),
      ]),
    );
    assert.equal(asker.act(18, IMAGE, 4, data.integer(0)), "temporary-failure");
    assert.equal(asker.number(18, IMAGE, 6), imageStatus.activating);
    asker.advance(SECOND);
    assert.equal(asker.number(18, IMAGE, 6), imageStatus.activated);
    assert.deepEqual(asker.value(1, "1-0:0.2.0.255"), data.visibleString(NAME));
    assert.deepEqual(
      asker.meterEvents.flatMap((event) =>
        event.type === "event" && event.name === "image" ? [event.text] : [],
      ),
      [`image of ${image.length} octets announced`, "image verified", `image activated: firmware ${NAME}`],
    );
  }).timeout(20_000);

  it("keeps what has arrived over a lost connection, and says where to go on", () => {
    const asker = dialledIn();
    const image = sealImage(body(3_000), NAME);
    initiate(asker, NAME, image.length);
    for (const number of [0, 1, 4]) send(asker, image, number);
    asker.tell({ type: "closed" });
    const again = dialledInAgain(asker);
    assert.equal(again.number(18, IMAGE, 6), imageStatus.initiated);
    assert.equal(again.number(18, IMAGE, 4), 2);
    assert.deepEqual(again.value(18, IMAGE, 3), data.bitString("110010"));
    assert.equal(again.act(18, IMAGE, 3, data.integer(0)), "other-reason", "blocks are missing");
    for (const number of [5, 3, 2]) assert.equal(send(again, image, number), "success");
    again.act(18, IMAGE, 3, data.integer(0));
    again.advance(SECOND);
    assert.equal(again.number(18, IMAGE, 6), imageStatus.verified);
  });

  it("fails an image that is not what its seal says, and takes the right blocks after that", () => {
    const asker = dialledIn();
    const image = sealImage(body(1_500), NAME);
    initiate(asker, NAME, image.length);
    const wrong = image.slice();
    wrong[700] = (wrong[700] as number) ^ 1;
    for (let number = 0; number < 4; number++) send(asker, wrong, number);
    asker.act(18, IMAGE, 3, data.integer(0));
    asker.advance(SECOND);
    assert.equal(asker.number(18, IMAGE, 6), imageStatus.verificationFailed);
    assert.equal(asker.act(18, IMAGE, 3, data.integer(0)), "other-reason");
    assert.equal(asker.act(18, IMAGE, 4, data.integer(0)), "other-reason");
    assert.equal(send(asker, image, 1), "success");
    asker.act(18, IMAGE, 3, data.integer(0));
    asker.advance(SECOND);
    assert.equal(asker.number(18, IMAGE, 6), imageStatus.verified);
  });

  it("fails an image under another name than the one initiated", () => {
    const asker = dialledIn();
    const image = sealImage(body(100), NAME);
    initiate(asker, "FW99.00-25101", image.length);
    send(asker, image, 0);
    asker.act(18, IMAGE, 3, data.integer(0));
    asker.advance(SECOND);
    assert.equal(asker.number(18, IMAGE, 6), imageStatus.verificationFailed);
  });

  it("refuses what does not fit: sizes, numbers, lengths, types, order, and all of it while disabled", () => {
    const asker = dialledIn();
    assert.equal(send(asker, body(512), 0), "other-reason", "not initiated");
    assert.equal(asker.act(18, IMAGE, 3, data.integer(0)), "other-reason");
    assert.equal(asker.act(18, IMAGE, 4, data.integer(0)), "other-reason");
    assert.equal(initiate(asker, NAME, 0), "other-reason");
    assert.equal(initiate(asker, NAME, MAX_IMAGE_OCTETS + 1), "other-reason");
    assert.equal(initiate(asker, "", 10), "other-reason");
    assert.equal(initiate(asker, "x".repeat(33), 10), "other-reason");
    assert.equal(asker.act(18, IMAGE, 1, data.doubleLongUnsigned(10)), "type-unmatched");
    assert.equal(initiate(asker, NAME, 600), "success");
    assert.equal(send(asker, body(511), 0), "other-reason", "too short");
    assert.equal(send(asker, body(1_024), 1), "other-reason", "too long for the last");
    assert.equal(send(asker, body(2_000), 2), "other-reason", "no such block");
    assert.equal(asker.act(18, IMAGE, 2, data.octetString(body(5))), "type-unmatched");
    assert.equal(asker.act(18, IMAGE, 3, data.boolean(true)), "type-unmatched");
    assert.equal(asker.write(18, IMAGE, data.boolean(false), 5), "success");
    assert.equal(initiate(asker, NAME, 600), "read-write-denied");
  });
});

describe("image checksum", () => {
  it("does not depend on the order, the repetition or the size of the blocks", () => {
    const image = sealImage(body(1_000), NAME);
    for (const octets of [1, 7, 39, 40, 41, 512, 2_000]) {
      const receiver = new ImageReceiver();
      assert.ok(receiver.initiate(0, fromLatin1(NAME), image.length, octets));
      const count = Math.ceil(image.length / octets);
      for (let i = count - 1; i >= 0; i--) {
        const block = image.slice(i * octets, (i + 1) * octets);
        assert.ok(
          receiver.block(
            0,
            i,
            block.map((octet) => octet ^ 0xff),
          ),
        );
        assert.ok(receiver.block(0, i, block));
      }
      assert.equal(receiver.verify(0, 10), "started");
      assert.equal(receiver.status(9), imageStatus.verifying);
      assert.equal(receiver.status(10), imageStatus.verified, `blocks of ${octets}`);
      assert.equal(toLatin1(receiver.info()?.identification ?? new Uint8Array(0)), NAME);
    }
  });

  it("is not asked for where there is no seal", () => {
    const receiver = new ImageReceiver();
    receiver.initiate(0, fromLatin1("any"), 5, 512);
    receiver.block(0, 0, body(5));
    receiver.verify(0, 0);
    assert.equal(receiver.status(0), imageStatus.verified);
    assert.deepEqual(receiver.info()?.signature, new Uint8Array(0));
  });
});

/** The same meter on a new connection. */
function dialledInAgain({ meter, now }: Asker): Asker {
  const again = new Asker(meter);
  again.now = now;
  again.tell({ type: "open" });
  again.associate();
  return again;
}
