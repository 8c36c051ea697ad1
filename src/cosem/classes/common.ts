/** Types that several interface classes share. */
import { t } from "../../axdr/index.js";

/** What a register holds: any simple type. Dates only as octets, which are not taken for a moment here. */
export const simpleValue = t.oneOf(
  t.number,
  t.null,
  t.boolean,
  t.bitString,
  t.octetString,
  t.visibleString,
  t.utf8String,
);

export const scalerUnit = t.structure({ scaler: t.integer, unit: t.enum() });

/** A moment, or nothing where none is known yet. */
export const optionalDateTime = t.oneOf(t.dateTimeOctets, t.null);

/** What a profile captures and how its rows are restricted; index 0 is the whole attribute. */
export const captureObject = t.structure({
  classId: t.longUnsigned,
  logicalName: t.logicalName,
  attributeIndex: t.integer,
  dataIndex: t.longUnsigned,
});

/** Some methods take `integer` 0 as a placeholder. */
export const placeholder = t.integer;
