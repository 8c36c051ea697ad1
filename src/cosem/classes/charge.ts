/** Charge, class 113: what is collected, how and from when; period in seconds. IEC 62056-6-2. */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";
import { optionalDateTime, placeholder } from "./common.js";

const chargeTable = t.array(t.structure({ index: t.octetString, chargePerUnit: t.long }));

/** Makers disagree on the order inside commodity_reference; both are taken. */
const commodityReference = t.oneOf(
  t.structure({ classId: t.longUnsigned, logicalName: t.logicalName, attributeIndex: t.integer }),
  t.structure({ logicalName: t.logicalName, classId: t.longUnsigned, attributeIndex: t.integer }),
);

const unitCharge = t.structure({
  chargePerUnitScaling: t.structure({ commodityScale: t.integer, priceScale: t.integer }),
  commodityReference,
  chargeTable,
});

export const charge = interfaceClass({
  classId: 113,
  version: 0,
  name: "Charge",
  attributes: {
    totalAmountPaid: { id: 2, type: t.doubleLong },
    chargeType: {
      id: 3,
      type: t.enum({ "consumption-based": 0, "time-based": 1, "payment-event-based": 2 }),
    },
    priority: { id: 4, type: t.unsigned },
    unitChargeActive: { id: 5, type: unitCharge },
    unitChargePassive: { id: 6, type: unitCharge },
    unitChargeActivationTime: { id: 7, type: optionalDateTime },
    period: { id: 8, type: t.doubleLongUnsigned },
    /** percentage based, continuous collection. */
    chargeConfiguration: { id: 9, type: t.bitString },
    lastCollectionTime: { id: 10, type: optionalDateTime },
    lastCollectionAmount: { id: 11, type: t.doubleLong },
    totalAmountRemaining: { id: 12, type: t.doubleLong },
    proportion: { id: 13, type: t.longUnsigned },
  },
  methods: {
    updateUnitCharge: { id: 1, parameter: chargeTable },
    activatePassiveUnitCharge: { id: 2, parameter: placeholder },
    collect: { id: 3, parameter: placeholder },
    updateTotalAmountRemaining: { id: 4, parameter: t.doubleLong },
    setTotalAmountRemaining: { id: 5, parameter: t.doubleLong },
  },
});
