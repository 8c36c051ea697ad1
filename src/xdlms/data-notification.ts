/** Data notification: what a meter pushes. The body is one Data, usually a structure in push_object_list order. */
import { type Codec, seq, traced } from "../bytes/codec.js";
import { merged } from "../bytes/fields.js";
import { type Data, dataCodec } from "../axdr/data.js";
import { octets } from "../axdr/fields.js";
import { type LongInvokeIdAndPriority, longInvokeIdAndPriority } from "./descriptors.js";

export interface DateTimeField {
  /** 12 octets as a rule; see axdr/date-time.ts. */
  readonly dateTime?: Uint8Array;
  readonly dateTimeLengthOctets?: number;
}

export interface DataNotification extends DateTimeField {
  readonly longInvoke: LongInvokeIdAndPriority;
  readonly body: Data;
}

const dateTimeOctets = octets({ max: 32 });

/** An OCTET STRING that is empty when the time is unknown: no presence octet, no tag. */
export const dateTimeField: Codec<DateTimeField> = {
  decode: (reader) => {
    const { value, form } = traced(reader, "dateTime", dateTimeOctets);
    return {
      ...(value.length === 0 ? {} : { dateTime: value }),
      ...(form === undefined ? {} : { dateTimeLengthOctets: form }),
    };
  },
  encode: (writer, { dateTime: value = new Uint8Array(0), dateTimeLengthOctets: form }) =>
    dateTimeOctets.encode(writer, form === undefined ? { value } : { value, form }),
  shape: {
    kind: "mapped",
    inner: dateTimeOctets,
    from: (drawn: Uint8Array) => (drawn.length === 0 ? {} : { dateTime: drawn }),
  },
};

/**
 * Data-Notification ::= SEQUENCE { long-invoke-id-and-priority, date-time OCTET STRING,
 *   notification-body SEQUENCE { data-value Data } }
 */
export const dataNotification: Codec<DataNotification> = merged(
  seq({ longInvoke: longInvokeIdAndPriority }),
  dateTimeField,
  seq({ body: dataCodec }),
);
