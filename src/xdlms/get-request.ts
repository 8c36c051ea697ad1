/** GET request: one attribute, the next block, or a list of attributes. */
import { type Codec, choice, seq, u32 } from "../bytes/codec.js";
import { merged } from "../bytes/fields.js";
import { type ListField, type OptionalField, listField } from "../axdr/fields.js";
import {
  type AttributeDescriptor,
  type AttributeWithSelection,
  type InvokeIdAndPriority,
  type Selection,
  attributeDescriptor,
  attributeWithSelection,
  invokeIdAndPriority as invoke,
  selection,
} from "./descriptors.js";

interface Invoked {
  readonly invoke: InvokeIdAndPriority;
}

export type GetRequest =
  | ({ readonly type: "normal"; readonly attribute: AttributeDescriptor } & Invoked &
      OptionalField<"selection", Selection>)
  | ({ readonly type: "next"; readonly blockNumber: number } & Invoked)
  | ({ readonly type: "with-list" } & Invoked & ListField<"attributes", AttributeWithSelection>);

/**
 * Get-Request ::= CHOICE {
 *   get-request-normal [1] SEQUENCE { invoke-id-and-priority, cosem-attribute-descriptor,
 *     access-selection Selective-Access-Descriptor OPTIONAL },
 *   get-request-next [2] SEQUENCE { invoke-id-and-priority, block-number Unsigned32 },
 *   get-request-with-list [3] SEQUENCE { invoke-id-and-priority,
 *     attribute-descriptor-list SEQUENCE OF Cosem-Attribute-Descriptor-With-Selection } }
 */
export const getRequest: Codec<GetRequest> = choice({
  normal: [1, merged(seq({ invoke, attribute: attributeDescriptor }), selection)],
  next: [2, seq({ invoke, blockNumber: u32 })],
  "with-list": [
    3,
    merged(seq({ invoke }), listField("attributes", attributeWithSelection, { minItemOctets: 10 })),
  ],
});
