/** Data, class 1: one value of any type. IEC 62056-6-2. */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";

export const dataClass = interfaceClass({
  classId: 1,
  version: 0,
  name: "Data",
  attributes: {
    value: { id: 2, type: t.any },
  },
});
