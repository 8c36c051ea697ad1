/**
 * Holds a meter type against what its fields may be, whoever wrote it: presets, settings of nodes, scripts. The first
 * field that cannot work is named, so that a wrong setting shows when the listener starts and not when a token is due.
 */
import { parseObis } from "../cosem/obis.js";
import { usageError } from "../core/errors.js";
import { securityModes, securitySuites, suiteById, type SymmetricKey } from "../security/index.js";
import { conformanceBits } from "../xdlms/index.js";
import {
  type AssociationSettings,
  type ClockRule,
  mechanismNames,
  type MeterType,
  tokenEncodings,
  type TokenRule,
  tokenRuleNames,
} from "./meter-type.js";
import { cipheredForms } from "./security-settings.js";

/** @returns the same meter type. @throws DlmsError FIELD_INVALID or OBIS_INVALID naming the field as a path. */
export function checkMeterType(meterType: MeterType): MeterType {
  const {
    association,
    clockRule,
    profileRows,
    pushObjects = [],
    serial,
    relayRule,
    tokenRule,
    defaultCodes,
    objects,
    reverseMechanisms,
  } = meterType;
  oneOf(association.framing, "association.framing", ["auto", "hdlc", "wrapper"]);
  oneOf(association.mechanism, "association.mechanism", mechanismNames);
  checkSecurity(association);
  checkServices(association);
  oneOf(association.hdlcAddressOctets, "association.hdlcAddressOctets", [1, 2, 4]);
  // One client address octet in HDLC; wPorts have two.
  const clientMax = association.framing === "wrapper" ? 0xffff : 0x7f;
  integer(association.clientSap, "association.clientSap", 1, clientMax);
  integer(association.publicClientSap, "association.publicClientSap", 1, clientMax);
  const hdlcMax = association.hdlcAddressOctets === 4 ? 0x3fff : 0x7f;
  integer(
    association.serverSap,
    "association.serverSap",
    1,
    association.framing === "wrapper" ? 0xffff : hdlcMax,
  );
  if (association.hdlcAddressOctets > 1 && association.framing !== "wrapper")
    integer(association.hdlcServerLower, "association.hdlcServerLower", 0, hdlcMax);
  integer(association.responseTimeoutMs, "association.responseTimeoutMs", 10, 600_000);
  integer(association.interRequestMs, "association.interRequestMs", 0, 60_000);
  object(serial.obis, serial.classId, "serial");
  integer(serial.attributeId, "serial.attributeId", 1, 127);
  oneOf(serial.coding, "serial.coding", ["ascii", "bcd", "auto"]);
  if (serial.stripZerosTo !== undefined) integer(serial.stripZerosTo, "serial.stripZerosTo", 1, 32);
  object(relayRule.obis, relayRule.classId, "relayRule");
  for (const action of ["disconnect", "connect"] as const)
    integer(relayRule.methods[action], `relayRule.methods.${action}`, 1, 127);
  if (relayRule.methods.connect === relayRule.methods.disconnect)
    throw usageError(
      "FIELD_INVALID",
      "relayRule.methods",
      "relayRule.methods must name two different methods",
    );
  for (const name of ["outputStateAttribute", "controlStateAttribute", "controlModeAttribute"] as const)
    integer(relayRule[name], `relayRule.${name}`, 1, 127);
  checkTokenRule(tokenRule);
  if (clockRule !== undefined) checkClockRule(clockRule);
  if (profileRows !== undefined) integer(profileRows, "profileRows", 1, 100_000);
  pushObjects.forEach(({ classId, obis, attributeId, dataIndex }, i) => {
    object(obis, classId, `pushObjects[${i}]`);
    integer(attributeId, `pushObjects[${i}].attributeId`, 1, 127);
    integer(dataIndex, `pushObjects[${i}].dataIndex`, 0, 0xffff);
  });
  defaultCodes.forEach((code, i) => parseObis(code, `defaultCodes[${i}]`));
  for (const [obis, known] of Object.entries(objects)) object(obis, known.classId, `objects.${obis}`);
  reverseMechanisms.forEach((mechanism, i) => oneOf(mechanism, `reverseMechanisms[${i}]`, mechanismNames));
  return meterType;
}

function checkServices({ behind, services = [] }: AssociationSettings): void {
  services.forEach((bit, i) => oneOf(bit, `association.services[${i}]`, Object.keys(conformanceBits)));
  if (behind === undefined) return;
  integer(behind.networkId, "association.behind.networkId", 0, 0xff);
  integer(behind.deviceAddress.length, "association.behind.deviceAddress", 0, 127);
}

const NEEDS_TITLES: ReadonlySet<string> = new Set(["hls-gmac", "hls-sha256", "hls-ecdsa"]);

/** Keys that are not there may come from a key directory; those that are must fit. */
function checkSecurity({ mechanism, security }: AssociationSettings): void {
  if (security === undefined) {
    if (NEEDS_TITLES.has(mechanism))
      throw usageError(
        "FIELD_INVALID",
        "association.security",
        `association.security is missing, and ${mechanism} needs system titles or keys`,
      );
    return;
  }
  const { suite, mode, form, keySet, keys, clientSystemTitle, meterSystemTitle, counterObis } = security;
  oneOf(
    suite,
    "association.security.suite",
    Object.values(securitySuites).map(({ id }) => id),
  );
  oneOf(mode, "association.security.mode", securityModes);
  oneOf(form, "association.security.form", cipheredForms);
  oneOf(keySet, "association.security.keySet", ["global", "dedicated"]);
  title(clientSystemTitle, "clientSystemTitle");
  if (meterSystemTitle !== undefined) title(meterSystemTitle, "meterSystemTitle");
  if (counterObis !== undefined) parseObis(counterObis, "association.security.counterObis");
  const { keyOctets, curve } = suiteById(suite);
  for (const name of ["unicast", "broadcast", "authentication", "master"] as const)
    keyLength(keys[name], name, keyOctets);
  if (mechanism === "hls-ecdsa" && curve === undefined)
    throw usageError("FIELD_INVALID", "association.security.suite", "hls-ecdsa needs security suite 1 or 2");
}

function title(octets: Uint8Array, name: string): void {
  if (octets.length !== 8)
    throw usageError(
      "FIELD_INVALID",
      `association.security.${name}`,
      `association.security.${name} must have 8 octets`,
    );
}

function keyLength(key: SymmetricKey | undefined, name: string, octets: number): void {
  if (key !== undefined && key.reveal().length !== octets)
    throw usageError(
      "FIELD_INVALID",
      `association.security.keys.${name}`,
      `association.security.keys.${name} must have ${octets} octets in this suite`,
    );
}

function checkTokenRule({ name, request, encoding, status }: TokenRule): void {
  oneOf(name, "tokenRule.name", tokenRuleNames);
  oneOf(encoding, "tokenRule.encoding", tokenEncodings);
  object(request.obis, request.classId, "tokenRule.request");
  if (request.service === "set") integer(request.attributeId, "tokenRule.request.attributeId", 1, 127);
  else integer(request.methodId, "tokenRule.request.methodId", 1, 127);
  if (status.source !== "none") parseObis(status.obis, "tokenRule.status.obis");
}

function object(obis: string, classId: number, field: string): void {
  parseObis(obis, `${field}.obis`);
  integer(classId, `${field}.classId`, 1, 0xffff);
}

function integer(value: unknown, field: string, low: number, high: number): void {
  if (typeof value !== "number" || !Number.isInteger(value) || value < low || value > high)
    throw usageError("FIELD_INVALID", field, `${field} must be a whole number from ${low} to ${high}`);
}

function oneOf(value: unknown, field: string, values: readonly unknown[]): void {
  if (!values.includes(value))
    throw usageError("FIELD_INVALID", field, `${field} must be one of ${values.join(", ")}`);
}

function checkClockRule({ obis, method, deviationMinutes }: ClockRule): void {
  object(obis, 8, "clockRule");
  oneOf(method, "clockRule.method", ["set", "shift"]);
  if (deviationMinutes !== undefined) integer(deviationMinutes, "clockRule.deviationMinutes", -840, 840);
}
