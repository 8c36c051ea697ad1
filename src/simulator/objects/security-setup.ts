/**
 * Security setup (class 64, 0-0:43.0.0.255) of a meter that ciphers: suite, policy and titles, security_activate and
 * key_transfer; and the invocation counter that it has seen last, which the public client may read. Left out: key
 * agreement and certificates.
 */
import { data } from "../../axdr/build.js";
import { type Data } from "../../axdr/data.js";
import { parseObis } from "../../cosem/obis.js";
import { secretsOf } from "../meter-secrets.js";
import { type MeterObject, readOnly } from "./attributes.js";

/** Where meters show their counter unless their type says otherwise. */
export const USUAL_COUNTER_OBIS = "0-0:43.1.0.255";
const NOTHING = new Uint8Array(0);
const STRONGEST_LEVEL = 3;

export const securitySetup: MeterObject = {
  classId: 64,
  version: 0,
  logicalName: parseObis("0-0:43.0.0.255"),
  attributes: [
    readOnly(2, (meter) => data.enum(secretsOf(meter)?.policy ?? 0)),
    readOnly(3, (meter) => data.enum(secretsOf(meter)?.suite ?? 0)),
    readOnly(4, (meter) => data.octetString(secretsOf(meter)?.clientSystemTitle ?? NOTHING)),
    readOnly(5, (meter) => data.octetString(secretsOf(meter)?.systemTitle ?? NOTHING)),
  ],
  methods: [
    {
      id: 1,
      invoke: (meter, parameter) => {
        const secrets = secretsOf(meter);
        if (secrets === undefined || parameter?.type !== "enum") return "type-unmatched";
        // The policy can only be raised.
        if (parameter.value < secrets.policy || parameter.value > STRONGEST_LEVEL) return "read-write-denied";
        secrets.policy = parameter.value;
        return "success";
      },
    },
    {
      id: 2,
      invoke: (meter, parameter) => {
        const wrapped = transferred(parameter);
        if (wrapped === undefined) return "type-unmatched";
        return secretsOf(meter)?.transfer(wrapped) === true ? "success" : "read-write-denied";
      },
    },
  ],
};

export function counterObject(obis: string): MeterObject {
  return {
    classId: 1,
    version: 0,
    logicalName: parseObis(obis),
    open: true,
    attributes: [readOnly(2, (meter) => data.doubleLongUnsigned(secretsOf(meter)?.lastCounter ?? 0))],
  };
}

/** Array of {key_id, key_wrapped}. */
function transferred(parameter: Data | undefined): { id: number; wrapped: Uint8Array }[] | undefined {
  if (parameter?.type !== "array" || parameter.value.length === 0) return undefined;
  const keys: { id: number; wrapped: Uint8Array }[] = [];
  for (const item of parameter.value) {
    if (item.type !== "structure") return undefined;
    const [id, wrapped] = item.value;
    if (id?.type !== "enum" || wrapped?.type !== "octet-string") return undefined;
    keys.push({ id: id.value, wrapped: wrapped.value });
  }
  return keys;
}
