/**
 * Lines of the Gurux C console: `-------- Reading Object <class> <name>`, then `Index: n Value: …` for each attribute
 * in the order read. Values are held against ours word by word; gurux-c-odd.ts lists what the console prints otherwise.
 */
import { type Item, type Outcome } from "../conversation.js";
import { leavesOf, sameWords, wordsOf } from "./bag.js";
import { compareWords, oddAttributes, showLeaves } from "./gurux-c-odd.js";
import { type Tally } from "./tally.js";
import { numberOf } from "./text.js";

interface PrintedAttribute {
  readonly object: string;
  readonly className: string;
  readonly index: number;
  readonly text: string;
}

/** A line may end with the header of the next object. */
const HEADER = /^(.*?)-------- Reading Object (\S+) (\S+)$/;
const INDEX = /^Index: (\d+) Value: ?(.*)$/;
const ROW = /^(.*) \| (-?\d+)$/;

function printedAttributes(lines: readonly string[]): PrintedAttribute[] {
  const found: PrintedAttribute[] = [];
  let object = "";
  let className = "";
  /** Continues the text of the last attribute. One class prints its two structures without an index. */
  const append = (line: string): void => {
    const last = found[found.length - 1];
    const first = last === undefined || last.object !== object;
    if (first) found.push({ object, className, index: 2, text: line });
    else if (className === "LTEMonitoring" && last.text.endsWith("}"))
      found.push({ object, className, index: 3, text: line });
    else found[found.length - 1] = { ...last, text: `${last.text}\n${line}` };
  };
  for (const line of lines) {
    const header = HEADER.exec(line);
    if (header !== null) {
      if (header[1] !== "") append(header[1] as string);
      [, , className = "", object = ""] = header;
      continue;
    }
    const index = INDEX.exec(line);
    if (index !== null) found.push({ object, className, index: Number(index[1]), text: index[2] ?? "" });
    else if (line.startsWith("All items are read")) object = "";
    else if (object !== "" && !ROW.test(line) && !line.startsWith("Entries:")) append(line);
  }
  return found;
}

export function compareGuruxCLines(
  lines: readonly string[],
  outcomes: readonly Outcome[],
  tally: Tally,
): void {
  const items = outcomes.filter(({ kind }) => kind === "get").flatMap((outcome) => outcome.items);
  const taken = new Set<Item>();
  let object = "";
  let from = 0;
  for (const printed of printedAttributes(lines)) {
    // An object may be read twice; within one reading the order of the attributes is free.
    if (printed.object !== object)
      from = items.reduce((last, item, i) => (taken.has(item) ? i + 1 : last), 0);
    object = printed.object;
    const where = `${printed.className} ${object} ${printed.index}`;
    const odd = oddAttributes[`${printed.className}/${printed.index}`] ?? {};
    if (odd.reason !== undefined) {
      tally.skip(odd.reason);
      continue;
    }
    const id = odd.id ?? printed.index;
    const mine = (item: Item): boolean => nameOf(item) === object && item.id === id;
    const item = items.find((one, i) => i >= from && !taken.has(one) && mine(one)) ?? items.find(mine);
    if (item?.data === undefined)
      tally.differs(where, printed.text, item === undefined ? "nothing read" : String(item.result));
    else {
      taken.add(item);
      (odd.compare ?? compareWords)(where, printed.text, item.data, tally);
    }
  }
  compareRows(lines, items, tally);
  compareCounter(lines, items, tally);
  const unprinted = items.filter((item) => !taken.has(item) && !isView(item)).length;
  if (unprinted > 0) tally.skip("read, but not printed by the console", unprinted);
}

/** What the client reads for itself before it prints: object list, columns, buffers and their scalers. */
function isView({ classId, id }: Item): boolean {
  return classId === 15 || classId === 7 || (classId === 3 && id === 3) || (classId === 5 && id === 4);
}

function compareCounter(lines: readonly string[], items: readonly Item[], tally: Tally): void {
  // The console prints the next one to use.
  const printed = lines.flatMap((line) => /^Invocation counter: (\d+)/.exec(line)?.[1] ?? []);
  const read = items.find((item) => nameOf(item) === "0.0.43.1.0.255")?.data;
  for (const counter of printed)
    tally.same(
      "invocation counter",
      Number(counter) - 1,
      read === undefined ? "none" : String(numberOf(read)),
    );
}

function nameOf({ obis }: Item): string {
  return obis.replace(/[-:]/g, ".");
}

/** `date | value` for each row of the profiles, in the order read. */
function compareRows(lines: readonly string[], items: readonly Item[], tally: Tally): void {
  const rows = items
    .filter(({ classId, id }) => classId === 7 && id === 2)
    .flatMap(({ data }) => (data?.type === "array" ? data.value : []));
  const printed = lines.flatMap((line) => (ROW.test(line) ? [line] : []));
  tally.same("rows", printed.length, rows.length);
  printed.forEach((line, i) => {
    const row = rows[i];
    tally.compared++;
    if (row === undefined || !sameWords(wordsOf(line), leavesOf(row)))
      tally.differs(`row ${i}`, line, row === undefined ? "nothing" : showLeaves(row));
  });
}
