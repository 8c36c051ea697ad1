/** The table of interface classes in docs/standards.md, as the declarations say it. */
import { type InterfaceClass, attributesOf, methodsOf } from "../../src/cosem/interface-class.js";

function member({ id, name, since }: { id: number; name: string; since?: number }): string {
  return `${id} ${name}${since === undefined ? "" : ` (v${since})`}`;
}

export function classTable(classes: readonly InterfaceClass[]): string {
  const rows = classes.map((declared) => {
    const attributes = attributesOf(declared).slice(1).map(member).join(", ");
    const methods = methodsOf(declared).map(member).join(", ");
    return `| ${declared.classId} | ${declared.version} | ${declared.name} | ${attributes} | ${methods || "–"} |`;
  });
  return [
    "| Class | Version | Name | Attributes from 2 | Methods |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}
