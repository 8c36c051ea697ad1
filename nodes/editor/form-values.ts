/** The fields of the dialog that is open for a node, and what stands in them now, saved or not. */
import { type EditorNode } from "./editor-node.js";

/** What the editor's own list of config nodes says of "none chosen". */
export const NOT_CHOSEN = "_ADD_";

export function isChosen(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "" && value !== NOT_CHOSEN;
}

export function fieldOf(node: EditorNode, name: string): HTMLInputElement | HTMLSelectElement | null {
  const { category } = node["_def"] as { readonly category?: string };
  const field = document.getElementById(`node-${category === "config" ? "config-" : ""}input-${name}`);
  return field instanceof HTMLInputElement || field instanceof HTMLSelectElement ? field : null;
}

/** The dialog's own part of the page. */
export function formOf(node: EditorNode): HTMLElement | null {
  return fieldOf(node, "name")?.closest<HTMLElement>(".dlms-form") ?? null;
}

/** By property; a property without a field as the node has it. */
export function formValues(node: EditorNode): Record<string, unknown> {
  const { defaults } = node["_def"] as { readonly defaults: Readonly<Record<string, unknown>> };
  return Object.fromEntries(
    Object.keys(defaults).map((name) => [name, fieldValue(node, name) ?? node[name]]),
  );
}

/** Undefined when the dialog has no field of this name; a config node that is not chosen is empty text. */
export function fieldValue(node: EditorNode, name: string): string | boolean | undefined {
  const field = fieldOf(node, name);
  if (field === null) return undefined;
  if (field instanceof HTMLInputElement && field.type === "checkbox") return field.checked;
  return field.value === NOT_CHOSEN ? "" : field.value;
}
