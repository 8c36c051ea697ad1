/**
 * What cuts a stream of octets, whatever its chunks: deframers, the splitter of logins, sniffing, the cutter and the
 * table of frame traces. None may throw, lose octets or hold more than it says.
 */
import { concatBytes, equalBytes } from "../../../bytes/hex.js";
import { limits } from "../../../core/limits.js";
import { sniff } from "../../../gateway/sniff.js";
import { Splitter } from "../../../gateway/splitter.js";
import { Watches } from "../../../gateway/watches.js";
import { HdlcDeframer } from "../../../hdlc/index.js";
import { inspectFrame } from "../../../inspect/index.js";
import { dialects, patternDialect } from "../../../meter-types/dialects/index.js";
import { presets } from "../../../meter-types/presets.js";
import { WrapperDeframer } from "../../../wrapper/index.js";
import { foreign } from "../bombs.js";
import { corpus, passage } from "../corpus.js";
import { chop, INPUT_OCTETS, mutate } from "../mutate.js";
import { type Random } from "../random.js";
import { type AnyTarget, hold, type Target } from "../target.js";

/** Patterns as users write them, those with the most freedom too. */
export const userDialects = [
  patternDialect({ name: "imei", match: { regex: "IMEI:(?<id>[0-9]{15})\\r\\n" }, reply: "4F 4B" }),
  patternDialect({ name: "loose", match: { regex: ".*ID=(\\w+);.*!" }, reply: "{id}" }),
  patternDialect({ name: "greedy", match: { regex: "[a-z]*[a-y]*[a-x]*#" }, reply: "{frame}" }),
  patternDialect({
    name: "fixed",
    match: { hex: "FE ?? ?? 16" },
    id: { offset: 1, length: 2, coding: "bcd" },
    reply: "FE {id} 16",
  }),
];
const allDialects = [...dialects, ...userDialects];

/** Logins and heartbeats, right ones. */
export function drawLogin(random: Random): Uint8Array {
  const built = random.pick(dialects.filter(({ build }) => build !== undefined));
  const digits = random.times(12, () => random.below(10)).join("");
  return built.build?.(digits) ?? new Uint8Array(0);
}

/** Recorded passages, logins and strangers' octets in a row, mutated. */
export function drawStream(random: Random, transport?: "hdlc" | "wrapper"): Uint8Array {
  const { hdlc, wrapper, streams } = corpus();
  const parts = random.times(1 + random.size(5), () => {
    const kind = random.below(8);
    if (kind === 0) return foreign(random);
    if (kind === 1) return drawLogin(random);
    const stream = random.pick(
      streams.filter((one) => transport === undefined || one.transport === transport),
    );
    return passage(stream.units, random.below(stream.units.length), 1 + random.size(6));
  });
  const others =
    transport === "hdlc" ? hdlc : transport === "wrapper" ? wrapper : random.once(2) ? hdlc : wrapper;
  const whole = concatBytes(...parts).subarray(0, INPUT_OCTETS);
  return random.once(6) ? whole : mutate(random, whole, others);
}

type Chunks = readonly Uint8Array[];

/** One chunk is one read: its CPU time is what counts. */
function streamTarget(
  name: string,
  about: string,
  transport: "hdlc" | "wrapper" | undefined,
  begin: () => (chunk: Uint8Array) => void,
  drawn: (random: Random) => Uint8Array = (random) => drawStream(random, transport),
): Target<Chunks> {
  return {
    name,
    about,
    draw: (random) => chop(random, drawn(random)),
    run(chunks, watch) {
      const push = begin();
      for (const chunk of chunks) watch(() => push(chunk));
    },
  };
}

/** Every octet that went in came out, or is the beginning of a unit that may be held. */
function account(most: number): { in(octets: number): void; out(octets: number): void } {
  let open = 0;
  return {
    in: (octets) => void (open += octets),
    out(octets) {
      open -= octets;
      hold(open <= most, `${open} octets are held`);
    },
  };
}

export const streamTargets: readonly AnyTarget[] = [
  streamTarget("hdlc-deframer", "chunks for the HDLC deframer", "hdlc", () => {
    const deframer = new HdlcDeframer();
    const held = account(INPUT_OCTETS + limits.deframerBytes);
    let count = 0;
    return (chunk) => {
      held.in(chunk.length);
      const items = deframer.push(chunk);
      // A flag between two frames is counted for both or for none.
      held.out(items.reduce((sum, { bytes }) => sum + bytes.length, 0));
      hold(items.length <= chunk.length + 2, "more items than octets");
      if (++count % 50 === 0) deframer.abandon();
    };
  }),
  streamTarget("wrapper-deframer", "chunks for the wrapper deframer", "wrapper", () => {
    const deframer = new WrapperDeframer();
    let [given, told] = [0, 0];
    return (chunk) => {
      given += chunk.length;
      for (const { bytes } of deframer.push(chunk)) told += bytes.length;
      hold(given === told + deframer.pending, "octets were lost or made");
      hold(deframer.pending <= 8 + 0xffff, "more is held than one PDU");
    };
  }),
  streamTarget("splitter", "chunks of a dial-in link with logins in them", undefined, () => {
    const splitter = new Splitter(allDialects);
    const given: Uint8Array[] = [];
    const told: Uint8Array[] = [];
    let count = 0;
    return (chunk) => {
      given.push(chunk);
      const pieces = splitter.push(chunk);
      if (++count % 40 === 0) pieces.push(...splitter.rest());
      for (const piece of pieces) {
        told.push(piece.type === "login" ? piece.frame : piece.bytes);
        if (piece.type === "login") piece.dialect.reply?.(piece.values, piece.frame);
      }
      if (count > 20) return;
      const [all, out] = [concatBytes(...given), concatBytes(...told)];
      hold(equalBytes(all.subarray(0, out.length), out), "octets were lost, made or put in another order");
      hold(all.length - out.length <= limits.dialectBytes || splitter.holds, "octets are missing");
    };
  }),
  streamTarget("sniffing", "the first octets of a link", undefined, () => {
    let backlog: Uint8Array = new Uint8Array(0);
    return (chunk) => {
      backlog = concatBytes(backlog, chunk).slice(-limits.deframerBytes);
      sniff(backlog);
    };
  }),
  streamTarget("frame-trace", "what passes on a link that is watched", undefined, () => {
    let now = 0;
    const watches = new Watches({ now: () => now, epochMs: () => now, at: () => () => undefined });
    const link = { id: "1", serial: "46000000001", meterType: presets.hexcell };
    let count = 0;
    watches.watch(link.serial, ({ hex, table, summary }) => {
      hold(hex.length <= 8_192 && table.length <= 200_000 && summary.length <= 2_000, "an entry is too long");
    });
    return (chunk) => {
      now += 10;
      watches.passed(link, ++count % 5 === 0 ? "out" : "in", chunk);
    };
  }),
  {
    name: "inspect",
    about: "octets for the byte table",
    draw: (random) => drawStream(random).subarray(0, 4_096),
    run: (octets) => void inspectFrame(octets),
  } satisfies Target<Uint8Array>,
];
