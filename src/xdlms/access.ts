/**
 * ACCESS: a list of GETs, SETs and ACTIONs in one request, each with its own result. Data stand in a list of their own,
 * null-data where a member has none. Selections (4, 5) and the echoed specification are not certain.
 */
import { type Codec, choice, seq } from "../bytes/codec.js";
import { merged } from "../bytes/fields.js";
import { type Data, dataCodec } from "../axdr/data.js";
import { type ListField, type OptionalField, listField, optionalField } from "../axdr/fields.js";
import { type DateTimeField, dateTimeField } from "./data-notification.js";
import {
  type AttributeDescriptor,
  attributeDescriptor,
  type LongInvokeIdAndPriority,
  longInvokeIdAndPriority,
  type MethodDescriptor,
  methodDescriptor,
  type Selection,
  selectionCodec,
} from "./descriptors.js";
import { type ActionResult, actionResult, type DataAccessResult, dataAccessResult } from "./results.js";

export type AccessSpecification =
  | { readonly type: "get" | "set"; readonly attribute: AttributeDescriptor }
  | { readonly type: "action"; readonly method: MethodDescriptor }
  | {
      readonly type: "get-with-selection" | "set-with-selection";
      readonly attribute: AttributeDescriptor;
      readonly selection: Selection;
    };

export type AccessResult =
  | { readonly type: "get"; readonly result: DataAccessResult }
  | { readonly type: "set"; readonly result: DataAccessResult }
  | { readonly type: "action"; readonly result: ActionResult };

type Specifications = ListField<"specifications", AccessSpecification>;

export interface AccessRequest extends DateTimeField, Specifications, ListField<"data", Data> {
  readonly longInvoke: LongInvokeIdAndPriority;
}

export interface AccessResponse
  extends
    DateTimeField,
    /** The specifications of the request, when the server echoes them. */
    OptionalField<"echo", Specifications>,
    ListField<"data", Data>,
    ListField<"results", AccessResult> {
  readonly longInvoke: LongInvokeIdAndPriority;
}

const attribute = seq({ attribute: attributeDescriptor });
const selected = seq({ attribute: attributeDescriptor, selection: selectionCodec });

/**
 * Access-Request-Specification ::= CHOICE { access-request-get [1], access-request-set [2] Cosem-Attribute-Descriptor,
 *   access-request-action [3] Cosem-Method-Descriptor, access-request-get-with-selection [4],
 *   access-request-set-with-selection [5] SEQUENCE { Cosem-Attribute-Descriptor, Selective-Access-Descriptor } }
 */
const specification: Codec<AccessSpecification> = choice({
  get: [1, attribute],
  set: [2, attribute],
  action: [3, seq({ method: methodDescriptor })],
  "get-with-selection": [4, selected],
  "set-with-selection": [5, selected],
});

/**
 * Access-Response-Specification ::= CHOICE { access-response-get [1], access-response-set [2] Data-Access-Result,
 *   access-response-action [3] Action-Result }
 */
const result: Codec<AccessResult> = choice({
  get: [1, seq({ result: dataAccessResult })],
  set: [2, seq({ result: dataAccessResult })],
  action: [3, seq({ result: actionResult })],
});

const longInvoke = seq({ longInvoke: longInvokeIdAndPriority });
const specifications = listField("specifications", specification, { minItemOctets: 10 });
const dataList = listField("data", dataCodec);

/**
 * Access-Request ::= SEQUENCE { long-invoke-id-and-priority, date-time OCTET STRING,
 *   access-request-body SEQUENCE { SEQUENCE OF Access-Request-Specification, SEQUENCE OF Data } }
 */
export const accessRequest: Codec<AccessRequest> = merged(
  longInvoke,
  dateTimeField,
  specifications,
  dataList,
);

/**
 * Access-Response ::= SEQUENCE { long-invoke-id-and-priority, date-time OCTET STRING,
 *   access-response-body SEQUENCE { access-request-specification [0] SEQUENCE OF Access-Request-Specification OPTIONAL,
 *   SEQUENCE OF Data, SEQUENCE OF Access-Response-Specification } }
 */
export const accessResponse: Codec<AccessResponse> = merged(
  longInvoke,
  dateTimeField,
  optionalField("echo", specifications),
  dataList,
  listField("results", result, { minItemOctets: 2 }),
);
