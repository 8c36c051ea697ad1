/**
 * A change of keys, secret or policy as a message says it: `change-keys` with `keys`, `change-secret` with `secret`,
 * `raise-policy` with `policy`, `forget-keys`. What a secret field says never stands in an error.
 */
import { usageError } from "../../core/errors.js";
import { type NewKeys } from "../../client/security.js";
import { keysFromFields } from "../keys/key-fields.js";
import { type SecurityChange } from "./change.js";

export const securityCommands = ["change-keys", "change-secret", "raise-policy", "forget-keys"] as const;
export type SecurityCommand = (typeof securityCommands)[number];

/** @throws DlmsError FIELD_INVALID, KEY_LIST_INVALID naming the field. */
export function parseSecurityChange(
  command: SecurityCommand,
  fields: Readonly<Record<string, unknown>>,
): SecurityChange {
  const obis = fields["securitySetup"];
  if (obis !== undefined && typeof obis !== "string")
    throw usageError("FIELD_INVALID", "securitySetup", "securitySetup must be an OBIS code");
  const object = obis === undefined ? {} : { obis };
  switch (command) {
    case "change-keys":
      return { type: "keys", keys: newKeys(fields["keys"]), ...object };
    case "change-secret": {
      const { secret } = keysFromFields({ meterSerialNumber: "-", secret: fields["secret"] });
      if (secret === undefined) throw usageError("FIELD_INVALID", "secret", "secret is missing");
      return { type: "secret", secret, inClear: fields["inClear"] === true };
    }
    case "raise-policy": {
      const policy = fields["policy"];
      if (typeof policy !== "number" || !Number.isInteger(policy) || policy < 0 || policy > 0xff)
        throw usageError("FIELD_INVALID", "policy", "policy must be a whole number from 0 to 255");
      return { type: "policy", policy, ...object };
    }
    case "forget-keys":
      return { type: "forget" };
  }
}

function newKeys(value: unknown): NewKeys {
  if (typeof value !== "object" || value === null)
    throw usageError("FIELD_INVALID", "keys", 'keys must be an object, such as {"unicastKey": "…"}');
  const { keys: { unicast, broadcast, authentication, master } = {} } = keysFromFields({
    meterSerialNumber: "-",
    ...value,
  });
  const given: NewKeys = {
    ...(unicast === undefined ? {} : { unicast }),
    ...(broadcast === undefined ? {} : { broadcast }),
    ...(authentication === undefined ? {} : { authentication }),
    ...(master === undefined ? {} : { master }),
  };
  if (Object.keys(given).length === 0) throw usageError("FIELD_INVALID", "keys", "keys names no key");
  return given;
}
