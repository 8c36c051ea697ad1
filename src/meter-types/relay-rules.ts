/**
 * The relay rule of the Blue Book: disconnect control, class 70, method 1 = remote_disconnect, method 2 =
 * remote_reconnect. How it is carried out and verified is gateway/commands/relay.ts.
 */
import { type RelayRule } from "./meter-type.js";

export const disconnectControl: RelayRule = {
  obis: "0-0:96.3.10.255",
  classId: 70,
  methods: { disconnect: 1, connect: 2 },
  outputStateAttribute: 2,
  controlStateAttribute: 3,
  controlModeAttribute: 4,
};

/** `control_state` of class 70. */
export const controlStates = { disconnected: 0, connected: 1, readyForReconnection: 2 } as const;
