/** Clock, class 8: time_zone and deviations in minutes, shift_time in seconds. IEC 62056-6-2. */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";
import { placeholder } from "./common.js";

export const clock = interfaceClass({
  classId: 8,
  version: 0,
  name: "Clock",
  attributes: {
    time: { id: 2, type: t.dateTimeOctets },
    timeZone: { id: 3, type: t.long },
    status: { id: 4, type: t.unsigned },
    daylightSavingsBegin: { id: 5, type: t.dateTimeOctets },
    daylightSavingsEnd: { id: 6, type: t.dateTimeOctets },
    daylightSavingsDeviation: { id: 7, type: t.integer },
    daylightSavingsEnabled: { id: 8, type: t.boolean },
    clockBase: {
      id: 9,
      type: t.enum({ "not-defined": 0, crystal: 1, "mains-50-hz": 2, "mains-60-hz": 3, gps: 4, radio: 5 }),
    },
  },
  methodOffset: 0x60,
  methods: {
    adjustToQuarter: { id: 1, parameter: placeholder },
    adjustToMeasuringPeriod: { id: 2, parameter: placeholder },
    adjustToMinute: { id: 3, parameter: placeholder },
    adjustToPresetTime: { id: 4, parameter: placeholder },
    presetAdjustingTime: {
      id: 5,
      parameter: t.structure({
        presetTime: t.dateTimeOctets,
        validityIntervalStart: t.dateTimeOctets,
        validityIntervalEnd: t.dateTimeOctets,
      }),
    },
    shiftTime: { id: 6, parameter: t.long },
  },
});
