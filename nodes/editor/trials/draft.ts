/** The fields of a config dialog as they stand now, saved or not, for a trial of them. */
import { type EditorNode } from "../editor-node.js";
import { fieldValue, formValues } from "../form-values.js";

export interface Draft {
  readonly id: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly credentials: Readonly<Record<string, string>>;
}

/** What the editor shows in place of a password that is set; the runtime then uses the one it has. */
const UNCHANGED = "__PWRD__";

export function draftOf(node: EditorNode): Draft {
  const { credentials = {} } = node["_def"] as { readonly credentials?: object };
  const changed: Record<string, string> = {};
  for (const name of Object.keys(credentials)) {
    const value = fieldValue(node, name);
    if (typeof value === "string" && value !== UNCHANGED) changed[name] = value;
  }
  return { id: node.id, config: formValues(node), credentials: changed };
}
