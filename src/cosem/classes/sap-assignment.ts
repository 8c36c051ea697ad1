/** SAP assignment, class 17: the logical devices of a physical one. IEC 62056-6-2. */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";

const assignment = t.structure({
  sap: t.longUnsigned,
  logicalDeviceName: t.oneOf(t.octetString, t.visibleString),
});

export const sapAssignment = interfaceClass({
  classId: 17,
  version: 0,
  name: "SAP assignment",
  attributes: {
    sapAssignmentList: { id: 2, type: t.array(assignment) },
  },
  methodOffset: 0x20,
  methods: {
    connectLogicalDevice: { id: 1, parameter: assignment },
  },
});
