/**
 * A field whose value can come from the message, a context, the environment or an expression (typedInput). Types that
 * are this project's own, such as `payload`, are no concern of the runtime and give `undefined`.
 */
import { type Node, type NodeAPI, type NodeMessage } from "node-red";
import { usageError } from "../../src/index.js";

const runtimeTypes = new Set(["msg", "flow", "global", "str", "num", "json", "env", "jsonata", "bool"]);

/** The field's value for this message. A context or expression that fails is a usage error naming the field. */
export async function typedValue(
  RED: NodeAPI,
  node: Node,
  msg: NodeMessage,
  field: { readonly name: string; readonly value: unknown; readonly type: unknown },
): Promise<unknown> {
  const type = typeof field.type === "string" ? field.type : "";
  const text = typeof field.value === "string" ? field.value : "";
  if (!runtimeTypes.has(type) || text === "") return undefined;
  try {
    return await new Promise<unknown>((resolve, reject) => {
      RED.util.evaluateNodeProperty(text, type, node, msg, (error: Error | null, value: unknown) => {
        if (error) reject(error);
        else resolve(value);
      });
    });
  } catch (caught) {
    const reason = caught instanceof Error ? caught.message : String(caught);
    throw usageError("FIELD_INVALID", field.name, `${field.name} could not be evaluated: ${reason}`);
  }
}
