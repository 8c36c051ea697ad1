/**
 * Token gateway, class 115: a prepayment token is entered and its fate read back. How twenty digits become octets is
 * not fixed by the standard; meter types say it. Only `token-execution-ok` is success. IEC 62056-6-2.
 */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";
import { optionalDateTime } from "./common.js";

export const tokenGateway = interfaceClass({
  classId: 115,
  version: 0,
  name: "Token gateway",
  attributes: {
    token: { id: 2, type: t.octetString },
    tokenTime: { id: 3, type: optionalDateTime },
    tokenDescription: { id: 4, type: t.array(t.octetString) },
    tokenDeliveryMethod: { id: 5, type: t.enum({ remote: 0, local: 1, manual: 2 }) },
    tokenStatus: {
      id: 6,
      type: t.structure({
        statusCode: t.enum({
          "format-ok": 0,
          "authentication-ok": 1,
          "validation-ok": 2,
          "token-execution-ok": 3,
          "format-failure": 4,
          "authentication-failure": 5,
          "validation-failure": 6,
          "token-execution-failure": 7,
          "received-not-yet-processed": 8,
        }),
        dataValue: t.bitString,
      }),
    },
  },
  methods: {
    enter: { id: 1, parameter: t.octetString },
  },
});
