/**
 * What is known, as text to be sent to somebody who helps: names of fields as they are, in any language, and never a
 * secret, because no secret ever gets here.
 */
import { type Meter } from "./model.js";
import { type FleetStore } from "./store.js";

const PROBLEMS = 50;

export function fleetDiagnostics(store: FleetStore): string {
  const lines = head(store);
  for (const view of store.listeners) {
    const { changes, ...rest } = view;
    lines.push("", `listener ${view.id}`, ...fields(rest, "  "));
    lines.push(`  revision: ${changes?.revision ?? "-"}`);
  }
  const all = [...store.meters.values()];
  const failed = all
    .filter(({ view }) => view.lastError !== undefined)
    .sort((a, b) => ((a.view.lastError?.at ?? "") < (b.view.lastError?.at ?? "") ? 1 : -1));
  lines.push("", `meters: ${all.length}, with an error: ${failed.length}`);
  for (const { view } of failed.slice(0, PROBLEMS)) {
    const { at, what, code, message } = view.lastError ?? { at: "", what: "", code: "", message: "" };
    lines.push(`  ${view.meterSerialNumber} ${view.meterType} ${at} ${what} ${code} ${message}`);
  }
  if (failed.length > PROBLEMS) lines.push(`  … ${failed.length - PROBLEMS} more`);
  return lines.join("\n");
}

export function meterDiagnostics(
  store: FleetStore,
  { listener, view }: Meter,
  more: readonly string[],
): string {
  const of = { ...store.listener(listener), changes: undefined };
  return [
    ...head(store),
    "",
    `listener ${listener}`,
    ...fields(of, "  "),
    "",
    `meter ${view.meterSerialNumber}`,
    ...fields(view, "  "),
    ...(more.length === 0 ? [] : ["", ...more]),
  ].join("\n");
}

function head(store: FleetStore): string[] {
  const { about, memoryMegabytes } = store;
  return [
    `@dlms-gateway/node-red-dlms ${about?.version ?? "?"}`,
    `Node-RED ${about?.nodeRed ?? "?"}, Node.js ${about?.node ?? "?"}, ${about?.platform ?? "?"}`,
    `memory ${memoryMegabytes} MB, ${new Date(store.now()).toISOString()}`,
    `browser ${navigator.userAgent}`,
  ];
}

function fields(value: object, indent: string): string[] {
  return Object.entries(value).flatMap(([name, field]: [string, unknown]) => {
    if (field === undefined) return [];
    return typeof field === "object" && field !== null
      ? [`${indent}${name}:`, ...fields(field, `${indent}  `)]
      : [`${indent}${name}: ${JSON.stringify(field)}`];
  });
}
