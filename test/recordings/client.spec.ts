/**
 * Our client against the recorded servers: a scripted peer answers the n-th recorded frame only when our n-th frame
 * equals the recorded client's. Arriving whole, octet by octet and cut at random it must come to the same.
 */
import assert from "node:assert/strict";
import { type Session, type SessionEvent } from "../../src/association/index.js";
import { concatBytes, toHex } from "../../src/bytes/hex.js";
import { decodeHdlcFrame } from "../../src/hdlc/index.js";
import { byteByByte, type Chop, randomly, whole } from "../support/chop.js";
import { ciphered, type Conversation, readConversation, vectorNames } from "../support/conversation.js";
import { clientSession, firstSequence, prelude, type Step, stepsOf } from "./client-setup.js";
import { checkResponse } from "./recorded-answer.js";
import { cutElsewhere, departures } from "./departures.js";

const cuts: readonly (readonly [string, () => Chop])[] = [
  ["whole", () => whole],
  ["octet by octet", () => byteByByte],
  ["cut at random (seed 20)", () => randomly(20)],
  ["cut at random (seed 26)", () => randomly(26, 400)],
];

const clear = vectorNames()
  .map(readConversation)
  .filter((conversation) => !ciphered(conversation));

describe("recordings: our client against recorded servers", () => {
  it("covers every conversation that is not ciphered", () => {
    const names = new Set(clear.map(({ name }) => name));
    assert.equal(clear.length, 44);
    for (const { name } of [...departures, ...cutElsewhere])
      assert.ok(names.has(name), `${name} is no clear conversation`);
  });

  for (const conversation of clear)
    for (const [how, cut] of cuts)
      it(`${conversation.name}, ${how}`, () => {
        const departure = departures.find(({ name }) => name === conversation.name);
        const frames = new Replay(conversation, cut(), departure?.frames).run();
        if (departure !== undefined) assert.notEqual(departure.reason, "");
        assert.equal(frames, departure?.frames ?? conversation.frames.length);
      });
});

/** Plays the server's part of a recording. */
class Replay {
  readonly #conversation: Conversation;
  readonly #cut: Chop;
  readonly #session: Session;
  readonly #steps: Step[];
  readonly #last: number;
  readonly #cutElsewhere: boolean;
  readonly #segments = { ours: [] as Uint8Array[], theirs: [] as Uint8Array[] };
  #step: Step | undefined;
  #position = 0;

  constructor(conversation: Conversation, cut: Chop, last = conversation.frames.length) {
    this.#conversation = conversation;
    this.#cut = cut;
    this.#session = clientSession(conversation);
    this.#steps = stepsOf(conversation);
    this.#last = last;
    this.#cutElsewhere = cutElsewhere.some(({ name }) => name === conversation.name);
    if (firstSequence(conversation) > 0) prelude(this.#session, firstSequence(conversation));
  }

  /** @returns how many recorded frames were played, both directions. */
  run(): number {
    this.#next();
    while (this.#position < this.#last) {
      const before = this.#position;
      this.#collect();
      while (this.#position < this.#last && this.#frame().direction === "s2c") {
        for (const chunk of this.#cut(this.#frame().bytes)) {
          this.#session.receive(0, chunk);
          this.#events();
        }
        this.#position += 1;
      }
      if (this.#position === before)
        assert.fail(`our client sends nothing at frame ${before}; recorded: ${toHex(this.#frame().bytes)}`);
    }
    if (this.#last === this.#conversation.frames.length)
      assert.equal(this.#session.pollTransmit(), undefined, "our client sends more than the recorded one");
    return this.#position;
  }

  #frame() {
    const frame = this.#conversation.frames[this.#position];
    assert.ok(frame, "the recording has no more frames");
    return frame;
  }

  #collect(): void {
    while (this.#position < this.#last && this.#frame().direction === "c2s") {
      const sent = this.#session.pollTransmit();
      if (sent === undefined) return;
      this.#compare(sent, this.#frame().bytes);
      this.#position += 1;
    }
  }

  #compare(sent: Uint8Array, recorded: Uint8Array): void {
    if (!this.#cutElsewhere) {
      assert.equal(toHex(sent), toHex(recorded), `frame ${this.#position} differs`);
      return;
    }
    const [ours, theirs] = [decodeHdlcFrame(sent), decodeHdlcFrame(recorded)];
    assert.deepEqual({ ...ours, information: undefined }, { ...theirs, information: undefined });
    this.#segments.ours.push(ours.information ?? new Uint8Array(0));
    this.#segments.theirs.push(theirs.information ?? new Uint8Array(0));
    if (ours.segmented) return;
    const [whole, expected] = [this.#segments.ours, this.#segments.theirs].map((parts) =>
      toHex(concatBytes(...parts.splice(0))),
    );
    assert.equal(whole, expected, `the APDU that ends with frame ${this.#position} differs`);
  }

  #events(): void {
    for (let event = this.#session.pollEvent(); event !== undefined; event = this.#session.pollEvent())
      this.#event(event);
  }

  #event(event: SessionEvent): void {
    const { name } = this.#conversation;
    switch (event.type) {
      case "response":
        checkResponse(this.#conversation, this.#step as Step, event.response);
        return this.#next();
      case "associated":
      case "released":
        return this.#next();
      case "failed":
        // A refused association and an exception-response are recorded answers; silence and garbage are not.
        assert.ok(
          ["AUTHENTICATION_FAILED", "SERVICE_EXCEPTION"].includes(event.error.code),
          `${name}: ${event.error.message}`,
        );
        return this.#next();
      case "noise":
        return;
      case "closed":
      case "indication":
      case "notification":
        assert.fail(`${name}: unexpected ${event.type}`);
    }
  }

  #next(): void {
    this.#step = this.#steps.shift();
    // Beyond a departure nothing is asked any more.
    if (this.#step !== undefined && this.#beginsAt(this.#step) < this.#last)
      this.#session.send(0, this.#step.intent);
  }

  #beginsAt({ apdu }: Step): number {
    return this.#conversation.apdus[apdu]?.firstFrame ?? this.#position;
  }
}
