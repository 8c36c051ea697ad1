/** `dlms-write`: sets attributes of a meter to typed values, from the message or the node's own fields. */
import { type MeterFields, ownMeter, runCommands, valueOrRequest } from "../shared/command-node.js";
import { defineNode } from "../shared/define-node.js";
import { type ListenerConfig } from "../shared/follow-listener.js";
import { typedValue } from "../shared/typed-value.js";

interface WriteConfig extends ListenerConfig, MeterFields {
  readonly obisCode?: string;
  readonly classId?: string;
  readonly attributeId?: string;
  /** Empty: the declared type, else that of what the meter holds. */
  readonly dataType?: string;
  readonly value?: string;
  /** `payload` takes the message's; a payload that is no object then is the value itself. */
  readonly valueFrom?: string;
}

export default defineNode<WriteConfig>("dlms-write", (tools) => {
  const { RED, node, config } = tools;
  const { attributeId, classId, dataType: type, obisCode, valueFrom = "payload" } = config;
  runCommands(tools, {
    command: "write-meter",
    request: valueOrRequest(valueFrom),
    defaults: async (msg) => ({
      ...(await ownMeter(RED, node, msg, config)),
      fields: {
        obisCode,
        classId,
        attributeId,
        type,
        value: await typedValue(RED, node, msg, { name: "value", value: config.value, type: valueFrom }),
      },
    }),
  });
});
