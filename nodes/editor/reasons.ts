/**
 * Why a field's value will not do, in words under the field, for the eye and for screen readers. Node-RED itself only
 * colours such a field and hides the reason in a tooltip.
 */
import { element, setText } from "./dom.js";
import { type EditorNode } from "./editor-node.js";
import { fieldOf, fieldValue, formOf, formValues } from "./form-values.js";
import { word } from "./words.js";

interface Property {
  readonly type?: string;
  readonly required?: boolean;
  readonly validate?: (this: unknown, value: unknown, options: object) => boolean | string;
}

const shown = new WeakMap<HTMLElement, HTMLElement>();
let reasons = 0;

/** @param after what the words stand behind; by default they end the field's row. */
export function showReason(field: HTMLElement, verdict: boolean | string, after?: HTMLElement): void {
  const reason = typeof verdict === "string" ? verdict : "";
  const isWrong = reason !== "" || verdict === false;
  visible(field).classList.toggle("input-error", isWrong);
  if (isWrong) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
  let place = shown.get(field);
  if (place === undefined) {
    if (reason === "") return;
    place = element("div", { class: "dlms-reason", attributes: { id: `dlms-reason-${++reasons}` } });
    shown.set(field, place);
    if (after === undefined) field.closest(".form-row, .dlms-row")?.append(place);
    else after.after(place);
  }
  setText(place, reason);
  place.hidden = reason === "";
  if (reason === "") field.removeAttribute("aria-describedby");
  else field.setAttribute("aria-describedby", place.id);
}

/** Judges the fields of the open dialog by the node's own checks, now and as one types. */
export function watchReasons(node: EditorNode): void {
  const form = formOf(node);
  if (form === null) return;
  type Properties = Readonly<Record<string, Property>>;
  const { defaults, credentials } = node["_def"] as {
    readonly defaults: Properties;
    readonly credentials?: Properties;
  };
  const judge = (): void => {
    // A check may look at other fields: at what stands in them now, not at what was saved.
    const values = formValues(node);
    const now = Object.assign(Object.create(node) as object, values);
    for (const [name, property] of Object.entries({ ...defaults, ...credentials })) {
      const field = fieldOf(node, name);
      if (field === null) continue;
      const { required, type, validate } = property;
      if (type !== undefined && required === true)
        showReason(field, values[name] === "" ? word("check.choose") : true);
      else if (validate !== undefined) showReason(field, validate.call(now, fieldValue(node, name), {}));
    }
  };
  // After the editor's own handlers, which know nothing of the other fields' present values.
  $(form).on("input change keyup", () => window.setTimeout(judge));
  window.setTimeout(judge);
}

/** What stands for a field that the editor has replaced by a typed one. */
function visible(field: HTMLElement): HTMLElement {
  const next = field.nextElementSibling;
  return next instanceof HTMLElement && next.classList.contains("red-ui-typedInput-container") ? next : field;
}
