/** SET request: one attribute, blocks, or lists. */
import { type Codec, choice, seq } from "../bytes/codec.js";
import { merged } from "../bytes/fields.js";
import { type Data, dataCodec } from "../axdr/data.js";
import { type ListField, type OptionalField, listField } from "../axdr/fields.js";
import { type Block, block } from "./block.js";
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

type Target = { readonly attribute: AttributeDescriptor } & OptionalField<"selection", Selection>;
type Targets = ListField<"attributes", AttributeWithSelection>;

export type SetRequest =
  | ({ readonly type: "normal"; readonly data: Data } & Invoked & Target)
  | ({ readonly type: "first-datablock"; readonly block: Block } & Invoked & Target)
  | ({ readonly type: "datablock"; readonly block: Block } & Invoked)
  | ({ readonly type: "with-list" } & Invoked & Targets & ListField<"data", Data>)
  | ({ readonly type: "with-list-first-datablock"; readonly block: Block } & Invoked & Targets);

const target: Codec<Target> = merged(seq({ attribute: attributeDescriptor }), selection);
const targets: Codec<Targets> = listField("attributes", attributeWithSelection, { minItemOctets: 10 });

/**
 * Set-Request ::= CHOICE {
 *   set-request-normal [1] SEQUENCE { invoke-id-and-priority, cosem-attribute-descriptor,
 *     access-selection OPTIONAL, value Data },
 *   set-request-with-first-datablock [2] SEQUENCE { invoke-id-and-priority, cosem-attribute-descriptor,
 *     access-selection [0] OPTIONAL, datablock DataBlock-SA },
 *   set-request-with-datablock [3] SEQUENCE { invoke-id-and-priority, datablock DataBlock-SA },
 *   set-request-with-list [4] SEQUENCE { invoke-id-and-priority, attribute-descriptor-list SEQUENCE OF
 *     Cosem-Attribute-Descriptor-With-Selection, value-list SEQUENCE OF Data },
 *   set-request-with-list-and-first-datablock [5] SEQUENCE { invoke-id-and-priority, attribute-descriptor-list,
 *     datablock DataBlock-SA } }
 */
export const setRequest: Codec<SetRequest> = choice({
  normal: [1, merged(seq({ invoke }), target, seq({ data: dataCodec }))],
  "first-datablock": [2, merged(seq({ invoke }), target, seq({ block }))],
  datablock: [3, seq({ invoke, block })],
  "with-list": [4, merged(seq({ invoke }), targets, listField("data", dataCodec))],
  "with-list-first-datablock": [5, merged(seq({ invoke }), targets, seq({ block }))],
});
