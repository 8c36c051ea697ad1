/** Where a listener finds the keys of single meters: nowhere, in a file, or by asking the flow. */
import { resolve } from "node:path";
import { AskedKeys, KeyFile, type KeyStore, masterKeyOf, systemClock } from "../../src/index.js";
import { type NodeTools } from "../shared/define-node.js";
import { resolveText, unusable } from "../shared/fields.js";
import { type ListenerCredentials, type ListenerNodeConfig } from "./settings.js";

/** @throws DlmsError naming the field. */
export function keySource(tools: NodeTools<ListenerNodeConfig, ListenerCredentials>): KeyStore | undefined {
  const { config, node, onClose } = tools;
  switch (config.keysFrom ?? "") {
    case "":
      return undefined;
    case "flow": {
      const asked = new AskedKeys({ clock: systemClock });
      onClose(() => asked.close());
      return asked;
    }
    case "file": {
      const file = new KeyFile({
        ...fileSettings(tools),
        loaded: (meters, inClear) => {
          node.log(`The key list holds ${meters} meters`);
          if (inClear > 0) node.warn(`${inClear} secrets of the key list stand in it in clear: encrypt it`);
        },
        failed: ({ message }) => node.error(message),
      });
      onClose(() => file.close());
      return file;
    }
    default:
      throw unusable("keysFrom", "must be file, flow or empty");
  }
}

function fileSettings({
  RED,
  config,
  credentials,
  environment,
}: NodeTools<ListenerNodeConfig, ListenerCredentials>): Pick<
  ConstructorParameters<typeof KeyFile>[0],
  "path" | "masterKey"
> {
  const { userDir } = RED.settings as { readonly userDir?: string };
  const rule = { field: "keysFile", variable: "DLMS_KEYS" };
  const path = resolveText(config.keysFile, rule, environment);
  if (path === "") throw unusable("keysFile", "is missing");
  const master = resolveText(
    credentials.keysMaster,
    { field: "keysMaster", variable: "DLMS_KEYS_MASTER" },
    environment,
  );
  return {
    path: resolve(userDir ?? "", path),
    ...(master === "" ? {} : { masterKey: masterKeyOf(master) }),
  };
}
