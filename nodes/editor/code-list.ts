/**
 * An editable list of OBIS codes with suggestions, used by `dlms-read` (with class and attribute) and
 * `dlms-meter-type` (codes only).
 */
import "./widgets.js";
import { obis } from "./checks.js";
import { commonCodes } from "./common-codes.js";
import { word } from "./words.js";

export interface CodeRow {
  readonly obisCode: string;
  readonly classId?: string;
  readonly attributeId?: string;
}

interface CodeListOptions {
  /** Offer class and attribute beside each code. */
  readonly detailed: boolean;
  readonly height: number;
}

export function prepareCodeList(list: JQuery, rows: unknown, options: CodeListOptions): void {
  list.css({ "min-height": `${options.height}px`, "min-width": "380px" }).editableList<Partial<CodeRow>>({
    sortable: true,
    removable: true,
    height: options.height,
    addButton: word("codes.add"),
    addItem: (container, _index, item) => addRow(container, item, options.detailed),
  });
  for (const row of Array.isArray(rows) ? (rows as (CodeRow | string)[]) : [])
    list.editableList("addItem", typeof row === "string" ? { obisCode: row } : row);
}

/** The rows as they are saved; empty ones are left out. */
export function readCodeList(list: JQuery): CodeRow[] {
  const rows: CodeRow[] = [];
  list.editableList("items").each((_index, element) => {
    const text = (name: string): string => String($(element).find(`.dlms-${name}`).val() ?? "").trim();
    const row = {
      obisCode: text("code"),
      ...(text("class") === "" ? {} : { classId: text("class") }),
      ...(text("attribute") === "" ? {} : { attributeId: text("attribute") }),
    };
    if (row.obisCode !== "") rows.push(row);
  });
  return rows;
}

function addRow(container: JQuery, item: Partial<CodeRow>, detailed: boolean): void {
  const line = $("<div>").css({ display: "flex", gap: "6px", "align-items": "center" }).appendTo(container);
  const code = field("code", word("codes.code"), item.obisCode).css({ flex: "1 1 auto", "min-width": "0" });
  code.appendTo(line);
  if (detailed) {
    field("class", word("codes.class"), item.classId).css({ width: "90px" }).appendTo(line);
    field("attribute", word("codes.attribute"), item.attributeId).css({ width: "90px" }).appendTo(line);
  }
  code.autoComplete({ minLength: 0, search: suggest });
  const judge = (): void => {
    const verdict = obis(code.val());
    code.toggleClass("input-error", verdict !== true).attr("title", verdict === true ? "" : verdict);
  };
  code.on("change input", judge);
  judge();
}

function field(name: string, label: string, value: string | undefined): JQuery {
  return $("<input>", { type: "text", class: `dlms-${name}`, placeholder: label, "aria-label": label })
    .css({ margin: "0" })
    .val(value ?? "");
}

function suggest(typed: string): { value: string; label: JQuery }[] {
  const wanted = typed.trim().toLowerCase();
  return commonCodes
    .map(({ code, word: key }) => ({ code, text: word(`obis.${key}`) }))
    .filter(({ code, text }) => code.startsWith(wanted) || text.toLowerCase().includes(wanted))
    .map(({ code, text }) => ({
      value: code,
      label: $("<span>")
        .append($("<span>").text(code).css({ display: "inline-block", "min-width": "130px" }))
        .append($("<span>").text(text).css({ color: "var(--red-ui-secondary-text-color)" })),
    }));
}
