/** What every dialog of this package gets beyond its own fields: units beside numbers, reasons under wrong values. */
import { element } from "./dom.js";
import { type EditorNode } from "./editor-node.js";
import { formOf } from "./form-values.js";
import { watchReasons } from "./reasons.js";
import { word } from "./words.js";

/** The dialog's own preparation first, then what all of them get. */
export function dialog(...steps: readonly ((node: EditorNode) => void)[]) {
  return (node: EditorNode): void => {
    for (const step of steps) step(node);
    addUnits(node);
    watchReasons(node);
  };
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
