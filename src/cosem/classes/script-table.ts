/** Script table, class 9: what is written and called when a script runs; service 1 writes, 2 calls. IEC 62056-6-2. */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";

/** `index` is an attribute's or a method's number. */
const action = t.structure({
  serviceId: t.enum({ write: 1, execute: 2 }),
  classId: t.longUnsigned,
  logicalName: t.logicalName,
  index: t.integer,
  parameter: t.any,
});

export const scriptTable = interfaceClass({
  classId: 9,
  version: 0,
  name: "Script table",
  attributes: {
    scripts: {
      id: 2,
      type: t.array(t.structure({ scriptIdentifier: t.longUnsigned, actions: t.array(action) })),
    },
  },
  methodOffset: 0x20,
  methods: {
    execute: { id: 1, parameter: t.longUnsigned },
  },
});
