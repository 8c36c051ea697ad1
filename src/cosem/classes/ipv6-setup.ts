/** IPv6 setup, class 48: addresses of sixteen octets. IEC 62056-6-2. */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";

/** Sixteen octets, or none where no address is set. */
const address = t.octetString;

const typedAddress = t.structure({ addressType: t.enum(), address });

export const ipv6Setup = interfaceClass({
  classId: 48,
  version: 0,
  name: "IPv6 setup",
  attributes: {
    dataLinkLayerReference: { id: 2, type: t.logicalName },
    addressConfigMode: { id: 3, type: t.enum() },
    unicastIpAddresses: { id: 4, type: t.array(address) },
    multicastIpAddresses: { id: 5, type: t.array(address) },
    gatewayIpAddresses: { id: 6, type: t.array(address) },
    primaryDnsAddress: { id: 7, type: address },
    secondaryDnsAddress: { id: 8, type: address },
    trafficClass: { id: 9, type: t.unsigned },
    neighborDiscoverySetup: {
      id: 10,
      type: t.array(
        t.structure({
          maxRetry: t.unsigned,
          retryWaitTime: t.longUnsigned,
          sendPeriod: t.doubleLongUnsigned,
        }),
      ),
    },
  },
  methods: {
    addIpAddress: { id: 1, parameter: typedAddress },
    removeIpAddress: { id: 2, parameter: typedAddress },
  },
});
