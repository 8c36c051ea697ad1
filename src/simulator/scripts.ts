/**
 * Scripts of a meter (class 9) and what refers to them: a reference is the script table's name and the script's
 * number. Actions run in their order, as the meter itself; one that fails does not stop the next. A script that runs
 * scripts goes a few levels deep and no further, and has so many actions in all and no more.
 */
import { data } from "../axdr/build.js";
import { type Data } from "../axdr/data.js";
import { formatObis } from "../cosem/obis.js";
import { type MeterState } from "./meter-state.js";
import { itself, type ObjectStore } from "./object-store.js";
import { elementsOf, numberOf, octetsOf } from "./objects/kept.js";
import { perMeter } from "./per-meter.js";

const SCRIPT_TABLE = 9;
const SCRIPTS = 2;
const WRITE = 1;
const MAX_DEPTH = 4;
const MAX_ACTIONS = 256;

/** `actions` counts those of the outermost script and of all that it runs. */
const runOf = perMeter(() => ({ depth: 0, actions: 0 }));

/** structure{script_logical_name, script_selector} */
export function scriptReference(logicalName: Uint8Array, selector: number): Data {
  return data.structure([data.octetString(logicalName), data.longUnsigned(selector)]);
}

/** Selector 0 and the name of zeros are the usual ways to say that nothing is to run. */
export function namesScript(reference: Data): boolean {
  const [name, selector] = elementsOf(reference);
  return numberOf(selector) !== 0 && octetsOf(name).some((octet) => octet !== 0);
}

/** Runs what a reference names. @returns false when there is no such script. */
export function runReference(
  meter: MeterState,
  reference: Data,
  t: number,
  store: ObjectStore<MeterState>,
): boolean {
  const [name, selector] = elementsOf(reference);
  return namesScript(reference) && runScript(meter, octetsOf(name), numberOf(selector), t, store);
}

/** @returns false when there is no such script, or scripts run each other without end. */
export function runScript(
  meter: MeterState,
  table: Uint8Array,
  selector: number,
  t: number,
  store: ObjectStore<MeterState>,
): boolean {
  const object = store.find(SCRIPT_TABLE, table);
  const run = runOf(meter);
  if (object === undefined || run.depth >= MAX_DEPTH) return false;
  const scripts = elementsOf(store.value(meter, object, SCRIPTS, t, itself));
  const script = scripts.map(elementsOf).find(([id]) => numberOf(id) === selector);
  if (script === undefined) return false;
  meter.note(t, "script", `runs script ${selector} of ${formatObis(table)}`);
  if (run.depth === 0) run.actions = 0;
  run.depth++;
  try {
    for (const action of elementsOf(script[1])) {
      if (++run.actions > MAX_ACTIONS) return false;
      act(meter, action, t, store);
    }
  } finally {
    run.depth--;
  }
  return true;
}

function act(meter: MeterState, action: Data, t: number, store: ObjectStore<MeterState>): void {
  const [service, classId, name, index, parameter] = elementsOf(action);
  const target = [numberOf(classId), octetsOf(name), numberOf(index), parameter as Data, t] as const;
  const result = numberOf(service) === WRITE ? store.write(meter, ...target) : store.call(meter, ...target);
  if (result !== "success")
    meter.note(t, "script", `${formatObis(octetsOf(name))} answered its script with ${result}`);
}
