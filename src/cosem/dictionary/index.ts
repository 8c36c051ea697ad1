/** The OBIS dictionary: describe a code, infer its object, search by words. */
export { type ObisDescription, defaultAttribute, describeObis, inferObject } from "./describe.js";
export { listedObis, searchObis } from "./search.js";
