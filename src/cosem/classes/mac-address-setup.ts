/** MAC address setup, class 43. Six octets by the standard; longer ones are in use and fit. IEC 62056-6-2. */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";

export const macAddressSetup = interfaceClass({
  classId: 43,
  version: 0,
  name: "MAC address setup",
  attributes: {
    macAddress: { id: 2, type: t.octetString },
  },
});
