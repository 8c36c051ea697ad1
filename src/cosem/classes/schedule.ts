/** Schedule, class 10: scripts that run at a time of day on week days or special days; window in minutes. IEC 62056-6-2. */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";

const entry = t.structure({
  index: t.longUnsigned,
  enable: t.boolean,
  scriptLogicalName: t.logicalName,
  scriptSelector: t.longUnsigned,
  switchTime: t.timeOctets,
  validityWindow: t.longUnsigned,
  /** Monday first. */
  execWeekdays: t.bitString,
  /** By day_id of the special days table. */
  execSpecialDays: t.bitString,
  beginDate: t.dateOctets,
  endDate: t.dateOctets,
});

export const schedule = interfaceClass({
  classId: 10,
  version: 0,
  name: "Schedule",
  attributes: {
    entries: { id: 2, type: t.array(entry) },
  },
  methodOffset: 0x20,
  methods: {
    /** First and last index to disable, then to enable. */
    enableDisable: {
      id: 1,
      parameter: t.structure({
        firstToDisable: t.longUnsigned,
        lastToDisable: t.longUnsigned,
        firstToEnable: t.longUnsigned,
        lastToEnable: t.longUnsigned,
      }),
    },
    insert: { id: 2, parameter: entry },
    delete: { id: 3, parameter: t.structure({ firstIndex: t.longUnsigned, lastIndex: t.longUnsigned }) },
  },
});
