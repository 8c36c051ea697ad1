/** What flows send to the command nodes, and what stands in key lists, settings of patterns and token fields. */
import { dialects, patternDialect, type PatternDeclaration } from "../../../meter-types/dialects/index.js";
import { parseToken } from "../../../meter-types/token-digits.js";
import { type CommandName, parseCommand, refuse } from "../../../gateway/messages.js";
import { keyFields } from "../../../gateway/keys/key-fields.js";
import { readKeyList } from "../../../gateway/keys/key-list.js";
import { describeObis, searchObis } from "../../../cosem/dictionary/index.js";
import { parseObis } from "../../../cosem/obis.js";
import { Secret } from "../../../core/secret.js";
import { limits } from "../../../core/limits.js";
import { type Random } from "../random.js";
import { type AnyTarget, hold, isRefusal, refusable, type Target } from "../target.js";
import { drawFields, drawJson, drawText } from "../texts.js";

const names: readonly CommandName[] = [
  ...(["remote-load", "remote-control", "read-meter", "write-meter"] as const),
  ...(["call-method", "read-profile", "meter-clock", "meter-firmware"] as const),
];

/** Fields of all commands, as they should be. */
export const rightFields = {
  meterSerialNumber: "46000000001",
  meterNumber: "46000000001",
  meterId: "64b7f0c2a1b2c3d4e5f60718",
  _id: "64b7f0c2a1b2c3d4e5f60718",
  commandId: "c-1",
  token: "12345678901234567890",
  amount: 12.5,
  action: "connect",
  obisCode: "1-0:1.8.0.255",
  obisCodes: ["1-0:1.8.0.255", { obisCode: "0-0:1.0.0.255", classId: 8, attributeId: 2 }],
  items: [{ obisCode: "1-0:1.8.0.255", value: 5, type: "unsigned" }],
  classId: 3,
  attributeId: 2,
  methodId: 1,
  value: { type: "structure", value: [1, 2] },
  type: "structure",
  from: "2026-01-01T00:00:00Z",
  to: "2026-02-01T00:00:00Z",
  entries: { from: 1, to: 5 },
  last: 5,
  ttl: 60,
  expiresAt: "2030-01-01T00:00:00Z",
  toleranceSeconds: 5,
  identifier: "fw-1",
  image: new Uint8Array(64),
};

interface CommandInput {
  readonly name: CommandName;
  readonly payload: unknown;
  readonly fields: Readonly<Record<string, unknown>>;
}

const command: Target<CommandInput> = {
  name: "command",
  about: "what flows send to the nodes of meters",
  draw: (random) => ({
    name: random.pick(names),
    payload: random.once(6) ? drawJson(random, true) : drawFields(random, rightFields, true),
    fields: random.once(4) ? drawFields(random, rightFields, true) : {},
  }),
  run({ name, payload, fields }, watch) {
    try {
      const parsed = watch(() => parseCommand(name, payload, { fields, nowMs: 0 }));
      hold(parsed.commandId.length <= 64 && parsed.meterSerialNumber.length <= 64, "a name is too long");
      hold(Object.getPrototypeOf(parsed.extra) === Object.prototype, "the prototype was replaced");
    } catch (caught) {
      if (!isRefusal(caught)) throw caught;
      const result = watch(() => refuse(name, payload, caught));
      hold(result.error?.code === caught.code, "the result tells another error");
      hold(caught.message.length < 5 * limits.textChars, "the error repeats what was sent");
    }
  },
};

const keyRow = (random: Random): string[] =>
  keyFields.map((field) => {
    if (random.once(4)) return drawText(random, 10_000);
    if (field === "meterSerialNumber") return String(random.below(1e9));
    if (field === "systemTitle") return random.once(2) ? "" : "4D45540000000002";
    if (field === "suite") return random.pick(["", "0", "1", "2"]);
    return random.pick(["", "000102030405060708090A0B0C0D0E0F", '"a ""b"', "hex:0011", "enc:v1:AAAA"]);
  });

const LIST_LETTERS = 262_144;

function drawKeyList(random: Random): string {
  if (random.once(8)) return drawText(random);
  const rows = random.times(random.size(60), () => keyRow(random));
  if (random.once(2)) {
    const separator = random.pick([",", ";"]);
    const lines = [keyFields.join(separator), ...rows.map((row) => row.join(separator))];
    const text = lines.join(random.pick(["\n", "\r\n"]));
    return random.once(3) ? text.slice(0, random.below(text.length + 1)) : text;
  }
  const meters = random.once(5)
    ? drawJson(random)
    : rows.map((row) => Object.fromEntries(keyFields.map((field, i) => [field, row[i]])));
  const indent = random.below(3);
  const text = JSON.stringify(random.once(2) ? meters : { meters }, null, indent).slice(0, LIST_LETTERS);
  return random.once(3) ? text.slice(0, random.below(text.length + 1)) : text;
}

const keyList: Target<string> = {
  name: "key-list",
  about: "key lists as CSV and as JSON",
  draw: drawKeyList,
  async run(text) {
    try {
      await readKeyList(text, new Secret(new Uint8Array(32)));
    } catch (caught) {
      if (!isRefusal(caught)) throw caught;
      hold(caught.message.length < 1_000, "the error repeats what stands in the list");
    }
  },
};

interface PatternInput {
  readonly declaration: unknown;
  readonly octets: Uint8Array;
}

const expressions = [
  ".*ID=(\\w+);.*!",
  "(?<id>\\d{4,20})\\r\\n",
  "a?b?c?d?e?f?[a-z]*#",
  "[^#]*[^!]*[^?]*$",
  "(a|ab)(c|bcd)[a-z]*!",
  "\\d+\\d+\\d+x",
  "(((((",
  "[",
  "\\",
  "(?=.*a)(?=.*b).*c",
  "a{1000}",
  "(a{0,60}){3}",
] as const;

const patterns: Target<PatternInput> = {
  name: "patterns",
  about: "dialects of the user, sensible and not, on octets of strangers",
  draw: (random) => ({
    declaration: drawFields(random, {
      name: "mine",
      match: random.once(2)
        ? { regex: random.once(4) ? drawText(random, 300) : random.pick(expressions) }
        : { hex: random.pick(["FE ?? 16", "?? ?? ?? ??", "8EA1", "0", "zz"]) },
      id: { offset: random.size(300), length: random.size(300), coding: "bcd", strip: "0" },
      reply: random.pick(["{id}", "{frame}{frame}", "4F4B", "{", "{id"]),
      framing: "auto",
      delayMs: 5,
      heartbeatMs: 1_000,
      preset: "standard",
    }),
    octets: random.once(2)
      ? random.octets(random.size(2_000))
      : Uint8Array.from("abcdefghijklmnop0123456789".repeat(20), () => random.pick([0x61, 0x61, 0x62, 0x30])),
  }),
  run({ declaration, octets }, watch) {
    const dialect = watch(() => refusable(() => patternDialect(declaration as PatternDeclaration)));
    if (dialect === undefined) return;
    for (const atRest of [false, true]) {
      const found = watch(() => dialect.recognise?.(octets, atRest));
      if (found?.state !== "match") continue;
      hold(found.length > 0 && found.length <= octets.length, "more was recognised than there is");
      dialect.reply?.(found.values, octets.subarray(0, found.length));
    }
    watch(() => refusable(() => dialect.build?.("46000000001")));
  },
};

const words: Target<string> = {
  name: "texts",
  about: "texts for codes, tokens and searches",
  draw: drawText,
  run(text, watch) {
    watch(() => refusable(() => parseObis(text)));
    watch(() => refusable(() => parseToken(text)));
    watch(() => refusable(() => describeObis(text)));
    watch(() => refusable(() => searchObis(text)));
    for (const { build } of dialects) watch(() => refusable(() => build?.(text.slice(0, limits.textChars))));
  },
};

export const messageTargets: readonly AnyTarget[] = [command, keyList, patterns, words];
