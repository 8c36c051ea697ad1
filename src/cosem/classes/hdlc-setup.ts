/** IEC HDLC setup, class 23: the meter's own link parameters; timeouts: octets in ms, inactivity in s. IEC 62056-6-2. */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";
import { lineSpeed } from "./common.js";

export const hdlcSetup = interfaceClass({
  classId: 23,
  version: 1,
  name: "IEC HDLC setup",
  attributes: {
    commSpeed: { id: 2, type: lineSpeed },
    windowSizeTransmit: { id: 3, type: t.unsigned },
    windowSizeReceive: { id: 4, type: t.unsigned },
    /** An octet in version 0. */
    maxInfoFieldLengthTransmit: { id: 5, type: t.oneOf(t.longUnsigned, t.unsigned) },
    maxInfoFieldLengthReceive: { id: 6, type: t.oneOf(t.longUnsigned, t.unsigned) },
    interOctetTimeout: { id: 7, type: t.longUnsigned },
    inactivityTimeout: { id: 8, type: t.longUnsigned },
    deviceAddress: { id: 9, type: t.longUnsigned },
  },
});
