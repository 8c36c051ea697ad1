/** SET response: one result, a block acknowledged, or a list of results. */
import { type Codec, choice, seq, u32 } from "../bytes/codec.js";
import { merged } from "../bytes/fields.js";
import { type ListField, listField } from "../axdr/fields.js";
import { type Junk, junk, trailing } from "./block.js";
import { type InvokeIdAndPriority, invokeIdAndPriority as invoke } from "./descriptors.js";
import { type DataAccessResult, dataAccessResult } from "./results.js";

interface Invoked {
  readonly invoke: InvokeIdAndPriority;
}

export type SetResponse =
  | ({ readonly type: "normal"; readonly result: DataAccessResult } & Invoked)
  | ({ readonly type: "datablock"; readonly blockNumber: number } & Invoked & Junk)
  /** Some meters leave the block number out. */
  | ({
      readonly type: "last-datablock";
      readonly result: DataAccessResult;
      readonly blockNumber?: number;
    } & Invoked)
  | ({ readonly type: "last-datablock-with-list"; readonly blockNumber: number } & Invoked &
      ListField<"results", DataAccessResult>)
  | ({ readonly type: "with-list" } & Invoked & ListField<"results", DataAccessResult>);

const results: Codec<ListField<"results", DataAccessResult>> = listField("results", dataAccessResult);

/**
 * Set-Response ::= CHOICE {
 *   set-response-normal [1] SEQUENCE { invoke-id-and-priority, result Data-Access-Result },
 *   set-response-datablock [2] SEQUENCE { invoke-id-and-priority, block-number Unsigned32 },
 *   set-response-last-datablock [3] SEQUENCE { invoke-id-and-priority, result Data-Access-Result,
 *     block-number Unsigned32 },
 *   set-response-last-datablock-with-list [4] SEQUENCE { invoke-id-and-priority,
 *     result SEQUENCE OF Data-Access-Result, block-number Unsigned32 },
 *   set-response-with-list [5] SEQUENCE { invoke-id-and-priority, result SEQUENCE OF Data-Access-Result } }
 */
export const setResponse: Codec<SetResponse> = choice({
  normal: [1, seq({ invoke, result: dataAccessResult })],
  datablock: [2, merged(seq({ invoke, blockNumber: u32 }), junk)],
  "last-datablock": [3, merged(seq({ invoke, result: dataAccessResult }), trailing("blockNumber", u32))],
  "last-datablock-with-list": [4, merged(seq({ invoke }), results, seq({ blockNumber: u32 }))],
  "with-list": [5, merged(seq({ invoke }), results)],
});
