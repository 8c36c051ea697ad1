/**
 * M-Bus client 0-1:24.1.0.255 (class 72, version 1) with a gas meter behind it, and the volume it reads there,
 * 0-1:24.2.1.255 (class 4). The gas meter is read each capture period and when capture is called. Sent data and keys
 * are checked for their form and not acted on further: nothing on this bus is ciphered.
 */
import { data } from "../../axdr/build.js";
import { type Data } from "../../axdr/data.js";
import { mbusClient as declared } from "../../cosem/classes/index.js";
import { parseObis } from "../../cosem/obis.js";
import { type ActionResult } from "../../xdlms/index.js";
import { clockOctets } from "../behaviours/clock.js";
import { gasMeter, gasVolume, MAX_PRIMARY_ADDRESS, MbusPort } from "../behaviours/mbus.js";
import { type MeterState } from "../meter-state.js";
import { perMeter } from "../per-meter.js";
import { isTrigger, type MeterMethod, type MeterObject, readOnly, scalerUnit } from "./attributes.js";
import { elementsOf, keeping, numberOf } from "./kept.js";

const HOUR_S = 3_600;
const DAY_S = 86_400;
const KEY_OCTETS = 16;
/** A wrapped key is eight octets longer. */
const MAX_TRANSFERRED_OCTETS = 24;

const portOf = perMeter(({ options, installedAt }) => new MbusPort(gasMeter(options.seed, 1), installedAt));
const logicalName = parseObis("0-1:24.1.0.255");
const kept = keeping(declared, logicalName);
const capturePeriod = kept("capturePeriod", data.doubleLongUnsigned(HOUR_S), {
  accepts: (value) => (numberOf(value) <= DAY_S ? "success" : "other-reason"),
});

function periodMs(meter: MeterState): number {
  return numberOf(capturePeriod.of(meter)) * 1_000;
}

function lastReading(meter: MeterState, t: number): number {
  return portOf(meter).lastReading(t, periodMs(meter));
}

/** A method that takes integer 0 and needs an installed device. */
function triggered(id: number, act: (meter: MeterState, t: number) => boolean): MeterMethod {
  return {
    id,
    invoke: (meter, parameter, { t }): ActionResult => {
      if (!isTrigger(parameter)) return "type-unmatched";
      return act(meter, t) ? "success" : "other-reason";
    },
  };
}

/** The address to give, or 0 for the next free one. */
function install(meter: MeterState, parameter: Data | undefined, t: number): ActionResult {
  if (parameter?.type !== "unsigned" && parameter?.type !== "integer") return "type-unmatched";
  const address = parameter.value === 0 ? 1 : parameter.value;
  if (address < 1 || address > MAX_PRIMARY_ADDRESS) return "other-reason";
  if (!portOf(meter).install(t, gasMeter(meter.options.seed, address))) return "other-reason";
  meter.note(t, "mbus", `gas meter installed at address ${address}`);
  return "success";
}

function withKey(
  id: number,
  fits: (octets: number) => boolean,
  act: (port: MbusPort, octets: number) => void,
): MeterMethod {
  return {
    id,
    invoke: (meter, parameter): ActionResult => {
      if (parameter?.type !== "octet-string" || !fits(parameter.value.length)) return "type-unmatched";
      const port = portOf(meter);
      if (port.device === undefined) return "other-reason";
      act(port, parameter.value.length);
      return "success";
    },
  };
}

export const mbusClient: MeterObject = {
  classId: declared.classId,
  version: 1,
  logicalName,
  attributes: [
    kept("mbusPortReference", data.octetString(parseObis("0-0:24.6.0.255"))),
    kept(
      "captureDefinition",
      // Volume in hundredths of a cubic metre, eight digits.
      data.array([
        data.structure([data.octetString(Uint8Array.of(0x0c)), data.octetString(Uint8Array.of(0x14))]),
      ]),
    ),
    capturePeriod,
    readOnly(5, (meter) => data.unsigned(portOf(meter).device?.primaryAddress ?? 0)),
    readOnly(6, (meter) => data.doubleLongUnsigned(portOf(meter).device?.identification ?? 0)),
    readOnly(7, (meter) => data.longUnsigned(portOf(meter).device?.manufacturer ?? 0)),
    readOnly(8, (meter) => data.unsigned(portOf(meter).device?.version ?? 0)),
    readOnly(9, (meter) => data.unsigned(portOf(meter).device?.deviceType ?? 0)),
    readOnly(10, (meter) => data.unsigned(portOf(meter).accessNumber)),
    readOnly(11, () => data.unsigned(0)),
    // It never has an alarm.
    readOnly(12, () => data.unsigned(0)),
    readOnly(13, () => data.longUnsigned(0)),
    readOnly(14, (meter) => data.enum(portOf(meter).keyStatus)),
  ],
  methods: [
    { id: 1, invoke: (meter, parameter, { t }) => install(meter, parameter, t) },
    triggered(2, (meter, t) => {
      if (!portOf(meter).deinstall(t, periodMs(meter))) return false;
      meter.note(t, "mbus", "gas meter taken away");
      return true;
    }),
    triggered(3, (meter, t) => portOf(meter).capture(t)),
    triggered(4, (meter) => portOf(meter).device !== undefined),
    triggered(5, (meter) => portOf(meter).device !== undefined),
    {
      id: 6,
      invoke: (meter, parameter): ActionResult => {
        if (parameter === undefined || declared.methods.dataSend.parameter.check(parameter) !== undefined)
          return "type-unmatched";
        return portOf(meter).device === undefined || elementsOf(parameter).length === 0
          ? "other-reason"
          : "success";
      },
    },
    withKey(
      7,
      (octets) => octets === 0 || octets === KEY_OCTETS,
      (port, octets) => port.setKey(octets === 0),
    ),
    withKey(
      8,
      (octets) => octets >= KEY_OCTETS && octets <= MAX_TRANSFERRED_OCTETS,
      (port) => port.transferKey(),
    ),
  ],
};

export const mbusValue: MeterObject = {
  classId: 4,
  version: 0,
  logicalName: parseObis("0-1:24.2.1.255"),
  attributes: [
    readOnly(2, (meter, t) =>
      data.doubleLongUnsigned(gasVolume(meter.options.seed, meter.installedAt, lastReading(meter, t))),
    ),
    scalerUnit(3, -2, "m³"),
    readOnly(4, () => data.unsigned(0)),
    readOnly(5, (meter, t) =>
      data.octetString(clockOctets(meter.clockAt(lastReading(meter, t)), meter.deviationMinutes)),
    ),
  ],
};
