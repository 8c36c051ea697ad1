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

/** One attribute of one object: what a monitor or a limiter watches. */
export const attributeReference = t.structure({
  classId: t.longUnsigned,
  logicalName: t.logicalName,
  attributeIndex: t.integer,
});

/** A script of a script table. */
export const scriptReference = t.structure({
  scriptLogicalName: t.logicalName,
  scriptSelector: t.longUnsigned,
});

/** From when to when, usually with parts left open so that it repeats. */
export const timeWindows = t.array(t.structure({ startTime: t.dateTimeOctets, endTime: t.dateTimeOctets }));

/** An option of the internet or the point-to-point protocol: how its value is coded depends on its number. */
export const protocolOption = t.structure({
  optionType: t.unsigned,
  optionLength: t.unsigned,
  optionData: t.any,
});

/** Speed of a serial line in bit/s. */
export const lineSpeed = t.enum({
  "300": 0,
  "600": 1,
  "1200": 2,
  "2400": 3,
  "4800": 4,
  "9600": 5,
  "19200": 6,
  "38400": 7,
  "57600": 8,
  "115200": 9,
});

/** From version 1 of class 62 and 2 of class 40 on: part of what a profile holds, by rows and columns. */
export const restrictedCaptureObject = t.structure({
  classId: t.longUnsigned,
  logicalName: t.logicalName,
  attributeIndex: t.integer,
  dataIndex: t.longUnsigned,
  restriction: t.structure({ type: t.enum({ none: 0, date: 1, entry: 2 }), value: t.any }),
  columns: t.array(captureObject),
});

/** Some methods take `integer` 0 as a placeholder. */
export const placeholder = t.integer;
