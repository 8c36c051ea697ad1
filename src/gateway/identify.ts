/**
 * Who is at the other end: serial number 0-0:96.1.0.255 (or what the meter type says) and logical device name
 * 0-0:42.0.0.255, read over an association, and held against what the link claimed.
 */
import { type DlmsClient } from "../client/index.js";
import { asDlmsError, DlmsError } from "../core/errors.js";
import { type MeterType, type SerialRule } from "../meter-types/meter-type.js";
import { type Association } from "./association.js";
import { deviceName, serialFromData } from "./identity.js";

const DEVICE_NAME = { classId: 1, obis: "0-0:42.0.0.255", attributeId: 2 };

export interface Evidence {
  readonly deviceName?: string;
  readonly serial?: string;
}

/** A link as far as identity goes. */
export interface Claimant {
  readonly serial: string | undefined;
  readonly meterType: MeterType;
}

/**
 * Reads names until they make a serial number.
 * @param ruleFor chooses the meter type by what is known so far and returns its serial rule.
 * @throws DlmsError IDENTIFY_TIMEOUT when the meter names itself in no readable way; link errors as they are.
 */
export async function readIdentity(
  client: DlmsClient,
  ruleFor: (evidence: Evidence) => SerialRule,
): Promise<string> {
  const name = await readName(client);
  let rule = ruleFor(name === undefined ? {} : { deviceName: name });
  for (let round = 0; round < 2; round++) {
    const [value] = await client.getMany([serialAttribute(rule)]);
    const serial =
      value === undefined || value instanceof DlmsError ? undefined : serialFromData(value, rule);
    if (serial === undefined) break;
    // The serial number itself may say that the meter is of a type that codes it differently.
    const chosen = ruleFor({ serial, ...(name === undefined ? {} : { deviceName: name }) });
    if (sameRule(chosen, rule)) return serial;
    rule = chosen;
  }
  if (name !== undefined) return name;
  throw new DlmsError("IDENTIFY_TIMEOUT", "The meter shows neither a serial number nor a device name.");
}

/**
 * Asks with the public client, before a secret is sent. A meter that does not let it in is asked nothing.
 * @throws what `ask` throws; DlmsError of the transport.
 */
export async function askPublicly(
  openPublic: () => Promise<Association>,
  ask: (client: DlmsClient) => Promise<void>,
): Promise<void> {
  let association: Association;
  try {
    association = await openPublic();
  } catch (caught) {
    const error = asDlmsError(caught);
    if (error.family === "TransportError") throw error;
    return;
  }
  try {
    await ask(association.client);
  } finally {
    await association.release();
  }
}

/**
 * The serial number read with the public client, before a secret is sent to whoever claims it. A meter that lets the
 * public client read nothing is no impostor by that alone.
 * @throws DlmsError IDENTITY_MISMATCH.
 */
export async function checkPublicSerial(client: DlmsClient, claimant: Claimant): Promise<void> {
  await compare(client, claimant, false);
}

/** @throws DlmsError IDENTITY_MISMATCH also when the meter inside the association cannot be named at all. */
export async function verifyInside(client: DlmsClient, claimant: Claimant): Promise<void> {
  await compare(client, claimant, true);
}

async function compare(
  client: DlmsClient,
  { serial, meterType }: Claimant,
  mustTell: boolean,
): Promise<void> {
  const rule = meterType.serial;
  const [value] = await client.getMany([serialAttribute(rule)]);
  if (value instanceof DlmsError && value.family !== "ServiceError") throw value;
  let read = value === undefined || value instanceof DlmsError ? undefined : serialFromData(value, rule);
  if (read === undefined) {
    const name = await readName(client);
    // A device name ends in the serial number, or was itself what the link was known by.
    if (name !== undefined && serial !== undefined) read = name.endsWith(serial) ? serial : name;
  }
  if (read === serial || (read === undefined && !mustTell)) return;
  throw new DlmsError(
    "IDENTITY_MISMATCH",
    read === undefined
      ? "The meter does not show its serial number inside the association, so the link's claim stays unproved."
      : "The serial number read inside the association differs from the one the link claimed.",
  );
}

async function readName(client: DlmsClient): Promise<string | undefined> {
  const [value] = await client.getMany([DEVICE_NAME]);
  if (value instanceof DlmsError && value.family !== "ServiceError") throw value;
  return value === undefined || value instanceof DlmsError ? undefined : deviceName(value);
}

function serialAttribute({ classId, obis, attributeId }: SerialRule): {
  classId: number;
  obis: string;
  attributeId: number;
} {
  return { classId, obis, attributeId };
}

function sameRule(a: SerialRule, b: SerialRule): boolean {
  return (
    a.obis === b.obis &&
    a.classId === b.classId &&
    a.attributeId === b.attributeId &&
    a.coding === b.coding &&
    a.stripZerosTo === b.stripZerosTo
  );
}
