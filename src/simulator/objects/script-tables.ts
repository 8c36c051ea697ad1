/**
 * Script tables (class 9): end of billing period, tariff, disconnect control, image activation, push. Scripts can be
 * rewritten; what they do is in scripts.ts.
 */
import { data } from "../../axdr/build.js";
import { type Data } from "../../axdr/data.js";
import { fromLatin1 } from "../../bytes/hex.js";
import { scriptTable as declared } from "../../cosem/classes/index.js";
import { parseObis } from "../../cosem/obis.js";
import { runScript } from "../scripts.js";
import { type MeterObject } from "./attributes.js";
import { keeping } from "./kept.js";

export const scriptTables = {
  endOfBilling: parseObis("0-0:10.0.1.255"),
  tariff: parseObis("0-0:10.0.100.255"),
  disconnect: parseObis("0-0:10.0.106.255"),
  imageActivation: parseObis("0-0:10.0.107.255"),
  push: parseObis("0-0:10.0.108.255"),
} as const;

/** Attribute 4 of the register activation: the four tariffs. */
export const tariffMasks = ["TARIFF1", "TARIFF2", "TARIFF3", "TARIFF4"].map((name) => fromLatin1(name));

const WRITE = 1;
const EXECUTE = 2;

function action(service: number, classId: number, obis: string, index: number, parameter: Data): Data {
  return data.structure([
    data.enum(service),
    data.longUnsigned(classId),
    data.octetString(parseObis(obis)),
    data.integer(index),
    parameter,
  ]);
}

const call = (classId: number, obis: string, method: number): Data =>
  action(EXECUTE, classId, obis, method, data.integer(0));

function table(logicalName: Uint8Array, ...scripts: readonly (readonly Data[])[]): MeterObject {
  const initial = data.array(
    scripts.map((actions, i) => data.structure([data.longUnsigned(i + 1), data.array(actions)])),
  );
  return {
    classId: declared.classId,
    version: 0,
    logicalName,
    attributes: [keeping(declared, logicalName)("scripts", initial)],
    methods: [
      {
        id: 1,
        invoke: (meter, parameter, { t, store }) => {
          if (parameter?.type !== "long-unsigned") return "type-unmatched";
          return runScript(meter, logicalName, parameter.value, t, store) ? "success" : "other-reason";
        },
      },
    ],
  };
}

export const scriptTableObjects: readonly MeterObject[] = [
  table(
    scriptTables.endOfBilling,
    [call(7, "0-0:98.1.0.255", 2), call(5, "1-0:1.4.0.255", 2), call(4, "1-0:1.6.0.255", 1)].concat(
      [1, 2, 3, 4].map((tariff) => call(3, `1-0:1.9.${tariff}.255`, 1)),
    ),
  ),
  table(
    scriptTables.tariff,
    ...tariffMasks.map((mask) => [action(WRITE, 6, "0-0:14.0.0.255", 4, data.octetString(mask))]),
  ),
  table(scriptTables.disconnect, [call(70, "0-0:96.3.10.255", 1)], [call(70, "0-0:96.3.10.255", 2)]),
  table(scriptTables.imageActivation, [call(18, "0-0:44.0.0.255", 4)]),
  table(scriptTables.push, [call(40, "0-0:25.9.0.255", 1)]),
];
