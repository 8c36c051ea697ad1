/**
 * Our server against the recorded clients: it gets their APDUs as they were sent, answers from a store that holds the
 * recorded answers, and its APDUs equal the recorded server's. Where that one cut an answer into blocks, the
 * joined blocks equal the tail of our whole answer. Ciphered APDUs are compared in clear and by their tag: our server
 * answers whole where the recorded one used blocks, so its counters differ.
 */
import assert from "node:assert/strict";
import { type Aare, type Aarq, decodeAcse, encodeAcse } from "../../src/acse/index.js";
import {
  type AcceptRule,
  Session,
  type SessionEvent,
  type SessionIntent,
} from "../../src/association/index.js";
import { fromLatin1, toHex } from "../../src/bytes/hex.js";
import { type LinkEvent, type LinkIntent } from "../../src/core/link.js";
import { Secret } from "../../src/core/secret.js";
import { HdlcLink } from "../../src/hdlc/index.js";
import { WrapperLink } from "../../src/wrapper/index.js";
import { decodeApdu, encodeApdu, isCipheredTag } from "../../src/xdlms/index.js";
import {
  type Conversation,
  readConversation,
  type RecordedApdu,
  vectorNames,
} from "../support/conversation.js";
import { MachinePair } from "../support/pair.js";
import { type Step, stepsOf } from "./client-setup.js";
import { ourOwn, ownAare, serverDepartures } from "./departures.js";
import { isThirdPass, RecordedSecurity } from "./recorded-security.js";
import { answersTo, blocksOf, RecordedStore } from "./recorded-store.js";

const all = vectorNames().map((name) => new RecordedSecurity(readConversation(name)));

describe("recordings: our server against recorded clients", () => {
  for (const recorded of all)
    it(recorded.opened.name, () => {
      const departure = serverDepartures.find(({ name }) => name === recorded.opened.name);
      const { compared, skipped } = new ServerReplay(recorded).run();
      assert.equal(skipped, departure?.skipped ?? 0);
      assert.ok(compared > 0, "nothing was compared");
    });
});

class ServerReplay {
  readonly #recorded: RecordedSecurity;
  /** In clear; what is sent stands in `#wire`, at the same places. */
  readonly #conversation: Conversation;
  readonly #wire: readonly RecordedApdu[];
  readonly #counters: number[];
  readonly #steps: readonly Step[];
  readonly #store: RecordedStore;
  readonly #pair: MachinePair<LinkIntent, LinkEvent, SessionIntent, SessionEvent>;
  #compared = 0;
  #skipped = 0;

  constructor(recorded: RecordedSecurity) {
    const { opened: conversation } = recorded;
    this.#recorded = recorded;
    this.#conversation = conversation;
    this.#wire = readConversation(conversation.name).apdus;
    this.#counters = [...new Set(recorded.counters("s2c"))];
    this.#steps = stepsOf(conversation, recorded.proves);
    this.#store = new RecordedStore(conversation, this.#steps);
    this.#pair = new MachinePair(clientLink(conversation), serverSession(recorded));
    this.#pair.onEventB = (event) => {
      if (event.type === "needRandom")
        this.#pair.b.send(0, { type: "provided", id: event.id, random: recorded.random("s2c") });
      if (event.type === "needCounters") {
        const next = this.#counters.shift() ?? event.atLeast;
        this.#pair.b.send(0, { type: "provided", id: event.id, counters: { from: next, to: next } });
      }
      if (event.type !== "indication") return;
      const response = this.#store.answer(event.request);
      this.#pair.b.send(0, { type: "respond", id: event.id, response });
    };
  }

  /** @returns how many of the client's steps were compared with what was recorded, and how many could not be. */
  run(): { compared: number; skipped: number } {
    this.#pair.sendA({ type: "connect" });
    if (this.#steps[0]?.intent.type !== "associate") this.#send(ownAarq());
    for (const step of this.#steps) this.#step(step);
    return { compared: this.#compared, skipped: this.#skipped };
  }

  #step(step: Step): void {
    const recorded = this.#conversation.apdus[step.apdu];
    if (recorded === undefined) return;
    const { type } = step.intent;
    if (type === "associate") this.#associate(step, decodeAcse(recorded.bytes) as Aarq);
    else if (type === "request") this.#request(step);
    // What a server adds to its RLRE is its own affair; that it answers is not.
    else assert.equal(this.#send((this.#wire[step.apdu] as RecordedApdu).bytes)[0]?.[0], 0x63);
  }

  #associate(step: Step, aarq: Aarq): void {
    const { proves, ciphered, mechanism } = this.#recorded;
    const known = mechanism !== "hls-ecdsa";
    const wire = (this.#wire[step.apdu] as RecordedApdu).bytes;
    if (answersTo(this.#conversation, step).length === 0 && step !== this.#steps[0]) {
      this.#skipped += 1;
      return;
    }
    const [answered] = this.#send(known ? wire : ownAarq(aarq.userInformation)) as [Uint8Array];
    const expected = answersTo(this.#conversation, step)[0];
    if (expected?.type === "exception-response") {
      // A key that is wrong, a counter that is too low: the server says which, and no more.
      assert.equal(toHex(answered.subarray(0, 3)), toHex(encodeApdu(expected).subarray(0, 3)));
      this.#compared += 1;
      return;
    }
    const theirs = recordedAare(this.#conversation);
    const ours = decodeAcse(this.#recorded.open(answered, "s2c")) as Aare;
    if (!known) return assert.equal(ours.result, 0);
    assert.deepEqual([ours.result, ours.diagnostic], [theirs.result, theirs.diagnostic]);
    if (theirs.result === 0 && !ownAare.some(({ name }) => name.test(this.#conversation.name)))
      assert.equal(toHex(encodeAcse(ours)), toHex(encodeAcse(theirs)));
    assert.equal(decodeAcse(answered).userInformation?.[0], ciphered ? 0x28 : ours.userInformation?.[0]);
    this.#compared += 1;
    if (proves) this.#prove();
  }

  /** The third pass as it was recorded; our fourth pass is the recorded one. */
  #prove(): void {
    const { apdus } = this.#conversation;
    const at = apdus.findIndex(({ bytes }) => isThirdPass(bytes));
    const [answered] = this.#send((this.#wire[at] as RecordedApdu).bytes) as [Uint8Array];
    assert.equal(toHex(this.#recorded.open(answered, "s2c")), toHex((apdus[at + 1] as RecordedApdu).bytes));
    assert.equal(answered[0], this.#wire[at + 1]?.bytes[0]);
    assert.ok(this.#pair.eventsB.some(({ type }) => type === "associated"));
    this.#compared += 1;
  }

  #request(step: Step): void {
    const expected = answersTo(this.#conversation, step);
    const refused = expected.length === 1 && expected[0]?.type === "exception-response";
    if (step.intent.type !== "request" || !(refused || this.#store.has(step.intent.request))) {
      this.#skipped += 1;
      return;
    }
    const answered: Uint8Array[] = [];
    const { apdus } = this.#conversation;
    answered.push(...this.#opened(step.apdu));
    // Blocks of a SET follow; GET-next is not needed, for our server answers whole.
    for (const [i, { direction, bytes }] of apdus.entries()) {
      if (direction === "s2c" || i <= step.apdu) continue;
      if (bytes[0] !== 0xc1 || bytes[1] !== 3) break;
      answered.push(...this.#opened(i));
    }
    const raw = blocksOf(expected);
    if (raw === undefined) {
      const theirs = expected.map((apdu) => toHex(encodeApdu(apdu)));
      if (ourOwn.some(({ apdu }) => theirs.includes(apdu))) return;
      assert.deepEqual(
        answered.map((bytes) => toHex(bytes)),
        theirs,
      );
    } else {
      const [whole] = answered as [Uint8Array];
      assert.equal(toHex(whole.subarray(0, 2)), "C401");
      assert.equal(toHex(whole.subarray(4)), toHex(raw.subarray(0, whole.length - 4)));
    }
    this.#compared += 1;
  }

  /** Sends the recorded APDU; what comes back has the form of the recorded answer and is given in clear. */
  #opened(at: number): Uint8Array[] {
    const answered = this.#send((this.#wire[at] as RecordedApdu).bytes);
    const expected = this.#wire[at + 1];
    if (expected?.direction === "s2c" && isCipheredTag(expected.bytes[0]))
      assert.equal(answered[0]?.[0], expected.bytes[0]);
    return answered.map((bytes) => this.#recorded.open(bytes, "s2c"));
  }

  #send(bytes: Uint8Array): Uint8Array[] {
    const before = this.#pair.eventsA.length;
    this.#pair.sendA({ type: "apdu", bytes });
    return this.#pair.eventsA.slice(before).flatMap((event) => (event.type === "apdu" ? [event.bytes] : []));
  }
}

/** What opens the association where the recorded client used a mechanism that is not spoken yet, or where it is missing. */
function ownAarq(userInformation?: Uint8Array): Uint8Array {
  return encodeAcse({
    type: "aarq",
    applicationContext: "2.16.756.5.8.1.1",
    userInformation:
      userInformation ??
      encodeApdu({
        type: "initiate-request",
        responseAllowed: true,
        dlmsVersion: 6,
        conformance: new Set(["get", "set", "action", "multiple-references", "block-transfer-set"] as const),
        clientMaxReceivePduSize: 0xffff,
      }),
  });
}

function recordedAare({ apdus }: Conversation): Aare {
  const found = apdus.find(({ bytes }) => bytes[0] === 0x61);
  assert.ok(found, "the recording has no AARE");
  return decodeAcse(found.bytes) as Aare;
}

function serverSession(recorded: RecordedSecurity): Session {
  const { opened, mechanism, secret } = recorded;
  const { transport, apdus } = opened;
  const aare = apdus.some(({ bytes }) => bytes[0] === 0x61) ? recordedAare(opened) : undefined;
  const initiate = aare?.userInformation === undefined ? undefined : decodeApdu(aare.userInformation);
  const granted = aare?.result === 0 && initiate?.type === "initiate-response" ? initiate : undefined;
  // Where the server never got as far as showing its title, any will do.
  const security = recorded.options("s2c") ?? (recorded.ciphered ? recorded.strangers() : undefined);
  // The wrong passwords of the recordings are wrong because the right one is another.
  const accept: AcceptRule[] = [
    { mechanism: "none" },
    { mechanism: "lls", secret: new Secret(fromLatin1("Gurux")) },
    ...(recorded.proves ? [{ mechanism, secret, ...(security === undefined ? {} : { security }) }] : []),
  ];
  return new Session({
    role: "server",
    link:
      transport === "hdlc"
        ? new HdlcLink({ station: "secondary", client: address, server: address, acceptAnyAddress: true })
        : new WrapperLink({ role: "server", clientWPort: 0, serverWPort: 0, acceptAnyAddress: true }),
    server: {
      accept,
      ...(granted === undefined
        ? {}
        : { conformance: granted.conformance, maxReceivePdu: granted.serverMaxReceivePduSize }),
    },
  });
}

const address = { upper: 1, octets: 1 } as const;

function clientLink({ transport }: Conversation) {
  return transport === "hdlc"
    ? new HdlcLink({ station: "primary", client: address, server: address })
    : new WrapperLink({ role: "client", clientWPort: 1, serverWPort: 1 });
}
