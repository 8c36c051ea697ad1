/**
 * How a node takes part in a listener: it opens with its first user and closes with its last. A node that cannot have
 * its listener gets the reason instead and says so, once in the log and always in its status.
 */
import { type NodeDef, type NodeStatus } from "node-red";
import {
  asDlmsError,
  type AskedKeys,
  type CommandJournal,
  type DlmsError,
  type Listener,
} from "../../src/index.js";
import { type NodeTools, offeredBy } from "./define-node.js";
import { type ListenerHandle } from "./listener-handle.js";
import { listenerStatus } from "./status.js";

export interface ListenerConfig extends NodeDef {
  readonly listener?: string;
}

export interface FollowedListener {
  readonly listener: Listener;
  /** What runs commands, and remembers them. */
  readonly journal: CommandJournal;
  /** Questions for keys that the flow is to answer; undefined where it is not asked. */
  readonly asked: AskedKeys | undefined;
  readonly state: Listener["state"];
  readonly status: () => NodeStatus;
  /** The codes that the type of this meter reads by default. */
  readonly defaultCodes: (serial: string) => readonly string[];
}

/** Status updates are gathered this long: a thousand meters that dial in at once are one change of text. */
const GATHER_MS = 200;

/** @param changed called after the listener's state or its number of meters changed */
export function followListener(
  tools: NodeTools<ListenerConfig>,
  changed: () => void,
): FollowedListener | DlmsError {
  let handle: ListenerHandle;
  let listener: Listener;
  let journal: CommandJournal;
  let asked: AskedKeys | undefined;
  try {
    handle = offeredBy<ListenerHandle>(tools.RED, tools.config.listener, "listener");
    ({ listener, journal, asked } = handle.attach(tools.node.id));
  } catch (caught) {
    const error = asDlmsError(caught);
    tools.node.error(error.message);
    return error;
  }
  let timer: NodeJS.Timeout | undefined;
  const gather = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      changed();
    }, GATHER_MS);
  };
  listener.on("state", gather);
  listener.on("meter", gather);
  journal.on("status", gather);
  tools.onClose(() => {
    clearTimeout(timer);
    listener.off("state", gather);
    listener.off("meter", gather);
    journal.off("status", gather);
    handle.detach(tools.node.id);
  });
  return {
    listener,
    journal,
    asked,
    get state() {
      return listener.state;
    },
    status: () => listenerStatus(listener.state, journal.status),
    defaultCodes: (serial) => handle.meterType(listener.registry.find(serial)?.meterType).defaultCodes,
  };
}
