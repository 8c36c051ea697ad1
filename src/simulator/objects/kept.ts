/**
 * Attributes that stand until they are written, of the type their class declares, and short ways into values that
 * were checked against it. What is written is kept per meter.
 */
import { type Data } from "../../axdr/data.js";
import { toHex } from "../../bytes/hex.js";
import { attributesOf, type InterfaceClass } from "../../cosem/interface-class.js";
import { type DataAccessResult } from "../../xdlms/index.js";
import { type MeterState } from "../meter-state.js";
import { type Access } from "../object-store.js";
import { type MeterAttribute, type MeterCall } from "./attributes.js";

export interface KeptAttribute extends MeterAttribute {
  readonly of: (meter: MeterState) => Data;
  /** Past the rights: what a method or the meter itself changes. */
  readonly put: (meter: MeterState, value: Data) => void;
}

export interface KeptOptions {
  /** Default rw. */
  readonly access?: Access;
  /** Says why a value of the right type is still refused. */
  readonly accepts?: (value: Data, meter: MeterState) => DataAccessResult;
  /** What follows from a client's writing. */
  readonly written?: (meter: MeterState, call: MeterCall) => void;
}

/** @returns a maker of kept attributes of one object. */
export function keeping<C extends InterfaceClass>(declared: C, logicalName: Uint8Array) {
  return (
    name: keyof C["attributes"] & string,
    initial: Data | ((meter: MeterState) => Data),
    { access = "rw", accepts, written }: KeptOptions = {},
  ): KeptAttribute => {
    const found = attributesOf(declared).find((attribute) => attribute.name === name);
    if (found === undefined) throw new RangeError(`${declared.name} has no ${name}`);
    const { id, type } = found;
    const key = `${declared.classId} ${toHex(logicalName)} ${id}`;
    const of = (meter: MeterState): Data =>
      meter.written.get(key) ?? (typeof initial === "function" ? initial(meter) : initial);
    const put = (meter: MeterState, value: Data): void => {
      meter.written.set(key, value);
    };
    const set = (meter: MeterState, value: Data, call: MeterCall): DataAccessResult => {
      if (type.check(value) !== undefined) return "type-unmatched";
      const result = accepts?.(value, meter) ?? "success";
      if (result !== "success") return result;
      put(meter, value);
      written?.(meter, call);
      return "success";
    };
    return { id, access, get: of, of, put, set };
  };
}

/** The elements of an array or a structure. @throws TypeError for anything else: the value was not checked. */
export function elementsOf(value: Data | undefined): readonly Data[] {
  if (value?.type === "array" || value?.type === "structure" || value?.type === "compact-array")
    return value.value;
  throw new TypeError(`array or structure expected, not ${value?.type}`);
}

export function octetsOf(value: Data | undefined): Uint8Array {
  if (value !== undefined && "value" in value && value.value instanceof Uint8Array) return value.value;
  throw new TypeError(`octets expected, not ${value?.type}`);
}

/** A number of any type; of long64 the nearest. */
export function numberOf(value: Data | undefined): number {
  if (value !== undefined && "value" in value) {
    if (typeof value.value === "number") return value.value;
    if (typeof value.value === "bigint") return Number(value.value);
  }
  throw new TypeError(`a number is expected, not ${value?.type}`);
}

export function bitsOf(value: Data | undefined): string {
  if (value?.type === "bit-string") return value.value;
  throw new TypeError(`bit-string expected, not ${value?.type}`);
}
