import assert from "node:assert/strict";
import { toHex } from "../../src/bytes/hex.js";
import { DlmsError } from "../../src/core/errors.js";
import { type LinkEvent, type LinkIntent } from "../../src/core/link.js";
import { type Machine, TimerTable } from "../../src/core/machine.js";
import { BoundedQueue } from "../../src/core/queue.js";
import { HdlcLink } from "../../src/hdlc/link.js";
import { type ByteChannel } from "../../src/transport/channel.js";
import { Driver } from "../../src/transport/driver.js";
import { memoryPair } from "../../src/transport/memory.js";
import { byteByByte } from "../support/chop.js";
import { FakeClock } from "../support/fake-clock.js";

type Intent = { type: "say"; text: string } | { type: "wait"; ms: number } | { type: "lost"; code: string };
type Event = { type: "heard"; text: string } | { type: "rang" } | { type: "lost"; code: string };

/** A machine that repeats what it hears as events, says what it is told, and can be made to fail. */
class Parrot implements Machine<Intent, Event> {
  readonly #out = new BoundedQueue<Uint8Array>(100, "chunks");
  readonly #events = new BoundedQueue<Event>(100, "events");
  readonly #timers = new TimerTable<"alarm">();

  receive(_now: number, bytes: Uint8Array): void {
    const text = new TextDecoder().decode(bytes);
    if (text === "boom") throw new Error("a defect");
    this.#events.push({ type: "heard", text });
  }

  send(now: number, intent: Intent): void {
    if (intent.type === "say") {
      if (intent.text === "") throw new DlmsError("FIELD_INVALID");
      this.#out.push(new TextEncoder().encode(intent.text));
    } else if (intent.type === "wait") this.#timers.set("alarm", now + intent.ms);
    else this.#events.push(intent);
  }

  pollTransmit(): Uint8Array | undefined {
    return this.#out.shift();
  }

  pollEvent(): Event | undefined {
    return this.#events.shift();
  }

  nextTimeout(): number | undefined {
    return this.#timers.next();
  }

  handleTimeout(now: number): void {
    if (this.#timers.due(now).length > 0) this.#events.push({ type: "rang" });
  }
}

interface Setup {
  readonly driver: Driver<Intent, Event>;
  readonly far: ByteChannel;
  readonly clock: FakeClock;
  readonly events: Event[];
  readonly heardFar: string[];
}

function setup(options: ConstructorParameters<typeof Driver<Intent, Event>>[3] = {}): Setup {
  const [near, far] = memoryPair();
  const clock = new FakeClock();
  const driver = new Driver<Intent, Event>(new Parrot(), near, clock, options);
  const events: Event[] = [];
  const heardFar: string[] = [];
  driver.subscribe((event) => events.push(event));
  far.onData((bytes) => heardFar.push(new TextDecoder().decode(bytes)));
  return { driver, far, clock, events, heardFar };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("driver", () => {
  it("hands bytes in, bytes out, and events to every listener in order", () => {
    const { driver, far, events, heardFar } = setup();
    driver.start();
    const second: Event[] = [];
    const unsubscribe = driver.subscribe((event) => second.push(event));
    far.write(bytes("one"));
    driver.send({ type: "say", text: "hello" });
    unsubscribe();
    far.write(bytes("two"));
    assert.deepEqual(events, [
      { type: "heard", text: "one" },
      { type: "heard", text: "two" },
    ]);
    assert.deepEqual(second, [{ type: "heard", text: "one" }]);
    assert.deepEqual(heardFar, ["hello"]);
  });

  it("starts with the bytes that were read before it", () => {
    const { driver, far, events } = setup({ initialBytes: bytes("early") });
    far.write(bytes("then"));
    assert.equal(events.length, 0);
    driver.start();
    assert.deepEqual(
      events.map((event) => (event.type === "heard" ? event.text : "")),
      ["early", "then"],
    );
  });

  it("lets a listener send while it is being told, and keeps the order", () => {
    const { driver, far, events, heardFar } = setup();
    driver.subscribe((event) => {
      if (event.type === "heard") driver.send({ type: "say", text: `echo ${event.text}` });
    });
    // The far end answers within the write: its bytes come while the driver is busy.
    let answers = 0;
    far.onData((chunk) => {
      heardFar.push(new TextDecoder().decode(chunk));
      if (answers++ < 2) far.write(bytes(`again ${answers}`));
    });
    driver.start();
    far.write(bytes("one"));
    assert.deepEqual(heardFar, ["echo one", "echo again 1", "echo again 2"]);
    assert.equal(events.length, 3);
  });

  it("keeps the machine's timer at the clock, and only one", () => {
    const { driver, clock, events } = setup();
    driver.start();
    driver.send({ type: "wait", ms: 100 });
    driver.send({ type: "wait", ms: 50 });
    assert.equal(clock.pending, 1);
    clock.advance(49);
    assert.deepEqual(events, []);
    clock.advance(1);
    assert.deepEqual(events, [{ type: "rang" }]);
    assert.equal(clock.pending, 0);
  });

  it("survives a listener that throws and reports it at the end", async () => {
    const { driver, far, events } = setup();
    driver.subscribe(() => {
      throw new Error("listener trouble");
    });
    driver.start();
    far.write(bytes("one"));
    far.write(bytes("two"));
    assert.equal(events.length, 2);
    driver.close();
    assert.equal((await driver.closed)?.message, "listener trouble");
  });

  it("passes misuse on to the caller and goes on", () => {
    const { driver, heardFar } = setup();
    driver.start();
    assert.throws(
      () => driver.send({ type: "say", text: "" }),
      (error) => error instanceof DlmsError && error.code === "FIELD_INVALID",
    );
    driver.send({ type: "say", text: "fine" });
    assert.deepEqual(heardFar, ["fine"]);
  });

  it("ends the link when the machine fails over what the peer sent", async () => {
    const { driver, far } = setup();
    let farClosed = false;
    far.onClose(() => (farClosed = true));
    driver.start();
    far.write(bytes("boom"));
    const error = await driver.closed;
    assert.ok(error instanceof DlmsError && error.code === "INTERNAL");
    assert.ok(farClosed);
  });

  it("tells the machine of the end of the channel, so that its owner hears it as an event", async () => {
    const { driver, far, events, clock } = setup({ onLost: (error) => ({ type: "lost", code: error.code }) });
    driver.start();
    driver.send({ type: "wait", ms: 10 });
    far.write(bytes("last"));
    far.close();
    assert.deepEqual(events, [
      { type: "heard", text: "last" },
      { type: "lost", code: "LINK_LOST" },
    ]);
    assert.equal(await driver.closed, undefined);
    assert.equal(clock.pending, 0, "no timer is left behind");
    assert.throws(
      () => driver.send({ type: "say", text: "late" }),
      (error) => error instanceof DlmsError && error.code === "LINK_LOST",
    );
  });

  it("detaches without closing, gives back what it did not use, and leaves the channel to another", async () => {
    const [near, far] = memoryPair();
    const clock = new FakeClock();
    const first = new Driver<Intent, Event>(new Parrot(), near, clock, { initialBytes: bytes("kept") });
    assert.equal(new TextDecoder().decode(first.detach()), "kept");
    assert.equal(await first.closed, undefined);
    const events: Event[] = [];
    const second = new Driver<Intent, Event>(new Parrot(), near, clock);
    second.subscribe((event) => events.push(event));
    second.start();
    far.write(bytes("for the second"));
    assert.deepEqual(events, [{ type: "heard", text: "for the second" }]);
    second.detach();
    far.write(bytes("for nobody"));
    assert.equal(events.length, 1);
  });

  it("ends a channel whose peer does not take what is sent", async () => {
    const [near] = memoryPair();
    // Nobody listens at the far end, so everything stays buffered.
    const driver = new Driver<Intent, Event>(new Parrot(), near, new FakeClock(), {
      maxBufferedBytes: 10,
      onLost: (error) => ({ type: "lost", code: error.code }),
    });
    const events: Event[] = [];
    driver.subscribe((event) => events.push(event));
    driver.start();
    driver.send({ type: "say", text: "12345678" });
    assert.deepEqual(events, []);
    driver.send({ type: "say", text: "12345678" });
    assert.deepEqual(events, [{ type: "lost", code: "LIMIT_EXCEEDED" }]);
    const error = await driver.closed;
    assert.ok(error instanceof DlmsError && error.code === "LIMIT_EXCEEDED");
  });

  it("traces the bytes of both directions", () => {
    const records: string[] = [];
    const { driver, far } = setup({
      trace: ({ direction, bytes: octets }) =>
        records.push(`${direction} ${toHex(octets ?? new Uint8Array(0))}`),
    });
    driver.start();
    far.write(bytes("A"));
    driver.send({ type: "say", text: "B" });
    assert.deepEqual(records, ["in 41", "out 42"]);
  });

  it("runs two HDLC links to each other, byte by byte", () => {
    const [a, b] = memoryPair({ chop: byteByByte });
    const clock = new FakeClock();
    const client = { upper: 16, octets: 1 } as const;
    const server = { upper: 1, octets: 1 } as const;
    const drive = (station: "primary" | "secondary", channel: ByteChannel): Driver<LinkIntent, LinkEvent> =>
      new Driver<LinkIntent, LinkEvent>(new HdlcLink({ station, client, server }), channel, clock);
    const primary = drive("primary", a);
    const secondary = drive("secondary", b);
    const answers: string[] = [];
    primary.subscribe((event) => {
      if (event.type === "connected") primary.send({ type: "apdu", bytes: bytes("question") });
      if (event.type === "apdu") answers.push(new TextDecoder().decode(event.bytes));
    });
    secondary.subscribe((event) => {
      if (event.type === "apdu") secondary.send({ type: "apdu", bytes: bytes("answer") });
    });
    secondary.start();
    primary.start();
    primary.send({ type: "connect" });
    assert.deepEqual(answers, ["answer"]);
  });
});
