/**
 * How the meter communicates, as it says itself: ports, modem, dialling, addresses (classes 19, 23, 27 to 29, 41 to
 * 45, 47, 48). Settings are kept and shown; the connection of the simulation does not follow them. Lists of
 * addresses change by their methods.
 */
import { data } from "../../axdr/build.js";
import { type Data } from "../../axdr/data.js";
import { fromLatin1 } from "../../bytes/hex.js";
import {
  autoAnswer,
  autoConnect,
  gprsModemSetup,
  gsmDiagnostic,
  hdlcSetup,
  ipv4Setup,
  ipv6Setup,
  localPortSetup,
  macAddressSetup,
  modemConfiguration,
  pppSetup,
  tcpUdpSetup,
} from "../../cosem/classes/index.js";
import { attributesOf, type InterfaceClass } from "../../cosem/interface-class.js";
import { parseObis } from "../../cosem/obis.js";
import { between } from "../behaviours/random.js";
import { clockOctets } from "../behaviours/clock.js";
import { type MeterState } from "../meter-state.js";
import { isTrigger, type MeterMethod, type MeterObject, readOnly } from "./attributes.js";
import { multicastMethods, typedAddressMethods } from "./address-lists.js";
import { keeping } from "./kept.js";

const text = (value: string): Data => data.octetString(fromLatin1(value));
const reference = (obis: string): Data => data.octetString(parseObis(obis));
const NOTHING = data.octetString(new Uint8Array(0));
const NONE = data.array([]);
const MAC_PREFIX = [0x02, 0x53, 0x49];
const SPEED_9600 = data.enum(5);
const BEST_EFFORT = data.structure([3, 4, 3, 4, 31].map((value) => data.unsigned(value)));

/** 10.x.y.z by the seed. */
function address(meter: MeterState): Data {
  return data.doubleLongUnsigned(0x0a00_0000 + Math.floor(between(1, 0xff_ffff, meter.options.seed, 42)));
}

type Initial = Data | ((meter: MeterState) => Data);

/** An object whose attributes, from 2 on, stand until they are written. */
function settings<C extends InterfaceClass>(
  declared: C,
  version: number,
  obis: string,
  initial: readonly Initial[],
  methods: readonly MeterMethod[] = [],
): MeterObject {
  const logicalName = parseObis(obis);
  const kept = keeping(declared, logicalName);
  const [, ...attributes] = attributesOf(declared);
  return {
    classId: declared.classId,
    version,
    logicalName,
    attributes: initial.map((value, i) => kept(attributes[i]?.name as string, value)),
    methods,
  };
}

const ipv4Name = "0-0:25.1.0.255";
const ipv6Name = "0-0:25.7.0.255";

const gsm: MeterObject = {
  classId: gsmDiagnostic.classId,
  version: 0,
  logicalName: parseObis("0-0:25.6.0.255"),
  attributes: [
    readOnly(2, () => data.visibleString("SIMULATED NETWORK")),
    // Registered at home, no call, packet switched by GPRS.
    readOnly(3, () => data.enum(1)),
    readOnly(4, () => data.enum(0)),
    readOnly(5, () => data.enum(1)),
    readOnly(6, (meter, t) => data.structure([...cell(meter, 1, t), data.unsigned(0)])),
    readOnly(7, (meter, t) =>
      data.array(
        [2, 3].map((n) => {
          const [id, , quality] = cell(meter, n, t);
          return data.structure([id as Data, quality as Data]);
        }),
      ),
    ),
    readOnly(8, (meter, t) => data.octetString(clockOctets(meter.clockAt(t), meter.deviationMinutes))),
  ],
};

/** Cell and location by the seed, signal quality (0 to 31) another one each minute. */
function cell({ options: { seed } }: MeterState, n: number, t: number): Data[] {
  return [
    data.longUnsigned(Math.floor(between(1_000, 60_000, seed, 47, n))),
    data.longUnsigned(Math.floor(between(100, 9_000, seed, 48))),
    data.unsigned(Math.floor(between(9, 28, seed, 49, n, Math.floor(t / 60_000)))),
  ];
}

export const communicationObjects: readonly MeterObject[] = [
  settings(localPortSetup, 1, "0-0:20.0.0.255", [
    data.enum(0),
    data.enum(0),
    SPEED_9600,
    data.enum(1),
    (meter) => text(meter.options.serial),
    NOTHING,
    NOTHING,
    NOTHING,
  ]),
  settings(hdlcSetup, 1, "0-0:22.0.0.255", [
    SPEED_9600,
    data.unsigned(1),
    data.unsigned(1),
    data.longUnsigned(128),
    data.longUnsigned(128),
    data.longUnsigned(25),
    data.longUnsigned(120),
    data.longUnsigned(17),
  ]),
  settings(modemConfiguration, 1, "0-0:2.0.0.255", [SPEED_9600, NONE, NONE]),
  settings(autoAnswer, 0, "0-0:2.2.0.255", [
    data.enum(0),
    NONE,
    data.enum(0),
    data.unsigned(0),
    data.structure([data.unsigned(1), data.unsigned(2)]),
  ]),
  settings(
    autoConnect,
    2,
    "0-0:2.1.0.255",
    [
      data.enum(101),
      data.unsigned(3),
      data.longUnsigned(60),
      NONE,
      data.array([text("gateway.example:4000")]),
    ],
    // It is connected, or nobody could ask.
    [{ id: 1, invoke: (_meter, parameter) => (isTrigger(parameter) ? "success" : "type-unmatched") }],
  ),
  settings(tcpUdpSetup, 0, "0-0:25.0.0.255", [
    data.longUnsigned(4059),
    reference(ipv4Name),
    data.longUnsigned(1_400),
    data.unsigned(1),
    data.longUnsigned(180),
  ]),
  settings(
    ipv4Setup,
    0,
    ipv4Name,
    [
      reference("0-0:25.3.0.255"),
      address,
      NONE,
      NONE,
      data.doubleLongUnsigned(0xff00_0000),
      data.doubleLongUnsigned(0x0a00_0001),
      data.boolean(true),
      data.doubleLongUnsigned(0x0a00_0001),
      data.doubleLongUnsigned(0),
    ],
    multicastMethods(ipv4Setup, ipv4Name),
  ),
  settings(macAddressSetup, 0, "0-0:25.2.0.255", [
    (meter) => {
      const octets = [1, 2, 3].map((n) => Math.floor(between(0, 256, meter.options.seed, 43, n)));
      return data.octetString(Uint8Array.from([...MAC_PREFIX, ...octets]));
    },
  ]),
  settings(pppSetup, 0, "0-0:25.3.0.255", [reference("0-0:2.0.0.255"), NONE, NONE, data.null()]),
  settings(gprsModemSetup, 0, "0-0:25.4.0.255", [
    text("internet"),
    data.longUnsigned(0),
    data.structure([BEST_EFFORT, BEST_EFFORT]),
  ]),
  settings(
    ipv6Setup,
    0,
    ipv6Name,
    [reference("0-0:25.3.0.255"), data.enum(0), NONE, NONE, NONE, NOTHING, NOTHING, data.unsigned(0), NONE],
    typedAddressMethods(ipv6Setup, ipv6Name),
  ),
  gsm,
];
