/**
 * `dlms-load-profile`: rows of a profile as objects. Output 1 carries the one result with all rows, output 2 the rows
 * for a chart or a database: all in one message, or some per message with `msg.parts`.
 */
import { type Node, type NodeAPI, type NodeMessage } from "node-red";
import { type CommandResult, usageError } from "../../src/index.js";
import { type MeterFields, ownMeter, runCommands } from "../shared/command-node.js";
import { defineNode } from "../shared/define-node.js";
import { resolveInteger } from "../shared/fields.js";
import { type ListenerConfig } from "../shared/follow-listener.js";
import { typedValue } from "../shared/typed-value.js";

interface ProfileConfig extends ListenerConfig, MeterFields {
  readonly obisCode?: string;
  /** `payload`, `period`, `last` or `all`: what the node itself says of which rows. */
  readonly choose?: string;
  readonly from?: string;
  readonly fromFrom?: string;
  readonly to?: string;
  readonly toFrom?: string;
  readonly last?: string;
  /** Rows per message on output 2; empty: all in one. */
  readonly rowsPerMessage?: string;
}

type Row = Readonly<Record<string, unknown>>;

export default defineNode<ProfileConfig>("dlms-load-profile", (tools) => {
  const { RED, node, config } = tools;
  const rule = { field: "rowsPerMessage", min: 1, max: 100_000 };
  const size = resolveInteger(config.rowsPerMessage, rule, tools.environment);
  runCommands(tools, {
    command: "read-profile",
    defaults: async (msg) => ({
      ...(await ownMeter(RED, node, msg, config)),
      fields: { obisCode: config.obisCode || "1-0:99.1.0.255", ...(await chosen(RED, node, msg, config)) },
    }),
    deliver: (msg, result, send) => send([msg, rowMessages(RED, msg, result, size)]),
  });
});

async function chosen(
  RED: NodeAPI,
  node: Node,
  msg: NodeMessage,
  { choose, from, fromFrom, last, to, toFrom }: ProfileConfig,
): Promise<Row> {
  // What the message says of the rows goes before all that the node says of them.
  if (choose === undefined || choose === "payload" || choose === "all" || namesRows(msg.payload)) return {};
  if (choose === "last") return { last: last || "1" };
  if (choose !== "period") throw usageError("FIELD_INVALID", "choose", "choose must be period, last or all");
  return {
    from: await typedValue(RED, node, msg, { name: "from", value: from, type: fromFrom }),
    to: await typedValue(RED, node, msg, { name: "to", value: to, type: toFrom }),
  };
}

function namesRows(payload: unknown): boolean {
  if (typeof payload !== "object" || payload === null) return false;
  return ["from", "to", "last", "entries"].some((name) => name in payload);
}

function rowMessages(
  RED: NodeAPI,
  msg: NodeMessage,
  { meterSerialNumber, rows, success }: CommandResult,
  size: number | undefined,
): NodeMessage[] {
  if (!success || rows === undefined) return [];
  const named = rows.map((row): Row => ({ meterSerialNumber, ...row }));
  const made = (payload: unknown, parts?: object): NodeMessage => {
    const copy = RED.util.cloneMessage({ ...msg, payload: undefined });
    return Object.assign(copy, { payload }, parts === undefined ? {} : { parts });
  };
  if (size === undefined) return [made(named)];
  const id = RED.util.generateId();
  const count = Math.ceil(named.length / size);
  return Array.from({ length: count }, (_, index) => {
    const some = named.slice(index * size, (index + 1) * size);
    // As a Split node says it, so that a Join node puts them together again.
    const parts = { id, type: "array", count, index, len: size };
    return made(size === 1 ? some[0] : some, parts);
  });
}
