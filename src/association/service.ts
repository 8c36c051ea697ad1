/**
 * GET, SET, ACTION and ACCESS as their users see them: what is asked and what comes back, whatever APDU forms carry
 * it. Names the APDUs of xdlms/ that the asking and the answering side exchange.
 */
import { type Data } from "../axdr/data.js";
import { DlmsError } from "../core/errors.js";
import {
  type ActionResponseItem,
  type Apdu,
  type AttributeDescriptor,
  type ConformanceBit,
  type DataAccessResult,
  type GetDataResult,
  type InvokeIdAndPriority,
  type MethodDescriptor,
  type Selection,
} from "../xdlms/index.js";
import { type NameBook } from "./name-book.js";

export interface GetItem {
  readonly attribute: AttributeDescriptor;
  readonly selection?: Selection;
}
export interface SetItem extends GetItem {
  readonly data: Data;
}
export interface ActionItem {
  readonly method: MethodDescriptor;
  readonly parameters?: Data;
}

/** A member of ACCESS: one GET, SET or ACTION among others. */
export type AccessItem =
  | ({ readonly service: "get" } & GetItem)
  | ({ readonly service: "set" } & SetItem)
  | ({ readonly service: "action" } & ActionItem);

export type AccessItemResult =
  | { readonly service: "get"; readonly result: GetDataResult }
  | { readonly service: "set"; readonly result: DataAccessResult }
  | ({ readonly service: "action" } & ActionResponseItem);

export type ServiceRequest =
  | { readonly type: "get"; readonly items: readonly GetItem[] }
  /** `unconfirmed`: not answered; its results only say that it was sent. */
  | { readonly type: "set"; readonly items: readonly SetItem[]; readonly unconfirmed?: boolean }
  | { readonly type: "action"; readonly items: readonly ActionItem[] }
  /** Carried out in order. `breakOnError`: nothing behind the first member that fails is carried out. */
  | { readonly type: "access"; readonly items: readonly AccessItem[]; readonly breakOnError?: boolean };

/** Results stand in the order of the request's items, one each. */
export type ServiceResponse =
  | { readonly type: "get"; readonly results: readonly GetDataResult[] }
  | { readonly type: "set"; readonly results: readonly DataAccessResult[] }
  | { readonly type: "action"; readonly results: readonly ActionResponseItem[] }
  | { readonly type: "access"; readonly results: readonly AccessItemResult[] };

/** What one exchange has to know of its association. */
export interface ExchangeContext {
  readonly invoke: InvokeIdAndPriority;
  /** Largest APDU the peer takes, octets. */
  readonly maxSendPdu: number;
  readonly conformance: ReadonlySet<ConformanceBit>;
  /** APDUs that are too long for the PDU are left to general block transfer. */
  readonly generalBlocks: boolean;
  /** Octets of an answer that comes in blocks. */
  readonly maxApduBytes?: number | undefined;
  /** Set where objects go by short names. */
  readonly shortNames?: NameBook;
}

export type ServiceRequestApdu = Extract<
  Apdu,
  {
    readonly type:
      | "get-request"
      | "set-request"
      | "action-request"
      | "access-request"
      | "read-request"
      | "write-request"
      | "unconfirmed-write-request";
  }
>;
export type ServiceResponseApdu = Extract<
  Apdu,
  {
    readonly type:
      | "get-response"
      | "set-response"
      | "action-response"
      | "access-response"
      | "read-response"
      | "write-response";
  }
>;

/** Whether it only reads. */
export function changesNothing(request: ServiceRequest): boolean {
  if (request.type === "access") return request.items.every(({ service }) => service === "get");
  return request.type === "get";
}

/** The invoke id of any GET, SET, ACTION or ACCESS APDU; undefined for all others. */
export function invokeOf(apdu: Apdu): Pick<InvokeIdAndPriority, "invokeId" | "confirmed"> | undefined {
  if (apdu.type === "access-request" || apdu.type === "access-response") return apdu.longInvoke;
  if ("request" in apdu) return apdu.request.invoke;
  return "response" in apdu ? apdu.response.invoke : undefined;
}

/** The peer answered with something that doesn't belong to what was asked. */
export function unexpected(what: string): DlmsError {
  return new DlmsError("UNEXPECTED_APDU", `the answer ${what}`);
}
