/**
 * What is read and what a reading says, as JSON-ready shapes. Values follow docs/messages.md: a number when its decimal
 * form is exact and has at most 15 significant digits, else decimal text; octets as upper-case hex; date-times ISO 8601.
 */
import { type ErrorPayload } from "../core/errors.js";
import { type JsonValue } from "../cosem/value.js";

/** One thing to read. Class and attribute are inferred from the OBIS code when absent. */
export interface ReadItem {
  /** Any textual form, or the 6 octets as hex. */
  readonly obisCode: string;
  readonly classId?: number;
  readonly attributeId?: number;
  /** Profile generic (class 7): rows from this time on, ISO 8601. */
  readonly from?: string;
  /** Rows up to this time, ISO 8601. */
  readonly to?: string;
}

export interface Reading {
  /** `1-0:1.8.0.255` */
  readonly obisCode: string;
  readonly classId: number;
  readonly attributeId: number;
  /** Scaled when the object has a scaler. null when `error` is set. */
  readonly value: JsonValue;
  readonly valueType: string;
  readonly unit?: string;
  /** The power of ten the value was already multiplied with. */
  readonly scaler?: number;
  /** ISO 8601; when the meter itself dates the value. */
  readonly timestamp?: string;
  /** The A-XDR Data as received, upper-case hex. */
  readonly raw?: string;
  readonly deviationMinutes?: number;
  readonly clockStatus?: number;
  /** The meter's answers are enciphered, but nobody vouches for them: without a tag, or with one nobody could check. */
  readonly unauthenticated?: true;
  readonly error?: ErrorPayload;
}
