/**
 * The objects of a simulated meter put together: the maker's 707 objects and 44 profiles, what the profiles capture
 * besides, and the standard objects that every token rule and every reader needs. Built once and shared by all
 * meters; only the serial number's form and the public client make a difference.
 */
import { toHex } from "../bytes/hex.js";
import { parseObis } from "../cosem/obis.js";
import { type MeterType } from "../meter-types/meter-type.js";
import { listedObjects, listedProfiles, type ListedProfile } from "./data/hexcell-prepaid.js";
import { type MeterState } from "./meter-state.js";
import { ObjectStore } from "./object-store.js";
import { associationSn } from "./objects/association-sn.js";
import { currentAssociation, deviceName, removedObjects } from "./objects/association.js";
import { standardObjects } from "./objects/standard.js";
import { type MeterObject } from "./objects/attributes.js";
import { clock } from "./objects/clock.js";
import { disconnectControl } from "./objects/disconnect-control.js";
import { type SerialForm, serialNumber } from "./objects/identity.js";
import { listedObject } from "./objects/listed.js";
import { account } from "./objects/account.js";
import { charge } from "./objects/charges.js";
import { credit } from "./objects/credits.js";
import { eventLog, loadProfile } from "./objects/profiles.js";
import { monthEndSchedule } from "./objects/single-actions.js";
import { counterObject, securitySetup, USUAL_COUNTER_OBIS } from "./objects/security-setup.js";
import { sapAssignment } from "./objects/sap-assignment.js";
import { tokenData, tokenGateway, tokenRegister } from "./objects/token-objects.js";

/** `minimal` leaves out the list and keeps what reading, switching and loading tokens needs. */
export type ObjectSet = "hexcell" | "minimal";

/** Codes that a minimal meter still measures. */
const MINIMAL = new Set([
  "1-0:1.8.0.255",
  "1-0:1.7.0.255",
  "1-0:32.7.0.255",
  "1-0:31.7.0.255",
  "1-0:14.7.0.255",
  "1-0:13.7.0.255",
  "1-0:96.66.0.255",
  "1-0:96.68.0.255",
]);
const MINIMAL_PROFILES = new Set(["1-0:99.98.84.255"]);

const models = new Map<string, ObjectStore<MeterState>>();

/** The shared store for meters of this type. */
export function meterModel(meterType: MeterType, set: ObjectSet, isSecured = false): ObjectStore<MeterState> {
  const { clientSap, publicClientSap, security, shortNames = false } = meterType.association;
  const counterObis = isSecured ? (security?.counterObis ?? USUAL_COUNTER_OBIS) : undefined;
  const form: SerialForm = meterType.serial.coding === "bcd" ? "bcd" : "ascii";
  // A type whose only client is the public one is read by that client.
  const restrictedSap = clientSap === publicClientSap ? undefined : publicClientSap;
  const key = `${set} ${form} ${restrictedSap ?? "-"} ${counterObis ?? "-"} ${shortNames}`;
  let model = models.get(key);
  if (model === undefined) {
    model = new ObjectStore(
      [...objectsOf(form, set, counterObis), ...(shortNames ? [associationSn] : [])],
      (_meter, caller) => caller.clientSap === restrictedSap,
      removedObjects,
    );
    models.set(key, model);
  }
  return model;
}

function objectsOf(form: SerialForm, set: ObjectSet, counterObis?: string): MeterObject[] {
  const byName = new Map<string, MeterObject>();
  const add = (object: MeterObject): void => {
    const key = `${object.classId} ${toHex(object.logicalName)}`;
    if (!byName.has(key)) byName.set(key, object);
  };
  [
    deviceName,
    sapAssignment,
    currentAssociation,
    serialNumber(form),
    clock,
    disconnectControl,
    tokenData,
    tokenGateway,
    tokenRegister,
    account,
    credit,
    charge,
    monthEndSchedule,
  ].forEach(add);
  if (counterObis !== undefined) [securitySetup, counterObject(counterObis)].forEach(add);
  if (set === "hexcell") standardObjects.forEach(add);
  // Objects above are the same as listed ones, only with behaviour: the first one stays.
  const built = new Set([...byName.keys()]);
  for (const listed of listedObjects)
    if (
      !built.has(`${listed.classId} ${toHex(parseObis(listed.obis))}`) &&
      (set === "hexcell" || MINIMAL.has(listed.obis))
    )
      add(listedObject(listed));
  for (const profile of listedProfiles)
    if (set === "hexcell" || MINIMAL_PROFILES.has(profile.obis)) {
      add(profileObject(profile));
      capturedBesides(profile, byName).forEach(add);
    }
  return [...byName.values()];
}

function profileObject({ obis, capture }: ListedProfile): MeterObject {
  const logicalName = parseObis(obis);
  const captures = capture.map((column) => ({
    classId: column.classId,
    logicalName: parseObis(column.obis),
    attributeId: column.attribute,
  }));
  const isLog = logicalName[3] === 98;
  return isLog
    ? eventLog(logicalName, logicalName[4] as number, captures)
    : loadProfile(logicalName, captures);
}

/** Objects that the list of profiles names and the list of objects does not. */
function capturedBesides({ capture }: ListedProfile, known: ReadonlyMap<string, MeterObject>): MeterObject[] {
  return capture
    .filter(({ classId, obis }) => !known.has(`${classId} ${toHex(parseObis(obis))}`))
    .map(({ name, classId, obis, type, scaler, unit }) =>
      listedObject({
        section: "Captured",
        name,
        obis,
        classId,
        access: classId === 1 ? "2:R" : "2:R 3:R",
        type,
        ...(scaler === undefined ? {} : { scaler }),
        ...(unit === undefined ? {} : { unit }),
      }),
    );
}
