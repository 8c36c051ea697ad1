/** Meter number 0-0:96.1.0.255 as meter types code it: packed BCD in six octets, padded on the left, or ASCII. */
import { data } from "../../axdr/build.js";
import { fromLatin1 } from "../../bytes/hex.js";
import { parseObis } from "../../cosem/obis.js";
import { packBcd } from "../../meter-types/token-digits.js";
import { type MeterObject, readOnly } from "./attributes.js";

const SERIAL_DIGITS = 12;

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
