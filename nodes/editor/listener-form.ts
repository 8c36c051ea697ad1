/**
 * The dialog of `dlms-listener`: rules that say which meter is of which type. Each rule names its meter type in a
 * property of its own (`ruleType1` …), so that Node-RED knows of the dependency; rows show up as they are needed.
 */
import { type EditorNode } from "./editor-node.js";
import { word } from "./words.js";

export const ruleCount = 6;

export interface RuleRow {
  readonly by: string;
  readonly value: string;
}

const input = (name: string): JQuery => $(`#node-config-input-${name}`);

export function prepare(node: EditorNode): void {
  const rules = Array.isArray(node["rules"]) ? (node["rules"] as RuleRow[]) : [];
  for (let number = 1; number <= ruleCount; number += 1) {
    const rule = rules[number - 1];
    row(number)
      .find(".dlms-rule-by")
      .val(rule?.by || "dialect")
      .on("change", () => showValue(number));
    row(number)
      .find(".dlms-rule-value")
      .val(rule?.value ?? "");
    row(number)
      .find(".dlms-rule-dialect")
      .val(rule?.by === "dialect" ? rule.value : "hexcell-login");
    input(`ruleType${number}`).on("change", showRows);
    showValue(number);
  }
  input("keysFrom").on("change", showKeys);
  showRows();
  showKeys();
}

export function save(node: EditorNode): void {
  const rules: RuleRow[] = [];
  for (let number = 1; number <= ruleCount; number += 1) {
    const by = String(row(number).find(".dlms-rule-by").val());
    const field = by === "dialect" ? ".dlms-rule-dialect" : ".dlms-rule-value";
    rules.push({ by, value: String(row(number).find(field).val() ?? "").trim() });
  }
  node["rules"] = rules;
}

function showKeys(): void {
  $(".dlms-keys-file").toggle(input("keysFrom").val() === "file");
}

function row(number: number): JQuery {
  return $(`#dlms-rule-${number}`);
}

function showValue(number: number): void {
  const by = String(row(number).find(".dlms-rule-by").val());
  row(number)
    .find(".dlms-rule-dialect")
    .toggle(by === "dialect");
  row(number)
    .find(".dlms-rule-value")
    .toggle(by !== "dialect")
    .attr("placeholder", by === "dialect" ? "" : word(`rule.${by}`));
}

/** All rules in use and one empty row. */
function showRows(): void {
  let last = 0;
  for (let number = 1; number <= ruleCount; number += 1) if (chosen(number)) last = number;
  for (let number = 1; number <= ruleCount; number += 1) row(number).toggle(number <= last + 1);
}

function chosen(number: number): boolean {
  const value = String(input(`ruleType${number}`).val() ?? "");
  return value !== "" && value !== "_ADD_";
}
