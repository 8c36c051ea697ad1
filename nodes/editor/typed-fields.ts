/** The typed fields of the command nodes: a value from the message, fixed, from context or from an expression. */
import { type TypedInputType } from "./widgets.js";
import { word } from "./words.js";

const elsewhere = ["msg", "flow", "global", "env", "jsonata"] as const;

function choice(value: string): TypedInputType {
  return { value, label: word(`from.${value}`), hasValue: false };
}

/** @param id of the field without `node-input-`; its type stands in `<id>From`, or in `typeId` */
function typed(id: string, types: readonly (string | TypedInputType)[], start: string): JQuery {
  return $(`#node-input-${id}`).typedInput({
    types,
    default: start,
    typeField: $(`#node-input-${id}From`),
  });
}

export function meterField(): void {
  typed("meter", [choice("payload"), "str", ...elsewhere], "payload");
}

export function actionField(): void {
  typed("action", [choice("payload"), choice("connect"), choice("disconnect"), ...elsewhere], "payload");
}

/** No fixed text: a token in a flow file would be a token in every backup of it. */
export function tokenField(): void {
  typed("token", [choice("payload"), "msg", "flow", "global", "jsonata"], "payload");
}

export function codesField(): JQuery {
  return typed("codes", [choice("payload"), choice("list"), choice("defaults"), ...elsewhere], "payload");
}

/** Start and end of a profile's period. */
export function periodField(id: "from" | "to"): void {
  typed(id, [choice("payload"), "str", ...elsewhere], "payload");
}

/** What is to be written; JSON for arrays and structures. */
export function valueField(): void {
  typed("value", [choice("payload"), "str", "num", "bool", "json", ...elsewhere], "payload");
}

/** A method's parameter, which many methods do without. */
export function parameterField(): void {
  typed("value", [choice("none"), choice("payload"), "str", "num", "bool", "json", ...elsewhere], "none");
}

export function clockActionField(): void {
  const own = [choice("payload"), choice("read"), choice("compare"), choice("set")];
  typed("action", [...own, ...elsewhere], "payload");
}

export function firmwareFields(): void {
  const own = [choice("payload"), choice("update"), choice("transfer"), choice("activate"), choice("status")];
  typed("action", [...own, ...elsewhere], "payload");
  typed("file", [choice("payload"), "str", ...elsewhere], "payload");
  typed("identifier", ["str", ...elsewhere], "str");
}
