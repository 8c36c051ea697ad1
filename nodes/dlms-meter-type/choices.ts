/** Fields that hold one of a few words, and members that are there or not. */
import { unusable } from "../shared/fields.js";

/** Undefined for an empty field. @throws DlmsError NOT_CONFIGURED */
export function choice<T extends string>(value: unknown, field: string, words: readonly T[]): T | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  const found = words.find((word) => word === value);
  if (found === undefined) throw unusable(field, `must be one of ${words.join(", ")}`);
  return found;
}

export function defined<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: V });
}
