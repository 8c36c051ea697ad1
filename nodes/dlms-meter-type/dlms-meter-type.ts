/**
 * `dlms-meter-type`: a preset and what the user changed of it. Empty fields stay as the preset says; an empty password
 * means the maker's published default, and the node's status and the log say so.
 */
import { type MeterType } from "../../src/index.js";
import { defineNode, offer } from "../shared/define-node.js";
import { meterTypeOf, type MeterTypeConfig, type MeterTypeCredentials } from "./settings.js";

export default defineNode<MeterTypeConfig, MeterTypeCredentials>(
  "dlms-meter-type",
  (tools) => {
    const { config, credentials, environment, node } = tools;
    offer<MeterType>(tools, () => {
      const { meterType, publishedSecret } = meterTypeOf(config, credentials, environment);
      if (publishedSecret) {
        tools.show({ fill: "yellow", shape: "ring", text: "default password" });
        node.log(`Meter type ${meterType.name} uses the maker's published default password`);
      }
      return meterType;
    });
  },
  {
    secret: { type: "password" },
    unicastKey: { type: "password" },
    authenticationKey: { type: "password" },
    masterKey: { type: "password" },
    signingKey: { type: "password" },
  },
);
