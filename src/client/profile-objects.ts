/** Attributes of a profile generic (class 7) by number. */
import { type AttributeRef } from "./object-ref.js";

export const PROFILE_GENERIC = 7;
export const BUFFER = 2;

export function profileAttribute(obis: string, attributeId: number): AttributeRef {
  return { classId: PROFILE_GENERIC, obis, attributeId };
}
