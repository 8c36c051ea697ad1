/**
 * What the editor's script takes from the engine: codes, their meaning and interface classes, the same that the runtime
 * uses. The script runs in a browser, so nothing here may reach above ring 5.
 */
export { backendLimits, listenerLimits, shownLimit } from "./core/limits.js";
export { formatObis, type ObisProblem, readObis } from "./cosem/obis.js";
export {
  defaultAttribute,
  describeObis,
  listedObis,
  type ObisDescription,
} from "./cosem/dictionary/index.js";
export { classById, classes } from "./cosem/classes/index.js";
export { attributesOf, type InterfaceClass, methodsOf } from "./cosem/interface-class.js";
