/**
 * What a simulated meter sends unasked: DataNotifications, with a self-describing body or what a push setup names, and
 * EventNotifications on relay and credit changes. The self-describing body is array of structure{logical_name, value, scaler_unit (registers only)}, the
 * serial number first, so that whoever gets it needs to know nothing of this meter.
 */
import { data } from "../axdr/build.js";
import { type Data } from "../axdr/data.js";
import { parseObis } from "../cosem/obis.js";
import { type Notification } from "../association/session-types.js";
import { clockOctets } from "./behaviours/clock.js";
import { type MeterState } from "./meter-state.js";
import { type Caller, type ObjectStore } from "./object-store.js";

const PUSHED = [
  { classId: 1, obis: "0-0:96.1.0.255" },
  { classId: 8, obis: "0-0:1.0.0.255" },
  { classId: 3, obis: "1-0:1.8.0.255" },
  { classId: 3, obis: "1-0:32.7.0.255" },
  { classId: 3, obis: "1-0:31.7.0.255" },
  { classId: 3, obis: "1-0:96.66.0.255" },
].map(({ classId, obis }) => ({ classId, logicalName: parseObis(obis) }));
const REGISTER = 3;
const VALUE = 2;
const SCALER_UNIT = 3;
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
    const attributes = classId === REGISTER ? [VALUE, SCALER_UNIT] : [VALUE];
    const values = attributes.map((id) => model.value(meter, object, id, t, caller));
    return [data.structure([data.octetString(logicalName), ...values])];
  });
  return dataNotification(meter, data.array(elements), t, invokeId, true);
}

/** Any body; `selfDescriptive` when it names its values itself. */
export function dataNotification(
  meter: MeterState,
  body: Data,
  t: number,
  invokeId: number,
  selfDescriptive: boolean,
): Notification {
  return {
    type: "data-notification",
    longInvoke: {
      invokeId: invokeId & 0xff_ffff,
      breakOnError: false,
      selfDescriptive,
      confirmed: meter.options.confirmedPushes ?? false,
      highPriority: false,
    },
    dateTime: clockOctets(meter.clockAt(t), meter.deviationMinutes),
    body,
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
