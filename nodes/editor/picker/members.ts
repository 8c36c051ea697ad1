/** Fields for a class and for an attribute or a method of it, with what there is to choose from as one types. */
import { attributesOf, classById, classes, methodsOf } from "../../../src/editor.js";
import { element, setText } from "../dom.js";
import { word } from "../words.js";
import { Combobox } from "./combobox.js";

export type MemberKind = "attribute" | "method";

interface Numbered {
  readonly id: number;
  readonly name: string;
}

const ROW_HEIGHT = 26;

export function classBox(field: HTMLInputElement, chosen: () => void): void {
  const all = classes.map(({ classId: id, name }) => ({ id, name }));
  numberBox(field, word("picker.classes"), () => all, chosen);
}

/** @param only numbers that the meter admits; undefined when it has not said. */
export function memberBox(
  field: HTMLInputElement,
  kind: MemberKind,
  of: () => { readonly classId: number | undefined; readonly only?: readonly number[] },
  chosen: () => void,
): void {
  const choice = (): readonly Numbered[] => {
    const { classId, only } = of();
    const known = classId === undefined ? [] : membersOf(classId, kind);
    if (only === undefined) return known;
    return only.map((id) => known.find((member) => member.id === id) ?? { id, name: "" });
  };
  numberBox(field, word(`picker.${kind}s`), choice, chosen);
}

/** `2 value`; the number alone when the class is not known. */
export function memberName(classId: number | undefined, kind: MemberKind, id: number): string {
  const known = classId === undefined ? [] : membersOf(classId, kind);
  return `${id} ${known.find((member) => member.id === id)?.name ?? ""}`.trim();
}

function membersOf(classId: number, kind: MemberKind): readonly Numbered[] {
  const declared = classById(classId);
  if (declared === undefined) return [];
  const all = kind === "attribute" ? attributesOf(declared) : methodsOf(declared);
  return all.map(({ id, name }) => ({ id, name: spaced(name) }));
}

/** `scalerUnit` as `scaler unit`. */
function spaced(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, (_whole, a: string, b: string) => `${a} ${b.toLowerCase()}`);
}

function numberBox(
  field: HTMLInputElement,
  label: string,
  all: () => readonly Numbered[],
  chosen: () => void,
): void {
  new Combobox<Numbered>({
    field,
    label,
    rowHeight: ROW_HEIGHT,
    keyOf: ({ id }) => String(id),
    makeRow: (row) => {
      row.classList.add("dlms-pick-member");
      row.append(element("span"), element("span"));
    },
    draw: (row, { id, name }) => {
      const [number, text] = row.children as unknown as HTMLElement[];
      if (number) setText(number, String(id));
      if (text) setText(text, name);
    },
    search: (typed) => {
      const text = typed.trim().toLowerCase();
      const found = all().filter(({ id, name }) => `${id} ${name.toLowerCase()}`.includes(text));
      // The very number that is typed goes first: 1 is not 15.
      return [...found].sort((a, b) => Number(String(b.id) === text) - Number(String(a.id) === text));
    },
    choose: ({ id }) => {
      field.value = String(id);
      chosen();
    },
    none: () => word("picker.anyNumber"),
    isOff: () => field.value.includes("${"),
  });
}
