/**
 * Short forms for the attributes of a meter's objects: read only, stored (written values kept per meter), scaler
 * and unit. A stored attribute takes only the data type it has.
 */
import { data } from "../../axdr/build.js";
import { type Data } from "../../axdr/data.js";
import { units } from "../../cosem/units.js";
import { type DataAccessResult } from "../../xdlms/index.js";
import { type MeterState } from "../meter-state.js";
import { type Call, type CosemAttribute, type CosemMethod, type CosemObject } from "../object-store.js";

export type MeterObject = CosemObject<MeterState>;
export type MeterAttribute = CosemAttribute<MeterState>;
export type MeterMethod = CosemMethod<MeterState>;
export type MeterCall = Call<MeterState>;

export function readOnly(id: number, get: (meter: MeterState, t: number) => Data): MeterAttribute {
  return { id, access: "r", get: (meter, { t }) => get(meter, t) };
}

/**
 * A value that stands until it is written. `key` must be unique within a meter. `accepts` says why a value of the
 * right type is still refused; `written` lets the meter act on it.
 */
export function stored(
  id: number,
  key: string,
  initial: (meter: MeterState) => Data,
  accepts: (value: Data) => DataAccessResult = () => "success",
  written?: (meter: MeterState, value: Data, t: number) => void,
): MeterAttribute {
  const get = (meter: MeterState): Data => meter.written.get(key) ?? initial(meter);
  return {
    id,
    access: "rw",
    get,
    set: (meter, value, { t }) => {
      if (value.type !== get(meter).type) return "type-unmatched";
      const result = accepts(value);
      if (result !== "success") return result;
      meter.written.set(key, value);
      written?.(meter, value, t);
      return "success";
    },
  };
}

/** scaler_unit; a unit symbol as the units table has it, none for a count. */
export function scalerUnit(id: number, scaler: number, symbol = ""): MeterAttribute {
  const value = data.structure([data.integer(scaler), data.enum(unitCode(symbol))]);
  return { id, access: "r", get: () => value };
}

export function unitCode(symbol: string): number {
  const unit = units.find((entry) => entry.symbol === symbol);
  if (unit === undefined) throw new RangeError(`no unit ${symbol}`);
  return unit.code;
}

/** `true` where a method was called with what the standard asks of most of them: integer 0, or nothing. */
export function isTrigger(parameter: Data | undefined): boolean {
  return parameter === undefined || parameter.type === "null-data" || parameter.type === "integer";
}
