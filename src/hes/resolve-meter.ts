/**
 * Which meter a command of the backend means: every spelling of the id, the backend's record id by the registry's
 * binding. Fields that point at different meters are refused, never weighed against each other.
 */
import { DlmsError, usageError } from "../core/errors.js";
import { idText } from "../gateway/fields.js";
import { recordFields, serialFields } from "./contract.js";
import { type RegistryLike } from "./options.js";

export interface NamedMeter {
  readonly meterSerialNumber: string;
  /** As the payload or the binding says. */
  readonly backendId?: string;
}

type Payload = Readonly<Record<string, unknown>>;

/**
 * @param home the meter that is meant when the payload has none of the fields, not even an empty one
 * @throws DlmsError METER_REQUIRED, METER_UNKNOWN, AMBIGUOUS_METER, FIELD_INVALID, naming the field.
 */
export function resolveMeter(payload: Payload, registry: RegistryLike, home?: string): NamedMeter {
  if (home !== undefined && lacksMeter(payload)) {
    const meter = registry.find(home);
    return named(meter?.meterSerialNumber ?? home, meter?.backendId);
  }
  const serial = oneOf(payload, serialFields, (text) => registry.normalise(text));
  const record = oneOf(payload, recordFields, (text) => text);
  if (serial === undefined && record === undefined) {
    throw usageError("METER_REQUIRED", "meterSerialNumber", "meterSerialNumber is missing");
  }
  if (serial === undefined)
    return byRecord(record ?? "", record === undefined ? "" : fieldOf(payload), registry);
  if (record === undefined) {
    // Some backends put their record id into the field of the serial number.
    const meter = registry.find(serial) ?? registry.byBackendId(serial);
    return named(meter?.meterSerialNumber ?? serial, meter?.backendId);
  }
  const bySerial = registry.find(serial);
  const owner = registry.byBackendId(record);
  const same = (other: string): boolean => registry.normalise(other) === registry.normalise(serial);
  const bound = bySerial?.backendId;
  if (owner ? !same(owner.meterSerialNumber) : bound !== undefined && bound !== record && !same(record)) {
    throw ambiguous(fieldOf(payload));
  }
  return named(bySerial?.meterSerialNumber ?? serial, bound ?? (same(record) ? undefined : record));
}

/** Not even an empty field: one that should name a meter and does not is a mistake. */
export function lacksMeter(payload: Payload): boolean {
  return ![...serialFields, ...recordFields].some((field) => field in payload);
}

function byRecord(record: string, field: string, registry: RegistryLike): NamedMeter {
  const owner = registry.byBackendId(record);
  const bySerial = registry.find(record);
  if (owner && bySerial && owner.meterSerialNumber !== bySerial.meterSerialNumber) throw ambiguous(field);
  const meter = owner ?? bySerial;
  if (meter === undefined) {
    throw new DlmsError("METER_UNKNOWN", `${field} names no meter that has dialled in`, { field });
  }
  return named(meter.meterSerialNumber, meter.backendId);
}

function named(meterSerialNumber: string, backendId: string | undefined): NamedMeter {
  return { meterSerialNumber, ...(backendId === undefined ? {} : { backendId }) };
}

/** The one text that these fields hold; null and empty text count as absent. */
function oneOf(
  payload: Payload,
  fields: readonly string[],
  normalise: (text: string) => string,
): string | undefined {
  let found: string | undefined;
  for (const field of fields) {
    const value = payload[field];
    if (value === undefined || value === null || value === "") continue;
    const text = idText(value, field);
    if (found !== undefined && normalise(found) !== normalise(text)) throw ambiguous(field);
    found ??= text;
  }
  return found;
}

function fieldOf(payload: Payload): string {
  return (
    recordFields.find((field) => payload[field] !== undefined && payload[field] !== null) ?? recordFields[0]
  );
}

function ambiguous(field: string): DlmsError {
  return usageError("AMBIGUOUS_METER", field, `${field} names another meter than the other id fields`);
}
