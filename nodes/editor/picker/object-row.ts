/** An object in a picker's list: code and class above, words below, on the right what may be done and an example. */
import { element, setText } from "../dom.js";
import { word } from "../words.js";
import { exampleOf } from "./examples.js";
import { className, type PickObject } from "./objects.js";

export const OBJECT_ROW_HEIGHT = 42;

const RIGHTS = ["read", "write", "call"] as const;

export function makeObjectRow(row: HTMLElement): void {
  row.classList.add("dlms-pick");
  row.append(
    element("span", { class: "dlms-pick-text" }),
    element("span", { class: "dlms-pick-example" }),
    element("span", { class: "dlms-pick-code" }),
    element("span", {
      class: "dlms-pick-rights",
      children: RIGHTS.map((right) =>
        element("abbr", {
          text: word(`picker.right.${right}.short`),
          title: word(`picker.right.${right}.long`),
        }),
      ),
    }),
  );
}

export function drawObjectRow(row: HTMLElement, object: PickObject): void {
  const [text, example, code, rights] = row.children as unknown as HTMLElement[];
  if (!text || !example || !code || !rights) return;
  setText(text, object.description || word("objects.unnamed"));
  const sample = exampleOf(object);
  setText(example, sample === "" ? (object.unit ?? "") : word("picker.eg", { example: sample }));
  setText(code, [object.obis, className(object.classId)].filter(Boolean).join(" · "));
  rights.hidden = object.read === undefined;
  RIGHTS.forEach((right, i) => {
    const mark = rights.children[i] as HTMLElement;
    mark.hidden = (object[right] ?? []).length === 0;
  });
}

/** Class, unit and an example in one line, for an object that was picked. */
export function describe(object: PickObject): string {
  const example = exampleOf(object);
  return [
    object.description || word("objects.unnamed"),
    example === "" ? object.unit : word("picker.eg", { example }),
  ]
    .filter(Boolean)
    .join(" · ");
}
