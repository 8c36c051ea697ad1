/**
 * Activity calendar, class 20: seasons choose weeks, weeks choose days, days run scripts. The passive calendar is
 * written first and takes over at its time or by the method. IEC 62056-6-2.
 */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";
import { placeholder } from "./common.js";

const seasons = t.array(
  t.structure({
    seasonProfileName: t.octetString,
    seasonStart: t.dateTimeOctets,
    weekName: t.octetString,
  }),
);

/** Each day of the week: a day_id of the day profiles. */
const weeks = t.array(
  t.structure({
    weekProfileName: t.octetString,
    monday: t.unsigned,
    tuesday: t.unsigned,
    wednesday: t.unsigned,
    thursday: t.unsigned,
    friday: t.unsigned,
    saturday: t.unsigned,
    sunday: t.unsigned,
  }),
);

const days = t.array(
  t.structure({
    dayId: t.unsigned,
    daySchedule: t.array(
      t.structure({
        startTime: t.timeOctets,
        scriptLogicalName: t.logicalName,
        scriptSelector: t.longUnsigned,
      }),
    ),
  }),
);

export const activityCalendar = interfaceClass({
  classId: 20,
  version: 0,
  name: "Activity calendar",
  attributes: {
    calendarNameActive: { id: 2, type: t.octetString },
    seasonProfileActive: { id: 3, type: seasons },
    weekProfileTableActive: { id: 4, type: weeks },
    dayProfileTableActive: { id: 5, type: days },
    calendarNamePassive: { id: 6, type: t.octetString },
    seasonProfilePassive: { id: 7, type: seasons },
    weekProfileTablePassive: { id: 8, type: weeks },
    dayProfileTablePassive: { id: 9, type: days },
    activatePassiveCalendarTime: { id: 10, type: t.dateTimeOctets },
  },
  methodOffset: 0x50,
  methods: {
    activatePassiveCalendar: { id: 1, parameter: placeholder },
  },
});
