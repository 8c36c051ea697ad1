/** A whole key list: every row judged, meters found by serial number or system title. */
import { toHex } from "../../bytes/hex.js";
import { asDlmsError } from "../../core/errors.js";
import { type Secret } from "../../core/secret.js";
import { type KeyQuery, type KeyStore, type MeterKeys } from "../../security/index.js";
import { type KeyField, meterKeysOf, secretFields } from "./key-fields.js";
import { readKeyTable, unfitLine } from "./key-table.js";
import { isSealed } from "./sealed.js";

export interface KeyList extends KeyStore {
  /** Meters. */
  readonly size: number;
  /** Secrets that stand in it in clear. */
  readonly inClear: number;
}

/** Rows judged before others get a turn. */
const ROWS_AT_ONCE = 500;

/** @throws DlmsError KEY_LIST_INVALID naming line and field of the first row that cannot be used. */
export async function readKeyList(text: string, masterKey: Secret<Uint8Array> | undefined): Promise<KeyList> {
  const bySerial = new Map<string, MeterKeys>();
  const byDigits = new Map<string, MeterKeys | undefined>();
  const byTitle = new Map<string, MeterKeys>();
  let [size, inClear] = [0, 0];
  for (const { line, fields } of readKeyTable(text).rows) {
    if (++size % ROWS_AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve));
    let known: MeterKeys;
    try {
      known = meterKeysOf(fields, masterKey);
    } catch (caught) {
      const error = asDlmsError(caught);
      throw unfitLine(line, error.message, error.field);
    }
    inClear += secretFields.filter((field) => {
      const value = fields[field] ?? "";
      return value !== "" && !isSealed(value);
    }).length;
    const { meterSerialNumber: serial, systemTitle } = known;
    if (serial !== undefined) {
      addOnce(bySerial, serial, known, line, "meterSerialNumber");
      const digits = withoutZeros(serial);
      byDigits.set(digits, byDigits.has(digits) ? undefined : known);
    }
    if (systemTitle !== undefined) addOnce(byTitle, toHex(systemTitle), known, line, "systemTitle");
  }
  return {
    size,
    inClear,
    find: ({ meterSerialNumber, systemTitle }: KeyQuery) =>
      Promise.resolve(
        meterSerialNumber === undefined
          ? systemTitle && byTitle.get(toHex(systemTitle))
          : (bySerial.get(meterSerialNumber.toUpperCase()) ?? byDigits.get(withoutZeros(meterSerialNumber))),
      ),
  };
}

/** Lists and meters pad serial numbers in different ways. */
function withoutZeros(serial: string): string {
  return serial.toUpperCase().replace(/^0+(?=\d)/, "");
}

function addOnce(
  map: Map<string, MeterKeys>,
  key: string,
  known: MeterKeys,
  line: number,
  field: KeyField,
): void {
  if (map.has(key)) throw unfitLine(line, `${field} stands in the list twice.`, field);
  map.set(key, known);
}
