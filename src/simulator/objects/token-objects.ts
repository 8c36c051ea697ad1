/**
 * The objects that take a token: 1-0:129.129.2.255 (class 1, packed BCD), the token gateway 0-0:19.40.0.255 (class
 * 115, packed BCD or ASCII), the register 0-0:19.1.0.255 (class 3, visible-string). All feed one token memory, so a
 * token works once whatever way it comes.
 *
 * A refused token is answered, where the service has a result: wrong type or length type-unmatched, lock-out
 * temporary-failure, else other-reason. The token gateway answers success to every token it can read and tells the
 * outcome in attribute 6, as the standard has it: 8 received, then 0, 1, 2 while it works, then 3 or a failure.
 */
import { data } from "../../axdr/build.js";
import { type Data } from "../../axdr/data.js";
import { parseObis } from "../../cosem/obis.js";
import { tokenFromOctets } from "../../meter-types/token-digits.js";
import { tokenStatusBits, tokenStatusCodes } from "../../meter-types/token-rules.js";
import { type DataAccessResult } from "../../xdlms/index.js";
import { clockOctets } from "../behaviours/clock.js";
import { type TokenRefusal, type TokenVerdict } from "../behaviours/tokens.js";
import { type GatewayToken } from "../meter-state.js";
import { type MeterObject, readOnly, scalerUnit } from "./attributes.js";

/** How long the token gateway stays in each intermediate status. */
export const TOKEN_STEP_MS = 200;

const STEPS = [
  tokenStatusCodes.received,
  tokenStatusCodes.formatOk,
  tokenStatusCodes.authenticationOk,
  tokenStatusCodes.validationOk,
] as const;

export const tokenData: MeterObject = {
  classId: 1,
  version: 0,
  logicalName: parseObis("1-0:129.129.2.255"),
  attributes: [
    {
      id: 2,
      access: "w",
      set: (meter, value, { t }) => {
        if (value.type !== "octet-string" || value.value.length !== 10) return "type-unmatched";
        const token = tokenFromOctets(value.value);
        return token === undefined ? "other-reason" : resultOf(meter.enterToken(t, token, "data"));
      },
    },
  ],
};

export const tokenRegister: MeterObject = {
  classId: 3,
  version: 0,
  logicalName: parseObis("0-0:19.1.0.255"),
  attributes: [
    {
      id: 2,
      access: "rw",
      get: (meter) => data.visibleString(meter.registerToken),
      set: (meter, value, { t }) => {
        if (value.type !== "visible-string") return "type-unmatched";
        const verdict = meter.enterToken(t, value.value, "register");
        if (verdict.verdict === "accepted") meter.registerToken = value.value;
        return resultOf(verdict);
      },
    },
    scalerUnit(3, 0),
  ],
};

export const tokenGateway: MeterObject = {
  classId: 115,
  version: 0,
  logicalName: parseObis("0-0:19.40.0.255"),
  attributes: [
    readOnly(2, (meter) => data.octetString(meter.gatewayToken?.token ?? new Uint8Array(0))),
    readOnly(3, (meter) =>
      data.octetString(
        meter.gatewayToken === undefined
          ? new Uint8Array(12).fill(0xff)
          : clockOctets(meter.clockAt(meter.gatewayToken.at), meter.deviationMinutes),
      ),
    ),
    readOnly(4, () => data.array([])),
    // Remote is the only way in.
    readOnly(5, () => data.enum(0)),
    readOnly(6, (meter, t) => tokenStatus(meter.gatewayToken, t)),
  ],
  methods: [
    {
      id: 1,
      invoke: (meter, parameter, { t }) => {
        if (parameter?.type !== "octet-string") return "type-unmatched";
        // What is no token at all is judged too: the verdict is a format failure.
        const token = tokenFromOctets(parameter.value) ?? "";
        const verdict = meter.enterToken(t, token, "token-gateway");
        meter.gatewayToken = { token: parameter.value, at: t, verdict };
        return "success";
      },
    },
  ],
};

function resultOf(verdict: TokenVerdict): DataAccessResult {
  if (verdict.verdict === "accepted") return "success";
  return verdict.reason === "locked-out" ? "temporary-failure" : "other-reason";
}

const FAILURES: Readonly<Record<TokenRefusal, { code: number; bit?: number; steps: number }>> = {
  format: { code: tokenStatusCodes.formatFailure, steps: 1 },
  authentication: { code: tokenStatusCodes.authenticationFailure, steps: 2 },
  used: { code: tokenStatusCodes.validationFailure, bit: tokenStatusBits.used, steps: 3 },
  old: { code: tokenStatusCodes.validationFailure, bit: tokenStatusBits.old, steps: 3 },
  overflow: { code: tokenStatusCodes.executionFailure, bit: tokenStatusBits.overflow, steps: 4 },
  "locked-out": { code: tokenStatusCodes.validationFailure, bit: tokenStatusBits.lockedOut, steps: 1 },
};

/** structure{status_code, data_value}; without any token yet: format OK and no bits. */
function tokenStatus(entered: GatewayToken | undefined, t: number): Data {
  if (entered === undefined) return status(tokenStatusCodes.formatOk);
  const { at, verdict } = entered;
  const end =
    verdict.verdict === "accepted"
      ? { code: tokenStatusCodes.executionOk, bit: undefined, steps: STEPS.length }
      : FAILURES[verdict.reason];
  const step = Math.floor((t - at) / TOKEN_STEP_MS);
  return step < end.steps ? status(STEPS[step] as number) : status(end.code, end.bit);
}

function status(code: number, bit?: number): Data {
  const bits = Array.from({ length: 8 }, (_, i) => (i === bit ? "1" : "0")).join("");
  return data.structure([data.enum(code), data.bitString(bits)]);
}
