/** What Gurux Python printed for an ACCESS: `[code, value]` for each member, the value in Python's words. */
import { dataAccessResults } from "../../../xdlms/index.js";
import { type Item } from "../conversation.js";
import { comparePrinted } from "./printed-value.js";
import { type Tally } from "./tally.js";

const WORDS: Readonly<Record<string, string>> = { None: "null", True: "true", False: "false", "'": '"' };

export function compareAccess(where: string, printed: unknown, items: readonly Item[], tally: Tally): void {
  const members = Array.isArray(printed) ? (printed as unknown[]) : [];
  tally.same(`${where}: members`, members.length, items.length);
  items.forEach(({ result, data }, i) => {
    const [code, value] = (members[i] ?? []) as readonly unknown[];
    tally.same(`${where}[${i}]: result`, String(code), codeOf(result));
    if (data === undefined) return tally.same(`${where}[${i}]: value`, String(value), "null");
    comparePrinted(`${where}[${i}]`, typeof value === "string" ? pythonLiteral(value) : value, data, tally);
  });
}

function codeOf(result: Item["result"]): string {
  const codes: Readonly<Record<string, number>> = dataAccessResults;
  return String(codes[result ?? "none"] ?? result ?? "none");
}

/** `{'octets': '35'}`: none of the strings holds a quote. */
function pythonLiteral(text: string): unknown {
  return JSON.parse(text.replace(/\b(?:None|True|False)\b|'/g, (word) => WORDS[word] ?? word));
}
