/**
 * What the flow may hand to the bridge, told apart by its fields: results, readings, notifications; meter events are
 * known to the bridge already. A function node may have written it, so the little it needs is checked.
 */
import { usageError } from "../core/errors.js";
import { idText, isRecord } from "../gateway/fields.js";
import { type CommandName, type MeterReading } from "../gateway/messages.js";
import { deskCommands, type DeskCommand } from "./contract.js";
import { type DeskResult } from "./outgoing.js";

export type Submission =
  | { readonly type: "result"; readonly result: SubmittedFields }
  | { readonly type: "reading"; readonly reading: MeterReading }
  | {
      readonly type: "notification";
      readonly meterSerialNumber: string;
      readonly kind: "data-notification" | "event-notification";
      readonly body: unknown;
      readonly dateTime?: string;
    }
  /** A life sign that the bridge sees for itself. */
  | { readonly type: "known" };

/** Also those that no backend asks for: the flow may have run them by itself. */
const resultNames = [...deskCommands, "call-method", "meter-clock", "meter-firmware"] as const;

export interface SubmittedResult {
  readonly commandId: string;
  readonly command: DeskCommand | CommandName;
  readonly success: boolean;
}
export type SubmittedFields = Partial<DeskResult> & SubmittedResult;

/** @throws DlmsError FIELD_INVALID naming the field. */
export function parseSubmission(input: unknown): Submission[] {
  if (Array.isArray(input)) return input.flatMap((item: unknown) => parseSubmission(item));
  if (!isRecord(input)) {
    throw usageError("FIELD_INVALID", "payload", "payload must be a result, a reading, or a list of them");
  }
  if (typeof input.success === "boolean" && "command" in input)
    return [{ type: "result", result: result(input) }];
  if (typeof input.obisCode === "string") return [{ type: "reading", reading: reading(input, input) }];
  if (input.kind === "data-notification" || input.kind === "event-notification") {
    return notification(input, input.kind);
  }
  if (typeof input.event === "string" && typeof input.linkId === "string") return [{ type: "known" }];
  throw usageError("FIELD_INVALID", "payload", "payload is neither a command's result nor a reading");
}

type Payload = Readonly<Record<string, unknown>>;

function result(input: Payload): SubmittedFields {
  const command = resultNames.find((name) => name === input.command);
  if (command === undefined) {
    throw usageError("FIELD_INVALID", "command", `command must be one of ${resultNames.join(", ")}`);
  }
  return {
    ...input,
    commandId: idText(input.commandId, "commandId"),
    command,
    success: input.success === true,
  };
}

function reading(input: Payload, owner: Payload): MeterReading {
  const meterSerialNumber = idText(input.meterSerialNumber ?? owner.meterSerialNumber, "meterSerialNumber");
  return { ...(input as unknown as MeterReading), meterSerialNumber };
}

function notification(input: Payload, kind: "data-notification" | "event-notification"): Submission[] {
  const { readings, body, dateTime } = input;
  if (Array.isArray(readings) && readings.length > 0) {
    return readings.filter(isRecord).map((item) => ({ type: "reading", reading: reading(item, input) }));
  }
  // A push of a link that showed no serial number belongs to no meter of the backend.
  if (input.meterSerialNumber === undefined) return [];
  const meterSerialNumber = idText(input.meterSerialNumber, "meterSerialNumber");
  return [
    {
      type: "notification",
      meterSerialNumber,
      kind,
      body,
      ...(typeof dateTime === "string" ? { dateTime } : {}),
    },
  ];
}
