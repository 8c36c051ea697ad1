/** TCP-UDP setup, class 41: the meter's port and limits; inactivity timeout in seconds. IEC 62056-6-2. */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";

export const tcpUdpSetup = interfaceClass({
  classId: 41,
  version: 0,
  name: "TCP-UDP setup",
  attributes: {
    port: { id: 2, type: t.longUnsigned },
    ipReference: { id: 3, type: t.logicalName },
    maximumSegmentSize: { id: 4, type: t.longUnsigned },
    numberOfSimultaneousConnections: { id: 5, type: t.unsigned },
    inactivityTimeout: { id: 6, type: t.longUnsigned },
  },
});
