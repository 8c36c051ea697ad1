/**
 * One object in a dialog that has fields of its own for code, class and attribute or method: suggestions in each, and
 * in a line below what the object is, with its unit and an example.
 */
import { defaultAttribute } from "../../../src/editor.js";
import { element, setText } from "../dom.js";
import { word } from "../words.js";
import { classBox, memberBox, type MemberKind, memberName } from "./members.js";
import { objectBox } from "./object-box.js";
import { describe } from "./object-row.js";
import { type ObjectSource } from "./object-source.js";
import { className, ofCode, type PickObject, type Purpose } from "./objects.js";

export interface ObjectFieldOptions {
  readonly source: ObjectSource;
  readonly purpose: Purpose;
  readonly code: HTMLInputElement;
  readonly classId?: HTMLInputElement;
  readonly member?: { readonly field: HTMLInputElement; readonly kind: MemberKind };
}

export function prepareObjectField({ source, purpose, code, classId, member }: ObjectFieldOptions): void {
  const meaning = element("div", { class: "dlms-pick-meaning dlms-indent" });
  code.closest(".form-row")?.append(meaning);
  const fields = [code, classId, member?.field].filter((field) => field !== undefined);
  // A placeholder is what counts while nothing is entered.
  const written = (): string => code.value.trim() || code.placeholder;
  const object = (): PickObject | undefined => {
    const own = ofCode(written());
    return own && (source.objects.find(({ obis }) => obis === own.obis) ?? own);
  };
  const classOf = (found: PickObject | undefined): number | undefined => {
    const own = classId?.value.trim() ?? "";
    return own === "" ? found?.classId : Number(own);
  };
  const changed = (): void => {
    // jQuery's event: the editor's own validation listens for it.
    $(fields).trigger("change");
  };
  const show = (): void => {
    const found = object();
    const known = classOf(found);
    const name = className(known);
    setText(meaning, found === undefined ? "" : [describe(found), name].filter(Boolean).join(" · "));
    if (classId !== undefined)
      classId.placeholder =
        found?.classId === undefined
          ? word("picker.asMeter")
          : `${found.classId} ${className(found.classId)}`;
    if (member === undefined) return;
    const usual = member.kind === "method" ? 1 : known === undefined ? 2 : defaultAttribute(known);
    member.field.placeholder = memberName(known, member.kind, usual);
  };
  objectBox({
    field: code,
    source,
    purpose,
    choose: (chosen) => {
      code.value = chosen.obis;
      const usual = ofCode(chosen.obis)?.classId;
      if (classId !== undefined) classId.value = chosen.classId === usual ? "" : String(chosen.classId ?? "");
      if (member !== undefined) member.field.value = "";
      changed();
    },
  });
  if (classId !== undefined) classBox(classId, changed);
  if (member !== undefined) {
    const { field, kind } = member;
    const choice = (): { readonly classId: number | undefined; readonly only?: readonly number[] } => {
      const found = object();
      const known = classOf(found);
      const only = kind === "method" ? found?.call : found?.[purpose === "write" ? "write" : "read"];
      return only === undefined || found?.classId !== known ? { classId: known } : { classId: known, only };
    };
    memberBox(field, kind, choice, changed);
  }
  for (const field of fields) $(field).on("input change", show);
  source.onChange(show);
  show();
  // The editor puts placeholders of the catalogue in when this has ended.
  window.setTimeout(show);
}
