/**
 * `dlms-read`: reads OBIS codes, from the message or from the node's own list. Output 1 carries the one result,
 * output 2 each reading as a message of its own.
 */
import { type Node, type NodeAPI, type NodeMessage } from "node-red";
import {
  type CommandDefaults,
  DlmsError,
  type Listener,
  type ReadItem,
  resolveMeter,
  usageError,
} from "../../src/index.js";
import { type MeterFields, ownMeter, runCommands } from "../shared/command-node.js";
import { defineNode } from "../shared/define-node.js";
import { isRecord } from "../shared/fields.js";
import { type ListenerConfig } from "../shared/follow-listener.js";
import { typedValue } from "../shared/typed-value.js";

interface ReadConfig extends ListenerConfig, MeterFields {
  readonly codes?: string;
  /** `payload`, `list` (the node's own), `defaults` (the meter type's), or a typed value's type. */
  readonly codesFrom?: string;
  readonly list?: readonly ListRow[];
  readonly from?: string;
  readonly fromFrom?: string;
  readonly to?: string;
  readonly toFrom?: string;
}

interface ListRow {
  readonly obisCode: string;
  readonly classId?: string | number;
  readonly attributeId?: string | number;
}

export default defineNode<ReadConfig>("dlms-read", (tools) => {
  const { RED, node, config } = tools;
  runCommands(tools, {
    command: "read-meter",
    defaults: async (msg, followed) => {
      const meter = await ownMeter(RED, node, msg, config);
      const period = {
        ...(await pointInTime(RED, node, msg, "from", config.from, config.fromFrom)),
        ...(await pointInTime(RED, node, msg, "to", config.to, config.toFrom)),
      };
      const codes = await ownCodes(RED, node, msg, config, () =>
        followed.defaultCodes(meterIn(msg, meter, followed.listener.registry)),
      );
      return { ...meter, obisCodes: codes.map((code) => withPeriod(code, period)) };
    },
    deliver: (msg, result, send) => {
      const alone = (result.readings ?? []).map((reading) => {
        const copy = RED.util.cloneMessage(msg);
        copy.payload = reading;
        return copy;
      });
      send([msg, alone]);
    },
  });
});

type Period = Pick<ReadItem, "from" | "to">;
type OwnCode = string | ReadItem;

async function ownCodes(
  RED: NodeAPI,
  node: Node,
  msg: NodeMessage,
  config: ReadConfig,
  defaultCodes: () => readonly string[],
): Promise<readonly OwnCode[]> {
  switch (config.codesFrom) {
    case undefined:
    case "payload":
      return [];
    case "defaults":
      return defaultCodes();
    case "list":
      // Numbers that were typed into the dialog are text; the command's own check turns and bounds them.
      return (config.list ?? []) as unknown as readonly ReadItem[];
    default: {
      const value = await typedValue(RED, node, msg, {
        name: "codes",
        value: config.codes,
        type: config.codesFrom,
      });
      if (value === undefined || value === null || value === "") return [];
      if (typeof value === "string") return value.split(/[\s,;]+/).filter((code) => code !== "");
      if (Array.isArray(value)) return value as readonly OwnCode[];
      throw usageError("FIELD_INVALID", "codes", "codes must be OBIS codes as text or as a list");
    }
  }
}

async function pointInTime(
  RED: NodeAPI,
  node: Node,
  msg: NodeMessage,
  name: "from" | "to",
  value: unknown,
  type: unknown,
): Promise<Period> {
  const found = await typedValue(RED, node, msg, { name, value, type });
  return found === undefined || found === null || found === "" ? {} : { [name]: found as string };
}

function withPeriod(code: OwnCode, period: Period): OwnCode {
  if (period.from === undefined && period.to === undefined) return code;
  return typeof code === "string" ? { obisCode: code, ...period } : { ...period, ...code };
}

/** The meter this message names, as far as its type is concerned; the command's own check judges it. */
function meterIn(
  msg: NodeMessage,
  own: Pick<CommandDefaults, "meterSerialNumber">,
  registry: Listener["registry"],
): string {
  const payload = isRecord(msg.payload) ? msg.payload : {};
  try {
    return resolveMeter(payload, registry).meterSerialNumber;
  } catch (caught) {
    // No meter in the message, or a wrong one: then the node's own field, or the check that follows.
    return caught instanceof DlmsError ? String(own.meterSerialNumber ?? "") : "";
  }
}
