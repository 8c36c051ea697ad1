/** `dlms-action`: calls any method of any object of a meter, once. */
import { type MeterFields, ownMeter, runCommands, valueOrRequest } from "../shared/command-node.js";
import { defineNode } from "../shared/define-node.js";
import { type ListenerConfig } from "../shared/follow-listener.js";
import { typedValue } from "../shared/typed-value.js";

interface ActionConfig extends ListenerConfig, MeterFields {
  readonly obisCode?: string;
  readonly classId?: string;
  readonly methodId?: string;
  readonly dataType?: string;
  readonly value?: string;
  /** `payload`, `none` (the customary integer 0), or a typed value's type. */
  readonly valueFrom?: string;
}

export default defineNode<ActionConfig>("dlms-action", (tools) => {
  const { RED, node, config } = tools;
  const { classId, dataType: type, methodId, obisCode, valueFrom = "none" } = config;
  runCommands(tools, {
    command: "call-method",
    request: valueOrRequest(valueFrom),
    defaults: async (msg) => ({
      ...(await ownMeter(RED, node, msg, config)),
      fields: {
        obisCode,
        classId,
        methodId,
        type,
        value: await typedValue(RED, node, msg, { name: "value", value: config.value, type: valueFrom }),
      },
    }),
  });
});
