/** The fields of a config dialog as they stand now, saved or not, for a trial of them. */
import { type EditorNode } from "../editor-node.js";

interface Definition {
  readonly defaults: Readonly<Record<string, unknown>>;
  readonly credentials?: Readonly<Record<string, { readonly type: "text" | "password" }>>;
}

export interface Draft {
  readonly id: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly credentials: Readonly<Record<string, string>>;
}

/** What the editor shows in place of a password that is set; the runtime then uses the one it has. */
const UNCHANGED = "__PWRD__";
const NONE = "_ADD_";

export function draftOf(node: EditorNode): Draft {
  const { defaults, credentials = {} } = node["_def"] as Definition;
  const config: Record<string, unknown> = {};
  for (const name of Object.keys(defaults)) config[name] = fieldValue(name) ?? node[name];
  const changed: Record<string, string> = {};
  for (const name of Object.keys(credentials)) {
    const value = fieldValue(name);
    if (typeof value === "string" && value !== UNCHANGED) changed[name] = value;
  }
  return { id: node.id, config, credentials: changed };
}

/** Undefined when the dialog has no field of this name. */
function fieldValue(name: string): string | boolean | undefined {
  const field = document.getElementById(`node-config-input-${name}`);
  if (field instanceof HTMLInputElement && field.type === "checkbox") return field.checked;
  if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement)
    return field.value === NONE ? "" : field.value;
  return undefined;
}
