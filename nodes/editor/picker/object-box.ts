/** A field for an object: what is typed is searched among the objects of the dialog's source, any code may stand there. */
import { word } from "../words.js";
import { Combobox } from "./combobox.js";
import { drawObjectRow, makeObjectRow, OBJECT_ROW_HEIGHT } from "./object-row.js";
import { type ObjectSource } from "./object-source.js";
import { keyOf, type PickObject, type Purpose, search, suits } from "./objects.js";

export interface ObjectBoxOptions {
  readonly field: HTMLInputElement;
  readonly source: ObjectSource;
  readonly purpose: Purpose;
  readonly choose: (object: PickObject) => void;
  readonly isChosen?: (object: PickObject) => boolean;
  readonly enter?: () => void;
}

export function objectBox({ field, source, purpose, ...rest }: ObjectBoxOptions): Combobox<PickObject> {
  let all: readonly PickObject[] = [];
  let fitting: readonly PickObject[] = [];
  const objects = (): readonly PickObject[] => {
    if (all !== source.objects) {
      all = source.objects;
      fitting = all.filter((object) => suits(object, purpose));
    }
    return fitting;
  };
  const box = new Combobox<PickObject>({
    field,
    label: word("objects.list"),
    rowHeight: OBJECT_ROW_HEIGHT,
    width: "form",
    keyOf,
    makeRow: makeObjectRow,
    draw: drawObjectRow,
    search: (typed) => search(objects(), typed),
    none: (typed) => word(typed === "" ? "picker.nothing" : "picker.noMatch"),
    head: source.bar,
    opened: () => void source.prepare(),
    isOff: () => field.value.includes("${"),
    ...rest,
  });
  source.onChange(() => box.refresh());
  return box;
}
