/** ACTION response: result and return parameters of one method, blocks of them, or a list. */
import { type Codec, choice, seq, u32 } from "../bytes/codec.js";
import { merged } from "../bytes/fields.js";
import { type ListField, type OptionalField, listField, optionalField } from "../axdr/fields.js";
import { type Block, block } from "./block.js";
import { type InvokeIdAndPriority, invokeIdAndPriority as invoke } from "./descriptors.js";
import { type ActionResult, type GetDataResult, actionResult, getDataResult } from "./results.js";

interface Invoked {
  readonly invoke: InvokeIdAndPriority;
}

export type ActionResponseItem = { readonly result: ActionResult } & OptionalField<
  "returnParameters",
  GetDataResult
>;

export type ActionResponse =
  /** `returnParametersMissing` when even the presence octet is missing, as some meters have it. */
  | ({ readonly type: "normal"; readonly returnParametersMissing?: true } & Invoked & ActionResponseItem)
  | ({ readonly type: "with-pblock"; readonly block: Block } & Invoked)
  | ({ readonly type: "with-list" } & Invoked & ListField<"responses", ActionResponseItem>)
  | ({ readonly type: "next-pblock"; readonly blockNumber: number } & Invoked);

const returnParameters = optionalField("returnParameters", getDataResult);

type MaybeMissing = OptionalField<"returnParameters", GetDataResult> & {
  readonly returnParametersMissing?: true;
};

const returnParametersOrEnd: Codec<MaybeMissing> = {
  decode: (reader) =>
    reader.remaining === 0 ? { returnParametersMissing: true } : returnParameters.decode(reader),
  encode: (writer, value) => {
    if (value.returnParametersMissing !== true || value.returnParameters !== undefined)
      returnParameters.encode(writer, value);
  },
  shape: returnParameters.shape,
};

/**
 * Action-Response ::= CHOICE {
 *   action-response-normal [1] SEQUENCE { invoke-id-and-priority,
 *     single-response Action-Response-With-Optional-Data },
 *   action-response-with-pblock [2] SEQUENCE { invoke-id-and-priority, pblock DataBlock-SA },
 *   action-response-with-list [3] SEQUENCE { invoke-id-and-priority,
 *     list-of-responses SEQUENCE OF Action-Response-With-Optional-Data },
 *   action-response-next-pblock [4] SEQUENCE { invoke-id-and-priority, block-number Unsigned32 } }
 * Action-Response-With-Optional-Data ::= SEQUENCE { result Action-Result,
 *   return-parameters Get-Data-Result OPTIONAL }
 */
export const actionResponse: Codec<ActionResponse> = choice({
  normal: [1, merged(seq({ invoke, result: actionResult }), returnParametersOrEnd)],
  "with-pblock": [2, seq({ invoke, block })],
  "with-list": [
    3,
    merged(
      seq({ invoke }),
      listField("responses", merged(seq({ result: actionResult }), returnParameters), { minItemOctets: 2 }),
    ),
  ],
  "next-pblock": [4, seq({ invoke, blockNumber: u32 })],
});
