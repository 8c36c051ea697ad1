/**
 * SAP assignment 0-0:41.0.0.255 (class 17): the logical devices. The first one is there for ever, at the SAP it is asked
 * at; method 1 connects others, or lets go of one that is given no name. A device that is connected has no objects of
 * its own: it is the meter that answers there.
 */
import { data } from "../../axdr/build.js";
import { type Data } from "../../axdr/data.js";
import { sapAssignment as declared } from "../../cosem/classes/index.js";
import { parseObis } from "../../cosem/obis.js";
import { type ActionResult } from "../../xdlms/index.js";
import { type MeterState } from "../meter-state.js";
import { perMeter } from "../per-meter.js";
import { logicalDeviceName } from "./association.js";
import { type MeterObject } from "./attributes.js";
import { elementsOf, numberOf } from "./kept.js";

const MAX_CONNECTED = 16;

/** By SAP. */
const connectedOf = perMeter(() => new Map<number, Data>());

function connect(meter: MeterState, assignment: Data | undefined, ownSap: number): ActionResult {
  const { parameter } = declared.methods.connectLogicalDevice;
  if (assignment === undefined || parameter.check(assignment) !== undefined) return "type-unmatched";
  const [sap, name] = elementsOf(assignment);
  const number = numberOf(sap);
  if (number === ownSap) return "other-reason";
  const connected = connectedOf(meter);
  const isNamed = name !== undefined && "value" in name && (name.value as ArrayLike<unknown>).length > 0;
  if (!isNamed) return connected.delete(number) ? "success" : "other-reason";
  if (connected.size >= MAX_CONNECTED && !connected.has(number)) return "other-reason";
  connected.set(number, assignment);
  return "success";
}

export const sapAssignment: MeterObject = {
  classId: declared.classId,
  version: 0,
  logicalName: parseObis("0-0:41.0.0.255"),
  open: true,
  attributes: [
    {
      id: 2,
      access: "r",
      get: (meter, { caller }) =>
        data.array([
          data.structure([data.longUnsigned(caller.serverSap), data.octetString(logicalDeviceName(meter))]),
          ...connectedOf(meter).values(),
        ]),
    },
  ],
  methods: [{ id: 1, invoke: (meter, parameter, { caller }) => connect(meter, parameter, caller.serverSap) }],
};
