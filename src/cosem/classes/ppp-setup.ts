/** PPP setup, class 44: options of the point-to-point link and who logs in there. IEC 62056-6-2. */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";
import { protocolOption } from "./common.js";

export const pppSetup = interfaceClass({
  classId: 44,
  version: 0,
  name: "PPP setup",
  attributes: {
    physicalLayerReference: { id: 2, type: t.logicalName },
    lcpOptions: { id: 3, type: t.array(protocolOption) },
    ipcpOptions: { id: 4, type: t.array(protocolOption) },
    /** Null, or a structure that depends on the algorithm. */
    pppAuthentication: { id: 5, type: t.any },
  },
});
