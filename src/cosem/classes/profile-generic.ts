/** Profile generic, class 7: load profiles, billing values, logs. capture_period in seconds. IEC 62056-6-2. */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";
import { captureObject, placeholder } from "./common.js";

export const profileGeneric = interfaceClass({
  classId: 7,
  version: 1,
  name: "Profile generic",
  attributes: {
    /** Rows as structures, or one compact-array; null in a row means "as derived from the row before". */
    buffer: { id: 2, type: t.oneOf(t.array(t.any), t.compactArray), selectors: [1, 2] },
    captureObjects: { id: 3, type: t.array(captureObject) },
    capturePeriod: { id: 4, type: t.doubleLongUnsigned },
    sortMethod: {
      id: 5,
      type: t.enum({
        fifo: 1,
        lifo: 2,
        largest: 3,
        smallest: 4,
        "nearest-to-zero": 5,
        "farthest-from-zero": 6,
      }),
    },
    sortObject: { id: 6, type: captureObject },
    entriesInUse: { id: 7, type: t.doubleLongUnsigned },
    profileEntries: { id: 8, type: t.doubleLongUnsigned },
  },
  methodOffset: 0x58,
  methods: {
    reset: { id: 1, parameter: placeholder },
    capture: { id: 2, parameter: placeholder },
  },
});
