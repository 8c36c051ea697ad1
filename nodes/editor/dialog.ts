/** What every dialog of this package gets beyond its own fields: units beside numbers, reasons under wrong values. */
import { element } from "./dom.js";
import { type EditorNode } from "./editor-node.js";
import { fieldOf, formOf } from "./form-values.js";
import { chooseOnly } from "./only-choice.js";
import { watchReasons } from "./reasons.js";
import { word } from "./words.js";

/** The dialog's own preparation first, then what all of them get. */
export function dialog(...steps: readonly ((node: EditorNode) => void)[]) {
  return (node: EditorNode): void => {
    fillChoices(node);
    translate(node);
    nameFields(node);
    chooseOnly(node);
    for (const step of steps) step(node);
    addUnits(node);
    watchReasons(node);
  };
}

/** A flow from elsewhere may lack a property, or say what is no choice any more: the default stands in the field then. */
function fillChoices(node: EditorNode): void {
  const { defaults } = node["_def"] as { readonly defaults: Readonly<Record<string, { value: unknown }>> };
  for (const [name, { value }] of Object.entries(defaults)) {
    const field = fieldOf(node, name);
    if (field instanceof HTMLSelectElement && field.selectedIndex < 0) field.value = String(value);
  }
}

/** The editor translates a form after it was prepared, over whatever that has written; so it is done here, before. */
function translate(node: EditorNode): void {
  const form = formOf(node);
  if (form === null) return;
  $(form).i18n().find("[data-i18n]").removeAttr("data-i18n");
}

/** Node-RED 5 takes a tooltip's text, such as why a value is wrong, for the name of a field that has no such reference. */
function nameFields(node: EditorNode): void {
  for (const label of formOf(node)?.querySelectorAll<HTMLLabelElement>("label[for]") ?? []) {
    label.id ||= `${label.htmlFor}-label`;
    // An icon is a letter of a font of its own; nobody wants it read out.
    label.querySelector("i")?.setAttribute("aria-hidden", "true");
    document.getElementById(label.htmlFor)?.setAttribute("aria-labelledby", label.id);
  }
}

/** An input says `data-unit="seconds"`; the word for it is shown behind the number. */
function addUnits(node: EditorNode): void {
  for (const input of formOf(node)?.querySelectorAll<HTMLInputElement>("input[data-unit]") ?? []) {
    const id = `${input.id}-unit`;
    input.classList.add("dlms-number");
    input.after(
      element("span", {
        class: "dlms-unit",
        text: word(`units.${input.dataset["unit"]}`),
        attributes: { id },
      }),
    );
  }
}
