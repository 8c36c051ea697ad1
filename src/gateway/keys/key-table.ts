/**
 * A key list as text: CSV (comma or semicolon, quotes, `#` lines are comments, a header names the fields) or JSON (an
 * array of objects, or an object with `meters`). Read into rows that know their line, and written back with only their
 * values changed. Which fields there are is key-fields.ts.
 */
import { DlmsError } from "../../core/errors.js";
import { type KeyField, keyFields, type KeyRow } from "./key-fields.js";

export interface ListedRow {
  /** Where it begins; the first line is 1. */
  readonly line: number;
  readonly fields: KeyRow;
}

export interface KeyTable {
  readonly rows: readonly ListedRow[];
  /** The text with other values in the rows, in their order. */
  write(rows: readonly KeyRow[]): string;
}

const MAX_ROWS = 200_000;
/** Of one line; encrypted fields take some two hundred each. */
const MAX_LETTERS = 16_384;

/** @throws DlmsError KEY_LIST_INVALID naming the line. */
export function readKeyTable(text: string): KeyTable {
  const content = text.replace(/^\uFEFF/, "");
  return /^\s*[[{]/.test(content) ? readJson(content) : readCsv(content);
}

export function unfitLine(line: number, reason: string, field?: string): DlmsError {
  return new DlmsError("KEY_LIST_INVALID", `Line ${line} of the key list: ${reason}`, {
    ...(field === undefined ? {} : { field }),
    detail: { line },
  });
}

function readCsv(text: string): KeyTable {
  const lines = text.split(/\r?\n/);
  const headerAt = lines.findIndex((line) => !isSkipped(line));
  const header = lines[headerAt];
  if (header === undefined) throw unfitLine(1, "a header with the names of the fields is expected.");
  const separator = header.includes(";") ? ";" : ",";
  // A header that is missing may be a row with secrets: it is not quoted.
  const names = cellsOf(header, separator, headerAt + 1).map((name, i) =>
    fieldOf(name.trim(), headerAt + 1, `field ${i + 1} of the header is none`),
  );
  const rows: ListedRow[] = [];
  const places: number[] = [];
  lines.forEach((line, at) => {
    if (at <= headerAt || isSkipped(line)) return;
    const cells = cellsOf(line, separator, at + 1);
    if (cells.length !== names.length)
      throw unfitLine(at + 1, `it has ${cells.length} fields, the header ${names.length}.`);
    rows.push({ line: at + 1, fields: Object.fromEntries(names.map((name, i) => [name, cells[i] ?? ""])) });
    places.push(at);
    checkNumber(rows.length, at + 1);
  });
  return {
    rows,
    write(changed) {
      const written = [...lines];
      changed.forEach((row, i) => {
        written[places[i] as number] = names
          .map((name) => cellOf(row[name] ?? "", separator))
          .join(separator);
      });
      return written.join("\n");
    },
  };
}

function isSkipped(line: string): boolean {
  return line.trim() === "" || line.startsWith("#");
}

function cellsOf(line: string, separator: string, number: number): string[] {
  if (line.length > MAX_LETTERS) throw unfitLine(number, `it has more than ${MAX_LETTERS} characters.`);
  const cells: string[] = [];
  let rest = line;
  for (;;) {
    const quoted = /^\s*"((?:[^"]|"")*)"\s*/.exec(rest);
    const cell = quoted?.[0] ?? rest.slice(0, endOf(rest, separator));
    cells.push(quoted?.[1] === undefined ? cell.trim() : quoted[1].replace(/""/g, '"'));
    rest = rest.slice(cell.length);
    if (rest === "") return cells;
    if (!rest.startsWith(separator)) throw unfitLine(number, "a quoted field ends in the middle.");
    rest = rest.slice(1);
  }
}

function endOf(text: string, separator: string): number {
  const at = text.indexOf(separator);
  return at < 0 ? text.length : at;
}

function cellOf(value: string, separator: string): string {
  const isPlain = !value.includes(separator) && !value.includes('"') && value.trim() === value;
  return isPlain ? value : `"${value.replace(/"/g, '""')}"`;
}

function readJson(text: string): KeyTable {
  let whole: unknown;
  try {
    whole = JSON.parse(text);
  } catch (caught) {
    // The reason may quote what stands in the file; only the place is told.
    const at = /position (\d+)/.exec(caught instanceof Error ? caught.message : "")?.[1];
    throw unfitLine(lineAt(text, Number(at ?? text.length)), "it is no JSON.");
  }
  const isObject = typeof whole === "object" && whole !== null && !Array.isArray(whole);
  const meters = isObject ? (whole as { readonly meters?: unknown }).meters : whole;
  if (!Array.isArray(meters)) throw unfitLine(1, "a list of meters is expected.");
  const starts = objectLines(text, isObject ? 2 : 1);
  const rows = meters.map((meter: unknown, i): ListedRow => {
    const line = starts[i] ?? 1;
    checkNumber(i + 1, line);
    return { line, fields: rowOf(meter, line) };
  });
  return {
    rows,
    write(changed) {
      const written = meters.map((meter: object, i) => ({ ...meter, ...changed[i] }));
      return `${JSON.stringify(isObject ? { ...(whole as object), meters: written } : written, null, 2)}\n`;
    },
  };
}

/** The members of a JSON object as text. @throws DlmsError KEY_LIST_INVALID */
function rowOf(meter: unknown, line: number): KeyRow {
  if (typeof meter !== "object" || meter === null || Array.isArray(meter))
    throw unfitLine(line, "a meter must be an object.");
  return Object.fromEntries(
    Object.entries(meter)
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([name, value]: [string, unknown]) => {
        const field = fieldOf(name, line, `there is no field ${name.slice(0, 40)}`);
        const isText =
          typeof value === "string" || (typeof value === "number" && Number.isSafeInteger(value));
        if (!isText) throw unfitLine(line, `${field} must be text.`, field);
        return [field, String(value)];
      }),
  );
}

/** Lines on which the objects at this depth begin. */
function objectLines(text: string, depth: number): number[] {
  const lines: number[] = [];
  let [line, level, inText] = [1, 0, false];
  for (let i = 0; i < text.length; i++) {
    const letter = text[i];
    if (letter === "\n") line++;
    else if (inText && letter === "\\") i++;
    else if (letter === '"') inText = !inText;
    else if (inText) continue;
    else if (letter === "{" || letter === "[") {
      if (letter === "{" && level === depth) lines.push(line);
      level++;
    } else if (letter === "}" || letter === "]") level--;
  }
  return lines;
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split("\n").length;
}

function fieldOf(name: string, line: number, reason: string): KeyField {
  const field = keyFields.find((known) => known.toLowerCase() === name.toLowerCase());
  if (field === undefined) throw unfitLine(line, `${reason}; known are ${keyFields.join(", ")}.`);
  return field;
}

function checkNumber(rows: number, line: number): void {
  if (rows > MAX_ROWS) throw unfitLine(line, `there are more than ${MAX_ROWS} meters.`);
}
