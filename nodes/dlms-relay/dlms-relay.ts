/** `dlms-relay`: connects or disconnects a meter's supply; the result says what was read back. */
import { type RelayAction } from "../../src/index.js";
import { type MeterFields, ownMeter, runCommands } from "../shared/command-node.js";
import { defineNode } from "../shared/define-node.js";
import { type ListenerConfig } from "../shared/follow-listener.js";
import { typedValue } from "../shared/typed-value.js";

interface RelayConfig extends ListenerConfig, MeterFields {
  readonly action?: string;
  /** `payload`, `connect`, `disconnect`, or a typed value's type. */
  readonly actionFrom?: string;
}

export default defineNode<RelayConfig>("dlms-relay", (tools) => {
  const { RED, node, config } = tools;
  runCommands(tools, {
    command: "remote-control",
    defaults: async (msg) => {
      const meter = await ownMeter(RED, node, msg, config);
      const { actionFrom } = config;
      if (actionFrom === "connect" || actionFrom === "disconnect") return { ...meter, action: actionFrom };
      const action = await typedValue(RED, node, msg, {
        name: "action",
        value: config.action,
        type: actionFrom,
      });
      // Whatever it is, the command's own check accepts the two words only.
      return action === undefined ? meter : { ...meter, action: action as RelayAction };
    },
  });
});
