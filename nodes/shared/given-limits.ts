/** Limits that were entered in a dialog; what was left empty keeps its default. */
import { type Settable, shownLimit } from "../../src/index.js";
import { type Environment, resolveInteger } from "./fields.js";

/** @throws DlmsError NOT_CONFIGURED naming the field. */
export function givenLimits<Name extends string>(
  table: Readonly<Record<Name, Settable>>,
  config: object,
  environment: Environment,
): { readonly [K in Name]?: number } {
  const given: { [K in Name]?: number } = {};
  for (const name of Object.keys(table) as Name[]) {
    const { field, factor, min, max } = shownLimit(name, table[name]);
    const entered = (config as Readonly<Record<string, unknown>>)[field];
    const value = resolveInteger(entered, { field, min, max }, environment);
    if (value !== undefined) given[name] = value * factor;
  }
  return given;
}
