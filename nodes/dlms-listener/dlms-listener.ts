/** `dlms-listener`: the port that meters dial in on. It opens nothing by itself; the nodes that name it do. */
import { type ListenerOptions } from "../../src/index.js";
import { defineNode, offer } from "../shared/define-node.js";
import { addLiveListener } from "../shared/live-listeners.js";
import { ListenerHandle } from "../shared/listener-handle.js";
import { keySource } from "./key-source.js";
import {
  type ListenerCredentials,
  type ListenerNodeConfig,
  listenerOptions,
  storeSettings,
} from "./settings.js";

export default defineNode<ListenerNodeConfig, ListenerCredentials>(
  "dlms-listener",
  (tools) => {
    const { RED, node } = tools;
    tools.onClose(addLiveListener(node));
    offer<ListenerHandle>(tools, () => {
      const options: ListenerOptions = listenerOptions(tools);
      const handle = new ListenerHandle(options, storeSettings(tools), {
        id: node.id,
        events: RED.events,
        keys: keySource(tools),
        log: ({ level, text }) => {
          if (level === "info") node.log(text);
          else if (level === "warn") node.warn(text);
          else node.error(text);
        },
      });
      tools.onClose(() => handle.retire());
      return handle;
    });
  },
  { keysMaster: { type: "password" } },
);
