/**
 * Lines of the jDLMS console: `class:ln:attr -> STATUS TYPE Value: …`, members indented below. Our values are written
 * in the same form and held against them line by line.
 */
import { type Data } from "../../../axdr/index.js";
import { toHex } from "../../../bytes/hex.js";
import { type Item, type Outcome } from "../conversation.js";
import { type Tally } from "./tally.js";
import { leafText } from "./text.js";

const NAMES: Partial<Record<Data["type"], string>> = {
  boolean: "BOOLEAN",
  "double-long": "DOUBLE_LONG",
  "double-long-unsigned": "DOUBLE_LONG_UNSIGNED",
  integer: "INTEGER",
  unsigned: "UNSIGNED",
  long: "LONG_INTEGER",
  "long-unsigned": "LONG_UNSIGNED",
  long64: "LONG64",
  "long64-unsigned": "LONG64_UNSIGNED",
  enum: "ENUMERATE",
  bcd: "BCD",
};

/** First line as the console writes it, then one for each member. */
function write(data: Data, depth = 0): string[] {
  const head = depth === 0 ? "" : `${"   ".repeat(depth)}|- `;
  const { type } = data;
  if (type === "null-data") return [`${head}No string representation for type NULL_DATA`];
  if (type === "octet-string")
    return [`${head}OCTET_STRING Value: ${toHex(data.value, " ")}${data.value.length > 0 ? " " : ""} (hex)`];
  if (type !== "array" && type !== "structure")
    return [`${head}${NAMES[type] ?? type} Value: ${leafText(data)}`];
  return [
    `${head}${type.toUpperCase()} Value: ${data.value.length} element(s).`,
    ...data.value.flatMap((element) => write(element, depth + 1)),
  ];
}

const ITEM = /^(\d+:[\d.]+:\d+|list|entry|range|set|act)\b.* -> /;
const EXCEPTION = /^(\d+:[\d.]+:\d+|list|entry|range|set|act)\b.* EXC /;

export function compareJdlmsLines(
  lines: readonly string[],
  outcomes: readonly Outcome[],
  tally: Tally,
): void {
  let outcome = 0;
  let item = 0;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as string;
    const current = outcomes[outcome];
    if (EXCEPTION.test(line)) {
      if (!line.includes("state_error")) {
        tally.skip("the client refused by itself and sent nothing");
        continue;
      }
      // One exception response refuses the request as a whole, however many items it has.
      tally.same(line, "exception-response", current?.items[0]?.result ?? "no answer");
      outcome++;
      continue;
    }
    if (!ITEM.test(line)) continue;
    const members: string[] = [];
    while (/^ +\|- /.test(lines[at + 1] ?? "")) members.push(lines[++at] as string);
    const one = current?.items[item];
    if (current === undefined || one === undefined) {
      tally.differs(line, line, "no answer");
      continue;
    }
    compareItem(line, members, current.kind, one, tally);
    item = (item + 1) % current.items.length;
    if (item === 0) outcome++;
  }
  if (outcome < outcomes.length) tally.differs("lines", `${outcome} answers`, `${outcomes.length} answers`);
}

function compareItem(
  line: string,
  members: readonly string[],
  kind: Outcome["kind"],
  item: Item,
  tally: Tally,
): void {
  const [label = "", text = ""] = line.split(" -> ");
  const target = /(\d+):(\d+(?:\.\d+){5}):(\d+)/.exec(label);
  if (target !== null)
    tally.same(
      `${label}: object`,
      target[0],
      `${item.classId}:${item.obis.replace(/[-:]/g, ".")}:${item.id}`,
    );
  const [status = "", ...rest] = text.split(" ");
  tally.same(`${label}: result`, status.toLowerCase().replaceAll("_", "-"), item.result ?? "none");
  if (kind === "set" && item.sent !== undefined) {
    return tally.same(`${label}: sent`, label.split(":").at(-1) ?? "", leafText(item.sent));
  }
  if (item.data === undefined) return;
  const [first = "", ...ours] = write(item.data);
  tally.same(label, rest.join(" ").trim(), first.trim());
  tally.same(`${label}: members`, members.length, ours.length);
  members.forEach((member, i) => tally.same(`${label}: member ${i}`, member.trim(), (ours[i] ?? "").trim()));
}
