/** Two HDLC links on an imaginary wire, and the words their tests share. */
import { type LinkEvent, type LinkIntent } from "../../src/core/link.js";
import { decodeHdlcFrame } from "../../src/hdlc/frame.js";
import { formatControl } from "../../src/hdlc/control.js";
import { HdlcLink, type HdlcLinkOptions } from "../../src/hdlc/link.js";
import { type Direction, MachinePair } from "../support/pair.js";
import { seededRandom } from "../support/chop.js";

export type LinkPair = MachinePair<LinkIntent, LinkEvent, LinkIntent, LinkEvent>;

export const client = { upper: 16, octets: 1 } as const;
export const server = { upper: 1, octets: 1 } as const;

/** `a` is the primary, `b` the secondary. */
export function linkPair(
  options: Partial<HdlcLinkOptions> = {},
  primary: Partial<HdlcLinkOptions> = {},
  secondary: Partial<HdlcLinkOptions> = {},
): LinkPair {
  const common = { client, server, ...options };
  return new MachinePair(
    new HdlcLink({ ...common, station: "primary", ...primary }),
    new HdlcLink({ ...common, station: "secondary", ...secondary }),
  );
}

export function connect(pair: LinkPair): LinkPair {
  pair.sendA({ type: "connect" });
  return pair;
}

export function apdu(length: number, seed = length): Uint8Array {
  const random = seededRandom(seed);
  return Uint8Array.from({ length }, () => Math.floor(random() * 256));
}

export function apdus(events: readonly LinkEvent[]): Uint8Array[] {
  return events.flatMap((event) => (event.type === "apdu" ? [event.bytes] : []));
}

export function endings(events: readonly LinkEvent[]): string[] {
  return events.flatMap((event) =>
    event.type === "disconnected" ? [`${event.reason} ${event.error?.code ?? "-"}`] : [],
  );
}

/** The frames one side sent, as protocol analysers print them. */
export function controls(pair: LinkPair, direction?: Direction): string[] {
  return pair.sent
    .filter((sent) => direction === undefined || sent.direction === direction)
    .map(({ direction: which, bytes }) => {
      const { control } = decodeHdlcFrame(bytes);
      return direction === undefined ? `${which} ${formatControl(control)}` : formatControl(control);
    });
}

/** The secondary answers every APDU with `answer(request)`. */
export function serve(pair: LinkPair, answer: (request: Uint8Array) => Uint8Array): void {
  pair.onEventB = (event) => {
    if (event.type === "apdu" && !event.unconfirmed)
      pair.b.send(pair.now, { type: "apdu", bytes: answer(event.bytes) });
  };
}
