/** What the editor knows of a node that is being edited, as far as the dialogs need it. */
export interface EditorNode {
  readonly id: string;
  readonly type: string;
  readonly _: (key: string) => string;
  [property: string]: unknown;
}
