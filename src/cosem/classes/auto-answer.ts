/** Auto answer, class 28: when and after how many rings the meter takes a call. IEC 62056-6-2. */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";
import { timeWindows } from "./common.js";

export const autoAnswer = interfaceClass({
  classId: 28,
  version: 2,
  name: "Auto answer",
  attributes: {
    mode: { id: 2, type: t.enum() },
    listeningWindow: { id: 3, type: timeWindows },
    status: { id: 4, type: t.enum() },
    numberOfCalls: { id: 5, type: t.unsigned },
    numberOfRings: {
      id: 6,
      type: t.structure({ ringsInWindow: t.unsigned, ringsOutOfWindow: t.unsigned }),
    },
    listOfAllowedCallers: {
      id: 7,
      type: t.array(t.structure({ callerId: t.octetString, callType: t.enum() })),
      since: 2,
    },
  },
});
