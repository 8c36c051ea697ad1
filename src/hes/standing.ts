/**
 * Follows the listener's meters for the backend: a record is looked for, a room joined, life signs given, and every
 * change of standing told by `meter-update`.
 */
import { type MeterEvent } from "../gateway/events.js";
import { type Ingest } from "./ingest.js";
import { type ListenerLike, type MeterLike, type Presence } from "./options.js";
import { statusUpdate, type UpdateContext } from "./outgoing.js";
import { type Outbox } from "./outbox.js";
import { type Registration } from "./registration.js";
import { type HesSockets } from "./sockets.js";

export interface StandingDeps {
  readonly listener: ListenerLike;
  readonly registration: Pick<Registration, "follow" | "forget">;
  readonly sockets: Pick<HesSockets, "follow" | "drop">;
  readonly ingest: Pick<Ingest, "online" | "offline"> | undefined;
  readonly outbox: Pick<Outbox, "status">;
  readonly presence: Presence;
  readonly context: (serial: string) => UpdateContext;
}

export class Standing {
  readonly #deps: StandingDeps;

  constructor(deps: StandingDeps) {
    this.#deps = deps;
  }

  start(): void {
    const { listener, registration } = this.#deps;
    listener.on("meter", this.#onMeter);
    for (const meter of listener.registry.list()) {
      if (meter.online) registration.follow(meter.meterSerialNumber);
    }
  }

  stop(): void {
    this.#deps.listener.off("meter", this.#onMeter);
  }

  /** A backend that was restarted knows nobody: everything present is told again. */
  tellAll(): void {
    for (const meter of this.#deps.listener.registry.list()) {
      if (meter.online) this.#tell(meter.meterSerialNumber, "present", meter);
    }
  }

  readonly #onMeter = (event: MeterEvent): void => {
    const serial = event.meterSerialNumber;
    if (serial === undefined) return;
    const meter = this.#deps.listener.registry.find(serial);
    switch (event.event) {
      case "identified":
        this.#deps.registration.follow(serial);
        return;
      case "disconnected":
        // One of two links that claimed the number has gone, the meter has not.
        if (meter?.online) return;
        this.#deps.registration.forget(serial);
        this.#followRecord(serial, undefined);
        this.#tell(serial, event.event, meter && { ...meter, online: false });
        return;
      case "registered":
      case "unknown-to-backend":
      case "registration-unavailable":
        this.#followRecord(serial, meter);
        this.#tell(serial, event.event, meter);
        return;
      case "identity-conflict":
      case "cloned-serial":
        this.#tell(serial, event.event, meter);
        return;
      case "connected":
      case "associated":
      case "replaced":
        return; // steps on the way; the backend sees online and offline
    }
  };

  #followRecord(serial: string, meter: MeterLike | undefined): void {
    const { sockets, ingest } = this.#deps;
    if (meter?.online === true && meter.backendId !== undefined) {
      sockets.follow(serial, meter.backendId);
      ingest?.online(serial);
    } else {
      sockets.drop(serial);
      ingest?.offline(serial);
    }
  }

  #tell(serial: string, event: string, meter: MeterLike | undefined): void {
    const { context, outbox, presence } = this.#deps;
    if (presence !== "off") outbox.status(statusUpdate(serial, event, { ...context(serial), meter }));
  }
}
