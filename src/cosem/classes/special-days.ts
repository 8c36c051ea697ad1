/** Special days table, class 11: days that follow another day's schedule. IEC 62056-6-2. */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";

const entry = t.structure({ index: t.longUnsigned, specialDayDate: t.dateOctets, dayId: t.unsigned });

export const specialDays = interfaceClass({
  classId: 11,
  version: 0,
  name: "Special days table",
  attributes: {
    entries: { id: 2, type: t.array(entry) },
  },
  methodOffset: 0x10,
  methods: {
    insert: { id: 1, parameter: entry },
    delete: { id: 2, parameter: t.longUnsigned },
  },
});
