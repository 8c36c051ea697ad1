/**
 * What a client finds the rest by: logical device name and the current association (class 15, version 2: the view of
 * the caller's own association, object_list with access rights included). Its methods change the secret from the next
 * association on, take objects off the list and put them back, and keep a list of users that nothing asks for.
 */
import { mechanisms } from "../../acse/index.js";
import { data } from "../../axdr/build.js";
import { type Data } from "../../axdr/data.js";
import { fromLatin1 } from "../../bytes/hex.js";
import { associationLn } from "../../cosem/classes/index.js";
import { parseObis } from "../../cosem/obis.js";
import { type ActionResult, type ConformanceBit, conformanceBits } from "../../xdlms/index.js";
import { secretsOf } from "../meter-secrets.js";
import { type MeterState } from "../meter-state.js";
import { type CosemObject, type ObjectStore } from "../object-store.js";
import { perMeter } from "../per-meter.js";
import { type MeterObject, readOnly } from "./attributes.js";
import { elementsOf, keeping, numberOf, octetsOf } from "./kept.js";

const SECURITY_SETUP = 64;
const SECURITY_SETUP_NAME = parseObis("0-0:43.0.0.255");

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

/** Objects that were taken out of the association, by method 4. */
export const removedObjects = perMeter(() => new Set<CosemObject<MeterState>>());

const logicalName = parseObis("0-0:40.0.0.255");
const kept = keeping(associationLn, logicalName);
const MAX_USERS = 32;
const NOBODY = data.structure([data.unsigned(0), data.visibleString("")]);
const userList = kept("userList", data.array([]), { access: "r" });

export const currentAssociation: MeterObject = {
  classId: 15,
  version: 2,
  logicalName,
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
    // The password: written, never shown.
    {
      id: 7,
      access: "w",
      set: (meter, value) => {
        if (value.type !== "octet-string") return "type-unmatched";
        return secretsOf(meter)?.changePassword(value.value) === true ? "success" : "read-write-denied";
      },
    },
    // Associated: whoever reads this is.
    readOnly(8, () => data.enum(2)),
    {
      id: 9,
      access: "r",
      get: (_meter, { store }) =>
        data.octetString(
          store.find(SECURITY_SETUP, SECURITY_SETUP_NAME) === undefined
            ? new Uint8Array(6)
            : SECURITY_SETUP_NAME,
        ),
    },
    userList,
    readOnly(11, () => NOBODY),
  ],
  methods: [
    // Where it is expected the association answers it itself; here there is nothing to reply to.
    { id: 1, invoke: () => "other-reason" },
    {
      id: 2,
      invoke: (meter, parameter): ActionResult => {
        if (parameter?.type !== "octet-string") return "type-unmatched";
        return secretsOf(meter)?.changeSecret(parameter.value) === true ? "success" : "other-reason";
      },
    },
    { id: 3, invoke: (meter, element, { store }) => list(meter, element, store, true) },
    { id: 4, invoke: (meter, element, { store }) => list(meter, element, store, false) },
    {
      id: 5,
      invoke: (meter, user): ActionResult => {
        if (user === undefined || associationLn.methods.addUser.parameter.check(user) !== undefined)
          return "type-unmatched";
        const others = usersBut(meter, user);
        if (others.length >= MAX_USERS) return "other-reason";
        userList.put(meter, data.array([...others, user]));
        return "success";
      },
    },
    {
      id: 6,
      invoke: (meter, user): ActionResult => {
        if (user === undefined || associationLn.methods.removeUser.parameter.check(user) !== undefined)
          return "type-unmatched";
        const others = usersBut(meter, user);
        if (others.length === elementsOf(userList.of(meter)).length) return "other-reason";
        userList.put(meter, data.array(others));
        return "success";
      },
    },
  ],
};

function usersBut(meter: MeterState, user: Data): Data[] {
  const id = numberOf(elementsOf(user)[0]);
  return elementsOf(userList.of(meter)).filter((other) => numberOf(elementsOf(other)[0]) !== id);
}

/** Puts an object that the meter has back on the list, or takes it off. The association itself stays. */
function list(
  meter: MeterState,
  element: Data | undefined,
  store: ObjectStore<MeterState>,
  add: boolean,
): ActionResult {
  if (element === undefined || associationLn.methods.addObject.parameter.check(element) !== undefined)
    return "type-unmatched";
  const [classId, , name] = elementsOf(element);
  const object = store.find(numberOf(classId), octetsOf(name));
  if (object === undefined) return "object-undefined";
  if (object.classId === associationLn.classId) return "other-reason";
  if (add) removedObjects(meter).delete(object);
  else removedObjects(meter).add(object);
  return "success";
}

function conformanceText(conformance: ReadonlySet<ConformanceBit>): string {
  const bits = new Array<string>(24).fill("0");
  for (const name of conformance) bits[conformanceBits[name]] = "1";
  return bits.join("");
}
