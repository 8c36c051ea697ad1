/** ACTION request: one method, blocks of its parameters, or lists. */
import { type Codec, choice, seq, u32 } from "../bytes/codec.js";
import { merged } from "../bytes/fields.js";
import { type Data, dataCodec } from "../axdr/data.js";
import { type ListField, type OptionalField, listField, optionalField } from "../axdr/fields.js";
import { type Block, block } from "./block.js";
import {
  type InvokeIdAndPriority,
  type MethodDescriptor,
  invokeIdAndPriority as invoke,
  methodDescriptor,
} from "./descriptors.js";

interface Invoked {
  readonly invoke: InvokeIdAndPriority;
}

type Methods = ListField<"methods", MethodDescriptor>;

export type ActionRequest =
  | ({ readonly type: "normal"; readonly method: MethodDescriptor } & Invoked &
      OptionalField<"parameters", Data>)
  | ({ readonly type: "next-pblock"; readonly blockNumber: number } & Invoked)
  /** null-data stands where a method takes no parameter. */
  | ({ readonly type: "with-list" } & Invoked & Methods & ListField<"parameters", Data>)
  | ({ readonly type: "first-pblock"; readonly method: MethodDescriptor; readonly block: Block } & Invoked)
  | ({ readonly type: "with-list-first-pblock"; readonly block: Block } & Invoked & Methods)
  | ({ readonly type: "pblock"; readonly block: Block } & Invoked);

const methods: Codec<Methods> = listField("methods", methodDescriptor, { minItemOctets: 9 });

/**
 * Action-Request ::= CHOICE {
 *   action-request-normal [1] SEQUENCE { invoke-id-and-priority, cosem-method-descriptor,
 *     method-invocation-parameters Data OPTIONAL },
 *   action-request-next-pblock [2] SEQUENCE { invoke-id-and-priority, block-number Unsigned32 },
 *   action-request-with-list [3] SEQUENCE { invoke-id-and-priority, cosem-method-descriptor-list SEQUENCE OF
 *     Cosem-Method-Descriptor, method-invocation-parameters SEQUENCE OF Data },
 *   action-request-with-first-pblock [4] SEQUENCE { invoke-id-and-priority, cosem-method-descriptor,
 *     pblock DataBlock-SA },
 *   action-request-with-list-and-first-pblock [5] SEQUENCE { invoke-id-and-priority, cosem-method-descriptor-list,
 *     pblock DataBlock-SA },
 *   action-request-with-pblock [6] SEQUENCE { invoke-id-and-priority, pblock DataBlock-SA } }
 */
export const actionRequest: Codec<ActionRequest> = choice({
  normal: [1, merged(seq({ invoke, method: methodDescriptor }), optionalField("parameters", dataCodec))],
  "next-pblock": [2, seq({ invoke, blockNumber: u32 })],
  "with-list": [3, merged(seq({ invoke }), methods, listField("parameters", dataCodec))],
  "first-pblock": [4, seq({ invoke, method: methodDescriptor, block })],
  "with-list-first-pblock": [5, merged(seq({ invoke }), methods, seq({ block }))],
  pblock: [6, seq({ invoke, block })],
});
