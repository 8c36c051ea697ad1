/**
 * Register monitor, class 21: a script when a value crosses a threshold upwards, another downwards; one pair for each
 * threshold, in their order. IEC 62056-6-2.
 */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";
import { attributeReference, scriptReference, simpleValue } from "./common.js";

export const registerMonitor = interfaceClass({
  classId: 21,
  version: 0,
  name: "Register monitor",
  attributes: {
    /** In the monitored attribute's type and scale. */
    thresholds: { id: 2, type: t.array(simpleValue) },
    monitoredValue: { id: 3, type: attributeReference },
    actions: {
      id: 4,
      type: t.array(t.structure({ actionUp: scriptReference, actionDown: scriptReference })),
    },
  },
});
