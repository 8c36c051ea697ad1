/**
 * Disconnect control, class 70: the relay or valve. output_state is physical (true: supplied); control_state 2 means
 * that somebody must press the button; control_mode says which transitions exist. IEC 62056-6-2.
 */
import { t } from "../../axdr/index.js";
import { interfaceClass } from "../interface-class.js";
import { placeholder } from "./common.js";

export const disconnectControl = interfaceClass({
  classId: 70,
  version: 0,
  name: "Disconnect control",
  attributes: {
    outputState: { id: 2, type: t.boolean },
    controlState: { id: 3, type: t.enum({ disconnected: 0, connected: 1, "ready-for-reconnection": 2 }) },
    controlMode: { id: 4, type: t.enum() },
  },
  methodOffset: 0x20,
  methods: {
    remoteDisconnect: { id: 1, parameter: placeholder },
    remoteReconnect: { id: 2, parameter: placeholder },
  },
});
