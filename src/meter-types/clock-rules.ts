/** The clock rule of the Blue Book: class 8, the time written in the clock's own style. */
import { type ClockRule } from "./meter-type.js";

export const standardClock: ClockRule = { obis: "0-0:1.0.0.255", method: "set" };
