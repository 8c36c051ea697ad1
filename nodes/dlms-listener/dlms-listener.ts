/** `dlms-listener`: the port that meters dial in on. It opens nothing by itself; the nodes that name it do. */
import { type ListenerOptions } from "../../src/index.js";
import { defineNode, offer } from "../shared/define-node.js";
import { addLiveListener } from "../shared/live-listeners.js";
import { ListenerHandle } from "../shared/listener-handle.js";
import { type ListenerNodeConfig, listenerOptions, storeSettings } from "./settings.js";

export default defineNode<ListenerNodeConfig>("dlms-listener", (tools) => {
  const { RED, node } = tools;
  tools.onClose(addLiveListener(node));
  offer<ListenerHandle>(tools, () => {
    const options: ListenerOptions = listenerOptions(tools);
    const handle = new ListenerHandle(options, storeSettings(tools), {
      id: node.id,
      events: RED.events,
      log: ({ level, text }) => {
        if (level === "info") node.log(text);
        else if (level === "warn") node.warn(text);
        else node.error(text);
      },
    });
    tools.onClose(() => handle.retire());
    return handle;
  });
});
