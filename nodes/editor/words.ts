/** The shared catalogue: words that more than one dialog uses, in locales/<language>/dlms-editor.json. */

/** The editor's own translator, a global there. */
declare const RED: { readonly _: (key: string, values?: Record<string, unknown>) => string };

const catalogue = "@dlms-gateway/node-red-dlms/dlms-editor:";

export function word(key: string, values?: Record<string, unknown>): string {
  return RED._(catalogue + key, values);
}
