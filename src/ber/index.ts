/** Ring 1: BER elements and the few value types that ACSE is written with. */
export * from "./tlv.js";
export * from "./values.js";
