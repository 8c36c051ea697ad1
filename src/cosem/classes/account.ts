/** Account, class 111: the state of payment; amounts in the currency attribute's scale. IEC 62056-6-2. */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";
import { optionalDateTime, placeholder } from "./common.js";

export const account = interfaceClass({
  classId: 111,
  version: 0,
  name: "Account",
  attributes: {
    accountModeAndStatus: {
      id: 2,
      type: t.structure({
        paymentMode: t.enum({ credit: 1, prepayment: 2 }),
        accountStatus: t.enum({ new: 1, active: 2, closed: 3 }),
      }),
    },
    currentCreditInUse: { id: 3, type: t.unsigned },
    /** in credit, low credit, next enabled, next selectable, next selected, selectable in use, out of credit. */
    currentCreditStatus: { id: 4, type: t.bitString },
    availableCredit: { id: 5, type: t.doubleLong },
    amountToClear: { id: 6, type: t.doubleLong },
    clearanceThreshold: { id: 7, type: t.doubleLong },
    aggregatedDebt: { id: 8, type: t.doubleLong },
    creditReferenceList: { id: 9, type: t.array(t.logicalName) },
    chargeReferenceList: { id: 10, type: t.array(t.logicalName) },
    creditChargeConfiguration: {
      id: 11,
      type: t.array(
        t.structure({
          creditReference: t.logicalName,
          chargeReference: t.logicalName,
          collectionConfiguration: t.bitString,
        }),
      ),
    },
    tokenGatewayConfiguration: {
      id: 12,
      type: t.array(t.structure({ creditReference: t.logicalName, tokenProportion: t.unsigned })),
    },
    activationTime: { id: 13, type: optionalDateTime },
    closureTime: { id: 14, type: optionalDateTime },
    currency: {
      id: 15,
      type: t.structure({
        name: t.utf8String,
        scale: t.integer,
        unit: t.enum({ time: 0, consumption: 1, monetary: 2 }),
      }),
    },
    lowCreditThreshold: { id: 16, type: t.doubleLong },
    nextCreditAvailableThreshold: { id: 17, type: t.doubleLong },
    maxProvision: { id: 18, type: t.longUnsigned },
    maxProvisionPeriod: { id: 19, type: t.doubleLong },
  },
  methods: {
    activateAccount: { id: 1, parameter: placeholder },
    closeAccount: { id: 2, parameter: placeholder },
    resetAccount: { id: 3, parameter: placeholder },
  },
});
