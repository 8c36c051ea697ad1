/**
 * Push setup, class 40: what the meter sends by itself, where to, when, and how often again. The destination is ASCII
 * "address:port", sometimes a name or padded with zeros. Delays in seconds. IEC 62056-6-2.
 */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";
import { captureObject, placeholder, restrictedCaptureObject, timeWindows } from "./common.js";

/** From 200 on: the maker's own. */
const transport = t.enum({
  tcp: 0,
  udp: 1,
  ftp: 2,
  smtp: 3,
  sms: 4,
  hdlc: 5,
  "m-bus": 6,
  zigbee: 7,
  "dlms-gateway": 8,
  "reliable-coap": 9,
  "unreliable-coap": 10,
});

/** From 128 on: the maker's own. */
const message = t.enum({ "a-xdr": 0, xml: 1 });

export const pushSetup = interfaceClass({
  classId: 40,
  version: 2,
  name: "Push setup",
  attributes: {
    pushObjectList: { id: 2, type: t.array(t.oneOf(captureObject, restrictedCaptureObject)) },
    sendDestinationAndMethod: {
      id: 3,
      type: t.structure({ transportService: transport, destination: t.octetString, message }),
    },
    communicationWindow: { id: 4, type: timeWindows },
    randomisationStartInterval: { id: 5, type: t.longUnsigned },
    numberOfRetries: { id: 6, type: t.unsigned },
    repetitionDelay: {
      id: 7,
      type: t.oneOf(
        t.longUnsigned,
        // Version 2.
        t.structure({ minimum: t.longUnsigned, exponent: t.longUnsigned, maximum: t.longUnsigned }),
      ),
    },
    portReference: { id: 8, type: t.logicalName, since: 1 },
    pushClientSap: { id: 9, type: t.integer, since: 1 },
    pushProtectionParameters: {
      id: 10,
      type: t.array(t.structure({ protectionType: t.enum(), protectionOptions: t.any })),
      since: 1,
    },
    pushOperationMethod: {
      id: 11,
      type: t.enum({
        "unconfirmed-retry-on-failure": 0,
        "unconfirmed-retry-on-missing": 1,
        confirmed: 2,
      }),
      since: 2,
    },
    confirmationParameters: {
      id: 12,
      type: t.structure({ startDate: t.dateTimeOctets, interval: t.doubleLongUnsigned }),
      since: 2,
    },
    lastConfirmationDateTime: { id: 13, type: t.dateTimeOctets, since: 2 },
  },
  methodOffset: 0x38,
  methods: {
    push: { id: 1, parameter: placeholder },
    reset: { id: 2, parameter: placeholder, since: 2 },
  },
});
