/** IEC local port setup, class 19: the optical port; passwords for the readout of IEC 62056-21. IEC 62056-6-2. */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";
import { lineSpeed } from "./common.js";

export const localPortSetup = interfaceClass({
  classId: 19,
  version: 1,
  name: "IEC local port setup",
  attributes: {
    defaultMode: { id: 2, type: t.enum() },
    defaultBaud: { id: 3, type: lineSpeed },
    proposedBaud: { id: 4, type: lineSpeed },
    responseTime: { id: 5, type: t.enum() },
    deviceAddress: { id: 6, type: t.octetString },
    passwordP1: { id: 7, type: t.octetString },
    passwordP2: { id: 8, type: t.octetString },
    passwordW5: { id: 9, type: t.octetString },
  },
});
