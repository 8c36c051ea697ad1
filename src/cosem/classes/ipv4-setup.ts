/** IPv4 setup, class 42: addresses as numbers, the first octet the highest. IEC 62056-6-2. */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";
import { placeholder, protocolOption } from "./common.js";

const address = t.doubleLongUnsigned;

export const ipv4Setup = interfaceClass({
  classId: 42,
  version: 0,
  name: "IPv4 setup",
  attributes: {
    dataLinkLayerReference: { id: 2, type: t.logicalName },
    ipAddress: { id: 3, type: address },
    multicastIpAddress: { id: 4, type: t.array(address) },
    ipOptions: { id: 5, type: t.array(protocolOption) },
    subnetMask: { id: 6, type: address },
    gatewayIpAddress: { id: 7, type: address },
    useDhcp: { id: 8, type: t.boolean },
    primaryDnsAddress: { id: 9, type: address },
    secondaryDnsAddress: { id: 10, type: address },
  },
  methodOffset: 0x60,
  methods: {
    addMulticastIpAddress: { id: 1, parameter: address },
    deleteMulticastIpAddress: { id: 2, parameter: address },
    getNumberOfMulticastIpAddresses: { id: 3, parameter: placeholder, returns: t.longUnsigned },
  },
});
