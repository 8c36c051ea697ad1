/** `hes-connection`: where a backend is and how to log in. It opens nothing; the bridge that names it does. */
import { type NodeDef } from "node-red";
import { type HesOptions, Secret } from "../../src/index.js";
import { defineNode, type NodeTools, offer } from "../shared/define-node.js";
import { resolveText, resolveUrl, unusable } from "../shared/fields.js";

interface ConnectionConfig extends NodeDef {
  readonly url?: string;
  readonly apiUrl?: string;
  readonly noRest?: boolean;
  readonly requireRegistration?: boolean;
  readonly createMissing?: boolean;
  readonly area?: string;
  readonly brand?: string;
  readonly model?: string;
  readonly recordType?: string;
  readonly legacyCommandNames?: boolean;
}

interface ConnectionCredentials {
  username: string;
  password: string;
}

export default defineNode<ConnectionConfig, ConnectionCredentials>(
  "hes-connection",
  (tools) => offer<HesOptions>(tools, () => hesOptions(tools)),
  { username: { type: "text" }, password: { type: "password" } },
);

function hesOptions(tools: NodeTools<ConnectionConfig, ConnectionCredentials>): HesOptions {
  const { config, credentials, environment } = tools;
  const url = resolveUrl(
    config.url,
    { field: "url", variable: "BACKEND_URL", fallback: "http://localhost:5000" },
    environment,
  );
  const apiUrl = config.noRest
    ? ""
    : resolveUrl(
        config.apiUrl,
        { field: "apiUrl", variable: "BACKEND_API_URL", fallback: `${url}/api` },
        environment,
      );
  const username = resolveText(
    credentials.username,
    { field: "username", variable: "HES_USERNAME" },
    environment,
  );
  const password = resolveText(
    credentials.password,
    { field: "password", variable: "HES_PASSWORD" },
    environment,
  );
  if ((username === "") !== (password === ""))
    throw unusable(
      username === "" ? "username" : "password",
      "is missing while the other half of the login is set",
    );
  return {
    url,
    apiUrl,
    ...(username === "" ? {} : { username, password: new Secret(password) }),
    requireRegistration: config.requireRegistration === true,
    legacyCommandNames: config.legacyCommandNames === true,
    ...(config.createMissing === true ? { createMissing: recordDefaults(tools) } : {}),
  };
}

function recordDefaults({
  config,
  environment,
}: NodeTools<ConnectionConfig, ConnectionCredentials>): NonNullable<HesOptions["createMissing"]> {
  const text = (field: "area" | "brand" | "model"): string => {
    const value = resolveText(config[field], { field }, environment);
    if (value === "") throw unusable(field, "is needed to create missing records");
    return value;
  };
  return {
    area: text("area"),
    brand: text("brand"),
    model: text("model"),
    meterType: resolveText(config.recordType, { field: "recordType", fallback: "prepaid" }, environment),
  };
}
