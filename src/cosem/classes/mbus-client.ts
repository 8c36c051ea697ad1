/**
 * M-Bus client, class 72: a sub-meter (gas, water, heat) behind the electricity meter; capture_period in seconds.
 * IEC 62056-6-2.
 */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";
import { placeholder } from "./common.js";

export const mbusClient = interfaceClass({
  classId: 72,
  version: 1,
  name: "M-Bus client",
  attributes: {
    mbusPortReference: { id: 2, type: t.logicalName },
    captureDefinition: {
      id: 3,
      type: t.array(
        t.structure({ dataInformationBlock: t.octetString, valueInformationBlock: t.octetString }),
      ),
    },
    capturePeriod: { id: 4, type: t.doubleLongUnsigned },
    primaryAddress: { id: 5, type: t.unsigned },
    identificationNumber: { id: 6, type: t.doubleLongUnsigned },
    manufacturerId: { id: 7, type: t.longUnsigned },
    version: { id: 8, type: t.unsigned },
    deviceType: { id: 9, type: t.unsigned },
    accessNumber: { id: 10, type: t.unsigned },
    status: { id: 11, type: t.unsigned },
    alarm: { id: 12, type: t.unsigned },
    configuration: { id: 13, type: t.longUnsigned, since: 1 },
    encryptionKeyStatus: { id: 14, type: t.enum(), since: 1 },
  },
  methodOffset: 0x60,
  methods: {
    /** The address to give the device, or 0 for the next free one. */
    slaveInstall: { id: 1, parameter: t.oneOf(t.unsigned, placeholder) },
    slaveDeinstall: { id: 2, parameter: placeholder },
    capture: { id: 3, parameter: placeholder },
    resetAlarm: { id: 4, parameter: placeholder },
    synchronizeClock: { id: 5, parameter: placeholder },
    dataSend: {
      id: 6,
      parameter: t.array(
        t.structure({
          dataInformationBlock: t.octetString,
          valueInformationBlock: t.octetString,
          data: t.any,
        }),
      ),
    },
    setEncryptionKey: { id: 7, parameter: t.octetString },
    transferKey: { id: 8, parameter: t.octetString },
  },
});
