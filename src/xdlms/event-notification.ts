/** Event notification request: one attribute that a meter reports by itself. */
import { type Codec, seq, traced } from "../bytes/codec.js";
import { merged } from "../bytes/fields.js";
import { fixedBytes } from "../bytes/codec.js";
import { type Data, dataCodec } from "../axdr/data.js";
import { type AttributeDescriptor, attributeDescriptor } from "./descriptors.js";

export interface EventNotification {
  /** 12 octets; see axdr/date-time.ts. */
  readonly time?: Uint8Array;
  /** The presence octet, when neither 00 nor 01 (09 is seen). */
  readonly timePresence?: number;
  /** The 12 octets came without a length in front: both forms are in use. */
  readonly timeWithoutLength?: true;
  readonly attribute: AttributeDescriptor;
  readonly value: Data;
}

type Time = Pick<EventNotification, "time" | "timePresence" | "timeWithoutLength">;

const LENGTH = 12;
const timeOctets = fixedBytes(LENGTH);

const time: Codec<Time> = {
  decode: (reader) => {
    const presence = reader.u8();
    if (presence === 0) return {};
    // A year of 0Cxx does not occur, so 0C is the length.
    const withLength = reader.peekU8() === LENGTH;
    if (withLength) reader.advance(1);
    return {
      time: traced(reader, "time", timeOctets),
      ...(presence === 1 ? {} : { timePresence: presence }),
      ...(withLength ? {} : { timeWithoutLength: true }),
    };
  },
  encode: (writer, { time: value, timePresence, timeWithoutLength }) => {
    if (value === undefined) return writer.u8(0);
    writer.u8(timePresence ?? 1);
    if (timeWithoutLength !== true) writer.u8(LENGTH);
    timeOctets.encode(writer, value);
  },
  shape: { kind: "mapped", inner: timeOctets, from: (drawn: Uint8Array) => ({ time: drawn }) },
};

/**
 * Event-Notification-Request ::= SEQUENCE { time OCTET STRING OPTIONAL, cosem-attribute-descriptor,
 *   attribute-value Data }
 */
export const eventNotification: Codec<EventNotification> = merged(
  time,
  seq({ attribute: attributeDescriptor, value: dataCodec }),
);
