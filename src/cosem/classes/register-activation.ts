/**
 * Register activation, class 6: which registers count under which tariff; the active mask names one entry of mask_list.
 * IEC 62056-6-2.
 */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";

const registerReference = t.structure({ classId: t.longUnsigned, logicalName: t.logicalName });

/** Indexes into register_assignment, from 1. */
const mask = t.structure({ maskName: t.octetString, indexList: t.array(t.unsigned) });

export const registerActivation = interfaceClass({
  classId: 6,
  version: 0,
  name: "Register activation",
  attributes: {
    registerAssignment: { id: 2, type: t.array(registerReference) },
    maskList: { id: 3, type: t.array(mask) },
    activeMask: { id: 4, type: t.octetString },
  },
  methodOffset: 0x30,
  methods: {
    addRegister: { id: 1, parameter: registerReference },
    addMask: { id: 2, parameter: mask },
    deleteMask: { id: 3, parameter: t.octetString },
  },
});
