/**
 * GET, SET and ACTION as their users see them: what is asked and what comes back, whatever APDU forms carry it.
 * Names the APDUs of xdlms/ that the asking and the answering side exchange.
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

export type ServiceRequest =
  | { readonly type: "get"; readonly items: readonly GetItem[] }
  | { readonly type: "set"; readonly items: readonly SetItem[] }
  | { readonly type: "action"; readonly items: readonly ActionItem[] };

/** Results stand in the order of the request's items, one each. */
export type ServiceResponse =
  | { readonly type: "get"; readonly results: readonly GetDataResult[] }
  | { readonly type: "set"; readonly results: readonly DataAccessResult[] }
  | { readonly type: "action"; readonly results: readonly ActionResponseItem[] };

/** What one exchange has to know of its association. */
export interface ExchangeContext {
  readonly invoke: InvokeIdAndPriority;
  /** Largest APDU the peer takes, octets. */
  readonly maxSendPdu: number;
  readonly conformance: ReadonlySet<ConformanceBit>;
}

export type ServiceRequestApdu = Extract<
  Apdu,
  { readonly type: "get-request" | "set-request" | "action-request" }
>;
export type ServiceResponseApdu = Extract<
  Apdu,
  { readonly type: "get-response" | "set-response" | "action-response" }
>;

/** The invoke id field of any GET, SET or ACTION APDU; undefined for all others. */
export function invokeOf(apdu: Apdu): InvokeIdAndPriority | undefined {
  if ("request" in apdu) return apdu.request.invoke;
  return "response" in apdu ? apdu.response.invoke : undefined;
}

/** The peer answered with something that doesn't belong to what was asked. */
export function unexpected(what: string): DlmsError {
  return new DlmsError("UNEXPECTED_APDU", `the answer ${what}`);
}
