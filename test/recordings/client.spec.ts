/**
 * Our client against the recorded servers: a scripted peer answers the n-th recorded frame only when our n-th frame
 * equals the recorded client's. Arriving whole, octet by octet and cut at random it must come to the same.
 */
import assert from "node:assert/strict";
import { decodeAcse } from "../../src/acse/index.js";
import { type Session, type SessionEvent } from "../../src/association/index.js";
import { concatBytes, toHex } from "../../src/bytes/hex.js";
import { decodeHdlcFrame, stripLlc } from "../../src/hdlc/index.js";
import { decodeWrapperPdu } from "../../src/wrapper/index.js";
import { byteByByte, type Chop, randomly, whole } from "../support/chop.js";
import {
  ciphered,
  type Conversation,
  isHdlc,
  readConversation,
  vectorNames,
} from "../support/conversation.js";
import { clientSession, firstSequence, prelude, type Step, stepsOf } from "./client-setup.js";
import { checkResponse } from "./recorded-answer.js";
import { countedElsewhere, cutElsewhere, departures, underAnotherKey } from "./departures.js";
import { RecordedSecurity } from "./recorded-security.js";

const cuts: readonly (readonly [string, () => Chop])[] = [
  ["whole", () => whole],
  ["octet by octet", () => byteByByte],
  ["cut at random (seed 20)", () => randomly(20)],
  ["cut at random (seed 26)", () => randomly(26, 400)],
];

const all = vectorNames().map((name) => new RecordedSecurity(readConversation(name)));

describe("recordings: our client against recorded servers", () => {
  it("covers every conversation", () => {
    const names = new Set(all.map(({ opened }) => opened.name));
    assert.equal(all.length, 60);
    assert.equal(all.filter(({ opened }) => ciphered(readConversation(opened.name))).length, 16);
    for (const { name } of [...departures, ...cutElsewhere, ...countedElsewhere, ...underAnotherKey])
      assert.ok(names.has(name), `${name} is no conversation`);
  });

  for (const recorded of all)
    for (const [how, cut] of cuts)
      it(`${recorded.opened.name}, ${how}`, () => {
        const { name, frames: whole } = recorded.opened;
        const departure = departures.find((one) => one.name === name);
        const frames = new Replay(recorded, cut(), departure?.frames).run();
        if (departure !== undefined) assert.notEqual(departure.reason, "");
        assert.equal(frames, departure?.frames ?? whole.length);
      });
});

/** A frame whose AARQ has lost its user information; all others as they are. */
function withoutInitiate(bytes: Uint8Array) {
  const apdu = isHdlc(bytes)
    ? stripLlc(decodeHdlcFrame(bytes).information ?? new Uint8Array(0)).apdu
    : decodeWrapperPdu(bytes).apdu;
  return apdu[0] === 0x60 ? { ...decodeAcse(apdu), userInformation: undefined } : toHex(bytes);
}

/** Plays the server's part of a recording. */
class Replay {
  readonly #recorded: RecordedSecurity;
  readonly #conversation: Conversation;
  readonly #counters: number[];
  readonly #cut: Chop;
  readonly #session: Session;
  readonly #steps: Step[];
  readonly #last: number;
  readonly #cutElsewhere: boolean;
  readonly #segments = { ours: [] as Uint8Array[], theirs: [] as Uint8Array[] };
  #step: Step | undefined;
  #position = 0;

  constructor(recorded: RecordedSecurity, cut: Chop, last = recorded.opened.frames.length) {
    const { opened: conversation } = recorded;
    this.#recorded = recorded;
    this.#conversation = conversation;
    this.#cut = cut;
    this.#session = clientSession(recorded);
    this.#counters = [...new Set(recorded.counters("c2s"))];
    this.#steps = stepsOf(conversation, recorded.proves);
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
      this.#events();
      const sent = this.#session.pollTransmit();
      if (sent === undefined) return;
      this.#compare(sent, this.#frame().bytes);
      this.#position += 1;
    }
  }

  #compare(sent: Uint8Array, recorded: Uint8Array): void {
    if (this.#counted) {
      assert.deepEqual(
        this.#openedFrame(sent),
        this.#openedFrame(recorded),
        `frame ${this.#position} differs`,
      );
      return;
    }
    if (underAnotherKey.some(({ name }) => name === this.#conversation.name)) {
      assert.deepEqual(withoutInitiate(sent), withoutInitiate(recorded), `frame ${this.#position} differs`);
      return;
    }
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

  /** An unsegmented frame of the client, its APDU in clear. */
  #openedFrame(bytes: Uint8Array) {
    const frame = decodeHdlcFrame(bytes);
    if (frame.information === undefined || frame.control.type !== "I") return frame;
    const clear = this.#recorded.open(stripLlc(frame.information).apdu, "c2s");
    return { ...frame, information: toHex(clear) };
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
          ["AUTHENTICATION_FAILED", "SERVICE_EXCEPTION", "SECURITY_REFUSED"].includes(event.error.code),
          `${name}: ${event.error.message}`,
        );
        return this.#next();
      case "noise":
      case "needKeys":
        return;
      case "needRandom":
        return this.#session.send(0, {
          type: "provided",
          id: event.id,
          random: this.#recorded.random("c2s"),
        });
      case "needCounters": {
        // One by one, as recorded; beyond the last nothing is sent any more.
        const counter = this.#counters.shift() ?? (this.#counted ? event.atLeast : undefined);
        if (counter === undefined) return;
        return this.#session.send(0, {
          type: "provided",
          id: event.id,
          counters: { from: counter, to: counter },
        });
      }
      case "closed":
      case "indication":
      case "notification":
      case "notification-confirmed":
        assert.fail(`${name}: unexpected ${event.type}`);
    }
  }

  #next(): void {
    this.#step = this.#steps.shift();
    // Beyond a departure nothing is asked any more.
    if (this.#step !== undefined && this.#beginsAt(this.#step) < this.#last)
      this.#session.send(0, this.#step.intent);
  }

  get #counted(): boolean {
    return countedElsewhere.some(({ name }) => name === this.#conversation.name);
  }

  #beginsAt({ apdu }: Step): number {
    return this.#conversation.apdus[apdu]?.firstFrame ?? this.#position;
  }
}
