/**
 * The built-in dialects. Login frames as their makers' meters send them; a new one is a declaration here, or a
 * pattern of the user (pattern.ts).
 */
import { type Dialect, frameDialect } from "./dialect.js";

/** GPRS login and heartbeat of Hexcell meters: `8E A1 | id BCD(6) | signal | SIM id(12) | sum | 17`. */
export const hexcellLogin = frameDialect({
  name: "hexcell-login",
  link: { framing: "wrapper", delayMs: 0, preset: "hexcell" },
  frame: [
    { field: "octets", value: [0x8e, 0xa1] },
    { field: "id", octets: 6, coding: "bcd" },
    // Signal strength and SIM id: any octets.
    { field: "octets", value: new Array<undefined>(13).fill(undefined) },
    { field: "sum8" },
    { field: "octets", value: [0x17] },
  ],
  reply: [
    { field: "octets", value: [0x8e, 0x31, 0x01, 0x01] },
    { field: "sum8" },
    { field: "octets", value: [0x17] },
  ],
});

/**
 * Login and heartbeat of Hexing meters: a wrapper header, then `DD n id(n)`; the answer is the one octet `DA` in a
 * wrapper. Some modules put a flag in front. DD and DA are also tags of DLMS APDUs (general-ciphering,
 * access-response): only a frame whose lengths agree and whose id is text is taken for a heartbeat.
 */
export const hexingHeartbeat = frameDialect({
  name: "hexing-heartbeat",
  link: { framing: "wrapper", delayMs: 500, heartbeatMs: 15 * 60_000, preset: "hexing" },
  strayPrefix: 0x7e,
  frame: [
    { field: "octets", value: [0x00, 0x01] },
    { field: "u16", name: "source", built: 1 },
    { field: "u16", name: "destination", built: 1 },
    { field: "length16" },
    { field: "octets", value: [0xdd] },
    { field: "id", octets: "counted", coding: "digits" },
  ],
  reply: [
    { field: "octets", value: [0x00, 0x01, 0x00, 0x01] },
    { field: "u16", name: "source", built: 1 },
    { field: "length16" },
    { field: "octets", value: [0xda] },
  ],
});

/** Login of IVY EM114070 modules: `0A 02 0C id(12) 0D crc(2)` in a wrapper. It expects no answer. */
export const ivyLogin = frameDialect({
  name: "ivy-login",
  link: { framing: "wrapper", delayMs: 0 },
  frame: [
    { field: "octets", value: [0x00, 0x01, 0x00, 0x01, 0x00, 0x01] },
    { field: "length16" },
    { field: "octets", value: [0x0a, 0x02, 0x0c] },
    { field: "id", octets: 12, coding: "ascii" },
    { field: "octets", value: [0x0d, undefined, undefined] },
  ],
});

/** A DataNotification first; wrapper or HDLC as its frame shows. */
export const push: Dialect = { name: "push", opening: "push", link: { framing: "auto", delayMs: 0 } };

/**
 * SNRM or AARQ from the meter: it opens the association, the gateway asks over it. Only meters of the `readme` kind do
 * that, so an untouched listener takes them for such; a default type of the listener's own overrides it.
 */
export const meterInitiated: Dialect = {
  name: "meter-initiated",
  opening: "request",
  link: { framing: "auto", delayMs: 0, preset: "readme" },
};

/** Says nothing and answers requests in a wrapper. */
export const plainWrapper: Dialect = {
  name: "plain-wrapper",
  opening: "none",
  link: { framing: "wrapper", delayMs: 0 },
};

/** Says nothing and answers requests in HDLC frames. */
export const plainHdlc: Dialect = {
  name: "plain-hdlc",
  opening: "none",
  link: { framing: "hdlc", delayMs: 0 },
};

/** Says nothing, and no probe has been answered yet. */
export const silent: Dialect = { name: "silent", opening: "none", link: { framing: "auto", delayMs: 0 } };

export const dialects: readonly Dialect[] = [
  hexcellLogin,
  hexingHeartbeat,
  ivyLogin,
  push,
  meterInitiated,
  plainWrapper,
  plainHdlc,
  silent,
];

export function dialectByName(name: string): Dialect | undefined {
  return dialects.find((dialect) => dialect.name === name);
}

export { type Dialect, type DialectLink, type Opening } from "./dialect.js";
export { type Recognition } from "./layout.js";
export { patternDialect, type PatternDeclaration } from "./pattern.js";
