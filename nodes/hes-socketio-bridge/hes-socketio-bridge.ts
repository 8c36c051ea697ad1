/**
 * `hes-socketio-bridge`: one listener and one backend. Outputs: 1 `remote-load`, 2 `remote-control`, 3 `read-meter`,
 * 4 everything else: `write-meter`, `read-profile`, other events, refused commands, progress, status. Input: results and
 * readings for the backend.
 */
import {
  type BridgeCommand,
  type BackendCommandName,
  HesBridge,
  type HesOptions,
  type HesStatus,
  type LogEvent,
  type ProgressEvent,
} from "../../src/index.js";
import { defineNode, offeredBy } from "../shared/define-node.js";
import { followListener, type ListenerConfig } from "../shared/follow-listener.js";
import { bridgeStatus, errorStatus } from "../shared/status.js";

interface BridgeConfig extends ListenerConfig {
  readonly connection?: string;
}

const outputs: Readonly<Record<BackendCommandName, number>> = {
  "remote-load": 0,
  "remote-control": 1,
  "read-meter": 2,
  "write-meter": 3,
  "read-profile": 3,
};

export default defineNode<BridgeConfig>("hes-socketio-bridge", (tools) => {
  const { RED, node } = tools;
  const followed = followListener(tools, () => undefined);
  if (followed instanceof Error) {
    tools.show(errorStatus(followed));
    tools.onInput(() => followed);
    return;
  }
  const { listener, journal } = followed;
  const options = offeredBy<HesOptions>(RED, tools.config.connection, "connection");
  const bridge = new HesBridge(options, listener, { journal });

  const other = (topic: string, payload: unknown): void => node.send([null, null, null, { topic, payload }]);
  const onCommand = (name: BackendCommandName, payload: BridgeCommand): void => {
    const message = { topic: name, payload };
    node.send([0, 1, 2, 3].map((output) => (output === outputs[name] ? message : null)));
  };
  let phase = "";
  const onStatus = (status: HesStatus): void => {
    tools.show(bridgeStatus(status));
    if (status.phase === phase) return;
    phase = status.phase;
    other("status", status);
  };
  const onProgress = (progress: ProgressEvent): void => {
    if (progress.status === "verifying") other("progress", progress);
  };
  const onLog = ({ level, text }: LogEvent): void => {
    if (level === "info") node.log(text);
    else if (level === "warn") node.warn(text);
    else node.error(text);
  };

  bridge.on("command", onCommand);
  bridge.on("other", other);
  bridge.on("status", onStatus);
  bridge.on("log", onLog);
  listener.on("progress", onProgress);
  // Registered after the listener's own tidying, so it runs before it: the bridge still sees its meters.
  tools.onClose(async () => {
    listener.off("progress", onProgress);
    await bridge.stop();
    bridge.off("command", onCommand);
    bridge.off("other", other);
    bridge.off("status", onStatus);
    bridge.off("log", onLog);
  });
  tools.onInput(async (msg) => {
    await bridge.submit(msg.payload);
    return undefined;
  });
  tools.onStarted(() => bridge.start());
});
