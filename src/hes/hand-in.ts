/** What the flow gives a bridge, on its way: results to the desk, readings and notifications into the outbox. */
import { isRecord } from "../gateway/fields.js";
import { type MeterReading } from "../gateway/messages.js";
import { type CommandDesk } from "./command-desk.js";
import { type Ingest } from "./ingest.js";
import { fitReading, notificationUpdate, readingUpdate, type UpdateContext } from "./outgoing.js";
import { type Outboxes } from "./outboxes.js";
import { parseSubmission } from "./submission.js";

export interface HandInDeps {
  readonly desk: CommandDesk;
  readonly outboxes: Outboxes;
  /** Where readings go that the backend is to keep; absent when none are. */
  readonly ingest: Ingest | undefined;
  readonly context: (serial: string) => UpdateContext;
  readonly messageChars: number;
}

/** @throws DlmsError FIELD_INVALID, at once, naming the field when it is nothing that a backend wants. */
export function handIn(input: unknown, deps: HandInDeps): void | Promise<void> {
  const { desk, outboxes, context, messageChars } = deps;
  const kept: Promise<void>[] = [];
  const keep = (promise: void | Promise<void>): void => {
    if (promise !== undefined) kept.push(promise);
  };
  for (const item of parseSubmission(input)) {
    if (item.type === "result") {
      keep(desk.submit(item.result));
      const { readings } = item.result;
      if (Array.isArray(readings)) for (const reading of readings) keep(keepReading(reading, deps));
    } else if (item.type === "reading") {
      keep(keepReading(item.reading, deps));
      const update = readingUpdate(item.reading, context(item.reading.meterSerialNumber));
      keep(outboxes.outbox.reading(fitReading(update, messageChars)));
    } else if (item.type === "notification") {
      const serial = item.meterSerialNumber;
      keep(outboxes.outbox.reading(notificationUpdate(serial, item, context(serial))));
    }
  }
  return kept.length === 0 ? undefined : Promise.all(kept).then(() => undefined);
}

/** A reading for the backend to keep. The flow may send it alone and within a result; then it is the same one. */
function keepReading(reading: unknown, { ingest, outboxes }: HandInDeps): void | Promise<void> {
  if (ingest === undefined || !isRecord(reading)) return;
  const { obisCode, meterSerialNumber } = reading;
  if (typeof obisCode !== "string" || typeof meterSerialNumber !== "string") return;
  const { durable } = outboxes;
  const kept = reading as unknown as MeterReading;
  return durable === undefined ? ingest.reading(kept) : durable.ingest(kept);
}
