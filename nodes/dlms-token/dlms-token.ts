/** `dlms-token`: loads a prepaid token by the token rule of the meter's type. */
import { type MeterFields, ownMeter, runCommands } from "../shared/command-node.js";
import { defineNode } from "../shared/define-node.js";
import { type ListenerConfig } from "../shared/follow-listener.js";
import { typedValue } from "../shared/typed-value.js";

interface TokenConfig extends ListenerConfig, MeterFields {
  readonly token?: string;
  readonly tokenFrom?: string;
}

export default defineNode<TokenConfig>("dlms-token", (tools) => {
  const { RED, node, config } = tools;
  runCommands(tools, {
    command: "remote-load",
    defaults: async (msg) => {
      const meter = await ownMeter(RED, node, msg, config);
      const token = await typedValue(RED, node, msg, {
        name: "token",
        value: config.token,
        type: config.tokenFrom,
      });
      // Whatever it is, the command's own check accepts 20 digits of text only.
      return token === undefined ? meter : { ...meter, token: token as string };
    },
  });
});
