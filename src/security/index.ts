/** Ring 3: protection of APDUs, proof of identity, keys and invocation counters (IEC 62056-5-3). */
export * from "./certificate.js";
export * from "./elliptic.js";
export * from "./fingerprint.js";
export * from "./hls.js";
export * from "./key-agreement.js";
export * from "./key-store.js";
export * from "./key-wrap.js";
export * from "./keys.js";
export * from "./protect.js";
export * from "./protection.js";
export * from "./received-counters.js";
export * from "./security-context.js";
export * from "./security-control.js";
export * from "./sent-counter.js";
export * from "./suites.js";
export * from "./unprotect.js";
