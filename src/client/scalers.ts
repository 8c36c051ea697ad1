/**
 * scaler_unit of registers (classes 3, 4, 5), fetched once per object and kept. A meter that has none for an object is
 * no error; one that did not answer is, for its value would be wrong by powers of ten.
 */
import { type Data } from "../axdr/index.js";
import { DlmsError, type ErrorCode } from "../core/errors.js";
import { attributeById } from "../cosem/classes/index.js";
import { normaliseObis } from "../cosem/obis.js";
import { unitByCode } from "../cosem/units.js";
import { type AttributeRef } from "./object-ref.js";

export interface ScalerUnit {
  readonly scaler: number;
  /** Absent for counts. */
  readonly unit?: string;
}

/** undefined: the attribute has no scaler, by its class or by this meter. */
export type ScalerOutcome = ScalerUnit | DlmsError | undefined;

/** The meter said that it has no such attribute, or none for us. */
const missing: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "OBJECT_UNDEFINED",
  "ACCESS_DENIED",
  "SERVICE_REFUSED",
  "TYPE_UNMATCHED",
]);

export class Scalers {
  readonly #known = new Map<string, ScalerUnit | undefined>();

  /** The scaler attributes that have to be read before `attributes` can be scaled, each once. */
  needed(attributes: readonly AttributeRef[]): readonly AttributeRef[] {
    const wanted = new Map<string, AttributeRef>();
    for (const attribute of attributes) {
      const ref = scalerOf(attribute);
      if (ref !== undefined && !this.#known.has(keyOf(ref))) wanted.set(keyOf(ref), ref);
    }
    return [...wanted.values()];
  }

  /** Takes what reading a scaler attribute gave. */
  learn(ref: AttributeRef, outcome: Data | DlmsError): DlmsError | undefined {
    if (outcome instanceof DlmsError && !missing.has(outcome.code)) return outcome;
    this.#known.set(keyOf(ref), outcome instanceof DlmsError ? undefined : scalerUnit(outcome));
    return undefined;
  }

  /** @param failed errors of `learn`, by `scalerKey`. */
  find(attribute: AttributeRef, failed: ReadonlyMap<string, DlmsError>): ScalerOutcome {
    const ref = scalerOf(attribute);
    return ref === undefined ? undefined : (failed.get(keyOf(ref)) ?? this.#known.get(keyOf(ref)));
  }
}

export function scalerKey(ref: AttributeRef): string {
  return keyOf(ref);
}

function scalerOf({ classId, obis, attributeId }: AttributeRef): AttributeRef | undefined {
  const scaledBy = attributeById(classId, attributeId)?.scaledBy;
  return scaledBy === undefined ? undefined : { classId, obis, attributeId: scaledBy };
}

function keyOf({ classId, obis, attributeId }: AttributeRef): string {
  return `${classId}/${normaliseObis(obis)}/${attributeId}`;
}

/** Anything but a structure of two small numbers counts as no scaler. */
function scalerUnit(data: Data): ScalerUnit | undefined {
  const [scaler, unit] = data.type === "structure" ? data.value.map(numberOf) : [];
  if (scaler === undefined || unit === undefined || scaler < -128 || scaler > 127) return undefined;
  const { symbol } = unitByCode(unit);
  return symbol === "" ? { scaler } : { scaler, unit: symbol };
}

function numberOf(data: Data): number | undefined {
  return "value" in data && typeof data.value === "number" && Number.isInteger(data.value)
    ? data.value
    : undefined;
}
