/** Single action schedule, class 22: when which script runs. IEC 62056-6-2. */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";
import { scriptReference } from "./common.js";

export const singleActionSchedule = interfaceClass({
  classId: 22,
  version: 0,
  name: "Single action schedule",
  attributes: {
    executedScript: { id: 2, type: scriptReference },
    /** 1: one execution, date may repeat; 2, 3: several times, same or all dates; 4, 5: as 2, 3 with dates fixed. */
    type: { id: 3, type: t.enum() },
    executionTime: { id: 4, type: t.array(t.structure({ time: t.timeOctets, date: t.dateOctets })) },
  },
});
