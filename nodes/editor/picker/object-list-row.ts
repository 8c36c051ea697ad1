/** One row of an ordered list of objects: code, class and attribute, what they mean, and buttons to move it. */
import { obis } from "../checks.js";
import { integer } from "../checks.js";
import { button, element, setText } from "../dom.js";
import { word } from "../words.js";
import { showReason } from "../reasons.js";
import { classBox, memberBox, memberName } from "./members.js";
import { objectBox } from "./object-box.js";
import { describe } from "./object-row.js";
import { type ObjectSource } from "./object-source.js";
import { className, ofCode, type PickObject } from "./objects.js";
import { defaultAttribute } from "../../../src/editor.js";

/** As it is saved. */
export interface CodeRow {
  readonly obisCode: string;
  /** Absent: as the meter or the dictionary says. */
  readonly classId?: string;
  readonly attributeId?: string;
}

interface RowOptions {
  readonly detailed: boolean;
  readonly source: ObjectSource;
  readonly moved: (at: number, count: number, code: string) => void;
}

/** The class is kept where the dictionary would say another. */
export function rowOf({ obis: obisCode, classId }: PickObject, detailed: boolean): CodeRow {
  const usual = ofCode(obisCode)?.classId;
  return {
    obisCode,
    ...(detailed && classId !== undefined && classId !== usual ? { classId: String(classId) } : {}),
  };
}

export class ObjectListRow {
  readonly #item: HTMLElement;
  readonly #options: RowOptions;
  readonly #code: HTMLInputElement;
  readonly #class: HTMLInputElement;
  readonly #attribute: HTMLInputElement;
  readonly #meaning = element("div", { class: "dlms-pick-meaning" });

  constructor(container: HTMLElement, row: Partial<CodeRow>, options: RowOptions) {
    this.#item = container;
    this.#options = options;
    this.#code = field("dlms-code", word("codes.code"), row.obisCode);
    this.#class = field("dlms-class", word("codes.class"), row.classId);
    this.#attribute = field("dlms-attribute", word("codes.attribute"), row.attributeId);
    const { detailed, source } = options;
    objectBox({
      field: this.#code,
      source,
      purpose: "read",
      choose: (object) => {
        const { obisCode, classId = "" } = rowOf(object, detailed);
        this.#code.value = obisCode;
        this.#class.value = classId;
        this.#attribute.value = "";
        this.#judge();
      },
    });
    classBox(this.#class, () => this.#judge());
    memberBox(
      this.#attribute,
      "attribute",
      () => this.#readable(),
      () => this.#judge(),
    );
    for (const one of [this.#code, this.#class, this.#attribute]) {
      one.addEventListener("input", () => this.#judge());
      one.addEventListener("change", () => this.#judge());
    }
    const line = element("div", {
      class: "dlms-pick-line",
      children: [
        this.#code,
        ...(detailed ? [this.#class, this.#attribute] : []),
        button({
          label: word("picker.up"),
          icon: "chevron-up",
          iconOnly: true,
          onClick: () => this.#move(-1),
        }),
        button({
          label: word("picker.down"),
          icon: "chevron-down",
          iconOnly: true,
          onClick: () => this.#move(1),
        }),
      ],
    });
    container.append(line, this.#meaning);
    container.addEventListener("keydown", (event) => this.#key(event));
    const remove = container.parentElement?.querySelector(".red-ui-editableList-item-remove");
    remove?.setAttribute("aria-label", word("picker.remove"));
    remove?.setAttribute("role", "button");
    this.#judge();
  }

  /** As it would be written by the dictionary; empty for what is no code. */
  get code(): string {
    return ofCode(this.#code.value)?.obis ?? "";
  }

  get value(): CodeRow {
    const classId = this.#class.value.trim();
    const attributeId = this.#attribute.value.trim();
    return {
      obisCode: this.#code.value.trim(),
      ...(classId === "" ? {} : { classId }),
      ...(attributeId === "" ? {} : { attributeId }),
    };
  }

  remove(): void {
    this.#item.closest("li")?.remove();
  }

  #key(event: KeyboardEvent): void {
    const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    if (!event.altKey || step === 0) return;
    event.preventDefault();
    event.stopPropagation();
    this.#move(step);
  }

  #move(step: -1 | 1): void {
    const own = this.#item.closest("li");
    const other = step < 0 ? own?.previousElementSibling : own?.nextElementSibling;
    if (own === null || other === null || other === undefined) return;
    const focused = document.activeElement;
    if (step < 0) other.before(own);
    else other.after(own);
    // Moving takes the keyboard away.
    if (focused instanceof HTMLElement) focused.focus();
    own.scrollIntoView({ block: "nearest" });
    const all = [...(own.parentElement?.children ?? [])];
    this.#options.moved(all.indexOf(own) + 1, all.length, this.#code.value);
  }

  /** The object as the dialog's source or the dictionary has it. */
  #object(): PickObject | undefined {
    const { code } = this;
    return this.#options.source.objects.find(({ obis: own }) => own === code) ?? ofCode(this.#code.value);
  }

  #readable(): { readonly classId: number | undefined; readonly only?: readonly number[] } {
    const object = this.#object();
    const classId = this.#classId(object);
    return object?.read !== undefined && object.classId === classId
      ? { classId, only: object.read }
      : { classId };
  }

  #classId(object: PickObject | undefined): number | undefined {
    const own = this.#class.value.trim();
    return own === "" ? object?.classId : Number(own);
  }

  #judge(): void {
    const object = this.#object();
    const classId = this.#classId(object);
    const isEmpty = this.#code.value.trim() === "";
    showReason(this.#code, isEmpty ? word("check.required") : obis(this.#code.value), this.#meaning);
    showReason(this.#class, integer(this.#class.value, 0, 65_535), this.#meaning);
    showReason(this.#attribute, integer(this.#attribute.value, -128, 127), this.#meaning);
    const usual = object?.classId;
    this.#class.placeholder = usual === undefined ? word("codes.class") : `${usual} ${className(usual)}`;
    this.#attribute.placeholder =
      classId === undefined || Number.isNaN(classId)
        ? word("codes.attribute")
        : memberName(classId, "attribute", defaultAttribute(classId));
    // A class that is not entered stands in its field already.
    const isSaid = this.#options.detailed && this.#class.value.trim() === "";
    const names = [isSaid ? "" : className(classId), memberNameIf(classId, this.#attribute.value)]
      .filter(Boolean)
      .join(" · ");
    setText(this.#meaning, object === undefined ? "" : [describe(object), names].filter(Boolean).join(" · "));
  }
}

function memberNameIf(classId: number | undefined, attribute: string): string {
  const id = attribute.trim() === "" ? Number.NaN : Number(attribute);
  return Number.isInteger(id) ? memberName(classId, "attribute", id) : "";
}

function field(name: string, label: string, value: string | undefined): HTMLInputElement {
  const made = element("input", {
    class: name,
    attributes: { type: "text", placeholder: label, "aria-label": label },
  });
  made.value = value ?? "";
  return made;
}
