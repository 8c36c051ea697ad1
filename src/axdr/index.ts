/** Ring 1: Data and the A-XDR pieces (IEC 61334-6) that services are written with. */
export * from "./build.js";
export * from "./compact-array.js";
export * from "./data.js";
export * from "./date-time.js";
export * from "./fields.js";
export * from "./length.js";
export * from "./types.js";
