/**
 * Limiter, class 71: a script when a value stays above its threshold for long enough, another below; an emergency
 * profile brings another threshold. Durations in seconds. IEC 62056-6-2.
 */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";
import { attributeReference, scriptReference, simpleValue } from "./common.js";

export const limiter = interfaceClass({
  classId: 71,
  version: 0,
  name: "Limiter",
  attributes: {
    monitoredValue: { id: 2, type: attributeReference },
    /** Thresholds are in the monitored attribute's type and scale. */
    thresholdActive: { id: 3, type: simpleValue },
    thresholdNormal: { id: 4, type: simpleValue },
    thresholdEmergency: { id: 5, type: simpleValue },
    minOverThresholdDuration: { id: 6, type: t.doubleLongUnsigned },
    minUnderThresholdDuration: { id: 7, type: t.doubleLongUnsigned },
    emergencyProfile: {
      id: 8,
      type: t.structure({
        emergencyProfileId: t.longUnsigned,
        emergencyActivationTime: t.dateTimeOctets,
        emergencyDuration: t.doubleLongUnsigned,
      }),
    },
    emergencyProfileGroupIdList: { id: 9, type: t.array(t.longUnsigned) },
    emergencyProfileActive: { id: 10, type: t.boolean },
    actions: {
      id: 11,
      type: t.structure({ actionOverThreshold: scriptReference, actionUnderThreshold: scriptReference }),
    },
  },
});
