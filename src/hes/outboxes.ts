/** The outbox of a bridge: in the journal's store where there is a journal, in memory else. */
import { type DlmsError } from "../core/errors.js";
import { type LogEvent } from "../gateway/events.js";
import { type Clock } from "../transport/clock.js";
import { DurableOutbox, type DurableOutboxDeps } from "./durable-outbox.js";
import { type Ingest } from "./ingest.js";
import { type ResolvedHesOptions } from "./options.js";
import { type OutboxDeps } from "./outbox.js";
import { type JournalLike } from "./recorded.js";
import { type HesSocket } from "./socket.js";
import { VolatileOutbox } from "./volatile-outbox.js";

export interface OutboxesDeps {
  readonly journal: JournalLike | undefined;
  /** Names the bridge in the store. */
  readonly origin: string;
  readonly clock: Clock;
  readonly shared: () => Pick<HesSocket, "emit" | "confirm">;
  readonly ingest: Ingest | undefined;
  readonly messageOf: DurableOutboxDeps["messageOf"];
  readonly onChange: () => void;
  readonly log: (level: LogEvent["level"], text: string) => void;
}

export interface Outboxes {
  readonly outbox: VolatileOutbox | DurableOutbox;
  readonly durable: DurableOutbox | undefined;
}

export function makeOutboxes({ outbox: limits, times }: ResolvedHesOptions, deps: OutboxesDeps): Outboxes {
  const { journal, log } = deps;
  const emit: OutboxDeps["emit"] = (event, payload, answered) =>
    answered === undefined
      ? deps.shared().emit(event, payload)
      : deps.shared().confirm(event, payload, times.ackMs, answered);
  const standIn = new VolatileOutbox(limits, {
    emit,
    onDrop: (kind, dropped) => {
      if (dropped === 1 || dropped % 1_000 === 0)
        log("error", `The backend is away and the buffer is full: ${dropped} ${kind}s dropped so far`);
    },
  });
  if (journal === undefined) return { outbox: standIn, durable: undefined };
  let said = "";
  const durable = new DurableOutbox({
    ...deps,
    store: () => journal.store(),
    emit,
    standIn,
    batch: limits.batch,
    againMs: times.sweepMs,
    onError: ({ message }: DlmsError) => {
      if (message === said) return;
      said = message;
      log("error", `What is for the backend is kept in memory only: ${message}`);
    },
  });
  return { outbox: durable, durable };
}
