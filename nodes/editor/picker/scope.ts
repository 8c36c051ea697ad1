/** Which meters a dialog is about, as its fields stand now. */
import { type Scope } from "./object-source.js";

interface ConfigNode {
  readonly meterType?: string;
  readonly preset?: string;
}

declare const RED: {
  readonly nodes: { node(id: string): ConfigNode | null | undefined };
};

const NONE = "_ADD_";

/** A command node: its listener's meters, the one whose serial number is entered first. */
export function commandScope(): Scope {
  const listener = valueOf("#node-input-listener");
  const known = listener === "" || listener === NONE ? undefined : (RED.nodes.node(listener) ?? undefined);
  const type = RED.nodes.node(known?.meterType ?? "");
  return {
    listener: known === undefined ? undefined : listener,
    serial: valueOf("#node-input-meterFrom") === "str" ? valueOf("#node-input-meter") : "",
    preset: type?.preset ?? "",
  };
}

/** A meter type: its preset's objects, and all connected meters. */
export function meterTypeScope(): Scope {
  return { listener: "", serial: "", preset: valueOf("#node-config-input-preset") };
}

function valueOf(selector: string): string {
  return String($(selector).val() ?? "").trim();
}
