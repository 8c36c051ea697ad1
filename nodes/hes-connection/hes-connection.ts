/** `hes-connection`: where a backend is and how to log in. It opens nothing; the bridge that names it does. */
import { type HesOptions } from "../../src/index.js";
import { defineNode, offer } from "../shared/define-node.js";
import { type ConnectionConfig, type ConnectionCredentials, hesOptions } from "./settings.js";

export default defineNode<ConnectionConfig, ConnectionCredentials>(
  "hes-connection",
  (tools) => offer<HesOptions>(tools, () => hesOptions(tools)),
  {
    username: { type: "text" },
    password: { type: "password" },
    shimToken: { type: "password" },
    token: { type: "password" },
  },
);
