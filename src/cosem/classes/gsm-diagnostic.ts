/** GSM diagnostic, class 47: operator, attachment, cells and their signal. IEC 62056-6-2. */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";
import { optionalDateTime } from "./common.js";

/** Two octets in version 0. */
const cellId = t.oneOf(t.doubleLongUnsigned, t.longUnsigned);

const cell = { cellId, locationId: t.longUnsigned, signalQuality: t.unsigned, bitErrorRate: t.unsigned };

export const gsmDiagnostic = interfaceClass({
  classId: 47,
  version: 2,
  name: "GSM diagnostic",
  attributes: {
    operator: { id: 2, type: t.visibleString },
    status: { id: 3, type: t.enum() },
    csAttachment: { id: 4, type: t.enum() },
    psStatus: { id: 5, type: t.enum() },
    cellInfo: {
      id: 6,
      type: t.oneOf(
        t.structure(cell),
        // From version 1 on.
        t.structure({
          ...cell,
          mobileCountryCode: t.longUnsigned,
          mobileNetworkCode: t.longUnsigned,
          channelNumber: t.doubleLongUnsigned,
        }),
      ),
    },
    adjacentCells: { id: 7, type: t.array(t.structure({ cellId, signalQuality: t.unsigned })) },
    captureTime: { id: 8, type: optionalDateTime },
  },
});
