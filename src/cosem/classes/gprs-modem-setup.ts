/** GPRS modem setup, class 45: access point, PIN, and the quality asked of the network. IEC 62056-6-2. */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";

const quality = t.structure({
  precedence: t.unsigned,
  delay: t.unsigned,
  reliability: t.unsigned,
  peakThroughput: t.unsigned,
  meanThroughput: t.unsigned,
});

export const gprsModemSetup = interfaceClass({
  classId: 45,
  version: 0,
  name: "GPRS modem setup",
  attributes: {
    apn: { id: 2, type: t.octetString },
    pin: { id: 3, type: t.longUnsigned },
    qualityOfService: { id: 4, type: t.structure({ default: quality, requested: quality }) },
  },
});
