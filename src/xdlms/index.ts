/** Ring 2: the xDLMS APDUs (IEC 62056-5-3), one file each; `apdu.ts` is the choice of all. */
export * from "./action-request.js";
export * from "./action-response.js";
export * from "./apdu.js";
export * from "./block.js";
export * from "./confirmed-service-error.js";
export * from "./conformance.js";
export * from "./data-notification.js";
export * from "./descriptors.js";
export * from "./event-notification.js";
export * from "./exception-response.js";
export * from "./get-request.js";
export * from "./get-response.js";
export * from "./initiate.js";
export * from "./results.js";
export * from "./set-request.js";
export * from "./set-response.js";
