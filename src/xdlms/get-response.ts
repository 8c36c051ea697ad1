/** GET response: one result, a block of the raw data, or a list of results. */
import { type Codec, choice, seq, u32 } from "../bytes/codec.js";
import { merged } from "../bytes/fields.js";
import {
  type BooleanField,
  type ListField,
  type OctetField,
  booleanField,
  listField,
  octetField,
} from "../axdr/fields.js";
import { type Junk, junk } from "./block.js";
import { type InvokeIdAndPriority, invokeIdAndPriority as invoke } from "./descriptors.js";
import { type DataAccessResult, type GetDataResult, dataAccessResult, getDataResult } from "./results.js";

interface Invoked {
  readonly invoke: InvokeIdAndPriority;
}

export type BlockResult =
  | ({ readonly type: "raw-data" } & OctetField<"rawData">)
  | { readonly type: "data-access-error"; readonly error: DataAccessResult };

export type GetResponse =
  | ({ readonly type: "normal"; readonly result: GetDataResult } & Invoked)
  | ({
      readonly type: "with-datablock";
      readonly blockNumber: number;
      readonly result: BlockResult;
    } & Invoked &
      BooleanField<"lastBlock"> &
      Junk)
  | ({ readonly type: "with-list" } & Invoked & ListField<"results", GetDataResult>);

const blockResult: Codec<BlockResult> = choice({
  "raw-data": [0, octetField("rawData")],
  "data-access-error": [1, seq({ error: dataAccessResult })],
});

/**
 * Get-Response ::= CHOICE {
 *   get-response-normal [1] SEQUENCE { invoke-id-and-priority, result Get-Data-Result },
 *   get-response-with-datablock [2] SEQUENCE { invoke-id-and-priority, result DataBlock-G },
 *   get-response-with-list [3] SEQUENCE { invoke-id-and-priority, result SEQUENCE OF Get-Data-Result } }
 * DataBlock-G ::= SEQUENCE { last-block BOOLEAN, block-number Unsigned32,
 *   result CHOICE { raw-data [0] OCTET STRING, data-access-result [1] Data-Access-Result } }
 */
export const getResponse: Codec<GetResponse> = choice({
  normal: [1, seq({ invoke, result: getDataResult })],
  "with-datablock": [
    2,
    merged(seq({ invoke }), booleanField("lastBlock"), seq({ blockNumber: u32, result: blockResult }), junk),
  ],
  "with-list": [3, merged(seq({ invoke }), listField("results", getDataResult, { minItemOctets: 2 }))],
});
