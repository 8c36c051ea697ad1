/**
 * What a simulated meter sends unasked: a DataNotification with a self-describing body, and EventNotifications on
 * relay and credit changes. The body is structure{serial number octet-string (ASCII), array of structure{class_id,
 * logical_name, attribute, value}}; register values are raw, their scaler and unit are the object's.
 */
import { data } from "../axdr/build.js";
import { type Data } from "../axdr/data.js";
import { fromLatin1 } from "../bytes/hex.js";
import { parseObis } from "../cosem/obis.js";
import { type Notification } from "../association/session-types.js";
import { clockOctets } from "./behaviours/clock.js";
import { type MeterState } from "./meter-state.js";
import { type Caller, type ObjectStore } from "./object-store.js";

const PUSHED = [
  { classId: 8, obis: "0-0:1.0.0.255" },
  { classId: 3, obis: "1-0:1.8.0.255" },
  { classId: 3, obis: "1-0:32.7.0.255" },
  { classId: 3, obis: "1-0:31.7.0.255" },
  { classId: 3, obis: "1-0:96.66.0.255" },
].map(({ classId, obis }) => ({ classId, logicalName: parseObis(obis) }));
const VALUE = 2;
const CONTROL_STATE = 3;
const RELAY = parseObis("0-0:96.3.10.255");
const REMAINING_CREDIT = parseObis("1-0:96.66.0.255");

/** The regular push. `invokeId` counts up. */
export function regularPush(
  meter: MeterState,
  model: ObjectStore<MeterState>,
  caller: Caller,
  t: number,
  invokeId: number,
): Notification {
  const elements = PUSHED.flatMap(({ classId, logicalName }) => {
    const object = model.find(classId, logicalName);
    if (object === undefined) return [];
    return [
      data.structure([
        data.longUnsigned(classId),
        data.octetString(logicalName),
        data.integer(VALUE),
        model.value(meter, object, VALUE, t, caller),
      ]),
    ];
  });
  return {
    type: "data-notification",
    longInvoke: {
      invokeId: invokeId & 0xff_ffff,
      breakOnError: false,
      selfDescriptive: true,
      confirmed: false,
      highPriority: false,
    },
    dateTime: clockOctets(meter.clockAt(t), meter.deviationMinutes),
    body: data.structure([data.octetString(fromLatin1(meter.options.serial)), data.array(elements)]),
  };
}

/** An alarm: what changed, as the attribute that changed. */
export function alarm(meter: MeterState, t: number, about: "relay" | "credit"): Notification {
  const [classId, instanceId, attributeId, value]: [number, Uint8Array, number, Data] =
    about === "relay"
      ? [70, RELAY, CONTROL_STATE, data.enum(meter.controlState)]
      : [
          3,
          REMAINING_CREDIT,
          VALUE,
          data.doubleLongUnsigned(Math.max(0, Math.floor(meter.creditWh(t) / 10))),
        ];
  return {
    type: "event-notification",
    time: clockOctets(meter.clockAt(t), meter.deviationMinutes),
    attribute: { classId, instanceId, attributeId },
    value,
  };
}
