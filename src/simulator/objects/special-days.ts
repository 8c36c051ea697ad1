/** Special days 0-0:11.0.0.255 (class 11): days on which the activity calendar and the schedule follow another day. */
import { data } from "../../axdr/build.js";
import { decodeDate } from "../../axdr/date-time.js";
import { specialDays as declared } from "../../cosem/classes/index.js";
import { parseObis } from "../../cosem/obis.js";
import { type SpecialDay } from "../behaviours/day-plan.js";
import { type MeterState } from "../meter-state.js";
import { type MeterObject } from "./attributes.js";
import { elementsOf, keeping, numberOf, octetsOf } from "./kept.js";

const MAX_ENTRIES = 100;
const logicalName = parseObis("0-0:11.0.0.255");
const kept = keeping(declared, logicalName);
const entries = kept("entries", data.array([]), {
  accepts: (value) => (elementsOf(value).length <= MAX_ENTRIES ? "success" : "other-reason"),
});

export function specialDaysOf(meter: MeterState): readonly SpecialDay[] {
  return elementsOf(entries.of(meter)).map((entry) => {
    const [, date, dayId] = elementsOf(entry);
    return { date: decodeDate(octetsOf(date)), dayId: numberOf(dayId) };
  });
}

export const specialDays: MeterObject = {
  classId: declared.classId,
  version: 0,
  logicalName,
  attributes: [entries],
  methods: [
    {
      id: 1,
      // An entry of the same index is replaced.
      invoke: (meter, entry) => {
        if (entry === undefined || declared.methods.insert.parameter.check(entry) !== undefined)
          return "type-unmatched";
        const others = without(meter, numberOf(elementsOf(entry)[0]));
        if (others.length >= MAX_ENTRIES) return "other-reason";
        entries.put(meter, data.array([...others, entry]));
        return "success";
      },
    },
    {
      id: 2,
      invoke: (meter, index) => {
        if (index?.type !== "long-unsigned") return "type-unmatched";
        const others = without(meter, index.value);
        if (others.length === elementsOf(entries.of(meter)).length) return "other-reason";
        entries.put(meter, data.array(others));
        return "success";
      },
    },
  ],
};

function without(meter: MeterState, index: number) {
  return elementsOf(entries.of(meter)).filter((entry) => numberOf(elementsOf(entry)[0]) !== index);
}
