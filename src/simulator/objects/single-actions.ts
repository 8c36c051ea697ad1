/**
 * Single action schedules (class 22): a script at certain times, on the meter's clock. Times and dates may be left
 * open, which makes them repeat; what the type attribute says of them is not enforced.
 */
import { data } from "../../axdr/build.js";
import { type Data } from "../../axdr/data.js";
import { decodeDate, decodeTime } from "../../axdr/date-time.js";
import { singleActionSchedule as declared } from "../../cosem/classes/index.js";
import { parseObis } from "../../cosem/obis.js";
import { nextOccurrence } from "../behaviours/occurrence.js";
import { type MeterState } from "../meter-state.js";
import { type Access } from "../object-store.js";
import { namesScript, runReference, scriptReference } from "../scripts.js";
import { instantOfWall, wallAt } from "../wall-clock.js";
import { type MeterObject } from "./attributes.js";
import { elementsOf, keeping, octetsOf } from "./kept.js";
import { scriptTables } from "./script-tables.js";

const FIRST_OF_MONTH = data.array([
  data.structure([
    data.octetString(Uint8Array.of(0, 0, 0, 0)),
    data.octetString(Uint8Array.of(0xff, 0xff, 0xff, 1, 0xff)),
  ]),
]);
const NEVER = data.array([]);

/** The next execution, epoch ms. */
function nextExecution(meter: MeterState, times: Data, t: number): number | undefined {
  const wall = wallAt(meter, t);
  const found = elementsOf(times).flatMap((entry) => {
    const [time, date] = elementsOf(entry).map(octetsOf) as [Uint8Array, Uint8Array];
    return nextOccurrence(decodeDate(date), decodeTime(time), wall) ?? [];
  });
  return found.length === 0 ? undefined : instantOfWall(meter, t, Math.min(...found));
}

function schedule(obis: string, script: Data, times: Data, access: Access = "rw"): MeterObject {
  const logicalName = parseObis(obis);
  const kept = keeping(declared, logicalName);
  const executedScript = kept("executedScript", script, { access });
  const executionTime = kept("executionTime", times);
  return {
    classId: declared.classId,
    version: 0,
    logicalName,
    attributes: [
      executedScript,
      // One time, wildcards in date and time.
      kept("type", data.enum(1), { access }),
      executionTime,
    ],
    duty: {
      next: (meter, t) =>
        namesScript(executedScript.of(meter)) ? nextExecution(meter, executionTime.of(meter), t) : undefined,
      act: (meter, t, store) => runReference(meter, executedScript.of(meter), t, store),
    },
  };
}

/** The schedule that ends the billing month; every set of objects has it. */
export const monthEndSchedule = schedule(
  "0-0:15.0.0.255",
  scriptReference(scriptTables.endOfBilling, 1),
  FIRST_OF_MONTH,
  "r",
);

/** Disconnection, image activation and push: scripts are there, times are to be written. */
export const singleActionSchedules: readonly MeterObject[] = [
  schedule("0-0:15.0.1.255", scriptReference(scriptTables.disconnect, 1), NEVER),
  schedule("0-0:15.0.2.255", scriptReference(scriptTables.imageActivation, 1), NEVER),
  schedule("0-0:15.0.4.255", scriptReference(scriptTables.push, 1), NEVER),
];
