/**
 * Meter number 0-0:96.1.0.255 as meter types code it: packed BCD in six octets, padded on the left, or ASCII. And
 * the schedule that ends the billing month (class 22).
 */
import { data } from "../../axdr/build.js";
import { fromLatin1 } from "../../bytes/hex.js";
import { parseObis } from "../../cosem/obis.js";
import { packBcd } from "../../meter-types/token-digits.js";
import { type MeterObject, readOnly, stored } from "./attributes.js";

const SERIAL_DIGITS = 12;
const EVERY_MONTH = data.array([
  data.structure([
    data.octetString(Uint8Array.of(0, 0, 0, 0)),
    data.octetString(Uint8Array.of(0xff, 0xff, 0xff, 1, 0xff)),
  ]),
]);

/** How the octets of 0-0:96.1.0.255 are made of the serial number. */
export type SerialForm = "bcd" | "ascii";

export function serialNumber(form: SerialForm): MeterObject {
  const octets = (serial: string): Uint8Array =>
    form === "bcd" ? packBcd(serial.padStart(SERIAL_DIGITS, "0")) : fromLatin1(serial);
  return {
    classId: 1,
    version: 0,
    logicalName: parseObis("0-0:96.1.0.255"),
    open: true,
    attributes: [readOnly(2, (meter) => data.octetString(octets(meter.options.serial)))],
  };
}

export const monthEndSchedule: MeterObject = {
  classId: 22,
  version: 0,
  logicalName: parseObis("0-0:15.0.0.255"),
  attributes: [
    readOnly(2, () => data.structure([data.octetString(parseObis("0-0:10.0.1.255")), data.longUnsigned(1)])),
    // One time, wildcards in date and time.
    readOnly(3, () => data.enum(1)),
    stored(4, "22/4", () => EVERY_MONTH),
  ],
};
