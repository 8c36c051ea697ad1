/** Frames for people: the layered byte table, and a running trace of it with secrets hidden. */
export { FrameCutter } from "./frame-cutter.js";
export { FrameTrace, type InspectedFrame, type SecretFacts } from "./frame-trace.js";
export { type FrameTable, formatTable, frameTable, inspectFrame } from "./inspect-frame.js";
export { type SecretObject } from "./secrets.js";
