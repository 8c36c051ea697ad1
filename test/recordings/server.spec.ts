/**
 * Our server against the recorded clients: it gets their APDUs as they were sent, answers from a store that holds the
 * recorded answers, and its APDUs equal the recorded server's. Where that one cut an answer into blocks, the
 * joined blocks equal the tail of our whole answer.
 */
import assert from "node:assert/strict";
import { type Aare, type Aarq, decodeAcse, encodeAcse, mechanisms } from "../../src/acse/index.js";
import {
  type AcceptRule,
  Session,
  type SessionEvent,
  type SessionIntent,
} from "../../src/association/index.js";
import { toHex } from "../../src/bytes/hex.js";
import { type LinkEvent, type LinkIntent } from "../../src/core/link.js";
import { Secret } from "../../src/core/secret.js";
import { HdlcLink } from "../../src/hdlc/index.js";
import { WrapperLink } from "../../src/wrapper/index.js";
import { decodeApdu, encodeApdu } from "../../src/xdlms/index.js";
import { ciphered, type Conversation, readConversation, vectorNames } from "../support/conversation.js";
import { MachinePair } from "../support/pair.js";
import { type Step, stepsOf } from "./client-setup.js";
import { ourOwn, ownAare, serverDepartures } from "./departures.js";
import { answersTo, blocksOf, RecordedStore } from "./recorded-store.js";

const clear = vectorNames()
  .map(readConversation)
  .filter((conversation) => !ciphered(conversation));

describe("recordings: our server against recorded clients", () => {
  for (const conversation of clear)
    it(conversation.name, () => {
      const departure = serverDepartures.find(({ name }) => name === conversation.name);
      const { compared, skipped } = new ServerReplay(conversation).run();
      assert.equal(skipped, departure?.skipped ?? 0);
      assert.ok(compared > 0, "nothing was compared");
    });
});

class ServerReplay {
  readonly #conversation: Conversation;
  readonly #steps: readonly Step[];
  readonly #store: RecordedStore;
  readonly #pair: MachinePair<LinkIntent, LinkEvent, SessionIntent, SessionEvent>;
  #compared = 0;
  #skipped = 0;

  constructor(conversation: Conversation) {
    this.#conversation = conversation;
    this.#steps = stepsOf(conversation);
    this.#store = new RecordedStore(conversation, this.#steps);
    this.#pair = new MachinePair(clientLink(conversation), serverSession(conversation));
    this.#pair.onEventB = (event) => {
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
    if (type === "associate") this.#associate(decodeAcse(recorded.bytes) as Aarq);
    else if (type === "request") this.#request(step);
    // What a server adds to its RLRE is its own affair; that it answers is not.
    else assert.equal(this.#send(recorded.bytes)[0]?.[0], 0x63);
  }

  #associate(aarq: Aarq): void {
    const known =
      aarq.mechanism === undefined || [mechanisms.none, mechanisms.lls].some((m) => m === aarq.mechanism);
    const [answered] = this.#send(known ? encodeAcse(aarq) : ownAarq(aarq.userInformation)) as [Uint8Array];
    const expected = recordedAare(this.#conversation);
    const ours = decodeAcse(answered) as Aare;
    if (!known) return assert.equal(ours.result, 0);
    assert.deepEqual([ours.result, ours.diagnostic], [expected.result, expected.diagnostic]);
    if (expected.result === 0 && !ownAare.some(({ name }) => name.test(this.#conversation.name)))
      assert.equal(toHex(answered), toHex(this.#recordedAnswer(0x61)));
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
    answered.push(...this.#send((apdus[step.apdu] as (typeof apdus)[number]).bytes));
    // Blocks of a SET follow; GET-next is not needed, for our server answers whole.
    for (const { direction, bytes } of apdus.slice(step.apdu + 1)) {
      if (direction === "s2c") continue;
      if (bytes[0] !== 0xc1 || bytes[1] !== 3) break;
      answered.push(...this.#send(bytes));
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

  #send(bytes: Uint8Array): Uint8Array[] {
    const before = this.#pair.eventsA.length;
    this.#pair.sendA({ type: "apdu", bytes });
    return this.#pair.eventsA.slice(before).flatMap((event) => (event.type === "apdu" ? [event.bytes] : []));
  }

  #recordedAnswer(tag: number): Uint8Array {
    const found = this.#conversation.apdus.find(
      ({ direction, bytes }) => direction === "s2c" && bytes[0] === tag,
    );
    assert.ok(found, "the recording has no such answer");
    return found.bytes;
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

function serverSession(conversation: Conversation): Session {
  const { transport, apdus } = conversation;
  const aare = apdus.some(({ bytes }) => bytes[0] === 0x61) ? recordedAare(conversation) : undefined;
  const initiate = aare?.userInformation === undefined ? undefined : decodeApdu(aare.userInformation);
  const granted = aare?.result === 0 && initiate?.type === "initiate-response" ? initiate : undefined;
  // The wrong passwords of the recordings are wrong because the right one is another.
  const secret = new Secret(Uint8Array.from("Gurux", (letter) => letter.charCodeAt(0)));
  const accept: AcceptRule[] = [{ mechanism: "none" }, { mechanism: "lls", secret }];
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
