/**
 * The Smart HES contract as types: Socket.IO events both ways and the REST shapes.
 * Three spellings exist: the README's (`meterSerialNumber`), the original gateway's (`meterId`) and the real backend's
 * (rooms, no id). What comes from the backend is `unknown` until it was looked at; these types say what is sent.
 */
import { type ErrorPayload } from "../core/errors.js";
import { type BackendCommandName } from "../gateway/messages.js";

/** Ways to name a meter, in the order they are looked at. The last two may be the backend's record id. */
export const serialFields = ["meterSerialNumber", "meterNumber", "serialNumber"] as const;
export const recordFields = ["meterId", "_id"] as const;

/** Commands the gateway understands; any other event of the backend is handed on as it is. */
export const commandEvents = [
  "remote-load",
  "remote-control",
  "read-meter",
] as const satisfies BackendCommandName[];

/** Settings for a meter: which attributes they mean is the flow's to say, so it gets them beside the commands. */
export const settingsEvent = "meter-write-settings";

/** Other words of newer backends: for a read, for the rows of a profile, and for a write. */
export const requestEvents = ["meter-read-request", "dlms-read", "dlms-read-profile", "dlms-write"] as const;
export type RequestEvent = (typeof requestEvents)[number];

/** Every event that is anybody's command. */
export type CommandEvent = (typeof commandEvents)[number] | typeof settingsEvent | RequestEvent;

/** What the flow is given to run: the commands, and what those other words become. */
export const flowCommands = [
  ...commandEvents,
  "write-meter",
  "read-profile",
] as const satisfies BackendCommandName[];

/** Everything of the backend that ends in exactly one result. */
export const deskCommands = [...flowCommands, settingsEvent] as const;
export type DeskCommand = (typeof deskCommands)[number];

/** Answer to a command event when the backend passed an acknowledgement function. */
export type CommandAck =
  | { readonly accepted: true; readonly commandId: string }
  | { readonly accepted: false; readonly code: string };

/** A command that is recorded first is answered once that is durable. */
export type Answer = CommandAck | Promise<CommandAck>;

/** Fields every message about a meter carries. `meterId` is the backend's record id, null without a record. */
interface MeterFields {
  readonly meterId: string | null;
  readonly meterNumber: string;
  readonly meterSerialNumber: string;
  /** Id of the sending gateway: the backend repeats `meter-update` to everybody, the sender included. */
  readonly origin: string;
}

interface UpdateFields extends MeterFields {
  readonly status: "online" | "offline";
  /** ISO 8601, when the meter was last heard of. */
  readonly lastSeen: string;
  readonly timestamp: string;
}

/** One value of one meter. */
export interface ReadingUpdate extends UpdateFields {
  readonly type: "reading";
  readonly obisCode: string;
  readonly classId?: number;
  readonly attributeId?: number;
  readonly value: unknown;
  readonly valueType?: string;
  readonly unit?: string;
  readonly scaler?: number;
  readonly rawHex?: string;
  readonly error?: ErrorPayload;
}

/** A meter came, went or changed its standing. */
export interface StatusUpdate extends UpdateFields {
  readonly type: "status";
  /** The registry's own word: `registered`, `disconnected`, `identity-conflict`, … */
  readonly event: string;
  readonly dialect?: string;
  readonly meterType?: string;
  readonly remoteAddress?: string;
}

/** Something the meter sent by itself that is no plain reading. */
export interface NotificationUpdate extends UpdateFields {
  readonly type: "notification";
  readonly kind: string;
  readonly body: unknown;
}

export type MeterUpdate = ReadingUpdate | StatusUpdate | NotificationUpdate;

/** The one final result of a command. */
export interface MeterCommandResult {
  readonly commandId: string;
  readonly meterId: string | null;
  readonly meterNumber: string | null;
  readonly meterSerialNumber: string | null;
  /** The event's name, or `SET`, `ACTION`, `GET` when the old names are asked for. */
  readonly command: string;
  readonly success: boolean;
  readonly status: "success" | "failed";
  readonly outcome: string;
  /** One sentence for people. */
  readonly detail: string;
  readonly dlms?: { readonly service: string; readonly result: string };
  readonly attempts: number;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly [extra: string]: unknown;
}

/** Called by a backend that acknowledges what it was told; the public ones do not. */
export type Received = (...answer: unknown[]) => void;

/** Socket.IO, gateway to backend, besides the replies to `dlms-read` and its kind, whose names hold the record's id. */
export interface GatewayEvents {
  "join-room": (request: { readonly room: string }) => void;
  "meter-update": (update: MeterUpdate, received?: Received) => void;
  "meter-command-result": (result: MeterCommandResult, received?: Received) => void;
}

/** What may be confirmed by the backend. */
export type ConfirmedEvent = "meter-update" | "meter-command-result";
export type ConfirmedPayload<E extends ConfirmedEvent> = Parameters<GatewayEvents[E]>[0];

/** Socket.IO, backend to gateway, as the README writes the payloads. Nothing of it is believed before it is checked. */
export interface BackendEvents {
  "remote-load": (payload: unknown, ack?: (answer: CommandAck) => void) => void;
  "remote-control": (payload: unknown, ack?: (answer: CommandAck) => void) => void;
  "read-meter": (payload: unknown, ack?: (answer: CommandAck) => void) => void;
  "meter-write-settings": (payload: unknown, ack?: (answer: CommandAck) => void) => void;
}

/** Fields a missing record is created with; `area` is the backend's area id. */
export interface RecordDefaults {
  readonly area: string;
  readonly brand: string;
  readonly model: string;
  readonly meterType: string;
}

/** What the gateway needs of a meter's record. */
export interface MeterRecord {
  readonly _id: string;
  readonly meterNumber: string;
}
