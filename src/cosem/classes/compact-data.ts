/**
 * Compact data, class 62: captured values without their types in one octet-string; template_description holds the
 * types. IEC 62056-6-2.
 */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";
import { captureObject, placeholder, restrictedCaptureObject } from "./common.js";

export const compactData = interfaceClass({
  classId: 62,
  version: 1,
  name: "Compact data",
  attributes: {
    compactBuffer: { id: 2, type: t.octetString },
    captureObjects: { id: 3, type: t.array(t.oneOf(captureObject, restrictedCaptureObject)) },
    templateId: { id: 4, type: t.unsigned },
    templateDescription: { id: 5, type: t.octetString },
    captureMethod: { id: 6, type: t.enum({ "on-invocation": 0, implicit: 1 }) },
  },
  methods: {
    reset: { id: 1, parameter: placeholder },
    capture: { id: 2, parameter: placeholder },
  },
});
