/** `dlms-clock`: reads a meter's clock, compares it with the gateway's, or sets it. */
import { type MeterFields, ownMeter, runCommands } from "../shared/command-node.js";
import { defineNode } from "../shared/define-node.js";
import { type ListenerConfig } from "../shared/follow-listener.js";
import { typedValue } from "../shared/typed-value.js";

interface ClockConfig extends ListenerConfig, MeterFields {
  readonly action?: string;
  /** `payload`, `read`, `compare`, `set`, or a typed value's type. */
  readonly actionFrom?: string;
  /** Seconds. */
  readonly tolerance?: string;
}

const words = ["read", "compare", "set"];

export default defineNode<ClockConfig>("dlms-clock", (tools) => {
  const { RED, node, config } = tools;
  const { actionFrom = "payload", tolerance: toleranceSeconds } = config;
  runCommands(tools, {
    command: "meter-clock",
    defaults: async (msg) => {
      const action = words.includes(actionFrom)
        ? actionFrom
        : await typedValue(RED, node, msg, { name: "action", value: config.action, type: actionFrom });
      return { ...(await ownMeter(RED, node, msg, config)), fields: { action, toleranceSeconds } };
    },
  });
});
