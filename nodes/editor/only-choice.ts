/** A config node that a new node needs is chosen already where there is only one of its kind. */
import { type EditorNode } from "./editor-node.js";
import { fieldOf, isChosen } from "./form-values.js";

interface Property {
  readonly type?: string;
  readonly required?: boolean;
}

export function chooseOnly(node: EditorNode): void {
  const { defaults } = node["_def"] as { readonly defaults: Readonly<Record<string, Property>> };
  for (const [name, { type, required }] of Object.entries(defaults)) {
    const field = fieldOf(node, name);
    if (type === undefined || required !== true || !(field instanceof HTMLSelectElement)) continue;
    if (isChosen(field.value)) continue;
    const [only, another] = [...field.options].filter(({ value }) => isChosen(value));
    if (only === undefined || another !== undefined || only.disabled) continue;
    $(field).val(only.value).trigger("change");
  }
}
