/**
 * The methods that change lists of internet addresses: multicast addresses of class 42, addresses by type of class 48
 * (0 unicast, 1 multicast, 2 gateway). An address stands in a list once.
 */
import { data } from "../../axdr/build.js";
import { type Data, dataCodec } from "../../axdr/data.js";
import { encodeAll } from "../../bytes/codec.js";
import { equalBytes } from "../../bytes/hex.js";
import { type InterfaceClass } from "../../cosem/interface-class.js";
import { parseObis } from "../../cosem/obis.js";
import { type ActionResult } from "../../xdlms/index.js";
import { type MeterState } from "../meter-state.js";
import { type MeterMethod } from "./attributes.js";
import { elementsOf, keeping, type KeptAttribute, numberOf } from "./kept.js";

const MAX_ADDRESSES = 16;
const IPV6_OCTETS = 16;

function same(a: Data, b: Data): boolean {
  return equalBytes(encodeAll(dataCodec, a), encodeAll(dataCodec, b));
}

function add(meter: MeterState, list: KeptAttribute, address: Data): ActionResult {
  const addresses = elementsOf(list.of(meter));
  if (addresses.length >= MAX_ADDRESSES || addresses.some((each) => same(each, address)))
    return "other-reason";
  list.put(meter, data.array([...addresses, address]));
  return "success";
}

function remove(meter: MeterState, list: KeptAttribute, address: Data): ActionResult {
  const addresses = elementsOf(list.of(meter));
  const others = addresses.filter((each) => !same(each, address));
  if (others.length === addresses.length) return "other-reason";
  list.put(meter, data.array(others));
  return "success";
}

/** Methods 1 to 3 of class 42. */
export function multicastMethods(declared: InterfaceClass, obis: string): MeterMethod[] {
  const list = keeping(declared, parseObis(obis))("multicastIpAddress", data.array([]));
  const changing =
    (change: typeof add): MeterMethod["invoke"] =>
    (meter, address) =>
      address?.type === "double-long-unsigned" ? change(meter, list, address) : "type-unmatched";
  return [
    { id: 1, invoke: changing(add) },
    { id: 2, invoke: changing(remove) },
    {
      id: 3,
      invoke: (meter) => ({
        result: "success",
        returned: data.longUnsigned(elementsOf(list.of(meter)).length),
      }),
    },
  ];
}

/** Methods 1 and 2 of class 48. */
export function typedAddressMethods(declared: InterfaceClass, obis: string): MeterMethod[] {
  const kept = keeping(declared, parseObis(obis));
  const lists = (["unicastIpAddresses", "multicastIpAddresses", "gatewayIpAddresses"] as const).map((name) =>
    kept(name, data.array([])),
  );
  const changing =
    (change: typeof add): MeterMethod["invoke"] =>
    (meter, parameter) => {
      if (parameter?.type !== "structure") return "type-unmatched";
      const [type, address] = parameter.value;
      if (type?.type !== "enum" || address?.type !== "octet-string") return "type-unmatched";
      const list = lists[numberOf(type)];
      if (list === undefined || address.value.length !== IPV6_OCTETS) return "other-reason";
      return change(meter, list, address);
    };
  return [
    { id: 1, invoke: changing(add) },
    { id: 2, invoke: changing(remove) },
  ];
}
