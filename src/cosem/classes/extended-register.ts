/** Extended register, class 4: a register that says when and in which state it was captured. IEC 62056-6-2. */
import { interfaceClass } from "../interface-class.js";
import { optionalDateTime, placeholder, scalerUnit, simpleValue } from "./common.js";

export const extendedRegister = interfaceClass({
  classId: 4,
  version: 0,
  name: "Extended register",
  attributes: {
    value: { id: 2, type: simpleValue, scaledBy: 3 },
    scalerUnit: { id: 3, type: scalerUnit },
    status: { id: 4, type: simpleValue },
    captureTime: { id: 5, type: optionalDateTime },
  },
  methodOffset: 0x38,
  methods: {
    reset: { id: 1, parameter: placeholder },
  },
});
