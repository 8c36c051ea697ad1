/**
 * Image transfer, class 18: new firmware in numbered blocks (from 0), then verified, then activated. Verify and
 * activate may answer temporary-failure while the meter is at work: image_transfer_status tells. IEC 62056-6-2.
 */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";
import { placeholder } from "./common.js";

export const imageTransfer = interfaceClass({
  classId: 18,
  version: 0,
  name: "Image transfer",
  attributes: {
    /** Octets; only the last block may be shorter. */
    imageBlockSize: { id: 2, type: t.doubleLongUnsigned },
    /** One bit per block, the first for block 0; 1: arrived. */
    imageTransferredBlocksStatus: { id: 3, type: t.bitString },
    imageFirstNotTransferredBlockNumber: { id: 4, type: t.doubleLongUnsigned },
    imageTransferEnabled: { id: 5, type: t.boolean },
    imageTransferStatus: {
      id: 6,
      type: t.enum({
        "not-initiated": 0,
        initiated: 1,
        "verification-initiated": 2,
        "verification-successful": 3,
        "verification-failed": 4,
        "activation-initiated": 5,
        "activation-successful": 6,
        "activation-failed": 7,
      }),
    },
    imageToActivateInfo: {
      id: 7,
      type: t.array(
        t.structure({
          imageSize: t.doubleLongUnsigned,
          imageIdentification: t.octetString,
          imageSignature: t.octetString,
        }),
      ),
    },
  },
  methodOffset: 0x40,
  methods: {
    imageTransferInitiate: {
      id: 1,
      parameter: t.structure({ imageIdentifier: t.octetString, imageSize: t.doubleLongUnsigned }),
    },
    imageBlockTransfer: {
      id: 2,
      parameter: t.structure({ imageBlockNumber: t.doubleLongUnsigned, imageBlockValue: t.octetString }),
    },
    imageVerify: { id: 3, parameter: placeholder },
    imageActivate: { id: 4, parameter: placeholder },
  },
});
