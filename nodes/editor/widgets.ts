/**
 * The widgets of the editor that this project uses, typed: typedInput, editableList and autoComplete are jQuery
 * plugins that the editor brings along.
 */
export interface TypedInputType {
  readonly value: string;
  readonly label: string;
  readonly hasValue?: boolean;
  readonly icon?: string;
  readonly validate?: (value: string) => boolean | string;
}

interface EditableListOptions<T> {
  readonly addItem: (container: JQuery, index: number, item: T) => void;
  readonly addButton?: boolean | string;
  readonly removable?: boolean;
  readonly sortable?: boolean;
  readonly height?: number | string;
  readonly header?: JQuery;
}

declare global {
  interface JQuery {
    /** Translates what is marked by `data-i18n` inside. */
    i18n(): this;
    typedInput(options: {
      readonly types: readonly (string | TypedInputType)[];
      readonly typeField?: string | JQuery;
      readonly default?: string;
    }): this;
    typedInput(method: "type" | "value"): string;
    typedInput(method: "type" | "value", value: string): this;
    typedInput(method: "width", value: number | string): this;
    editableList<T>(options: EditableListOptions<T>): this;
    editableList(method: "items"): JQuery;
    editableList<T>(method: "addItem", item: T): this;
    editableList(method: "height", value: number): this;
    autoComplete(options: {
      readonly search: (
        value: string,
      ) => readonly { readonly value: string; readonly label: JQuery | string }[];
      readonly minLength?: number;
    }): this;
  }
}
