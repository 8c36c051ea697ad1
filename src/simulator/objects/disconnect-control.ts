/**
 * The relay 0-0:96.3.10.255 (class 70): output state, control state, control mode; method 1 remote_disconnect,
 * method 2 remote_reconnect. While the contacts travel both states are still the old ones.
 */
import { data } from "../../axdr/build.js";
import { parseObis } from "../../cosem/obis.js";
import { isTrigger, type MeterMethod, type MeterObject, readOnly } from "./attributes.js";

export const disconnectControl: MeterObject = {
  classId: 70,
  version: 0,
  logicalName: parseObis("0-0:96.3.10.255"),
  attributes: [
    readOnly(2, (meter, t) => data.boolean(meter.suppliedAt(t))),
    readOnly(3, (meter) => data.enum(meter.controlState)),
    readOnly(4, (meter) => data.enum(meter.controlMode)),
  ],
  methods: [remote(1, "remote-disconnect"), remote(2, "remote-reconnect")],
};

function remote(id: number, event: "remote-disconnect" | "remote-reconnect"): MeterMethod {
  return {
    id,
    invoke: (meter, parameter, { t }) => {
      if (!isTrigger(parameter)) return "type-unmatched";
      return meter.relay(t, event) ? "success" : "other-reason";
    },
  };
}
