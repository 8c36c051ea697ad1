/**
 * Auto connect, class 29: when the meter dials and whom; destinations as ASCII "host:port". Delay in seconds.
 * IEC 62056-6-2.
 */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";
import { placeholder, timeWindows } from "./common.js";

export const autoConnect = interfaceClass({
  classId: 29,
  version: 2,
  name: "Auto connect",
  attributes: {
    /** 4 to 6: by short message or e-mail; from 200 on the maker's own. */
    mode: {
      id: 2,
      type: t.enum({
        none: 0,
        "any-time": 1,
        "within-window": 2,
        scheduled: 3,
        "permanently-connected": 101,
        "connected-in-windows": 102,
        "on-invocation": 103,
        "disconnect-connect-on-invocation": 104,
      }),
    },
    repetitions: { id: 3, type: t.unsigned },
    repetitionDelay: { id: 4, type: t.longUnsigned },
    callingWindow: { id: 5, type: timeWindows },
    destinationList: { id: 6, type: t.array(t.octetString) },
  },
  methods: {
    connect: { id: 1, parameter: placeholder, since: 2 },
  },
});
