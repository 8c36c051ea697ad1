/**
 * What a client finds the rest by: logical device name, SAP assignment (class 17), the current association (class
 * 15, version 1: the view of the caller's own association, object_list with access rights included).
 */
import { mechanisms } from "../../acse/index.js";
import { data } from "../../axdr/build.js";
import { fromLatin1 } from "../../bytes/hex.js";
import { parseObis } from "../../cosem/obis.js";
import { type ConformanceBit, conformanceBits } from "../../xdlms/index.js";
import { type MeterState } from "../meter-state.js";
import { type MeterObject, readOnly } from "./attributes.js";

/** Joint-iso-itu-t country 756, DLMS UA: the application context "logical name" without (1) or with ciphering (3). */
const contextName = (code: number): Uint8Array => Uint8Array.of(0x60, 0x85, 0x74, 0x05, 0x08, 0x01, code);
/** Authentication mechanisms 0 to 7. */
const mechanismName = (code: number): Uint8Array => Uint8Array.of(0x60, 0x85, 0x74, 0x05, 0x08, 0x02, code);

/** Three letters of the manufacturer and the serial number, 16 characters at most. */
export function logicalDeviceName(meter: MeterState): Uint8Array {
  return fromLatin1(`SIM${meter.options.serial.slice(-13)}`);
}

export const deviceName: MeterObject = {
  classId: 1,
  version: 0,
  logicalName: parseObis("0-0:42.0.0.255"),
  open: true,
  attributes: [readOnly(2, (meter) => data.octetString(logicalDeviceName(meter)))],
};

export const sapAssignment: MeterObject = {
  classId: 17,
  version: 0,
  logicalName: parseObis("0-0:41.0.0.255"),
  open: true,
  attributes: [
    {
      id: 2,
      access: "r",
      get: (meter, { caller }) =>
        data.array([
          data.structure([data.longUnsigned(caller.serverSap), data.octetString(logicalDeviceName(meter))]),
        ]),
    },
  ],
};

export const currentAssociation: MeterObject = {
  classId: 15,
  version: 1,
  logicalName: parseObis("0-0:40.0.0.255"),
  open: true,
  attributes: [
    {
      id: 2,
      access: "r",
      get: (meter, { store, caller }) => store.objectList(meter, caller),
    },
    {
      id: 3,
      access: "r",
      get: (_meter, { caller }) =>
        data.structure([data.integer(caller.clientSap & 0x7f), data.longUnsigned(caller.serverSap)]),
    },
    {
      id: 4,
      access: "r",
      get: (_meter, { caller }) => data.octetString(contextName(caller.ciphering === undefined ? 1 : 3)),
    },
    {
      id: 5,
      access: "r",
      get: (_meter, { caller }) =>
        data.structure([
          data.bitString(conformanceText(caller.conformance)),
          data.longUnsigned(Math.min(0xffff, caller.maxReceivePdu)),
          data.longUnsigned(Math.min(0xffff, caller.maxSendPdu)),
          data.unsigned(6),
          data.integer(0),
          data.octetString(new Uint8Array(0)),
        ]),
    },
    {
      id: 6,
      access: "r",
      get: (_meter, { caller }) =>
        data.octetString(mechanismName(Object.keys(mechanisms).indexOf(caller.mechanism))),
    },
    // The secret: neither shown nor changed here.
    { id: 7, access: "none" },
    // Associated: whoever reads this is.
    readOnly(8, () => data.enum(2)),
    readOnly(9, () => data.octetString(new Uint8Array(6))),
  ],
};

function conformanceText(conformance: ReadonlySet<ConformanceBit>): string {
  const bits = new Array<string>(24).fill("0");
  for (const name of conformance) bits[conformanceBits[name]] = "1";
  return bits.join("");
}
