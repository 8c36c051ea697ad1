/**
 * The four presets. A preset is a whole meter type; settings of the user replace single fields (overrides.ts).
 * Passwords here are the makers' published defaults.
 */
import { Secret } from "../core/secret.js";
import { fromLatin1 } from "../bytes/hex.js";
import { type AssociationSettings, type MeterType, type PresetName, type SerialRule } from "./meter-type.js";
import { disconnectControl } from "./relay-rules.js";
import { tokenRules } from "./token-rules.js";

const publishedDefault = new Secret(fromLatin1("00000000"));

const commonAssociation: AssociationSettings = {
  framing: "auto",
  clientSap: 16,
  serverSap: 1,
  hdlcAddressOctets: 1,
  mechanism: "none",
  publicClientSap: 16,
  readSerialPublicly: false,
  responseTimeoutMs: 10_000,
  interRequestMs: 0,
};

const commonSerial: SerialRule = { obis: "0-0:96.1.0.255", classId: 1, attributeId: 2, coding: "auto" };

const energyVoltageCurrentFrequency = ["1-0:1.8.0.255", "1-0:32.7.0.255", "1-0:31.7.0.255", "1-0:14.7.0.255"];

const hexcell: MeterType = {
  name: "hexcell",
  preset: "hexcell",
  association: {
    ...commonAssociation,
    framing: "wrapper",
    clientSap: 0x11,
    mechanism: "lls",
    secret: publishedDefault,
    interRequestMs: 50,
  },
  // Twelve BCD digits with a pad in front of an eleven-digit number.
  serial: { ...commonSerial, coding: "bcd", stripZerosTo: 11 },
  tokenRule: {
    ...tokenRules["data-bcd"],
    status: { source: "token-log", obis: "1-0:99.98.84.255" },
  },
  relayRule: disconnectControl,
  defaultCodes: [...energyVoltageCurrentFrequency, "1-0:96.66.0.255"],
  objects: {
    "1-0:96.66.0.255": { classId: 3, attributeId: 2 },
    "1-0:96.68.0.255": { classId: 3, attributeId: 2 },
    "1-0:129.129.2.255": { classId: 1, attributeId: 2 },
  },
  allowReverse: false,
  reverseMechanisms: ["lls"],
};

const hexing: MeterType = {
  name: "hexing",
  preset: "hexing",
  association: {
    ...commonAssociation,
    framing: "wrapper",
    clientSap: 1,
    mechanism: "lls",
    secret: publishedDefault,
    interRequestMs: 50,
  },
  serial: commonSerial,
  tokenRule: tokenRules["data-bcd"],
  relayRule: disconnectControl,
  defaultCodes: [...energyVoltageCurrentFrequency, "1-0:96.66.0.255"],
  objects: {
    "1-0:96.66.0.255": { classId: 3, attributeId: 2 },
    "1-0:129.129.2.255": { classId: 1, attributeId: 2 },
  },
  allowReverse: false,
  reverseMechanisms: ["lls"],
};

const standard: MeterType = {
  name: "standard",
  preset: "standard",
  association: { ...commonAssociation, readSerialPublicly: true },
  serial: commonSerial,
  tokenRule: tokenRules["token-gateway"],
  relayRule: disconnectControl,
  defaultCodes: [...energyVoltageCurrentFrequency, "0-0:19.10.0.255"],
  objects: {},
  allowReverse: false,
  reverseMechanisms: ["none", "lls"],
};

const readme: MeterType = {
  name: "readme",
  preset: "readme",
  association: commonAssociation,
  serial: commonSerial,
  tokenRule: tokenRules.register,
  relayRule: disconnectControl,
  defaultCodes: [...energyVoltageCurrentFrequency, "0-0:19.1.0.255"],
  objects: { "0-0:19.1.0.255": { classId: 3, attributeId: 2 } },
  allowReverse: true,
  reverseMechanisms: ["none", "lls"],
};

export const presets: Readonly<Record<PresetName, MeterType>> = { hexcell, hexing, standard, readme };
