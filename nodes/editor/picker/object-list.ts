/**
 * Several objects in order, as `dlms-read` and the default codes of a meter type name them: a search field that adds
 * whatever is picked or typed, and a row for each object, moved by its handle, its buttons or Alt with an arrow.
 */
import "../widgets.js";
import { element } from "../dom.js";
import { word } from "../words.js";
import { type CodeRow, ObjectListRow, rowOf } from "./object-list-row.js";
import { objectBox } from "./object-box.js";
import { type ObjectSource } from "./object-source.js";
import { ofCode, type PickObject } from "./objects.js";
import { obis } from "../checks.js";
import { showReason } from "../reasons.js";

export interface ObjectListOptions {
  /** Class and attribute beside each code. */
  readonly detailed: boolean;
  readonly height: number;
  readonly source: ObjectSource;
}

export function prepareObjectList(list: JQuery, rows: unknown, options: ObjectListOptions): void {
  const live = element("div", { class: "dlms-hidden dlms-picker-live", attributes: { role: "status" } });
  const make = (container: JQuery, item: Partial<CodeRow>): void => {
    const row = new ObjectListRow(container[0] as HTMLElement, item, {
      detailed: options.detailed,
      source: options.source,
      moved: (at, count, code) => (live.textContent = word("picker.moved", { code, at, count })),
    });
    container.data("row", row);
  };
  list.css("min-width", "320px").editableList<Partial<CodeRow>>({
    sortable: true,
    removable: true,
    height: options.height,
    addButton: false,
    addItem: (container, _index, item) => make(container, item),
  });
  const add = (row: Partial<CodeRow>): void => void list.editableList("addItem", row);
  for (const row of Array.isArray(rows) ? (rows as (CodeRow | string)[]) : [])
    add(typeof row === "string" ? { obisCode: row } : row);
  list.closest(".red-ui-editableList-container").scrollTop(0);
  list
    .closest(".red-ui-editableList")
    .before(searchField(list, add, options))
    .after(live);
}

/** The rows as they are saved; empty ones are left out. */
export function readObjectList(list: JQuery): CodeRow[] {
  return rowsOf(list)
    .map((row) => row.value)
    .filter(({ obisCode }) => obisCode !== "");
}

function rowsOf(list: JQuery): ObjectListRow[] {
  return list
    .editableList("items")
    .get()
    .map((item) => $(item).data("row") as ObjectListRow);
}

function searchField(
  list: JQuery,
  add: (row: Partial<CodeRow>) => void,
  { source, detailed }: ObjectListOptions,
): HTMLElement {
  const field = element("input", {
    class: "dlms-picker-search",
    attributes: { type: "text", placeholder: word("picker.search"), "aria-label": word("picker.search") },
  });
  const rowOfObject = (object: PickObject): ObjectListRow | undefined =>
    rowsOf(list).find(({ code }) => code === object.obis);
  const box = objectBox({
    field,
    source,
    purpose: "read",
    isChosen: (object) => rowOfObject(object) !== undefined,
    choose: (object) => {
      const there = rowOfObject(object);
      if (there !== undefined) there.remove();
      else add(rowOf(object, detailed));
    },
    enter: () => {
      const verdict = field.value.trim() === "" ? true : obis(field.value);
      showReason(field, verdict);
      const object = ofCode(field.value);
      if (object === undefined) return;
      add({ obisCode: object.obis });
      field.value = "";
    },
  });
  // Words are searched for; what looks like a code, and begins none of the list, is judged as one.
  field.addEventListener("input", () => {
    const text = field.value.trim();
    const isCode = /\d[-:.*&]/.test(text) && !/[g-z\s]/i.test(text);
    showReason(field, isCode && !box.hasItems ? obis(text) : true);
  });
  return element("div", { class: "form-row dlms-picker-row", children: [field] });
}
