/** Confirmed service error: how a peer refuses an initiate (and, with short names, reads and writes). */
import { type Codec, named, seq, u8 } from "../bytes/codec.js";

/** Services by their choice tag. */
export const confirmedServices = {
  initiate: 1,
  "get-status": 2,
  "get-name-list": 3,
  "get-variable-attribute": 4,
  read: 5,
  write: 6,
  "get-data-set-attribute": 7,
  "get-ti-attribute": 8,
  "change-scope": 9,
  start: 10,
  stop: 11,
  resume: 12,
  "make-usable": 13,
  "initiate-load": 14,
  "load-segment": 15,
  "terminate-load": 16,
  "initiate-up-load": 17,
  "up-load-segment": 18,
  "terminate-up-load": 19,
} as const;

export const errorCategories = {
  "application-reference": 0,
  "hardware-resource": 1,
  "vde-state-error": 2,
  service: 3,
  definition: 4,
  access: 5,
  initiate: 6,
  "load-data-set": 7,
  task: 9,
} as const;

export interface ConfirmedServiceError {
  readonly service: keyof typeof confirmedServices | number;
  /** `code` as the category numbers it; initiate: 1 version too low, 2 conformance, 3 PDU size, 4 refused. */
  readonly error: { readonly category: keyof typeof errorCategories | number; readonly code: number };
}

/** ConfirmedServiceError ::= CHOICE { initiateError [1] ServiceError, …, read [5], write [6], … } */
export const confirmedServiceError: Codec<ConfirmedServiceError> = seq({
  service: named(u8, confirmedServices),
  error: seq({ category: named(u8, errorCategories), code: u8 }),
});
