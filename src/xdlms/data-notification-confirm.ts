/** Data notification confirm: the receiver of a confirmed push has taken it. Not certain: known from one reading only. */
import { type Codec, seq } from "../bytes/codec.js";
import { merged } from "../bytes/fields.js";
import { type DateTimeField, dateTimeField } from "./data-notification.js";
import { type LongInvokeIdAndPriority, longInvokeIdAndPriority } from "./descriptors.js";

export interface DataNotificationConfirm extends DateTimeField {
  /** As in the notification. */
  readonly longInvoke: LongInvokeIdAndPriority;
}

/** Data-Notification-Confirm ::= SEQUENCE { long-invoke-id-and-priority, date-time OCTET STRING } */
export const dataNotificationConfirm: Codec<DataNotificationConfirm> = merged(
  seq({ longInvoke: longInvokeIdAndPriority }),
  dateTimeField,
);
