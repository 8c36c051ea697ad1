/**
 * A dialect: how a meter shows itself when it dials in, as one declaration. The gateway recognises and answers by it,
 * the simulator builds its frames from it. Framing-only dialects (push, meter-initiated, silent, …) have no frame.
 */
import { type Framing, type PresetName } from "../meter-type.js";
import { buildLayout, type Layout, type Recognition, recogniseLayout } from "./layout.js";

export interface DialectLink {
  /** Framing of what follows the login. */
  readonly framing: Framing;
  /** Pause between the answer to the login and our first request. */
  readonly delayMs: number;
  /** How often the meter repeats its login as a heartbeat, before the real interval was learnt. */
  readonly heartbeatMs?: number;
  /** Meter type when neither a rule nor the default type fits the dialect better. */
  readonly preset?: PresetName;
}

/** What the meter does first. */
export type Opening =
  /** Sends a login frame and repeats it as heartbeat. */
  | "login"
  /** Sends a DataNotification. */
  | "push"
  /** Sends SNRM or AARQ: it wants to be the client (docs/reverse-link.md). */
  | "request"
  /** Waits for the gateway. */
  | "none";

export interface Dialect {
  readonly name: string;
  readonly opening: Opening;
  readonly link: DialectLink;
  /** Only with opening `login`. Looks at the start of `bytes`; `atRest` says that nothing more came for a while. */
  readonly recognise?: (bytes: Uint8Array, atRest: boolean) => Recognition;
  /** `recognise` takes long (up to a millisecond): it is not asked at every octet of noise. */
  readonly costly?: true;
  /** The answer to a recognised login or heartbeat; `frame` is what was recognised. */
  readonly reply?: (values: Readonly<Record<string, number>>, frame: Uint8Array) => Uint8Array;
  /** The login frame of the meter with this id, for simulators. */
  readonly build?: (id: string, values?: Readonly<Record<string, number>>) => Uint8Array;
}

/** A login dialect from its frame layouts. */
export function frameDialect(declaration: {
  readonly name: string;
  readonly link: DialectLink;
  readonly frame: Layout;
  /** Octets that may stand before the frame and mean nothing (a flag). */
  readonly strayPrefix?: number;
  readonly reply?: Layout;
}): Dialect {
  const { name, link, frame, strayPrefix, reply } = declaration;
  return {
    name,
    opening: "login",
    link,
    recognise: (bytes) => {
      const stray = strayPrefix !== undefined && bytes[0] === strayPrefix ? 1 : 0;
      const found = recogniseLayout(frame, stray === 0 ? bytes : bytes.subarray(stray));
      return found.state === "match" ? { ...found, length: found.length + stray } : found;
    },
    ...(reply === undefined ? {} : { reply: (values) => buildLayout(reply, "", values) }),
    build: (id, values) => buildLayout(frame, id, values),
  };
}
