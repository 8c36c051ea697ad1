import assert from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes/hex.js";
import { type LinkEvent } from "../../src/core/link.js";
import { formatControl } from "../../src/hdlc/control.js";
import { decodeHdlcFrame, type HdlcFrame } from "../../src/hdlc/frame.js";
import { HdlcLink } from "../../src/hdlc/link.js";
import { stripLlc } from "../../src/hdlc/llc.js";
import { readOffer } from "../../src/hdlc/parameters.js";
import { type RecordedChunk, type Recording, recordings } from "./vectors.js";

type Direction = RecordedChunk["direction"];

interface Step {
  readonly direction: Direction;
  readonly bytes: Uint8Array;
  readonly frame: HdlcFrame;
}

/** Connections of a recording: each from its SNRM up to the next. */
function connections({ chunks }: Recording): Step[][] {
  const all: Step[][] = [];
  for (const { direction, bytes } of chunks) {
    const frame = decodeHdlcFrame(bytes);
    if (frame.control.type === "SNRM") all.push([]);
    all.at(-1)?.push({ direction, bytes, frame });
  }
  return all;
}

/** The APDUs one side sent in numbered frames, in order; repeated frames counted once. */
function sentApdus(steps: readonly Step[], direction: Direction): Uint8Array[] {
  const whole: Uint8Array[] = [];
  let parts: number[] = [];
  let expected = 0;
  for (const { direction: which, frame } of steps) {
    if (which !== direction || frame.control.type !== "I" || frame.control.sendSequence !== expected)
      continue;
    expected = (expected + 1) & 7;
    parts.push(...(frame.information ?? []));
    if (frame.segmented) continue;
    whole.push(stripLlc(Uint8Array.from(parts)).apdu);
    parts = [];
  }
  return whole;
}

/** Plays one side of a recorded connection against our link; returns what ours sent and what it should have. */
function play(
  steps: readonly Step[],
  ours: Direction,
): { sent: string[]; recorded: string[]; events: LinkEvent[] } {
  const snrm = steps[0]?.frame as HdlcFrame;
  const ua = steps.find(({ frame }) => frame.control.type === "UA")?.frame;
  const theirs = readOffer((ours === "c2s" ? snrm : ua)?.information);
  // How much of what is allowed a maker puts into a segment is its own choice.
  const segments = steps.filter(({ direction, frame }) => direction === ours && frame.segmented);
  const chosen = segments.map(({ frame }) => frame.information?.length ?? 0);
  const link = new HdlcLink({
    station: ours === "c2s" ? "primary" : "secondary",
    client: snrm.source,
    server: snrm.destination,
    ...theirs,
    ...(chosen.length === 0 ? {} : { maxInfoTransmit: Math.max(...chosen) }),
    bareSnrm: snrm.information === undefined,
  });
  const apdus = sentApdus(steps, ours);
  const events: LinkEvent[] = [];
  const sent: string[] = [];
  const turn = (): void => {
    for (let event = link.pollEvent(); event !== undefined; event = link.pollEvent()) {
      events.push(event);
      const go = event.type === "connected" ? ours === "c2s" : event.type === "apdu" && !event.unconfirmed;
      const next = go ? apdus.shift() : undefined;
      if (next !== undefined) link.send(0, { type: "apdu", bytes: next });
    }
    for (let bytes = link.pollTransmit(); bytes !== undefined; bytes = link.pollTransmit())
      sent.push(toHex(bytes));
  };
  if (ours === "c2s") {
    link.send(0, { type: "connect" });
    turn();
  }
  for (const { direction, bytes } of steps) {
    if (direction === ours) continue;
    link.receive(0, bytes);
    turn();
  }
  const recorded = steps.filter(({ direction }) => direction === ours).map(({ bytes }) => toHex(bytes));
  return { sent, recorded, events };
}

/** Frames whose octets the link decides; UA and SNRM have freedoms of form, and some makers leave LLC out. */
function comparable(frames: readonly string[]): string[] {
  return frames.flatMap((hex) => {
    const { control, information, segmented } = decodeHdlcFrame(fromHex(hex));
    if (control.type !== "I" && control.type !== "RR") return [];
    const content = information === undefined ? "" : toHex(stripLlc(information).apdu);
    return [`${formatControl(control)}${segmented ? " segmented" : ""} ${content}`];
  });
}

describe("HDLC link against recorded peers", () => {
  for (const recording of recordings("hdlc"))
    for (const [i, steps] of connections(recording).entries())
      for (const ours of ["c2s", "s2c"] as const) {
        const role = ours === "c2s" ? "client" : "server";
        const title = `${recording.name}, connection ${i}, as the ${role}`;
        if (!recording.golden) {
          it(`${title}: survives a peer that misbehaves`, () => {
            const { events } = play(steps, ours);
            assert.equal(events[0]?.type, "connected");
          });
          continue;
        }
        it(`${title}: sends the recorded frames and hears the recorded APDUs`, () => {
          const { sent, recorded, events } = play(steps, ours);
          assert.deepEqual(comparable(sent), comparable(recorded));
          const heard = events.flatMap((event) =>
            event.type === "apdu" && !event.unconfirmed ? [toHex(event.bytes)] : [],
          );
          const said = sentApdus(steps, ours === "c2s" ? "s2c" : "c2s").map((apdu) => toHex(apdu));
          assert.deepEqual(heard, said);
          const odd = events.filter(
            (event) => event.type === "noise" || (event.type === "disconnected" && event.error !== undefined),
          );
          assert.deepEqual(odd, []);
        });
      }
});
