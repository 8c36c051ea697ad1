/** Demand register, class 5: averages over sliding periods; `period` in seconds. IEC 62056-6-2. */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";
import { optionalDateTime, placeholder, scalerUnit, simpleValue } from "./common.js";

export const demandRegister = interfaceClass({
  classId: 5,
  version: 0,
  name: "Demand register",
  attributes: {
    currentAverage: { id: 2, type: simpleValue, scaledBy: 4 },
    lastAverage: { id: 3, type: simpleValue, scaledBy: 4 },
    scalerUnit: { id: 4, type: scalerUnit },
    status: { id: 5, type: simpleValue },
    captureTime: { id: 6, type: optionalDateTime },
    startTimeCurrent: { id: 7, type: optionalDateTime },
    period: { id: 8, type: t.doubleLongUnsigned },
    numberOfPeriods: { id: 9, type: t.longUnsigned },
  },
  methodOffset: 0x48,
  methods: {
    reset: { id: 1, parameter: placeholder },
    nextPeriod: { id: 2, parameter: placeholder },
  },
});
