/** Register, class 3: a value with scaler and unit. IEC 62056-6-2. */
import { interfaceClass } from "../interface-class.js";
import { placeholder, scalerUnit, simpleValue } from "./common.js";

export const register = interfaceClass({
  classId: 3,
  version: 0,
  name: "Register",
  attributes: {
    value: { id: 2, type: simpleValue, scaledBy: 3 },
    scalerUnit: { id: 3, type: scalerUnit },
  },
  methodOffset: 0x28,
  methods: {
    reset: { id: 1, parameter: placeholder },
  },
});
