/** Credit, class 112: one source of credit; amounts in the account's currency scale. IEC 62056-6-2. */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";
import { optionalDateTime, placeholder } from "./common.js";

export const credit = interfaceClass({
  classId: 112,
  version: 0,
  name: "Credit",
  attributes: {
    currentCreditAmount: { id: 2, type: t.doubleLong },
    creditType: {
      id: 3,
      type: t.enum({ token: 0, reserved: 1, emergency: 2, "time-based": 3, "consumption-based": 4 }),
    },
    priority: { id: 4, type: t.unsigned },
    warningThreshold: { id: 5, type: t.doubleLong },
    limit: { id: 6, type: t.doubleLong },
    /** visual indication, confirmation, repayment, resettable, receives tokens. */
    creditConfiguration: { id: 7, type: t.bitString },
    creditStatus: {
      id: 8,
      type: t.enum({ enabled: 0, selectable: 1, selected: 2, "in-use": 3, exhausted: 4 }),
    },
    presetCreditAmount: { id: 9, type: t.doubleLong },
    creditAvailableThreshold: { id: 10, type: t.doubleLong },
    period: { id: 11, type: optionalDateTime },
  },
  methods: {
    updateAmount: { id: 1, parameter: t.doubleLong },
    setAmountToValue: { id: 2, parameter: t.doubleLong },
    invokeCredit: { id: 3, parameter: placeholder },
  },
});
