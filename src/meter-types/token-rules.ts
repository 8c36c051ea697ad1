/**
 * The token rules as closed data: which request carries a token, how it is coded, where the outcome is read
 * (class 115 of the Blue Book, and the objects that prepaid makers use instead). How a rule is carried out is
 * gateway/commands/token.ts.
 */
import { type TokenRule, type TokenRuleName } from "./meter-type.js";

export const tokenRules = {
  "data-bcd": {
    name: "data-bcd",
    request: { service: "set", classId: 1, obis: "1-0:129.129.2.255", attributeId: 2 },
    encoding: "bcd",
    status: { source: "none" },
  },
  "token-gateway": {
    name: "token-gateway",
    request: { service: "action", classId: 115, obis: "0-0:19.40.0.255", methodId: 1 },
    encoding: "bcd",
    status: { source: "token-gateway", obis: "0-0:19.40.0.255" },
  },
  register: {
    name: "register",
    request: { service: "set", classId: 3, obis: "0-0:19.1.0.255", attributeId: 2 },
    encoding: "visible-string",
    status: { source: "none" },
  },
  credit: {
    name: "credit",
    request: { service: "action", classId: 112, obis: "0-0:19.10.0.255", methodId: 1 },
    encoding: "amount",
    status: { source: "none" },
  },
} as const satisfies Record<Exclude<TokenRuleName, "custom">, TokenRule>;

/** `token_status.status_code` of class 115. */
export const tokenStatusCodes = {
  formatOk: 0,
  authenticationOk: 1,
  validationOk: 2,
  executionOk: 3,
  formatFailure: 4,
  authenticationFailure: 5,
  validationFailure: 6,
  executionFailure: 7,
  received: 8,
} as const;

/**
 * Bits of `token_status.data_value` that go with a validation failure, bit 0 first on the wire. The standard leaves
 * them to companion specifications; these are the ones this product and its simulator use.
 */
export const tokenStatusBits = { used: 0, old: 1, lockedOut: 2, keyExpired: 3, overflow: 4 } as const;

/** Largest 66-bit token. */
export const tokenMax = 73_786_976_294_838_206_463n;
