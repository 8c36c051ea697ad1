/** PSTN modem configuration, class 27: how the modem is brought up; delays in ms. IEC 62056-6-2. */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";
import { lineSpeed } from "./common.js";

/** The delay is missing in version 0. */
const initialization = t.oneOf(
  t.structure({ request: t.octetString, response: t.octetString, delayAfterResponse: t.longUnsigned }),
  t.structure({ request: t.octetString, response: t.octetString }),
);

export const modemConfiguration = interfaceClass({
  classId: 27,
  version: 1,
  name: "Modem configuration",
  attributes: {
    commSpeed: { id: 2, type: lineSpeed },
    initializationString: { id: 3, type: t.array(initialization) },
    /** What the modem's answers are called, in a fixed order. */
    modemProfile: { id: 4, type: t.array(t.octetString) },
  },
});
