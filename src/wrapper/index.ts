/** The TCP-UDP wrapper of IEC 62056-47: header, deframer, link. */
export * from "./deframer.js";
export * from "./link.js";
export * from "./pdu.js";
