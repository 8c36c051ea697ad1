/** From the dialog's fields to a backend's options: every unusable field named. */
import { type NodeDef } from "node-red";
import { backendLimits, type HesOptions, Secret } from "../../src/index.js";
import { type NodeTools } from "../shared/define-node.js";
import { givenLimits } from "../shared/given-limits.js";
import { tlsSettings } from "../shared/tls-settings.js";
import { resolveInteger, resolveText, resolveUrl, unusable } from "../shared/fields.js";

export interface ConnectionConfig extends NodeDef {
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
  readonly socketMode?: string;
  readonly presence?: string;
  readonly ingestReadings?: boolean;
  readonly shimPort?: string | number;
  readonly shimHost?: string;
  /** A `tls-config` node; empty: the system's authorities. */
  readonly tls?: string;
  readonly lookupsPerSecond?: string;
  readonly parallelLookups?: string;
  readonly maxMeterSockets?: string;
}

export interface ConnectionCredentials {
  username: string;
  password: string;
  shimToken: string;
  /** Given out by the backend for good, in place of user name and password. */
  token: string;
}

const socketModes = ["auto", "shared", "per-meter"] as const;
const presences = ["socket", "off", "ingest"] as const;

/** What settings are made of; a dialog's that was not deployed yet as well. */
export type ConnectionFields = Pick<
  NodeTools<ConnectionConfig, ConnectionCredentials>,
  "RED" | "config" | "credentials" | "environment"
>;

/** @throws DlmsError NOT_CONFIGURED naming the field. */
export function hesOptions(tools: ConnectionFields): HesOptions {
  const { RED, config, credentials, environment } = tools;
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
  const token = resolveText(credentials.token, { field: "token", variable: "HES_TOKEN" }, environment);
  if (token !== "" && username !== "") throw unusable("token", "takes the place of user name and password");
  const tls = tlsSettings(RED, config.tls, "tls");
  return {
    url,
    apiUrl,
    ...givenLimits(backendLimits, config, environment),
    ...(tls === undefined ? {} : { tls }),
    ...(token === "" ? {} : { token: new Secret(token) }),
    ...(username === "" ? {} : { username, password: new Secret(password) }),
    requireRegistration: config.requireRegistration === true,
    legacyCommandNames: config.legacyCommandNames === true,
    socketMode: oneOf(socketModes, config.socketMode, "socketMode"),
    presence: oneOf(presences, config.presence, "presence"),
    ingestReadings: config.ingestReadings === true,
    ...shim(tools),
    ...(config.createMissing === true ? { createMissing: recordDefaults(tools) } : {}),
  };
}

/** A node that was made before the field existed has the first one. */
function oneOf<T extends string>(choices: readonly [T, ...T[]], value: unknown, field: string): T {
  if (value === undefined || value === "") return choices[0];
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw unusable(field, `must be one of ${choices.join(", ")}`);
  return found;
}

/** Closed unless a port is given. */
function shim({ config, credentials, environment }: ConnectionFields): Pick<HesOptions, "shim"> {
  const port = resolveInteger(config.shimPort, { field: "shimPort", min: 1, max: 65_535 }, environment);
  if (port === undefined) return {};
  const host = resolveText(config.shimHost, { field: "shimHost", fallback: "127.0.0.1" }, environment);
  const token = resolveText(credentials.shimToken, { field: "shimToken" }, environment);
  return { shim: { port, host, ...(token === "" ? {} : { token: new Secret(token) }) } };
}

function recordDefaults({ config, environment }: ConnectionFields): NonNullable<HesOptions["createMissing"]> {
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
