/**
 * What the demo backend knows, in memory: meter records, what gateways reported about them, and the latest events.
 * Every list is bounded. The page and the tests read it; nothing is kept across a restart.
 */
import { randomBytes } from "node:crypto";
import { describeObis } from "../../cosem/dictionary/index.js";

export interface DemoReading {
  readonly obisCode: string;
  /** What the dictionary says the code means. */
  readonly label?: string;
  readonly value: unknown;
  readonly unit?: string;
  readonly timestamp: string;
  readonly error?: string;
}

export interface DemoMeter {
  readonly meterNumber: string;
  /** The record's id; absent while a gateway reports a meter that has no record. */
  _id?: string;
  brand?: string;
  model?: string;
  area?: string;
  recordType?: string;
  status: "online" | "offline";
  lastSeen?: string;
  relay: "unknown" | "connected" | "disconnected" | "armed";
  dialect?: string;
  meterType?: string;
  remoteAddress?: string;
  readonly readings: Record<string, DemoReading>;
}

export interface DemoEvent {
  readonly id: number;
  readonly at: string;
  readonly kind: "meter" | "command" | "result" | "gateway";
  readonly text: string;
  readonly meterNumber?: string;
  /** Of results: whether it succeeded. */
  readonly success?: boolean;
}

export interface NewRecord {
  readonly meterNumber: string;
  readonly brand: string;
  readonly model: string;
  readonly area: string;
  readonly meterType: string;
}

export const modelLimits = { events: 500, meters: 50_000, readingsPerMeter: 100 } as const;

export class DemoModel {
  readonly #meters = new Map<string, DemoMeter>();
  readonly #byId = new Map<string, DemoMeter>();
  readonly #events: DemoEvent[] = [];
  readonly #onMeter: (meter: DemoMeter) => void;
  readonly #onEvent: (event: DemoEvent) => void;
  #nextEvent = 1;

  constructor(onMeter: (meter: DemoMeter) => void, onEvent: (event: DemoEvent) => void) {
    this.#onMeter = onMeter;
    this.#onEvent = onEvent;
  }

  meters(): DemoMeter[] {
    return [...this.#meters.values()];
  }

  /** Those with a record. */
  records(): DemoMeter[] {
    return this.meters().filter((meter) => meter._id !== undefined);
  }

  events(): DemoEvent[] {
    return [...this.#events];
  }

  /** By record id or meter number. */
  find(idOrNumber: string): DemoMeter | undefined {
    return this.#byId.get(idOrNumber) ?? this.#meters.get(idOrNumber.trim().toUpperCase());
  }

  /** Undefined when there is a record already. */
  createRecord(record: NewRecord): DemoMeter | undefined {
    const meter = this.#open(record.meterNumber.trim().toUpperCase());
    if (meter === undefined || meter._id !== undefined) return undefined;
    meter._id = randomBytes(12).toString("hex");
    meter.brand = record.brand;
    meter.model = record.model;
    meter.area = record.area;
    meter.recordType = record.meterType;
    this.#byId.set(meter._id, meter);
    this.event("meter", "has a new record", meter.meterNumber);
    this.#onMeter(meter);
    return meter;
  }

  /** What a gateway reports; anything that is no object of the contract is ignored. */
  update(payload: unknown): void {
    if (!isObject(payload)) return;
    const number =
      text(payload["meterSerialNumber"]) ?? text(payload["meterNumber"]) ?? text(payload["meterId"]);
    const meter = number === undefined ? undefined : (this.find(number) ?? this.#open(number.toUpperCase()));
    if (meter === undefined) return;
    const before = meter.status;
    if (payload["status"] === "online" || payload["status"] === "offline") meter.status = payload["status"];
    meter.lastSeen = text(payload["lastSeen"]) ?? meter.lastSeen;
    meter.dialect = text(payload["dialect"]) ?? meter.dialect;
    meter.meterType = text(payload["meterType"]) ?? meter.meterType;
    meter.remoteAddress = text(payload["remoteAddress"]) ?? meter.remoteAddress;
    if (payload["type"] === "reading") this.#read(meter, payload);
    if (before !== meter.status) this.event("meter", `is ${meter.status}`, meter.meterNumber);
    this.#onMeter(meter);
  }

  /** The end of a command: the relay's state and the values read follow from it. */
  result(meter: DemoMeter | undefined, result: Record<string, unknown>): void {
    if (meter === undefined) return;
    const outcome = result["outcome"];
    if (outcome === "connected" || outcome === "disconnected" || outcome === "armed") meter.relay = outcome;
    const readings = result["readings"];
    if (Array.isArray(readings)) for (const item of readings) if (isObject(item)) this.#read(meter, item);
    this.#onMeter(meter);
  }

  event(kind: DemoEvent["kind"], eventText: string, meterNumber?: string, success?: boolean): void {
    const event: DemoEvent = {
      id: this.#nextEvent++,
      at: new Date().toISOString(),
      kind,
      text: eventText.slice(0, 500),
      ...(meterNumber === undefined ? {} : { meterNumber }),
      ...(success === undefined ? {} : { success }),
    };
    this.#events.push(event);
    if (this.#events.length > modelLimits.events) this.#events.shift();
    this.#onEvent(event);
  }

  #open(meterNumber: string): DemoMeter | undefined {
    let meter = this.#meters.get(meterNumber);
    if (meter !== undefined) return meter;
    if (this.#meters.size >= modelLimits.meters) return undefined;
    meter = { meterNumber, status: "offline", relay: "unknown", readings: {} };
    this.#meters.set(meterNumber, meter);
    return meter;
  }

  #read(meter: DemoMeter, reading: Record<string, unknown>): void {
    const obisCode = text(reading["obisCode"]);
    if (obisCode === undefined || !/^[\d.:-]{1,30}$/.test(obisCode)) return;
    if (!(obisCode in meter.readings) && Object.keys(meter.readings).length >= modelLimits.readingsPerMeter)
      return;
    const error = isObject(reading["error"]) ? text(reading["error"]["message"]) : undefined;
    const unit = text(reading["unit"]);
    const label = labelOf(obisCode);
    meter.readings[obisCode] = {
      obisCode,
      ...(label === undefined ? {} : { label }),
      value: bounded(reading["value"]),
      timestamp: text(reading["timestamp"]) ?? new Date().toISOString(),
      ...(unit === undefined ? {} : { unit }),
      ...(error === undefined ? {} : { error }),
    };
    // Attribute 2 of a disconnect control is its output state.
    if (reading["classId"] === 70 && reading["attributeId"] === 2 && typeof reading["value"] === "boolean") {
      meter.relay = reading["value"] ? "connected" : "disconnected";
    }
  }
}

function labelOf(obisCode: string): string | undefined {
  try {
    return describeObis(obisCode)?.description;
  } catch {
    return undefined; // not an OBIS code after all; shown without words
  }
}

/** Long values (profiles, dumps) are for other tools than this page. */
function bounded(value: unknown): unknown {
  if (typeof value !== "object" || value === null)
    return typeof value === "string" ? value.slice(0, 500) : value;
  return JSON.stringify(value).slice(0, 500);
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" && value.length <= 500 ? value.trim() : undefined;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
