/** Image transfer against a small meter of its own: whole, resumed, with blocks lost, refused, cancelled. */
import assert from "node:assert/strict";
import { type Data, data } from "../../src/axdr/index.js";
import { type ImageProgress, type ImageTransferOptions } from "../../src/client/index.js";
import { DlmsError } from "../../src/core/errors.js";
import { type ActionResult } from "../../src/xdlms/index.js";
import { SessionPair } from "../support/session-pair.js";

const obis = "0-0:44.0.0.255";
const BLOCK = 32;
const image = Uint8Array.from({ length: 10 * BLOCK - 5 }, (_, i) => (i * 7) & 0xff);

/** States by their codes: 1 initiated, 2 verifying, 3 verified, 4 rejected, 5 activating, 6 active, 7 not activated. */
class ImageMeter {
  readonly pair = new SessionPair({ framing: "wrapper" });
  readonly client = this.pair.client();
  status = 0;
  blocks: (Uint8Array | undefined)[] = [];
  identifier = "";
  /** What a method answers instead of doing its work; called with its number. */
  interfere: (methodId: number, block: number | undefined) => ActionResult | undefined = () => undefined;
  /** Status reads after which verification or activation is done. */
  patience = 0;
  calls: string[] = [];
  isEnabled = true;
  keepsRecord = true;

  constructor() {
    const { store } = this.pair;
    const answer = store.answer.bind(store);
    store.answer = (request) => {
      this.#show(request.type === "get");
      return answer(request);
    };
    for (const methodId of [1, 2, 3, 4])
      store.methods.set(`18/${obis}/${methodId}`, (parameters) => ({
        result: this.#run(methodId, parameters),
      }));
  }

  get octets(): Uint8Array {
    return Uint8Array.from(this.blocks.flatMap((block) => [...(block ?? [])]));
  }

  transfer(options: Partial<ImageTransferOptions> = {}) {
    let now = 0;
    return this.client.transferImage({
      image,
      identifier: "FW-2",
      now: () => now,
      sleep: (ms) => {
        now += ms;
        return Promise.resolve();
      },
      ...options,
    });
  }

  #show(isRead: boolean): void {
    const { store } = this.pair;
    if (isRead && (this.status === 2 || this.status === 5) && this.patience-- <= 0) this.status += 1;
    store.put(18, obis, 2, data.doubleLongUnsigned(BLOCK));
    const bits = this.blocks.map((block) => (block === undefined ? "0" : "1")).join("");
    if (this.keepsRecord) store.put(18, obis, 3, data.bitString(bits));
    const gap = this.blocks.findIndex((block) => block === undefined);
    store.put(18, obis, 4, data.doubleLongUnsigned(gap < 0 ? this.blocks.length : gap));
    store.put(18, obis, 5, data.boolean(this.isEnabled));
    store.put(18, obis, 6, data.enum(this.status));
    const held = data.structure([
      data.doubleLongUnsigned(this.octets.length),
      data.octetString(new TextEncoder().encode(this.identifier)),
      data.octetString(new Uint8Array(0)),
    ]);
    store.put(18, obis, 7, data.array(this.status === 3 ? [held] : []));
  }

  #run(methodId: number, parameters: Data | undefined): ActionResult {
    const [first, second] = parameters?.type === "structure" ? parameters.value.map(valueOf) : [];
    const block = methodId === 2 ? Number(first) : undefined;
    this.calls.push(block === undefined ? `m${methodId}` : `b${block}`);
    const answer = this.interfere(methodId, block);
    if (answer !== undefined) return answer;
    if (methodId === 1) {
      this.identifier = new TextDecoder().decode(first as Uint8Array);
      this.blocks = Array.from({ length: Math.ceil(Number(second) / BLOCK) }, () => undefined);
      this.status = 1;
    } else if (block !== undefined) this.blocks[block] = second as Uint8Array;
    else if (methodId === 3) this.status = 2;
    else this.status = 5;
    return methodId >= 3 && this.patience > 0 ? "temporary-failure" : "success";
  }
}

function valueOf(element: Data): unknown {
  return "value" in element ? element.value : undefined;
}

async function meter(): Promise<ImageMeter> {
  const made = new ImageMeter();
  await made.client.associate();
  return made;
}

describe("image transfer", () => {
  it("sends every block, verifies, and activates when told to; tells how far it is", async () => {
    const one = await meter();
    one.patience = 3;
    const told: ImageProgress[] = [];
    const order: string[] = [];
    const done = await one.transfer({
      activate: true,
      onProgress: (progress) => told.push(progress),
      betweenBlocks: () => Promise.resolve(void order.push("between")),
      beforeActivating: () => Promise.resolve(void order.push("before activating")),
    });
    assert.deepEqual(one.octets, image);
    assert.equal(one.identifier, "FW-2");
    assert.equal(done.status, "activation-successful");
    assert.deepEqual([done.total, done.sent, done.resumed, done.blockOctets], [10, 10, false, BLOCK]);
    assert.equal(one.status, 6);
    assert.deepEqual(
      [...new Set(told.map(({ phase }) => phase))],
      ["initiating", "transferring", "verifying", "activating"],
    );
    assert.deepEqual(
      told.filter(({ phase }) => phase === "transferring").map(({ blocks }) => blocks),
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    );
    assert.deepEqual(order, [...Array<string>(10).fill("between"), "before activating"]);
    const verified = await meter();
    assert.equal((await verified.transfer()).status, "verification-successful");
    assert.ok(!verified.calls.includes("m4"), "nothing is activated unasked");
  });

  it("goes on where an earlier attempt stopped, and leaves out what the meter holds verified", async () => {
    const one = await meter();
    const broken = new DlmsError("LINK_LOST");
    let left = 4;
    const breakOff = (): Promise<void> => (--left === 0 ? Promise.reject(broken) : Promise.resolve());
    await assert.rejects(one.transfer({ betweenBlocks: breakOff }), { code: "LINK_LOST" });
    one.calls = [];
    const resumed = await one.transfer();
    assert.deepEqual([resumed.resumed, resumed.sent], [true, 6]);
    assert.deepEqual(one.octets, image);
    one.calls = [];
    const again = await one.transfer();
    assert.deepEqual([again.resumed, again.sent, again.status], [true, 0, "verification-successful"]);
    assert.deepEqual(one.calls, []);
    await one.transfer({ image: image.slice(0, 100) });
    assert.deepEqual(one.octets, image.slice(0, 100), "another image begins anew");
    one.calls = [];
    assert.equal((await one.transfer({ image: image.slice(0, 100), resume: false })).sent, 4);
  });

  it("sends again what the meter says is missing, by its record or by its first gap", async () => {
    for (const keepsRecord of [true, false]) {
      const one = await meter();
      one.keepsRecord = keepsRecord;
      const lost = new Set([3, 7]);
      one.interfere = (_method, block) => (block !== undefined && lost.delete(block) ? "success" : undefined);
      const done = await one.transfer();
      assert.deepEqual(one.octets, image);
      assert.equal(done.sent, keepsRecord ? 12 : 10 + 7);
      assert.equal(done.status, "verification-successful");
    }
    const forgetful = await meter();
    forgetful.interfere = (_method, block) => (block === 3 ? "success" : undefined);
    await assert.rejects(forgetful.transfer(), { code: "IMAGE_INCOMPLETE" });
    assert.ok(forgetful.calls.filter((call) => call === "b3").length < 10, "bounded");
  });

  it("waits for a meter that is busy, within bounds", async () => {
    const busy = await meter();
    let left = 3;
    busy.interfere = (_method, block) => (block === 2 && left-- > 0 ? "temporary-failure" : undefined);
    assert.equal((await busy.transfer()).status, "verification-successful");
    const stuck = await meter();
    stuck.interfere = (_method, block) => (block === 2 ? "temporary-failure" : undefined);
    await assert.rejects(stuck.transfer(), { code: "TEMPORARY_FAILURE" });
    const slow = await meter();
    slow.patience = 100_000;
    await assert.rejects(slow.transfer(), { code: "VERIFY_TIMEOUT" });
  });

  it("tells a rejected image, a refused one and one that could not be activated", async () => {
    const rejecting = await meter();
    rejecting.interfere = (method) => {
      if (method === 3) rejecting.status = 4;
      return method === 3 ? "success" : undefined;
    };
    await assert.rejects(rejecting.transfer(), { code: "IMAGE_REJECTED" });
    const refusing = await meter();
    refusing.interfere = (method) => (method === 3 ? "other-reason" : undefined);
    await assert.rejects(refusing.transfer(), { code: "IMAGE_REJECTED" });
    const disabled = await meter();
    disabled.isEnabled = false;
    await assert.rejects(disabled.transfer(), { code: "IMAGE_DISABLED" });
    assert.deepEqual(disabled.calls, []);
    const failing = await meter();
    failing.interfere = (method) => {
      if (method === 4) failing.status = 7;
      return method === 4 ? "success" : undefined;
    };
    await assert.rejects(failing.transfer({ activate: true }), { code: "IMAGE_REJECTED" });
  });

  it("stops when it is cancelled, and names what is wrong with the image", async () => {
    const one = await meter();
    const abort = new AbortController();
    const betweenBlocks = (): Promise<void> => Promise.resolve(abort.abort());
    await assert.rejects(one.transfer({ signal: abort.signal, betweenBlocks }), { code: "CANCELLED" });
    assert.deepEqual(one.calls, ["m1", "b0"]);
    const empty = new Uint8Array(0);
    await assert.rejects(one.transfer({ image: empty }), { code: "FIELD_INVALID", field: "image" });
    await assert.rejects(one.transfer({ identifier: "" }), { code: "FIELD_INVALID", field: "identifier" });
  });
});
