/**
 * The calls of the shim, each with the command it becomes. Nothing is begun for a call that could only end after its
 * caller has given up.
 */
import { randomUUID } from "node:crypto";
import { asDlmsError, DlmsError } from "../core/errors.js";
import {
  changesState,
  parseCommand,
  type BackendCommandName,
  type CommandResult,
} from "../gateway/messages.js";
import { resolveMeter } from "./resolve-meter.js";
import { type ShimDeps, type ShimLimits } from "./shim.js";
import { good, profileAnswer, readAnswer, readMultipleAnswer, writeAnswer } from "./shim-answers.js";
import {
  meterFields,
  profileFields,
  readFields,
  readMultipleFields,
  spelled,
  writeFields,
} from "./shim-fields.js";
import { refusal, type ShimAnswer, type ShimBody } from "./shim-http.js";

type Plain = "connect" | "disconnect" | "health" | "connections";
type Call = Plain | "read" | "read-multiple" | "load-profile" | "write";

export const shimPaths: Readonly<Record<string, Call | undefined>> = {
  "POST /connect": "connect",
  "POST /disconnect": "disconnect",
  "POST /read": "read",
  "POST /read-multiple": "read-multiple",
  "POST /load-profile": "load-profile",
  "POST /write": "write",
  "GET /health": "health",
  "GET /connections": "connections",
};

interface Work {
  readonly command: BackendCommandName;
  readonly fields: (body: ShimBody) => ShimBody;
  readonly answer: (result: CommandResult, meterNumber: string, body: ShimBody) => ShimAnswer;
  readonly wait: "readMs" | "batchMs";
}

const works: Readonly<Record<Exclude<Call, Plain>, Work>> = {
  read: { command: "read-meter", fields: readFields, answer: readAnswer, wait: "readMs" },
  "read-multiple": {
    command: "read-meter",
    fields: readMultipleFields,
    answer: readMultipleAnswer,
    wait: "batchMs",
  },
  "load-profile": { command: "read-profile", fields: profileFields, answer: profileAnswer, wait: "batchMs" },
  write: { command: "write-meter", fields: writeFields, answer: writeAnswer, wait: "readMs" },
};

/** Of the time that a call may take, how much may pass before its command starts. */
const START = 0.9;

const STILL_OPEN =
  "The meter has not answered yet. The same call made again joins this one and gets its result.";

type Deps = Pick<ShimDeps, "registry" | "runs" | "clock">;

/** Never rejects for what the body holds. */
export async function answerShim(
  call: Call,
  body: ShimBody,
  deps: Deps,
  limits: ShimLimits,
): Promise<ShimAnswer> {
  if (call === "health") return good({ status: "ok", service: "dlms-gateway" });
  if (call === "connections") return connections(deps);
  let meterNumber: string;
  try {
    meterNumber = meterOf(call, body, deps);
  } catch (caught) {
    const connected = call === "connect" ? { connected: false } : {};
    return refusal(spelled(asDlmsError(caught), body), undefined, connected);
  }
  if (call === "connect") return good({ meterNumber, connected: true });
  // The meter's own connection: it dialled in for others, too, and would only dial in again.
  if (call === "disconnect")
    return good({ meterNumber, connected: true, message: "The meter's own connection stays." });
  return run(works[call], body, meterNumber, deps, limits);
}

/** @throws DlmsError METER_REQUIRED, METER_UNKNOWN, METER_OFFLINE, FIELD_INVALID, AMBIGUOUS_METER. */
function meterOf(call: Call, body: ShimBody, { registry }: Deps): string {
  const serial = resolveMeter(meterFields(body), registry).meterSerialNumber;
  const meter = registry.find(serial);
  // It may be an earlier write once more, whose outcome is open; whoever runs it looks for the meter.
  if (call === "write") return meter?.meterSerialNumber ?? serial;
  if (meter === undefined) throw new DlmsError("METER_UNKNOWN", undefined, { field: "meterNumber" });
  if (!meter.online) throw new DlmsError("METER_OFFLINE", undefined, { field: "meterNumber" });
  return meter.meterSerialNumber;
}

async function run(
  { answer, command: name, fields: fieldsOf, wait }: Work,
  body: ShimBody,
  meterNumber: string,
  { clock, runs }: Deps,
  limits: ShimLimits,
): Promise<ShimAnswer> {
  const waitMs = limits[wait];
  try {
    const fields = fieldsOf(body);
    const { commandId } = fields;
    const command = parseCommand(name, {
      ...fields,
      commandId: commandId ?? randomUUID(),
      meterSerialNumber: meterNumber,
      expiresAt: clock.epochMs() + Math.ceil(START * waitMs),
    });
    const { result, ...known } = await runs.run(command, waitMs, commandId !== undefined);
    if (result !== undefined) return answer(result, meterNumber, body);
    const text = changesState(command) ? STILL_OPEN : undefined;
    return refusal(new DlmsError("RESPONSE_TIMEOUT", text), undefined, { meterNumber, ...known });
  } catch (caught) {
    return refusal(spelled(asDlmsError(caught), body), undefined, { meterNumber });
  }
}

function connections({ registry }: Deps): ShimAnswer {
  const online = registry.list().filter((meter) => meter.online);
  return good({
    count: online.length,
    connections: online.map(({ meterSerialNumber, meterType, remoteAddress }) => ({
      meterNumber: meterSerialNumber,
      connected: true,
      meterType,
      remoteAddress,
    })),
  });
}
