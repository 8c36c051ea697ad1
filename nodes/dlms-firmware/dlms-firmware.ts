/**
 * `dlms-firmware`: sends firmware to a meter by image transfer and activates it. The image is a Buffer in the message
 * or a file; how far it is shows in the status.
 */
import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { type Node, type NodeAPI, type NodeMessage } from "node-red";
import { limits, usageError } from "../../src/index.js";
import { type MeterFields, ownMeter, payloadOrTrigger, runCommands } from "../shared/command-node.js";
import { defineNode } from "../shared/define-node.js";
import { isRecord } from "../shared/fields.js";
import { type ListenerConfig } from "../shared/follow-listener.js";
import { typedValue } from "../shared/typed-value.js";

interface FirmwareConfig extends ListenerConfig, MeterFields {
  readonly action?: string;
  /** `payload`, `update`, `transfer`, `activate`, `status`, or a typed value's type. */
  readonly actionFrom?: string;
  readonly file?: string;
  /** `payload` takes the Buffer of the message. */
  readonly fileFrom?: string;
  /** Empty: the file's name without its ending. */
  readonly identifier?: string;
  readonly identifierFrom?: string;
}

const words = ["update", "transfer", "activate", "status"];

export default defineNode<FirmwareConfig>("dlms-firmware", (tools) => {
  const { RED, node, config } = tools;
  runCommands(tools, {
    command: "meter-firmware",
    showsProgress: true,
    request: (msg) => (msg.payload instanceof Uint8Array ? { image: msg.payload } : payloadOrTrigger(msg)),
    defaults: async (msg) => {
      const { actionFrom = "payload" } = config;
      const action = words.includes(actionFrom)
        ? actionFrom
        : await typedValue(RED, node, msg, { name: "action", value: config.action, type: actionFrom });
      const identifier = await typedValue(RED, node, msg, {
        name: "identifier",
        value: config.identifier,
        type: config.identifierFrom,
      });
      const fields = { action, ...(await ownImage(RED, node, msg, config, action)) };
      const isNamed = identifier !== undefined && identifier !== "";
      return {
        ...(await ownMeter(RED, node, msg, config)),
        fields: isNamed ? { ...fields, identifier } : fields,
      };
    },
  });
});

/** The image of a file, if one is named and needed. @throws DlmsError FIELD_INVALID, LIMIT_EXCEEDED naming `file`. */
async function ownImage(
  RED: NodeAPI,
  node: Node,
  msg: NodeMessage,
  { file, fileFrom }: FirmwareConfig,
  ownAction: unknown,
): Promise<{ readonly image?: Uint8Array; readonly identifier?: string }> {
  const payload = isRecord(msg.payload) ? msg.payload : {};
  const action = payload["action"] ?? ownAction;
  if (msg.payload instanceof Uint8Array || payload["image"] !== undefined) return {};
  if (action === "activate" || action === "status") return {};
  const path =
    payload["file"] ?? (await typedValue(RED, node, msg, { name: "file", value: file, type: fileFrom }));
  if (path === undefined || path === null || path === "") return {};
  if (typeof path !== "string" || path.includes("\0"))
    throw usageError("FIELD_INVALID", "file", "file must be the path of a file");
  let image: Uint8Array;
  try {
    const { size } = await stat(path);
    if (size > limits.imageBytes)
      throw usageError("LIMIT_EXCEEDED", "file", `an image has at most ${limits.imageBytes} octets`);
    image = await readFile(path);
  } catch (caught) {
    if (!(caught instanceof Error) || !("code" in caught) || "field" in caught) throw caught;
    throw usageError("FIELD_INVALID", "file", `file cannot be read: ${String(caught.code)}`);
  }
  return { image, identifier: basename(path).replace(/\.[^.]*$/, "") };
}
