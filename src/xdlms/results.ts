/** Data-access-result and action-result codes. Codes beyond the tables exist in the field and stay numbers. */
import { type Codec, choice, named, seq, u8 } from "../bytes/codec.js";
import { type Data, dataCodec } from "../axdr/data.js";

/** Data-Access-Result ::= ENUMERATED */
export const dataAccessResults = {
  success: 0,
  "hardware-fault": 1,
  "temporary-failure": 2,
  "read-write-denied": 3,
  "object-undefined": 4,
  "object-class-inconsistent": 9,
  "object-unavailable": 11,
  "type-unmatched": 12,
  "scope-of-access-violated": 13,
  "data-block-unavailable": 14,
  "long-get-aborted": 15,
  "no-long-get-in-progress": 16,
  "long-set-aborted": 17,
  "no-long-set-in-progress": 18,
  "data-block-number-invalid": 19,
  "other-reason": 250,
} as const;

export type DataAccessResult = keyof typeof dataAccessResults | number;

export const dataAccessResult: Codec<DataAccessResult> = named(u8, dataAccessResults);

/** Action-Result ::= ENUMERATED */
export const actionResults = {
  success: 0,
  "hardware-fault": 1,
  "temporary-failure": 2,
  "read-write-denied": 3,
  "object-undefined": 4,
  "object-class-inconsistent": 9,
  "object-unavailable": 11,
  "type-unmatched": 12,
  "scope-of-access-violated": 13,
  "data-block-unavailable": 14,
  "long-action-aborted": 15,
  "no-long-action-in-progress": 16,
  "other-reason": 250,
} as const;

export type ActionResult = keyof typeof actionResults | number;

export const actionResult: Codec<ActionResult> = named(u8, actionResults);

export type GetDataResult =
  | { readonly type: "data"; readonly data: Data }
  | { readonly type: "data-access-error"; readonly error: DataAccessResult };

/** Get-Data-Result ::= CHOICE { data [0] Data, data-access-result [1] IMPLICIT Data-Access-Result } */
export const getDataResult: Codec<GetDataResult> = choice({
  data: [0, seq({ data: dataCodec })],
  "data-access-error": [1, seq({ error: dataAccessResult })],
});
