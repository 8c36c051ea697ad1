import assert from "node:assert/strict";
import { type DlmsError } from "../../src/core/errors.js";
import { type CommandAck } from "../../src/hes/contract.js";
import { Intake, type Incoming } from "../../src/hes/intake.js";
import { FakeClock } from "../support/fake-clock.js";
import { FakeListener } from "./fakes.js";

const event = "remote-control";
const bare = { action: "disconnect" };

describe("intake", () => {
  let clock: FakeClock;
  let intake: Intake;
  let ran: Incoming[];
  let refused: [Incoming, string][];
  let acks: CommandAck[];
  let isSharedUp: boolean;
  let rooms: { size: number; only: string | undefined };
  let noIds: number;
  const ack = (answer: CommandAck): unknown => acks.push(answer);
  const homes = (): (string | undefined)[] => ran.map(({ home }) => home);

  beforeEach(() => {
    clock = new FakeClock();
    const listener = new FakeListener();
    for (const serial of ["1", "2"]) listener.dialIn(serial);
    [ran, refused, acks, isSharedUp, noIds] = [[], [], [], true, 0];
    rooms = { size: 0, only: undefined };
    intake = new Intake({
      clock,
      registry: listener.registry,
      roomCheckMs: 300,
      isSharedUp: () => isSharedUp,
      rooms: () => rooms,
      run: (incoming, started) => {
        const answer: CommandAck = { accepted: true, commandId: `c${ran.push(incoming)}` };
        started(answer);
        return answer;
      },
      refuse: (incoming, error: DlmsError) => {
        refused.push([incoming, error.code]);
        return { accepted: false, code: error.code };
      },
      onNoId: () => (noIds += 1),
    });
  });

  it("a command without an id waits in its meter's room, then runs and is acknowledged once", () => {
    intake.own("1", event, [bare, ack]);
    assert.equal(ran.length, 0);
    clock.advance(300);
    assert.deepEqual([homes(), acks], [["1"], [{ accepted: true, commandId: "c1" }]]);
    assert.equal(clock.pending, 0);
  });

  for (const [when, order] of [
    ["before", ["shared", "own"]],
    ["after", ["own", "shared"]],
  ] as const) {
    it(`what the shared socket got ${when} the rooms runs on no meter`, () => {
      for (const socket of order) {
        if (socket === "shared") intake.shared(event, [bare]);
        else for (const serial of ["1", "2"]) intake.own(serial, event, [bare, ack]);
        clock.advance(100);
      }
      clock.advance(1_000);
      // The shared socket's own copy goes to the desk, which misses the meter.
      assert.deepEqual(homes(), [undefined]);
      assert.deepEqual(
        acks,
        [1, 2].map(() => ({ accepted: false, code: "AMBIGUOUS_METER" })),
      );
      // The same words to one room alone, right behind it.
      intake.own("2", event, [bare, ack]);
      clock.advance(300);
      assert.deepEqual(homes(), [undefined, "2"]);
    });
  }

  it("runs nothing while nobody can see whether everybody got it", () => {
    isSharedUp = false;
    intake.own("1", event, [bare, ack]);
    clock.advance(300);
    assert.deepEqual([ran.length, refused.length, refused[0]?.[1]], [0, 1, "AMBIGUOUS_METER"]);
    assert.equal(acks.length, 1);
  });

  it("bounds what it holds back, and lets go of it when stopped", () => {
    for (let n = 0; n < 10_001; n += 1) intake.own("1", event, [{ ...bare, n }]);
    assert.deepEqual([refused.length, refused[0]?.[1], clock.pending], [1, "QUEUE_FULL", 10_000]);
    intake.stop();
    assert.equal(clock.pending, 0);
    clock.advance(1_000);
    assert.equal(ran.length, 0);
  });

  it("in one room a command without an id has a meter, in several it has none, and both are a lesson", () => {
    rooms = { size: 1, only: "1" };
    intake.shared(event, [bare]);
    rooms = { size: 2, only: undefined };
    intake.shared(event, [bare, ack]);
    assert.deepEqual([homes(), refused.length, noIds], [["1"], 1, 2]);
    assert.deepEqual(acks, [{ accepted: false, code: "AMBIGUOUS_METER" }]);
    rooms = { size: 0, only: undefined };
    intake.shared(event, [bare]);
    assert.equal(noIds, 2);
  });

  it("an empty field that should name the meter is no command of the room", () => {
    rooms = { size: 1, only: "1" };
    intake.shared(event, [{ ...bare, meterSerialNumber: null }]);
    assert.deepEqual([homes(), noIds], [[undefined], 0]);
  });

  it("one command over several sockets is one, and every copy gets the same answer", () => {
    const named = { ...bare, meterSerialNumber: "1" };
    intake.own("1", event, [named, ack]);
    intake.shared(event, [named, ack]);
    intake.own("2", event, [named, ack]);
    clock.advance(1_000);
    assert.deepEqual([ran.length, refused.length], [1, 0]);
    assert.deepEqual(
      acks,
      [1, 2].map(() => ({ accepted: true, commandId: "c1" })),
    );
    intake.shared(event, [named, ack]);
    assert.equal(ran.length, 2);
    intake.own("1", event, [named, ack]);
    assert.deepEqual([ran.length, acks.length], [2, 4]);
  });

  it("a command in one meter's room that names another is refused once", () => {
    intake.own("1", event, [{ ...bare, meterSerialNumber: "2" }, ack]);
    clock.advance(1_000);
    assert.deepEqual([ran.length, refused.map(([, code]) => code)], [0, ["AMBIGUOUS_METER"]]);
    assert.equal(acks.length, 1);
  });
});
