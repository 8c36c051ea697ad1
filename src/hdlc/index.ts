/** The HDLC data link of IEC 62056-46: frames, what is in them, and the link for both stations. */
export * from "./address.js";
export * from "./control.js";
export * from "./deframer.js";
export * from "./fcs.js";
export * from "./frame.js";
export * from "./link.js";
export * from "./llc.js";
export * from "./parameters.js";
export * from "./rejection.js";
