/**
 * State that one object keeps for each meter: objects are shared by all meters of a model, what they remember is not.
 * Made when first asked for, gone with its meter.
 */
import { type MeterState } from "./meter-state.js";

export function perMeter<T>(create: (meter: MeterState) => T): (meter: MeterState) => T {
  const states = new WeakMap<MeterState, T>();
  return (meter) => {
    let state = states.get(meter);
    if (state === undefined) {
      state = create(meter);
      states.set(meter, state);
    }
    return state;
  };
}
